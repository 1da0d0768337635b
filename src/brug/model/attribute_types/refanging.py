# SPDX-License-Identifier: EUPL-1.2
"""Undoing what reports do to addresses so that nobody clicks on them.

For network types only; text types keep the defanged form. Repeated until nothing changes,
so that what is stored is never itself a defanged form.
"""

import re
from collections.abc import Callable

from brug.model.attribute_types.record import FORMAT, Unfit

_SCHEME = re.compile(r"(?:hxxp|hxtp|htxp|meow|h\[tt\]p)", re.IGNORECASE)

# Brackets within brackets: nobody writes more, and each round costs the whole length.
_MOST_ROUNDS = 16


def dots(value: str) -> str:
    """`example[.]com`; cheap when there is nothing to do."""
    return _until_still(value, _dots) if "[" in value else value


def mail(value: str) -> str:
    return _until_still(value, _mail) if "[" in value else value


def url(value: str) -> str:
    """Also the scheme (`hxxp`, `meow`) and `[:]`."""
    return _until_still(value, _url) if "[" in value or value[:1] in "hHmM" else value


def _until_still(value: str, plainer: Callable[[str], str]) -> str:
    for _ in range(_MOST_ROUNDS):
        plain = plainer(value)
        if plain == value:
            return value
        value = plain
    raise Unfit(FORMAT)


def _dots(value: str) -> str:
    return value.replace("[.]", ".").replace("[dot]", ".")


def _mail(value: str) -> str:
    return _dots(value).replace("[@]", "@").replace("[at]", "@")


def _url(value: str) -> str:
    value = _dots(value).replace("[:]", ":") if "[" in value else value
    scheme = _SCHEME.match(value)
    return f"http{value[scheme.end() :]}" if scheme else value
