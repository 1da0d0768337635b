# SPDX-License-Identifier: EUPL-1.2
"""What comes in, as the Structs that routes say they take; all else is refused by name."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from brug.cases import expecting
from brug.edge.decoding import unzip
from brug.formats.json_text import decode, storable
from brug.model.errors import BrugError, Invalid, TooLarge

JSON = "application/json"
MOST_PARAMETERS = 50


class WrongType(BrugError):
    """A body of another type, or packed in another way."""

    code = "wrong_type"
    status = 415

    def __init__(self, field: str, expected: str, got: str) -> None:
        self.field = field
        self.public = f"{field}: expected {expected} (got {got[:60]!r})"
        super().__init__(self.public)


def from_base64(data: str) -> bytes:
    """The bytes of the field `data`. Raises Invalid."""
    try:
        return b64decode(data, validate=True)
    except (NoBase64, ValueError) as error:
        raise Invalid("data", "base64") from error


def query(text: str, form: type[msgspec.Struct] | None) -> Any:
    """What stands behind the question mark. Raises Invalid."""
    known = form.__struct_encode_fields__ if form else ()
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise Invalid("query", f"at most {MOST_PARAMETERS} parameters") from error
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            expected = f"one of {', '.join(known)}" if known else "no parameters"
            raise Invalid(name[:60] or "query", expected)
        if name in given:
            raise Invalid(name, "one value", value)
        if "\0" in value:
            raise Invalid(name, "a text without NUL")
        given[name] = value
    return fitting(given, form, is_text=True) if form else None


def body(headers: Mapping[str, str], raw: bytes, limit: int, form: Any) -> Any:
    """A JSON body. Raises Invalid, WrongType, TooLarge."""
    if form is None:
        if raw:
            raise Invalid("body", "nothing")
        return None
    packed = headers.get("content-encoding", "").strip().lower()
    if packed == "gzip":
        raw = unzip(raw, limit)
    elif packed not in {"", "identity"}:
        raise WrongType("Content-Encoding", "gzip or none", packed)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise WrongType("Content-Type", JSON, kind)
    if len(raw) > limit:
        raise TooLarge("The body", limit, "limits.body_bytes")
    try:
        return fitting(storable(decode(raw)), form)
    except OverflowError as error:
        raise Invalid("body", "numbers of at most 64 bits") from error


def fitting(value: Any, form: Any, *, is_text: bool = False) -> Any:
    """A value as a Struct. Raises Invalid, naming the field and what was expected."""
    try:
        return msgspec.convert(value, form, strict=not is_text)
    except msgspec.ValidationError as error:
        raise expecting.refused(form, error, "body") from error
