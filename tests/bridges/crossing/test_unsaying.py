# SPDX-License-Identifier: EUPL-1.2
"""Sightings, notes and proposals that are taken back are gone at partners, by the right people."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.bridges.crossing.conftest import added, carry, crossings, new_event
from tests.bridges.crossing.test_lying_partner import code, said_to
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import having, messages
from brug.formats.misp import analyst
from brug.intel.analysis import analyst as notes
from brug.intel.analysis import analyst_changes
from brug.intel.deleting import delete_event, delete_sighting
from brug.intel.proposal import proposing, settling
from brug.intel.publishing import publish
from brug.intel.sighting.sighting_exchange import Brought, take
from brug.store import settings

Two = tuple[Served, Served]
Anybody = Served | Node


def open_sightings(*nodes: Anybody) -> None:
    """Whoever sees an event sees who saw it, partners as well."""
    for node in nodes:
        with node.database.system() as session:
            settings.set_value(session, "sightings.policy", 2)


def attribute_of(node: Anybody, uuid: str) -> str:
    with node.database.system() as session:
        return str(session.value(
            "SELECT a.uuid::text FROM attribute a JOIN event e ON e.id = a.event_id"
            " WHERE e.uuid = %s ORDER BY a.id LIMIT 1", (uuid,),
        ))  # fmt: skip


def see(node: Anybody, uuid: str, user: int = ADMIN) -> str:
    """A sighting of its own organisation; its UUID."""
    made = str(uuid4())
    with node.database.as_user(user) as session:
        take(session, uuid, [Brought(made, attribute_of(node, uuid), 1_790_000_000, "sensor", 0)])
    return made


def remark(node: Anybody, uuid: str, text: str = "Looks real", about: str = "Event") -> str:
    with node.database.as_user(ADMIN) as session:
        raw = {"note": text, "distribution": 3}
        return analyst_changes.add(session, analyst.read(0, raw, (about, uuid))).uuid


def unremark(node: Anybody, uuid: str, user: int = ADMIN) -> None:
    with node.database.as_user(user) as session:
        analyst_changes.delete(session, notes.find(session, None, uuid))


def unsee(node: Anybody, uuid: str) -> None:
    with node.database.as_user(ADMIN) as session:
        delete_sighting(session, uuid)


def there(node: Anybody, table: str, uuid: str) -> bool:
    query = {"sighting": "SELECT EXISTS (SELECT 1 FROM sighting WHERE uuid = %s)",
             "note": "SELECT EXISTS (SELECT 1 FROM analyst_data WHERE uuid = %s)"}  # fmt: skip
    with node.database.system() as session:
        return bool(session.connection.execute(query[table].encode(), (uuid,)).fetchall()[0][0])


def open_proposals(node: Anybody, uuid: str) -> list[str]:
    with node.database.system() as session:
        return [row[0] for row in session.all(
            "SELECT p.value1 FROM proposal p JOIN event e ON e.id = p.event_id"
            " WHERE e.uuid = %s AND NOT p.deleted ORDER BY p.value1", (uuid,),
        )]  # fmt: skip


def crossed(one: Served) -> str:
    uuid = added(one, new_event(("domain", f"{uuid4().hex[:8]}.example")))
    carry(one)
    return uuid


def test_what_its_author_takes_back_is_gone_at_whose_event_it_is(agreed: Two) -> None:
    one, other = agreed
    uuid = crossed(one)
    seen, stays, note = see(other, uuid), see(other, uuid), remark(other, uuid)
    on_attribute = remark(other, attribute_of(other, uuid), "On the value", "Attribute")
    carry(other)
    assert all(there(one, "sighting", one_) for one_ in (seen, stays))
    assert all(there(one, "note", one_) for one_ in (note, on_attribute))
    unsee(other, seen)
    unremark(other, note)
    unremark(other, on_attribute)
    carry(other)
    assert not there(one, "sighting", seen)
    assert there(one, "sighting", stays)
    assert not there(one, "note", note)
    assert not there(one, "note", on_attribute)
    sent, came = crossings(other, uuid)[0], crossings(one, uuid)[0]
    assert {part["uuid"] for part in sent.taken_back} == {seen, note, on_attribute}
    assert {part["uuid"] for part in came.taken_back} == {seen, note, on_attribute}
    # The last of it, too, when nothing is left to say.
    unsee(other, stays)
    carry(other)
    assert not there(one, "sighting", stays)
    assert [part["uuid"] for part in crossings(other, uuid)[0].taken_back] == [stays]
    before = len(crossings(other, uuid))
    see(one, uuid)
    carry(one)
    carry(other)
    assert len(crossings(other, uuid)) <= before + 1, "and it is said once"


def test_what_its_author_takes_back_of_an_own_event_is_gone_at_the_partner(agreed: Two) -> None:
    one, other = agreed
    open_sightings(one)
    uuid = added(one, new_event(("domain", "own.example")))
    seen, note = see(one, uuid), remark(one, uuid)
    carry(one)
    assert there(other, "sighting", seen)
    assert there(other, "note", note)
    unsee(one, seen)
    unremark(one, note)
    carry(one)
    assert not there(other, "sighting", seen)
    assert not there(other, "note", note)
    with one.database.system() as session:
        assert session.value(
            "SELECT payload ->> 'taken_back' FROM ledger_entry WHERE id = %s",
            (crossings(one, uuid)[0].entry,),
        ) == "2"  # fmt: skip


def test_what_was_reported_at_the_partner_itself_is_not_ours_to_delete(agreed: Two) -> None:
    one, other = agreed
    uuid = crossed(one)
    seen, note = see(other, uuid), remark(other, uuid)
    carry(other)
    assert there(one, "sighting", seen)
    unsee(one, seen)  # a site admin of whose event it is
    with one.database.as_user(ADMIN) as session:
        session.execute("DELETE FROM analyst_data WHERE uuid = %s", (note,))
    carry(one)
    carry(other)
    assert there(other, "sighting", seen)
    assert there(other, "note", note)


def test_what_a_site_admin_removes_of_others_is_not_taken_back_elsewhere(
    triangle: Triangle,
) -> None:
    one, other, third = triangle.three
    open_sightings(one, other)
    for node, partner in ((one, third), (third, one)):
        number = node.bridge(partner).id
        with node.database.system() as session:
            session.execute("UPDATE bridge SET state = 'paused' WHERE id = %s", (number,))
    uuid = added(one, new_event(("domain", "passed-on.example")))
    mine, kept = see(one, uuid), see(one, uuid)
    triangle.work()
    assert there(third, "sighting", mine)
    assert there(third, "sighting", kept)
    unsee(other, kept)  # neither its own nor on its event
    triangle.work()
    assert there(third, "sighting", kept)
    unsee(one, mine)
    triangle.work()
    assert not there(other, "sighting", mine)
    assert not there(third, "sighting", mine), "the word of its author goes on"


def test_its_author_takes_it_back_wherever_it_came_by(triangle: Triangle) -> None:
    one, other, third = triangle.three
    open_sightings(one, other, third)
    uuid = added(one, new_event(("domain", "twice.example")))
    triangle.work(one)
    seen = see(other, uuid)
    triangle.work()
    assert there(one, "sighting", seen)
    assert there(third, "sighting", seen)
    unsee(other, seen)
    triangle.work()
    assert not there(one, "sighting", seen)
    assert not there(third, "sighting", seen)


def propose(node: Anybody, uuid: str, value: str) -> str:
    with node.database.as_user(ADMIN) as session:
        raw = {"type": "domain", "category": "Network activity", "value": value}
        return str(proposing.propose_attribute(session, uuid, raw))


def test_a_proposal_that_is_taken_back_or_settled_is_settled_at_the_other(agreed: Two) -> None:
    one, other = agreed
    uuid = crossed(one)
    names = ("accepted.example", "back.example", "discarded.example", "open.example")
    for value in names:
        propose(other, uuid, value)
    carry(other)
    assert open_proposals(one, uuid) == list(names)
    carry(one)
    for node, verb, value in (
        (other, settling.discard, "back.example"),
        (one, settling.discard, "discarded.example"),
        (one, settling.accept, "accepted.example"),
    ):
        with node.database.as_user(ADMIN) as session:
            number = session.value(
                "SELECT id FROM proposal WHERE value1 = %s AND NOT deleted", (value,)
            )
            verb(session, number)
    carry(other)
    assert open_proposals(one, uuid) == ["open.example"]
    with one.database.as_user(ADMIN) as session:
        publish(session, uuid)
    carry(one)
    assert open_proposals(other, uuid) == ["open.example"]


def test_what_never_crossed_is_named_to_nobody(agreed: Two) -> None:
    one, other = agreed
    open_sightings(one)
    uuid = added(one, new_event(("domain", "hidden.example")))
    seen = see(one, uuid)
    with one.database.as_user(ADMIN) as session:
        raw = {"note": "for us alone", "distribution": 0}
        hidden = analyst_changes.add(session, analyst.read(0, raw, ("Event", uuid))).uuid
    carry(one)
    unremark(one, hidden)
    unsee(one, seen)
    carry(one)
    with other.database.system() as session:
        said = session.all("SELECT taken_back::text FROM crossing WHERE event_uuid = %s", (uuid,))
        known = session.value(
            "SELECT encode(uuids, 'hex') FROM crossing_unsaid WHERE event_uuid = %s", (uuid,)
        )
    assert hidden not in str(said)
    assert known == seen.replace("-", "")
    with one.database.system() as session:
        had = having.of_events(session, one.bridge(other.name), [uuid])[uuid]
    assert had.said_of("Note") == set()


def test_with_the_event_all_that_was_remembered_of_it_goes(agreed: Two) -> None:
    one, _ = agreed
    uuid = added(one, new_event(("domain", "whole.example")))
    seen = see(one, uuid)
    carry(one)
    unsee(one, seen)
    with one.database.as_user(ADMIN) as session:
        delete_event(session, uuid)
    with one.database.system() as session:
        assert not session.value("SELECT count(*) FROM said_taken_back WHERE event_uuid = %s",
                                 (uuid,))  # fmt: skip


# Late, and lying ------------------------------------------------------------------------


def as_it_came(node: Node, partner: Node, uuid: str, **more: Any) -> dict[str, Any]:
    """An event of a partner, as it would send it."""
    event = {
        "uuid": uuid, "info": "seen", "date": "2026-11-20", "distribution": "1",
        "published": True, "timestamp": "1795000000", "analysis": "0", "threat_level_id": "2",
        "Orgc": {"uuid": partner.org, "name": partner.name}, "Attribute": [],
    }  # fmt: skip
    event.update(more)
    return {"kind": "event", "event_uuid": uuid, "version": 1795000000, "redacted": False,
            "agreement": None, "event": event}  # fmt: skip


def with_sightings(
    org: Node, *uuids: str, by: Node | None = None, on: str = "7d3f5a10-0000-4000-8000-000000000001"
) -> dict[str, Any]:
    seen = by or org
    return {"Attribute": [{
        "uuid": on, "type": "domain",
        "category": "Network activity", "value": "late.example", "to_ids": True,
        "timestamp": "1795000000", "distribution": "5",
        "Sighting": [
            {"uuid": one, "date_sighting": "1790000000", "source": "", "type": "0",
             "attribute_uuid": on,
             "Organisation": {"uuid": seen.org, "name": seen.name}}
            for one in uuids
        ],
    }]}  # fmt: skip


def test_a_late_message_brings_nothing_back(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    uuid, seen, never = str(uuid4()), str(uuid4()), str(uuid4())
    old = as_it_came(one, other, uuid, **with_sightings(other, seen))
    later = as_it_came(one, other, uuid, **with_sightings(other, seen, never))
    said_to(one, other, old)
    assert there(one, "sighting", seen)
    unsaid = as_it_came(one, other, uuid, **with_sightings(other)) | {
        "unsaid": {"Sighting": [seen, never]}
    }
    said_to(one, other, unsaid)
    assert not there(one, "sighting", seen)
    for late in (old, later, old):
        said_to(one, other, msgspec.json.decode(messages.encoded(late)))
        assert not there(one, "sighting", seen)
        assert not there(one, "sighting", never)


def test_a_partner_takes_back_nothing_that_it_did_not_bring(triangle: Triangle) -> None:
    one, other, third = triangle.three
    uuid = added(one, new_event(("domain", "ours.example")))
    triangle.work()
    ours, theirs = see(one, uuid), see(third, uuid)
    note = remark(one, uuid)
    own = see(other, uuid)
    triangle.work()
    assert there(one, "sighting", theirs)
    assert there(one, "sighting", own)
    lie = {
        "kind": "reactions", "event_uuid": uuid, "version": 1, "said": {"uuid": uuid},
        "unsaid": {"Sighting": [ours, theirs, own], "Note": [note]},
    }  # fmt: skip
    (answer,) = said_to(one, other, lie)
    assert "receipt" in answer
    assert there(one, "sighting", ours)
    assert there(one, "sighting", theirs)
    assert there(one, "note", note)
    assert not there(one, "sighting", own), "its own it may take back"


def test_what_a_partner_brought_of_another_partner_is_that_ones(triangle: Triangle) -> None:
    one, other, third = triangle.three
    event, seen, forged = str(uuid4()), str(uuid4()), str(uuid4())
    westland = {"Orgc": {"uuid": str(uuid4()), "name": "CSIRT Westland"}}
    brought = as_it_came(one, other, event, **with_sightings(other, seen, by=third), **westland)
    said_to(one, other, brought)
    in_our_name = with_sightings(other, forged, by=one, on=str(uuid4()))
    own = as_it_came(one, other, str(uuid4()), **in_our_name)
    said_to(one, other, own)
    assert there(one, "sighting", seen)
    assert not there(one, "sighting", forged), "what we saw we say ourselves"
    bare = msgspec.json.decode(messages.encoded(brought))
    bare["event"]["Attribute"][0]["Sighting"] = []
    said_to(one, other, bare | {"unsaid": {"Sighting": [seen]}})
    assert there(one, "sighting", seen), "who saw it is a partner of ours"


@pytest.mark.parametrize(
    ("unsaid", "field"),
    [
        ([], "unsaid"), ("x", "unsaid"), ({"Sighting": "x"}, "unsaid.Sighting"),
        ({"Sighting": [1]}, "unsaid.Sighting"), ({"Note": [str(uuid4()).upper()]}, "unsaid.Note"),
        ({"ShadowAttribute": [str(uuid4())]}, "unsaid.ShadowAttribute"),
        ({"Sighting": [str(uuid4())] * 10_001}, "unsaid.Sighting"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(
    triangle: Triangle, unsaid: Any, field: str
) -> None:
    one, other, _ = triangle.three
    message = as_it_came(one, other, str(uuid4())) | {"unsaid": unsaid}
    (answer,) = said_to(one, other, message)
    assert code(answer) == "invalid"
    assert field in answer["error"]["message"]


def test_more_than_is_known_by_now_is_passed_over(triangle: Triangle) -> None:
    """Of a later version, which takes back what this one does not know."""
    one, other, _ = triangle.three
    message = as_it_came(one, other, str(uuid4())) | {"unsaid": {"Later": [1]}}
    (answer,) = said_to(one, other, message)
    assert code(answer) == "added"
