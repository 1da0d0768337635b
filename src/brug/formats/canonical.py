# SPDX-License-Identifier: EUPL-1.2
"""Canonical JSON (RFC 8785): the same value is the same bytes, whoever writes it."""

from typing import Any

import msgspec
import rfc8785

LARGEST_INTEGER = 2**53 - 1  # that every reader of JSON gives back as it is
_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(value: Any) -> bytes:
    """The bytes of a value or record. Raises ValueError where JSON cannot hold it."""
    plain = msgspec.to_builtins(value)
    return _encoder.encode(plain) if _is_usual(plain) else rfc8785.dumps(plain)


def canonical_texts(value: list[Any] | dict[str, Any]) -> bytes:
    """The same bytes, without a look at each, of lists and maps of texts, with names in ASCII.

    Raises ValueError for half of a surrogate pair.
    """
    return _encoder.encode(value)


def _is_usual(value: Any) -> bool:
    """Whether the standard writes it as everybody does: it has ways of its own for numbers that
    are no integers, and for sorting names that are not ASCII.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-LARGEST_INTEGER <= value <= LARGEST_INTEGER)
    if kind is dict:
        return all(
            type(name) is str and name.isascii() and _is_usual(inner)
            for name, inner in value.items()
        )
    return kind is list and all(map(_is_usual, value))
