# SPDX-License-Identifier: EUPL-1.2
"""PyMISP, unchanged, on a served node: analyst data and blocklists."""

from typing import Any
from uuid import uuid4

import pytest
from pymisp import (
    MISPEvent,
    MISPEventBlocklist,
    MISPNote,
    MISPOpinion,
    MISPRelationship,
    PyMISP,
)
from tests.api.conftest import World


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    """PyMISP as the administrator of an organisation."""
    return PyMISP(served_node.url, served_node.keys["orgadmin"], ssl=False)


@pytest.fixture(scope="module")
def admin(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["admin"], ssl=False)


def new_event() -> Any:
    event: Any = MISPEvent()
    event.info, event.distribution = "Skimmers at cash machines", 1
    event.add_attribute("ip-dst", "192.0.2.77")
    return event


def test_notes_opinions_and_relationships_come_back_as_they_went_in(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    note: Any = MISPNote()
    note.from_dict(note="Seen before", language="nl", object_uuid=event.uuid, object_type="Event")
    stored = bank.add_note(note, pythonify=True)
    assert (stored.note, stored.language, stored.object_uuid) == ("Seen before", "nl", event.uuid)
    assert stored.uuid == note.uuid

    opinion: Any = MISPOpinion()
    opinion.from_dict(opinion=70, comment="likely", object_uuid=note.uuid, object_type="Note")
    bank.add_opinion(opinion, pythonify=True)
    relation: Any = MISPRelationship()
    relation.from_dict(
        relationship_type="follows", related_object_uuid=event.attributes[0].uuid,
        related_object_type="Attribute", object_uuid=event.uuid, object_type="Event",
    )  # fmt: skip
    bank.add_relationship(relation, pythonify=True)

    found = bank.get_note(stored, pythonify=True)
    assert found.opinions[0].opinion == 70
    found.note = "Seen twice"
    assert bank.update_note(found, pythonify=True).note == "Seen twice"
    seen = bank.get_event(event, pythonify=True)
    # PyMISP keeps what is nested beside its parent.
    assert {one.note for one in seen.notes} == {"Seen twice"}
    assert {one.comment for one in seen.opinions} == {"likely"}
    assert [one.relationship_type for one in seen.relationships] == ["follows"]

    assert bank.get_opinion(opinion, pythonify=True).comment == "likely"
    assert bank.get_relationship(relation, pythonify=True).relationship_type == "follows"
    opinion.opinion = 20
    assert bank.update_opinion(opinion, pythonify=True).opinion == 20
    for remove, item in (
        (bank.delete_relationship, relation),
        (bank.delete_opinion, opinion),
        (bank.delete_note, stored),
    ):
        assert "deleted" in remove(item)["message"]
    assert "errors" in bank.get_note(stored)


def test_an_event_carries_them_in_and_out(bank: Any) -> None:
    event = new_event()
    note = event.add_note("Of the event", language="en")
    note.add_opinion(40, "unsure")
    event.attributes[0].add_note("Of the attribute")
    event.attributes[0].add_opinion(90, "sure")
    event.add_relationship("Attribute", event.attributes[0].uuid, "contains")
    stored = bank.add_event(event, pythonify=True)
    assert [one.note for one in stored.notes] == ["Of the event"]
    assert [one.comment for one in stored.opinions] == ["unsure"]
    assert stored.opinions[0].object_uuid == note.uuid
    assert stored.attributes[0].notes[0].note == "Of the attribute"
    assert stored.attributes[0].opinions[0].opinion == 90
    stored.add_note("One more")
    changed = bank.update_event(stored, pythonify=True)
    assert {one.note for one in changed.notes} == {"Of the event", "One more"}


def test_blocklists(bank: Any, admin: Any) -> None:
    uuid, other = str(uuid4()), str(uuid4())
    added = admin.add_event_blocklist([uuid, other], comment="why", event_info="Old")
    assert added["result"]["successes"] == [uuid, other]
    event = new_event()
    event.uuid = uuid
    assert bank.add_event(event)["errors"][0] == 403
    entry = next(e for e in admin.event_blocklists(pythonify=True) if e.event_uuid == uuid)
    assert isinstance(entry, MISPEventBlocklist)
    entry.comment = "because"
    assert admin.update_event_blocklist(entry, pythonify=True).comment == "because"
    assert "removed" in admin.delete_event_blocklist(entry)["message"]
    assert bank.add_event(event, pythonify=True).uuid == uuid

    admin.add_organisation_blocklist(other, org_name="Elsewhere")
    (listed,) = admin.organisation_blocklists(pythonify=True)
    assert listed.org_name == "Elsewhere"
    listed.comment = "x"
    assert admin.update_organisation_blocklist(listed, pythonify=True).comment == "x"
    assert "removed" in admin.delete_organisation_blocklist(listed)["message"]
    assert bank.event_blocklists()["errors"][0] == 403


def test_what_is_said_of_a_note_comes_in_with_a_change_of_it(bank: Any) -> None:
    note: Any = MISPNote()
    note.from_dict(note="Of nothing stored", object_uuid=str(uuid4()), object_type="Event")
    stored = bank.add_note(note, pythonify=True)
    stored.note = "Changed"
    said = stored.add_opinion(42, "so so")
    assert bank.update_note(stored, pythonify=True).note == "Changed"
    (opinion,) = bank.get_note(stored, pythonify=True).opinions
    assert (opinion.uuid, opinion.opinion, opinion.comment) == (said.uuid, 42, "so so")
    assert bank.delete_note(stored)["message"] == "Note deleted."
    assert bank.get_opinion(said, pythonify=True).opinion == 42


def test_whoever_is_kept_out_is_told_so_before_what_else_does_not_fit(
    served_node: World, bank: Any, admin: Any
) -> None:
    own = bank.get_organisation(served_node.orgs["Noordland Bank"], pythonify=True)
    admin.add_organisation_blocklist([own.uuid])
    (listed,) = [o for o in admin.organisation_blocklists(pythonify=True) if o.org_uuid == own.uuid]
    try:
        for event in ({"info": ""}, {"info": "fits"}):
            refused = bank.add_event(event)["errors"]
            assert refused[0] == 403
            assert refused[1]["message"] == "Event blocked by organisation blocklist."
    finally:
        admin.delete_organisation_blocklist(listed)
    assert bank.add_event({"info": ""})["errors"][1]["message"] == "Could not add Event"
