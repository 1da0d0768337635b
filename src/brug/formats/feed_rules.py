# SPDX-License-Identifier: EUPL-1.2
"""Which events of a feed are wanted: its rules, as MISP reads them.

`{"tags": {"OR": [], "NOT": []}, "orgs": {"OR": [], "NOT": []}, "url_params": ""}`: a word fits
where it is part of a name, whatever the case; one of OR must fit, none of NOT may.
`url_params` is JSON or `a=b` pairs; of them `timestamp` (and `last`) say how old an event may
be: seconds since 1970, or a span such as `30d`.
"""

import re
import time
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from brug.formats.json_text import Malformed, decode
from brug.formats.misp_feed import Entry

_SPAN = re.compile(r"(\d{1,9})([dhms]?)")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


class Rules(msgspec.Struct, frozen=True):
    """What is wanted; no words, everything."""

    tags: Sequence[str] = ()
    not_tags: Sequence[str] = ()
    orgs: Sequence[str] = ()
    not_orgs: Sequence[str] = ()
    since: int = 0

    def want(self, entry: Entry) -> bool:
        """Whether an event is to be taken."""
        creator = (entry.orgc_name, entry.orgc_uuid)
        return (
            entry.timestamp >= self.since
            and (not self.tags or _fits(self.tags, entry.tags))
            and not _fits(self.not_tags, entry.tags)
            and (not self.orgs or _fits(self.orgs, creator))
            and not _fits(self.not_orgs, creator)
        )


def _fits(words: Sequence[str], names: Iterable[str]) -> bool:
    lowered = [name.lower() for name in names]
    return any(word in name for word in words for name in lowered)


def read(text: str | None, now: float | None = None) -> Rules:
    """The rules of a feed; what is no rule says nothing, as in MISP."""
    found = _json(text)
    return Rules(
        _words(found, "tags", "OR"), _words(found, "tags", "NOT"), _words(found, "orgs", "OR"),
        _words(found, "orgs", "NOT"), _since(found.get("url_params"), now or time.time()),
    )  # fmt: skip


def _json(text: Any) -> dict[str, Any]:
    if isinstance(text, dict):
        return text
    try:
        found = decode(str(text or "{}").encode())
    except Malformed:
        return {}
    return found if isinstance(found, dict) else {}


def _words(found: dict[str, Any], field: str, part: str) -> tuple[str, ...]:
    group = found.get(field)
    words = group.get(part) if isinstance(group, dict) else None
    if not isinstance(words, list):
        return ()
    return tuple(str(word).strip().lower() for word in words if str(word).strip())


def _since(params: Any, now: float) -> int:
    given = _json(params) or dict(parse_qsl(params if isinstance(params, str) else ""))
    hit = _SPAN.fullmatch(str(given.get("timestamp") or given.get("last") or "").strip())
    if hit is None:
        return 0
    number = int(hit[1])
    return number if not hit[2] else int(now) - number * _SECONDS[hit[2]]
