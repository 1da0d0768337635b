# SPDX-License-Identifier: EUPL-1.2
"""Canonical JSON (RFC 8785): the same value is the same bytes, whoever writes it."""

from typing import Any

import msgspec
import rfc8785


def canonical(value: Any) -> bytes:
    """The bytes of a value or record. Raises ValueError where JSON cannot hold it."""
    return rfc8785.dumps(msgspec.to_builtins(value))
