# SPDX-License-Identifier: EUPL-1.2
"""What crossed and is removed for good here goes there too, and nothing else is named."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.bridges.crossing.conftest import added, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import carrier, having, inward
from brug.bridges.crossing.messages import Written
from brug.bridges.partners import BridgeRow
from brug.formats.misp.reading import read_event
from brug.intel.changing import edit
from brug.intel.deleting import (
    delete_attribute,
    delete_event,
    delete_object,
    delete_report,
)
from brug.intel.label import tagging, taglist
from brug.intel.label.tagging import Target
from brug.intel.publishing import publish
from brug.model.errors import Invalid
from brug.model.new_event import NewAttribute, NewObject, NewReport, NewTag
from brug.store.session import Database

Two = tuple[Served, Served]
SECRET = ("domain", "kept-here.example")


def held(node: Served, table: str, uuid: str) -> list[tuple[str, bool]]:
    """The parts of an event by UUID, and whether each is marked as deleted."""
    query = {
        "attribute": "SELECT a.uuid::text, a.deleted FROM attribute a",
        "object": "SELECT a.uuid::text, a.deleted FROM object a",
        "event_report": "SELECT a.uuid::text, a.deleted FROM event_report a",
    }[table]
    with node.database.system() as session:
        where = b" JOIN event e ON e.id = a.event_id WHERE e.uuid = %s ORDER BY a.id"
        return [tuple(row) for row in session.connection.execute(query.encode() + where, (uuid,))]


def tags_of(node: Served, uuid: str) -> set[str]:
    with node.database.system() as session:
        rows = session.all(
            "SELECT g.name FROM event_tag l JOIN tag g ON g.id = l.tag_id"
            " JOIN event e ON e.id = l.event_id WHERE e.uuid = %s"
            " UNION SELECT g.name FROM attribute_tag l JOIN tag g ON g.id = l.tag_id"
            " JOIN event e ON e.id = l.event_id WHERE e.uuid = %s",
            (uuid, uuid),
        )
    return {row[0] for row in rows}


def published(node: Served, uuid: str) -> None:
    with node.database.as_user(ADMIN) as session:
        publish(session, uuid)
    carry(node)


def uuids(node: Served, uuid: str) -> dict[str, str]:
    """Of attributes, by value."""
    with node.database.system() as session:
        return dict(
            session.all(
                "SELECT a.value1, a.uuid::text FROM attribute a JOIN event e ON e.id = a.event_id"
                " WHERE e.uuid = %s",
                (uuid,),
            )
        )


def rich_event() -> Any:
    """Of an attribute that stays, one with a tag, one that is RED, an object and a report."""
    new = new_event(("domain", "stays.example"), ("domain", "goes.example"), SECRET)
    new.tags.append(NewTag("sector:energy"))
    new.attributes[1].tags = (NewTag("phase:delivery"),)
    new.attributes[2].tags = (NewTag("tlp:red"),)
    inside = NewAttribute(None, "md5", "Payload delivery", True, "a" * 32, "")
    inside.object_relation = "md5"
    new.objects.append(NewObject(None, "file", attributes=[inside]))
    new.objects[0].distribution = 5
    new.reports.append(NewReport(None, "What we saw", "Little", distribution=5))
    return new


def test_what_is_removed_for_good_is_deleted_at_the_partner(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, rich_event())
    carry(one)
    named = uuids(one, uuid)
    assert SECRET[1] not in uuids(other, uuid)
    ((object_uuid, _),), ((report, _),) = held(one, "object", uuid), held(one, "event_report", uuid)
    with one.database.as_user(ADMIN) as session:
        delete_attribute(session, named["goes.example"], hard=True)
        delete_attribute(session, named[SECRET[1]], hard=True)
        delete_object(session, object_uuid, hard=True)
        delete_report(session, report, hard=True)
    assert not any(gone for _, gone in held(other, "attribute", uuid)), "it is not published yet"
    published(one, uuid)
    gone = {part for part, deleted in held(other, "attribute", uuid) if deleted}
    assert gone == {named["goes.example"], named["a" * 32]}
    assert held(other, "object", uuid) == [(object_uuid, True)]
    assert held(other, "event_report", uuid) == [(report, True)]
    there = stored(other, uuid)
    assert there
    assert there["values"] == [("domain", "stays.example")]
    sent, came = crossings(one, uuid)[0], crossings(other, uuid)[0]
    everything = {*gone, object_uuid, report}
    assert {part["uuid"] for part in sent.taken_back} == everything
    assert {part["uuid"] for part in came.taken_back} == everything
    for node, crossing in ((one, sent), (other, came)):
        with node.database.system() as session:
            payload = session.value(
                "SELECT payload FROM ledger_entry WHERE id = %s", (crossing.entry,)
            )
            acts = session.value(
                "SELECT count(*) FROM audit WHERE action = 'take-back' AND model_id = %s",
                (there["id"],),
            )
        assert payload["taken_back"] == 4
        assert acts == (1 if node is other else 0)


def test_the_uuid_of_what_never_crossed_is_told_to_nobody(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, rich_event())
    carry(one)
    named = uuids(one, uuid)
    with one.database.as_user(ADMIN) as session:
        delete_attribute(session, named[SECRET[1]], hard=True)
        delete_attribute(session, named["goes.example"], hard=True)
    published(one, uuid)
    with other.database.system() as session:
        row = session.one("SELECT taken_back::text, receipt::text FROM crossing"
                          " WHERE event_uuid = %s ORDER BY id DESC LIMIT 1", (uuid,))  # fmt: skip
        known = session.value("SELECT marked::text FROM crossing_gone WHERE event_uuid = %s",
                              (uuid,))  # fmt: skip
    assert named["goes.example"] in str(row)
    assert named[SECRET[1]] not in f"{row} {known}"
    with one.database.system() as session:
        assert named[SECRET[1]].replace("-", "") not in having.of_events(
            session, one.bridge(other.name), [uuid]
        )[uuid].of("Attribute")


def test_tags_that_are_taken_off_are_off_there_but_for_the_partners_own(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, rich_event())
    carry(one)
    assert {"sector:energy", "phase:delivery"} <= tags_of(other, uuid)
    here, there = stored(one, uuid), stored(other, uuid)
    assert here
    assert there
    with other.database.as_user(ADMIN) as session:
        tag = taglist.find(session, "sector:energy")
        target = Target("event", there["id"], there["id"])
        session.execute("DELETE FROM event_tag WHERE event_id = %s AND tag_id = %s",
                        (there["id"], tag.id))  # fmt: skip
        tagging.attach(session, target, tag, local=True, exclusive=False)
    attribute = number(one, uuids(one, uuid)["goes.example"])
    with one.database.as_user(ADMIN) as session:
        for target, name in (
            (Target("event", here["id"], here["id"]), "sector:energy"),
            (Target("attribute", here["id"], attribute), "phase:delivery"),
        ):
            tagging.detach(session, target, taglist.find(session, name))
    published(one, uuid)
    assert "phase:delivery" not in tags_of(other, uuid)
    assert "sector:energy" in tags_of(other, uuid), "whoever put it there for themselves keeps it"
    assert {part.get("name") for part in crossings(one, uuid)[0].taken_back} == {
        "sector:energy", "phase:delivery",
    }  # fmt: skip


def number(node: Served, uuid: str) -> int:
    with node.database.system() as session:
        return int(session.value("SELECT id FROM attribute WHERE uuid = %s", (uuid,)))


def test_what_the_partner_may_not_see_any_more_goes_and_comes_back(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "a.example"), ("domain", "b.example")))
    carry(one)
    part = uuids(one, uuid)["b.example"]
    for level, deleted in ((0, True), (5, False), (0, True)):
        raw = {"published": True, "Attribute": [{"uuid": part, "distribution": level}]}
        here = stored(one, uuid)
        assert here
        with one.database.as_user(ADMIN) as session:
            edit(session, here["id"], read_event(dict(raw), partial=True), raw)
        carry(one)
        assert dict(held(other, "attribute", uuid))[part] is deleted


def test_a_late_message_takes_nothing_back_again(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "a.example"), ("domain", "late.example")))
    carry(one)
    part = uuids(one, uuid)["late.example"]
    sent: list[Written] = []
    deliver = carrier.deliver

    def seen(database: Database, bridge: BridgeRow, several: Sequence[Written]) -> Any:
        sent.extend(several)
        return deliver(database, bridge, several)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrier, "deliver", seen)
        with one.database.as_user(ADMIN) as session:
            delete_attribute(session, part, hard=True)
        published(one, uuid)
    assert dict(held(other, "attribute", uuid))[part]
    raw = {"published": True, "Attribute": [
        {"uuid": part, "type": "domain", "value": "late.example", "distribution": 5}]}  # fmt: skip
    here = stored(one, uuid)
    assert here
    with one.database.as_user(ADMIN) as session:
        edit(session, here["id"], read_event(dict(raw), partial=True), raw)
    carry(one)
    assert not dict(held(other, "attribute", uuid))[part]
    (late,), bridge = sent, other.bridge(one.name)
    with other.database.as_user(bridge.account_id) as session:
        inward.take(session, bridge, msgspec.json.decode(late.data))
    assert not dict(held(other, "attribute", uuid))[part]


@pytest.mark.parametrize(
    ("gone", "field"),
    [
        ([], "gone"), ({"turn": 0}, "gone.turn"), ({"turn": True}, "gone.turn"), ({}, "gone.turn"),
        ({"turn": 1, "Attribute": ["x"]}, "gone.Attribute"),
        ({"turn": 1, "Sighting": []}, "gone.Sighting"),
        ({"turn": 1, "Attribute": [str(uuid4()).upper()]}, "gone.Attribute"),
        ({"turn": 1, "Tag": [{"on": str(uuid4())}]}, "gone.Tag"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(agreed: Two, gone: Any, field: str) -> None:
    _, other = agreed
    bridge = other.bridge("CSIRT Noordland")
    message = {"kind": "event", "event_uuid": str(uuid4()), "version": 1, "gone": gone}
    with (
        other.database.as_user(bridge.account_id) as session,
        pytest.raises(Invalid, match=field.replace(".", r"\.")),
    ):
        inward.take(session, bridge, message)


def test_an_event_that_is_deleted_leaves_nothing_remembered(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "whole.example")))
    carry(one)
    with one.database.as_user(ADMIN) as session:
        delete_event(session, uuid)
    carry(one)
    assert stored(other, uuid) is None
    with one.database.system() as session:
        assert having.of_events(session, one.bridge(other.name), [uuid]) == {}
