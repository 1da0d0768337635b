# SPDX-License-Identifier: EUPL-1.2
"""The languages of the pages: catalogues made by `make assets`, and which one a reader gets."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from brug.model.words import N_

__all__ = ["DEFAULT", "LANGUAGES", "N_", "catalogue", "chosen"]

LANGUAGES = {"en": "English", "nl": "Nederlands"}
DEFAULT = "en"
_FOLDER = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language; English needs none."""
    file = _FOLDER / language / "LC_MESSAGES" / "brug.mo"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as opened:
        return GNUTranslations(opened)


def chosen(cookie: str, accept: str) -> str:
    """For someone who has not signed in: their choice, else what the browser prefers."""
    if cookie in LANGUAGES:
        return cookie
    wanted: list[tuple[float, str]] = []
    for part in accept[:500].split(","):
        name, _, quality = part.strip().partition(";q=")
        code = name.split("-")[0].lower()
        if code in LANGUAGES:
            try:
                wanted.append((-float(quality or 1), code))
            except ValueError:
                continue
    return min(wanted, key=lambda pair: pair[0])[1] if wanted else DEFAULT
