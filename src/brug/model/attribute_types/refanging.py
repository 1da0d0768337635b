# SPDX-License-Identifier: EUPL-1.2
"""Undoing what reports do to addresses so that nobody clicks on them.

For network types only; text types keep the defanged form. Repeated until nothing changes,
so that what is stored is never itself a defanged form.
"""

import re

_SCHEME = re.compile(r"(?:hxxp|hxtp|htxp|meow|h\[tt\]p)", re.IGNORECASE)


def dots(value: str) -> str:
    """`example[.]com`; cheap when there is nothing to do."""
    while "[" in value:
        plain = value.replace("[.]", ".").replace("[dot]", ".")
        if plain == value:
            break
        value = plain
    return value


def mail(value: str) -> str:
    while "[" in value:
        plain = dots(value).replace("[@]", "@").replace("[at]", "@")
        if plain == value:
            break
        value = plain
    return value


def url(value: str) -> str:
    """Also the scheme (`hxxp`, `meow`) and `[:]`."""
    while True:
        plain = dots(value).replace("[:]", ":") if "[" in value else value
        if plain[:1] in "hHmM" and (scheme := _SCHEME.match(plain)):
            plain = f"http{plain[scheme.end() :]}"
        if plain == value:
            return value
        value = plain
