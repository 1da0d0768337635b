# SPDX-License-Identifier: EUPL-1.2
"""What a case is linked to, as far as the reader sees it on this node, and finding it by name.

An entry names what it links by UUID alone. What the linked thing says is asked of the reader's
own session; whoever may not see it gets its UUID, which the entry says anyway.
"""

from collections.abc import Iterable

import msgspec

from brug.cases import files
from brug.cases.act_rules import LINKS, MERGED_INTO
from brug.cases.acts import Linked
from brug.intel import attributes, loading
from brug.intel.finding import Table, find, find_several, uuid_of
from brug.model.errors import Invalid, NotFound
from brug.model.naming import is_uuid
from brug.store.session import Session
from brug.web.cases import room
from brug.web.languages import N_

TITLES = {
    "event": N_("Event"), "attribute": N_("Attribute"), "case": N_("Case"),
    MERGED_INTO: N_("Goes on in"),
}  # fmt: skip
Name = tuple[str, str]
"""A kind of link, and the UUID of what is linked."""
_INTEL: dict[str, Table] = {"event": "event", "attribute": "attribute"}


class Seen(msgspec.Struct, frozen=True):
    """What the reader sees of something that is linked."""

    title: str
    href: str
    about: str = ""


def names(links: Iterable[Linked]) -> list[Name]:
    return [(one.kind, one.uuid) for one in links]


def seen(session: Session, wanted: Iterable[Name]) -> dict[Name, Seen]:
    """What the reader does not see is left out."""
    by_kind: dict[str, list[str]] = {}
    for kind, uuid in dict.fromkeys(wanted):
        by_kind.setdefault(kind, []).append(uuid)
    found: dict[Name, Seen] = {}
    events = find_several(session, "event", by_kind.get("event", []))
    heads = loading.heads(session, list(events.values())) if events else {}
    for uuid, event_id in events.items():
        event = heads[event_id]
        about = f"{event.head.date} · {event.orgc.name}"
        found["event", uuid] = Seen(event.head.info, f"/intelligence/events/{event_id}", about)
    ids = find_several(session, "attribute", by_kind.get("attribute", []))
    uuids = {item_id: uuid for uuid, item_id in ids.items()}
    for item in attributes.by_ids(session, list(uuids)) if uuids else []:
        value = f"{item.value1}|{item.value2}" if item.value2 else item.value1
        place = f"/intelligence/attributes/{item.id}"
        found["attribute", uuids[item.id]] = Seen(value, place, item.type)
    for kind in ("case", MERGED_INTO):
        for uuid, file in files.find_several(session, by_kind.get(kind, [])).items():
            found[kind, uuid] = Seen(file.title, room.place(file), file.number)
    return found


def named(session: Session, kind: str, said: str) -> str:
    """The UUID of what somebody names by number, UUID or address. Raises Invalid."""
    if kind not in LINKS:
        raise Invalid("kind", f"one of {', '.join(LINKS)}", kind)
    name = said.strip().rstrip("/").rpartition("/")[2]
    if is_uuid(name):
        return name.lower()
    try:
        if kind in _INTEL:
            return uuid_of(session, _INTEL[kind], find(session, _INTEL[kind], name))
        return files.find(session, name).uuid
    except NotFound as error:
        raise Invalid("uuid", "something that you may see, or a UUID", said) from error
