# SPDX-License-Identifier: EUPL-1.2
"""The Common Weakness Enumeration: which weaknesses there are, and what each has been called.

The list comes with the wheel (`tools/weaknesses.py` makes it when Brug is built). Names change
from version to version of CWE, and an advisory says no version: any name it ever had is right.
"""

from functools import cache
from importlib.resources import files

import msgspec

LIST = "weaknesses.json"


@cache
def _listed() -> dict[str, list[str]]:
    raw = (files("brug.formats.csaf") / LIST).read_bytes()
    return msgspec.json.decode(raw, type=dict[str, list[str]])


def names_of(number: str) -> list[str]:
    """The names of a weakness as in CWE-79, oldest first; none where it does not exist."""
    return _listed().get(number.removeprefix("CWE-"), [])


def name_of(number: str) -> str | None:
    """What it is called now."""
    names = names_of(number)
    return names[-1] if names else None
