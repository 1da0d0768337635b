# SPDX-License-Identifier: EUPL-1.2
"""What stands in the arena: for each side an event with a child of each kind, then the rest.

The rest is asked for through the interface, as its people would (`holdings`, `host_items`).
"""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.security import holdings, host_items
from tests.security.kinds import HOST, MARK, OURS, THEIRS
from tests.security.samples import PNG

from brug.directory import account_changes, rest_history, user_settings
from brug.formats.misp.reading import read_event
from brug.intel import delegating
from brug.intel.adding import add
from brug.intel.proposal import proposing
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Reported
from brug.model.new_event import NewSighting
from brug.store import settings

if TYPE_CHECKING:
    from tests.security.arena import Arena

SIDES = (
    (OURS, "publisher", "orgadmin", "ours"),
    (THEIRS, "other", "otheradmin", MARK),
)
# So that what needs them is done: letters are noted and never sent.
SETTINGS: dict[str, Any] = {
    "events.delegation": True, "security.self_registration": True,
    "mail.host": "mail.example", "mail.from": "node@csirt.example",
}  # fmt: skip
PROPOSALS = 4
OFFERED = 3


def furnish(arena: "Arena") -> None:
    with arena.database.system() as session:
        for name, value in SETTINGS.items():
            settings.set_value(session, name, value)
    host_items.furnish(arena)
    for side, writer, admin, mark in SIDES:
        _events(arena, side, writer, mark)
        for who in (writer, admin):
            _own(arena, who, mark)
        offer(arena, admin, f"{mark} offered", HOST)
        for number in range(OFFERED):
            offer(arena, "admin", f"{mark} of the host {number}", arena.world.orgs[side])
    arena.note()
    for side, writer, admin, mark in SIDES:
        holdings.furnish(arena, holdings.Side(side, writer, admin, mark))


def _events(arena: "Arena", side: str, writer: str, mark: str) -> None:
    org_id = arena.world.orgs[side]
    with arena.database.system() as session:
        groups = [sharing_group(session, org_id, f"{mark} {word}") for word in ("one", "two")]
    with arena.database.as_user(arena.world.ids[writer]) as session:
        for number in range(2):
            # One group holds an event, the other nothing: that one can be deleted.
            add(session, read_event(raw_event(f"{mark}{number}", groups[0] if number else None)))
        found = session.all("SELECT id FROM attribute WHERE org_id = %s ORDER BY id", (org_id,))
        for number in range(3):
            new = NewSighting(None, 1_700_000_000 + number, f"{mark} sensor", 0)
            sightings.store(session, [Reported(found[0][0], org_id, new)])
        _proposals(session, found[0][0], mark)


def _proposals(session: Any, attribute_id: int, mark: str) -> None:
    """A picture, some new attributes, and a change to one that is there."""
    event_id = session.value("SELECT event_id FROM attribute WHERE id = %s", (attribute_id,))
    picture = {"type": "attachment", "value": f"{mark}.png", "data": PNG, "comment": mark}
    proposing.propose_attribute(session, event_id, picture)
    for number in range(PROPOSALS):
        text = {"type": "text", "value": f"{mark} proposal {number}", "comment": mark}
        proposing.propose_attribute(session, event_id, text)
    proposing.propose_change(session, attribute_id, {"comment": f"{mark} proposal"})


def _own(arena: "Arena", who: str, mark: str) -> None:
    """What is a person's alone."""
    user = arena.world.ids[who]
    with arena.database.as_user(user) as session:
        user_settings.put(session, user, "homepage", {"path": f"/events/{mark}"})
        for number in range(2):
            rest_history.note(session, "GET", f"/events/{mark}/{number}", mark, 200)
        account_changes.edit_own(session, {"gpgkey": holdings.key_of(who)})


def offer(arena: "Arena", who: str, info: str, to: int) -> None:
    """An event of the own organisation alone, offered to another."""
    with arena.database.as_user(arena.world.ids[who]) as session:
        made = add(session, read_event({"info": info, "distribution": 0}))
        delegating.ask(session, made.event_id, delegating.Wanted(to, f"{info} message"))


def sharing_group(session: Any, org_id: int, name: str) -> int:
    """A group of one organisation."""
    made = session.value(
        "INSERT INTO sharing_group (uuid, name, organisation_uuid, org_id)"
        " SELECT gen_random_uuid(), %s, uuid, id FROM organisation WHERE id = %s RETURNING id",
        (name, org_id),
    )
    session.execute(
        "INSERT INTO sharing_group_org (sharing_group_id, org_id) VALUES (%s, %s)", (made, org_id)
    )
    return int(made)


def raw_event(mark: str, group: int | None) -> dict[str, Any]:
    """An event with a child of each kind."""
    source, target = str(uuid4()), str(uuid4())
    level = {"distribution": 4, "sharing_group_id": group} if group else {"distribution": 0}
    return {
        "info": f"{mark} event", **level,
        "Tag": [{"name": f"{mark}:tag"}],
        "Attribute": [
            {"type": "domain", "value": f"{mark}.example.com", "comment": mark,
             "Tag": [{"name": f"{mark}:deep"}]},
            {"type": "attachment", "value": f"{mark}.png", "data": PNG, "comment": mark},
            {"type": "text", "value": "shared text", "comment": mark},
        ],
        "Object": [
            {"name": "file", "uuid": source, "comment": mark, "description": mark,
             "Attribute": [
                 {"type": "filename", "value": f"{mark}.bin", "object_relation": "filename"}],
             "ObjectReference": [
                 {"referenced_uuid": target, "relationship_type": "drops", "comment": mark}]},
            {"name": "file", "uuid": target, "comment": mark, "Attribute": [
                {"type": "filename", "value": f"{mark}.two", "object_relation": "filename"}]},
        ],
        "EventReport": [{"name": f"{mark} report", "content": mark, "distribution": 5}],
    }  # fmt: skip
