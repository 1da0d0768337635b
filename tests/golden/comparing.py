# SPDX-License-Identifier: EUPL-1.2
"""What differs between a recorded answer and ours: status, shape, texts of refusals.

The shape is: the same fields at each level, the same JSON kind in each, lists item by
item. Values are compared where a request decides them (`SAID`); times, keys, colours and
what else the node makes up are not. Of a *listing* (what the whole node holds, so that the
recorded one shows what other recordings left) the items that both nodes hold are compared
one by one, the others by the shape of all of them together. Each difference is one line of
text that begins with where it is.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.golden.numbering import Known, identity, paired
from tests.golden.recording import DAY

SAID = frozenset(
    {
        "message", "name", "errors", "success", "saved", "value", "type", "category", "comment",
        "to_ids", "distribution", "published", "deleted", "disable_correlation", "info",
        "threat_level_id", "analysis", "object_relation", "first_seen", "last_seen",
        "relationship_type", "attribute_count", "sharing_group_id", "local", "source", "email",
        "read_only", "content", "check_publish", "exportable", "numerical_value", "org_id",
        "orgc_id", "role_id", "enabled", "active", "releasability", "roaming", "extends_uuid",
        "url", "title", "setting", "expiration", "allowed_ips", "date", "perm_site_admin",
    }
)  # fmt: skip
LISTINGS = re.compile(
    r"|\.response|\.response\.(Attribute|Object)|\.Tag|\.Warninglists|\.response\.Warninglists"
)
# Lists and maps that hang on what else the node holds, or on the day of the vocabularies.
LOOSE = frozenset(
    {"RelatedEvent", "RelatedAttribute", "GalaxyCluster", "Galaxy", "GalaxyElement",
     "WarninglistEntry", "ObjectTemplateElement", "kill_chain_order", "meta", "unique_ips",
     "GalaxyClusterRelation"}
)  # fmt: skip

# Fields that only some items have, so that a listing may show none.
OPTIONAL = frozenset(
    {"Tag", "EventTag", "GalaxyCluster", "Sighting", "Object", "event_creator_email", "Org",
     "Orgc", "GalaxyClusterRelation", "SharingGroup", "data", "TargetingClusterRelation",
     "DefaultGalaxyClusterRelation", "Event", "ObjectReference"}
)  # fmt: skip
# Fields of statistics whose names are not data.
COUNTED = frozenset(
    {"stats", "tags", "taxonomies", "flatData", "treemap", "toplist", "users", "orgs"}
)


class Comparison:
    """One recorded answer against ours.

    `cut`: theirs ends early; `part`: a page of a listing; `counts`: its names are data.
    """

    def __init__(
        self, known: Known, *, cut: bool = False, part: bool = False, counts: bool = False
    ) -> None:
        self.known, self.cut, self.part, self.counts = known, cut, part, counts

    def differences(self, theirs: Any, ours: Any) -> list[str]:
        """Each way in which ours is not theirs, once."""
        if self.counts:
            theirs, ours = _kinds(theirs), _kinds(ours)
        return sorted(set(self._any(theirs, ours, "", SAID)))

    def _any(self, theirs: Any, ours: Any, at: str, said: frozenset[str]) -> Iterator[str]:
        name = at.rpartition(".")[2].removesuffix("[]")
        if isinstance(theirs, dict) and isinstance(ours, dict):
            if name not in LOOSE or name in {"Galaxy", "GalaxyCluster"}:
                yield from self._fields(theirs, ours, at, said)
        elif isinstance(theirs, list) and isinstance(ours, list):
            if LISTINGS.fullmatch(at):
                yield from self._listing(theirs, ours, at)
            else:
                yield from self._items(theirs, ours, at, said)
        elif _kind(theirs) != _kind(ours):
            if not said and "null" in {_kind(theirs), _kind(ours)}:
                return
            left, right = (f"{_kind(value)} {_short(value)}" for value in (theirs, ours))
            yield f"{at or '.'}: {left}, ours {right}"
        elif name in said and not _same(theirs, ours):
            yield f"{at}: {_short(theirs)}, ours {_short(ours)}"

    def _fields(
        self, theirs: dict[str, Any], ours: dict[str, Any], at: str, said: frozenset[str]
    ) -> Iterator[str]:
        numbers = len(theirs) > 0 and all(_is_key(name) for name in theirs)
        for name in [*theirs, *(name for name in ours if name not in theirs)]:
            if not said and name in OPTIONAL and not (name in ours and name in theirs):
                continue
            place = f"{at}.{'#' if numbers else name}"
            if name not in ours:
                yield f"{place} is missing"
            elif name in theirs:
                yield from self._any(theirs[name], ours[name], place, said)
            elif not self.cut:
                yield f"{place} is more"

    def _items(
        self, theirs: list[Any], ours: list[Any], at: str, said: frozenset[str]
    ) -> Iterator[str]:
        loose = self.cut or at.rpartition(".")[2] in LOOSE
        if not said:
            theirs, ours = [merged(theirs)][: len(theirs)], [merged(ours)][: len(ours)]
        elif loose and theirs and not ours and not at.endswith("unique_ips"):
            yield f"{at}[] is empty, theirs has {len(theirs)}"
        elif len(theirs) != len(ours) and not loose:
            yield f"{at}[] has {len(theirs)}, ours {len(ours)}"
        for left, right in paired(theirs, ours):
            yield from self._any(left, right, f"{at}[]", said)

    def _listing(self, theirs: list[Any], ours: list[Any], at: str) -> Iterator[str]:
        kind = at.rpartition(".")[2]
        left = {identity(item, kind): item for item in theirs}
        right = {identity(item, kind): item for item in ours}
        for name in left.keys() & right.keys() - {None}:
            yield from self._any(left[name], right[name], f"{at}[]", SAID)
        if not self.part and not self.cut:
            for name in (left.keys() - right.keys()) & self.known:
                yield f"{at}[] lacks {name}"
            for name in (right.keys() - left.keys()) & self.known:
                yield f"{at}[] has {name} more"
        if not left.keys() & right.keys() - {None} and theirs:
            if not ours:
                yield f"{at}[] is empty, theirs has {len(theirs)}"
            else:
                yield from self._any(merged(theirs), merged(ours), f"{at}[]", frozenset())


def _kinds(value: Any) -> Any:
    """A map of counts by what is counted, without the names that are data."""
    if isinstance(value, dict) and value:
        plain = [name for name in value if name in COUNTED]
        if plain:
            return {name: _kinds(value[name]) for name in plain}
        return {"#": _kinds(merged([*value.values()]))}
    return [] if isinstance(value, list | dict) else value


def merged(items: list[Any]) -> Any:
    """One item with the fields of all."""
    if items and all(isinstance(item, dict) for item in items):
        names = dict.fromkeys(name for item in items for name in item)
        return {name: merged([item[name] for item in items if name in item]) for name in names}
    if items and all(isinstance(item, list) for item in items):
        return [inner for item in items for inner in item]
    return next((item for item in items if item is not None), None)


def _is_key(name: str) -> bool:
    return re.fullmatch(r"\d+|[0-9a-f-]{36}", name) is not None


def _same(theirs: Any, ours: Any) -> bool:
    """Ours may say more behind what theirs says, and the day is today's where theirs was."""
    if theirs == DAY:
        now = datetime.now(UTC)
        return ours in {DAY, *(f"{now - timedelta(days=ago):%Y-%m-%d}" for ago in (0, 1))}
    longer = isinstance(theirs, str) and len(theirs) > 20 and " " in theirs
    return bool(theirs == ours or (longer and ours.startswith(theirs)))


def _kind(value: Any) -> str:
    for kind, name in (
        (bool, "flag"), (int, "number"), (float, "number"), (str, "text"), (list, "list"),
        (dict, "map"),
    ):  # fmt: skip
        if isinstance(value, kind):
            return name
    return "null"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 160 else text[:160] + "..."
