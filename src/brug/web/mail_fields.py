# SPDX-License-Identifier: EUPL-1.2
"""The fields by which people and organisations say which events they want to hear of."""

from typing import Any

from brug.directory.mail_choices import LISTS
from brug.model import tlp
from brug.web.visit import Visit


def typed(visit: Visit) -> dict[str, Any]:
    """Filters as a form says them; names are one a line."""
    found: dict[str, Any] = {
        name: [line.strip() for line in visit.form.get(name).splitlines() if line.strip()]
        for name in LISTS
    }
    level = visit.form.text("threat_level")
    return found | {
        "threat_level": int(level) if level.isascii() and level.isdecimal() else level or None,
        "tlp": visit.form.text("tlp") or None,
    }


def levels(visit: Visit) -> list[tuple[str, str]]:
    return [
        ("", visit.gettext("All")),
        ("1", visit.gettext("High")),
        ("2", visit.gettext("Medium and higher")),
        ("3", visit.gettext("Low and higher: all that have one")),
    ]


def labels(visit: Visit) -> list[tuple[str, str]]:
    return [("", visit.gettext("All")), *((one, f"TLP:{one.upper()}") for one in tlp.LABELS)]
