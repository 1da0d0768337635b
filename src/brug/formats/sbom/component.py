# SPDX-License-Identifier: EUPL-1.2
"""A component that a bill of materials lists, whatever its format."""

import msgspec

LONGEST = 500


class Component(msgspec.Struct, frozen=True):
    """By what it is known; "" where the bill does not say."""

    name: str
    version: str = ""
    vendor: str = ""
    purl: str = ""
    cpe: str = ""


def text(value: object) -> str:
    """A text as a field holds it; what is none, or would be cut, is ""."""
    if not isinstance(value, str):
        return ""
    value = " ".join(value.split())
    return value if len(value) <= LONGEST and value.isprintable() else ""
