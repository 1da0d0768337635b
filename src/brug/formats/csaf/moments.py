# SPDX-License-Identifier: EUPL-1.2
"""Times and addresses as texts: RFC 3339 and RFC 3986, as the schema's formats ask for them."""

import re
from datetime import UTC, datetime

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_CHARACTER = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?://(?:[^/?#\[\]@]*@)?\[[0-9A-Fa-fv:.]+\](?::\d*)?(?=[/?#]|\Z))?"
    rf"(?!\Z){_CHARACTER}*(?:#{_CHARACTER}*)?",
    re.ASCII,
)
LEAP = 60


def moment(text: str) -> datetime | None:
    """The time that a text says, in UTC; None where it is none. A leap second is the one before."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    day, minute, second, fraction, zone = found.groups()
    leap = int(second) == LEAP
    second = "59" if leap else second
    try:
        at = datetime.fromisoformat(
            f"{day}T{minute}:{second}{(fraction or '')[:7]}{zone.upper()}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None if leap and (at.hour, at.minute) != (23, 59) else at


def written(at: datetime) -> str:
    """A time as advisories write it: in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI."""
    return _URI.fullmatch(text) is not None
