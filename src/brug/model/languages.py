# SPDX-License-Identifier: EUPL-1.2
"""The languages in which people are spoken to, and which of them somebody asks for."""

import re
from collections.abc import Mapping

LANGUAGES = {"en": "English", "nl": "Nederlands"}
DEFAULT = "en"


def accepted(header: str) -> str:
    """What a client prefers of these (RFC 9110, 12.5.4: Accept-Language)."""
    wanted: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        name, _, quality = part.replace(" ", "").lower().partition(";q=")
        code = name.split("-")[0]
        if code in LANGUAGES:
            try:
                weight = float(quality or 1)
            except ValueError:
                continue
            if weight > 0:
                wanted.append((-weight, code))
    return min(wanted, key=lambda pair: pair[0])[1] if wanted else DEFAULT


def of_locale(environment: Mapping[str, str]) -> str:
    """What a terminal speaks, by the variables of POSIX (8.2) in their order."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if said := environment.get(name, ""):
            code = re.split(r"[._@]", said)[0].lower()
            return code if code in LANGUAGES else DEFAULT
    return DEFAULT
