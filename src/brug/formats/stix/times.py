# SPDX-License-Identifier: EUPL-1.2
"""Times as STIX 2 writes them: UTC, RFC 3339, milliseconds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any


def moment(seconds: Any) -> str:
    """Seconds since 1970 as STIX writes a time."""
    return _moment(int(seconds or 0))


# The items of an event come in the same few seconds.
@lru_cache(maxsize=1024)
def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def since_until(attribute: Mapping[str, Any], when: str) -> tuple[str, str]:
    """Since when an attribute was seen (`when` if nobody said), and until when ("")."""
    since, until = attribute.get("first_seen"), attribute.get("last_seen")
    return _time(since) or when, _time(until)


def _time(text: Any) -> str:
    if not text:
        return ""
    found = datetime.fromisoformat(str(text)).astimezone(UTC)
    return found.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
