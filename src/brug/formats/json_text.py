# SPDX-License-Identifier: EUPL-1.2
"""JSON from outside -> values, and where it stops being JSON; values -> JSON.

The quick decoder reads what is well-formed. What it refuses is read once more by the
standard library, which names the line and column, and which lets half of a surrogate pair
through: that is then the matter of the one field that holds it, not of the document.
"""

import json
import math
from typing import Any, NoReturn

import msgspec

from brug.model.errors import Invalid

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


class Malformed(Invalid):
    """Not JSON. `line` and `column` count from 1."""

    code = "malformed_json"

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__("body", f"JSON in UTF-8: {reason} at line {line}, column {column}")
        self.reason = reason
        self.line = line
        self.column = column


def decode(raw: bytes) -> Any:
    """The document's value. Raises Malformed."""
    try:
        return _decoder.decode(raw)
    except UnicodeDecodeError:
        pass
    except (msgspec.DecodeError, RecursionError):
        pass
    return _decode_slowly(raw)


def decode_nested(text: str) -> Any:
    """The value of JSON that stands in a text of its own, to be stored. Raises Malformed."""
    return storable(decode(text.encode("utf-8", "surrogatepass")))


def storable(value: Any) -> Any:
    """A value that is stored whole, if a table can hold all that is in it. Raises Malformed."""
    storable_bytes(value)
    return value


def storable_bytes(value: Any, encoder: msgspec.json.Encoder = _encoder) -> bytes:
    """The JSON of such a value. Raises Malformed."""
    try:
        raw = encoder.encode(value)
    except UnicodeEncodeError as error:
        raise Malformed("half of a surrogate pair", 1, 1) from error
    if rb"\u0000" in raw and rb"\u0000" in raw.replace(rb"\\", b""):
        raise Malformed("a NUL character", 1, 1)
    return raw


def _decode_slowly(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise Malformed("a byte that is not UTF-8", line, column) from error
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Malformed(error.msg, error.lineno, error.colno) from error
    except RecursionError as error:
        raise Malformed("nested too deep", 1, 1) from error
    except ValueError as error:  # NaN, Infinity, integers of thousands of digits
        raise Malformed(str(error), 1, 1) from error


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"{digits[:20]} is larger than any number")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def encode(value: Any) -> bytes:
    """The value as JSON; half of a surrogate pair, said back to who sent it, is escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value)).encode()
