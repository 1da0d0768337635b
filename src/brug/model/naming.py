# SPDX-License-Identifier: EUPL-1.2
"""How clients name an item: by its number or by its UUID."""

import re

# As many digits as PostgreSQL's largest integers hold for certain.
_NUMBER = re.compile(r"[0-9]{1,18}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def number_in(text: str) -> int | None:
    """The number that a text is, and nothing else; None where it is none."""
    return int(text) if _NUMBER.fullmatch(text) else None


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its usual form."""
    return _UUID.fullmatch(text) is not None
