# SPDX-License-Identifier: EUPL-1.2
"""The forms of what stands in an act: times, texts, names of files. Raises Invalid, by field."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from brug.cases.acts import LONGEST_TITLE, Attached
from brug.model.errors import Invalid
from brug.model.naming import is_uuid

FIRST_YEAR, LAST_YEAR = 1970, 2200
LARGEST_DOCUMENT = 2**40
MOST_RECIPIENTS = 100
LONGEST_NAME = 200  # bytes; file systems take 255
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_DIGEST = re.compile("[0-9a-f]{64}")


def instant(field: str, given: str) -> datetime:
    """A time in UTC, in years that people and clocks count with. Raises Invalid."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or not given.endswith("Z") or found.utcoffset() != UTC.utcoffset(None):
        raise Invalid(field, "a time in UTC like 2026-03-29T01:30:00Z", given)
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise Invalid(field, f"a time between {FIRST_YEAR} and {LAST_YEAR}", given)
    return found


def zone(field: str, given: str) -> None:
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(field, "a time zone like Europe/Amsterdam", given) from error


def text(field: str, given: str, most: int, *, empty: bool = False) -> None:
    if not (empty or given.strip()) or len(given) > most or "\0" in given:
        least = "at most" if empty else "1 to"
        raise Invalid(field, f"a text of {least} {most} characters", given)


def uuid(field: str, given: str) -> None:
    if not is_uuid(given) or given != given.lower():
        raise Invalid(field, "a UUID in lower case", given)


def one_of(field: str, given: str, known: tuple[str, ...]) -> None:
    if given and given not in known:
        raise Invalid(field, f"one of {', '.join(known)}, or nothing", given)


def attached(act: Attached) -> None:
    """Of a document."""
    uuid("document", act.document)
    file_name("name", act.name)
    if not 0 <= act.size < LARGEST_DOCUMENT:
        raise Invalid("size", f"a number below {LARGEST_DOCUMENT}", str(act.size))
    _digest("sha256", act.sha256)
    if act.sample:
        _digest("sample", act.sample)
    if not _MEDIA_TYPE.fullmatch(act.media_type):
        raise Invalid("media_type", "a media type such as application/pdf", act.media_type)
    if act.said_type and not _MEDIA_TYPE.fullmatch(act.said_type):
        raise Invalid("said_type", "a media type such as application/pdf", act.said_type)
    if len(act.sealed_for) > MOST_RECIPIENTS:
        raise Invalid("sealed_for", f"at most {MOST_RECIPIENTS} names")
    for one in act.sealed_for:
        text("sealed_for", one, LONGEST_TITLE)


def file_name(field: str, given: str) -> None:
    """One that is a file's name on every system, shown as it is, and hidden on none."""
    fine = given.isprintable() and 0 < len(given.encode()) <= LONGEST_NAME
    if not fine or set(given) & set('/\\<>:"|?*') or given != given.strip(" ."):
        raise Invalid(
            field, "a file's name: visible characters, no path, no dot at its ends", given
        )


def _digest(field: str, given: str) -> None:
    if not _DIGEST.fullmatch(given):
        raise Invalid(field, "a SHA-256 in lower case", given)
