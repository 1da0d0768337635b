# SPDX-License-Identifier: EUPL-1.2
"""Upper and lower case of A to Z only, as PHP's strtolower and strtoupper do it.

Other scripts keep their case in a stored value; comparison folds them (`value_key`).
"""

from string import ascii_lowercase, ascii_uppercase

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)


def lower(value: str) -> str:
    return value.lower() if value.isascii() else value.translate(_LOWER)


def upper(value: str) -> str:
    return value.upper() if value.isascii() else value.translate(_UPPER)
