# SPDX-License-Identifier: EUPL-1.2
"""MISP's leniency with kinds of JSON, as small functions: a table by field uses them.

Numbers come as strings or numbers, flags as booleans, 0/1 or texts, texts as numbers, null
for "not said". What cannot be read that way is an error that names the field; nothing here
guesses. Integers are bounded, since PostgreSQL's are.
"""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from brug.model.errors import Invalid

MAX_INT = 2**31 - 1
MAX_TIME = 253402300799  # 9999-12-31T23:59:59Z
_TIME_DIGITS = len(str(MAX_TIME))
# Both cases are spelt out: to ignore case takes the engine three times as long.
_HEX = "[0-9a-fA-F]"
is_uuid = re.compile(rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}").fullmatch
_EPOCH = re.compile(r"-?\d{1,12}(\.\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def start_of(value: Any) -> str:
    """The beginning of a value, for an error that shows what was sent."""
    return str(value)[:60].encode("utf-8", "replace").decode()


def text(field: str, value: Any, default: str = "") -> str:
    """A text; numbers and booleans become one as PHP casts them."""
    if type(value) is str:
        if "\0" in value or not value.isascii():
            _refuse_unstorable(field, value)
        return value
    if value is None:
        return default
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int | float):
        return str(value)
    raise Invalid(field, "a text", start_of(value))


def _refuse_unstorable(field: str, value: str) -> None:
    if "\0" in value:
        raise Invalid(field, "a text without NUL characters", start_of(value))
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Invalid(field, "valid Unicode (half of a surrogate pair found)") from error


def flag(field: str, value: Any, default: bool = False) -> bool:
    if type(value) is bool:
        return value
    if value is None or value == "":
        return default
    if isinstance(value, int | float):
        return value != 0
    if isinstance(value, str):
        lowered = value.strip().lower()
        if lowered in {"1", "true", "yes", "on"}:
            return True
        if lowered in {"0", "false", "no", "off"}:
            return False
    raise Invalid(field, "true or false", start_of(value))


def integer(field: str, value: Any, low: int = 0, high: int = MAX_INT) -> int | None:
    """A bounded integer, or None where nothing was said."""
    if type(value) is int and low <= value <= high:
        return value
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,19}\s*", value, re.ASCII):
        value = int(value)
    if isinstance(value, int) and low <= value <= high:
        return value
    raise Invalid(field, f"an integer from {low} to {high}", start_of(value))


def is_epoch(value: Any) -> bool:
    """Whether it is digits alone, as a time in seconds is nearly always written."""
    return (
        type(value) is str and len(value) < _TIME_DIGITS and value.isascii() and value.isdecimal()
    )


def seconds(field: str, value: Any) -> int | None:
    """A time in seconds since 1970; also of ISO texts and datetimes."""
    if is_epoch(value):
        return int(value)
    if value is None or value == "" or value is False:
        return None
    if isinstance(value, str) and not _EPOCH.fullmatch(value.strip()):
        moment = _moment(field, value)
        return max(0, int(moment.timestamp()))
    return integer(field, int(float(value)) if isinstance(value, str) else value, 0, MAX_TIME)


def microseconds(field: str, value: Any) -> int | None:
    """`first_seen`, `last_seen`: ISO 8601, or seconds or microseconds since 1970."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and not _EPOCH.fullmatch(value.strip()):
        moment = _moment(field, value)
        delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
        return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid(field, "a time in ISO 8601", start_of(value)) from error
    if not 0 <= number <= MAX_TIME:
        raise Invalid(field, "a time from 1970 to 9999", start_of(value))
    return round(number * 1_000_000)


def _moment(field: str, value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise Invalid(field, "a time in ISO 8601", start_of(value)) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment


def day(field: str, value: Any) -> str | None:
    """A date as YYYY-MM-DD."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        part = value.strip()[:10]
        if _DAY.fullmatch(part):
            try:
                datetime.strptime(part, "%Y-%m-%d").replace(tzinfo=UTC)
            except ValueError:
                pass
            else:
                return part
    raise Invalid(field, "a date as YYYY-MM-DD", start_of(value))


def uuid(field: str, value: Any) -> str | None:
    if type(value) is str and is_uuid(value):
        return value.lower()
    if value is None or value == "":
        return None
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise Invalid(field, "a UUID", start_of(value)) from error


def base64(field: str, value: Any) -> bytes | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Invalid(field, "Base64", start_of(value))
    try:
        return b64decode("".join(value.split()), validate=True)
    except (BadBase64, ValueError) as error:
        raise Invalid(field, "Base64", value) from error
