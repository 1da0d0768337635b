# SPDX-License-Identifier: EUPL-1.2
"""Texts of tables in the language of whoever reads them: by the catalogues of the pages.

What letters say of their own stands in `words`; titles of roles, states and steps, which pages and
letters share, stand in the catalogues that `make assets` makes.
"""

from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import as_file, files

Say = Callable[[str], str]


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language; English needs none."""
    folder = files("brug") / "web" / "locale" / language / "LC_MESSAGES"
    with as_file(folder / "brug.mo") as file:
        if not file.exists():
            return NullTranslations()
        with file.open("rb") as opened:
            return GNUTranslations(opened)


def say_in(language: str) -> Say:
    return catalogue(language).gettext
