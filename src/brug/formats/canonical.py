# SPDX-License-Identifier: EUPL-1.2
"""Canonical JSON (RFC 8785): the same value is the same bytes, whoever writes it."""

from typing import Any

import msgspec
import rfc8785

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(value: Any) -> bytes:
    """The bytes of a value or record. Raises ValueError where JSON cannot hold it."""
    return rfc8785.dumps(msgspec.to_builtins(value))


def canonical_texts(value: list[Any] | dict[str, Any]) -> bytes:
    """The same bytes, quicker, of lists and maps that hold texts alone, with names in ASCII.

    Numbers are what the standard has its own ways for, and sorts other names differently.
    Raises ValueError for half of a surrogate pair.
    """
    return _encoder.encode(value)
