# SPDX-License-Identifier: EUPL-1.2
"""MISP's hop rule on documents, both ways: which level an item has on the other side, if any.

Who lowers is the client: what is pulled is lowered by us (2 becomes 1, 1 becomes 0), what is
pushed is cut and lowered by us (0 and 1 stay here, 2 goes as 1) and stored there as it
comes. 3, 4 and 5 stay as they are; each item is judged by itself, and one within another
goes nowhere without it. A link that is called internal lowers nothing. Pure: documents in,
documents out (docs/reference/misp-synchronisation.md, Levels).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from brug.model.analyst import KIND_NAMES

Json = dict[str, Any]

OWN, COMMUNITY, CONNECTED, ALL, GROUP, INHERIT = range(6)
_PULLED = {COMMUNITY: OWN, CONNECTED: COMMUNITY}
_PUSHED = {CONNECTED: COMMUNITY}
_STAYS = frozenset({OWN, COMMUNITY})
# What hangs on an item and has a level of its own.
_CHILDREN = ("Attribute", "Object", "EventReport", *KIND_NAMES)


def level_of(item: Mapping[str, Any]) -> int | None:
    """The level that an item names; None where it names none that there is."""
    value = item.get("distribution")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if text in {"0", "1", "2", "3", "4", "5"} else None


def pulled(item: Json, *, internal: bool) -> Json:
    """What came from a server, with the levels that it is to have here; itself, changed."""
    return item if internal else _lowered(item)


def _lowered(item: Json) -> Json:
    level = level_of(item)
    if level in _PULLED:
        item["distribution"] = str(_PULLED[level])
    elif level is None and item.get("distribution") is not None:
        item["distribution"] = str(OWN)  # what cannot be read is not widened by whoever reads it
    for name in (*_CHILDREN, "GalaxyClusterRelation"):
        for child in _dicts(item.get(name)):
            _lowered(child)
    return item


def pushed(item: Json, *, internal: bool, cut: Callable[[str, Json], None]) -> Json | None:
    """What may go to a server, with the levels that it goes with; None: it stays here.

    `cut` is told of each item within it that stays. Its lists are new, the document is not
    changed.
    """
    level = level_of(item)
    if not internal and (level is None or level in _STAYS):
        return None
    made = dict(item)
    if not internal and level in _PUSHED:
        made["distribution"] = _PUSHED[level]  # a number, as stock servers send it
    for name in _CHILDREN:
        if name in item and isinstance(item[name], list):
            made[name] = list(_kept(name, item[name], internal, cut))
    return made


def _kept(
    name: str, several: list[Any], internal: bool, cut: Callable[[str, Json], None]
) -> Iterator[Json]:
    for child in _dicts(several):
        kept = pushed(child, internal=internal, cut=cut)
        if kept is None:
            cut(name, child)
        else:
            yield kept


def _dicts(raw: Any) -> list[Json]:
    several = raw if isinstance(raw, list) else [raw]
    return [one for one in several if isinstance(one, dict)]
