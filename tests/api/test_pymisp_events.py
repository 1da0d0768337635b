# SPDX-License-Identifier: EUPL-1.2
"""PyMISP, unchanged, on a served node: events and all that hangs on them."""

import time
from base64 import b64encode
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pymisp import (
    MISPAttribute,
    MISPEvent,
    MISPEventReport,
    MISPObject,
    MISPObjectReference,
    MISPSighting,
    MISPTag,
    PyMISP,
)
from tests.api.conftest import World


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    """PyMISP as the administrator of an organisation."""
    return PyMISP(served_node.url, served_node.keys["orgadmin"], ssl=False)


@pytest.fixture(scope="module")
def energy(served_node: World) -> Any:
    """PyMISP as a user of another organisation."""
    return PyMISP(served_node.url, served_node.keys["other"], ssl=False)


@pytest.fixture(scope="module")
def admin(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["admin"], ssl=False)


def new_event(info: str = "Skimmers at cash machines") -> Any:
    event: Any = MISPEvent()
    event.info = info
    event.distribution = 1
    event.add_attribute("ip-dst", "192.0.2.77", comment="seen in a log", to_ids=False)
    return event


def test_an_event_comes_back_as_it_went_in(bank: Any) -> None:
    event = new_event()
    event.threat_level_id, event.analysis, event.date = 2, 1, "2026-02-03"
    event.add_tag("tlp:amber")
    first: Any = event.attributes[0]
    first.first_seen, first.last_seen = "2026-01-01T10:00:00Z", "2026-01-02T10:00:00+02:00"
    first.add_tag("confidence:high")
    event.add_attribute("domain|ip", "shop.example|198.51.100.7", distribution=0)
    event.add_attribute("attachment", "note.txt", data=BytesIO(b"hello"))
    holder = MISPObject("file")
    holder.distribution = 5
    holder.add_attribute("filename", value="pay.exe")
    holder.add_attribute("md5", value="a" * 32)
    holder.add_reference(first.uuid, "connects-to", comment="c")
    event.add_object(holder)
    event.add_event_report("Findings", "# What we saw", distribution=5)

    added = bank.add_event(event, pythonify=True)
    assert isinstance(added, MISPEvent), added
    again: Any = bank.get_event(added, pythonify=True)
    for got in (added, again):
        assert (got.uuid, got.info, str(got.date)) == (event.uuid, event.info, "2026-02-03")
        assert [t.name for t in got.tags] == ["tlp:amber"]
        assert [t.name for t in got.attributes[0].tags] == ["confidence:high"]
        sent = {a.uuid: a for a in (*event.attributes, *holder.attributes)}
        back = {a.uuid: a for a in (*got.attributes, *got.objects[0].attributes)}
        assert back.keys() == sent.keys()
        for uuid, attribute in back.items():
            for field in ("type", "category", "value", "to_ids", "comment", "object_relation"):
                assert getattr(attribute, field, None) == getattr(sent[uuid], field, None) or (
                    getattr(sent[uuid], field, None) is None
                ), field
        assert got.attributes[0].first_seen == first.first_seen
        assert got.attributes[0].last_seen == first.last_seen
        assert got.attributes[1].distribution == 0
        attached: Any = got.attributes[2]
        assert attached.data.getvalue() == b"hello"
        reference = got.objects[0].references[0]
        assert (reference.referenced_uuid, reference.relationship_type) == (
            first.uuid, "connects-to")  # fmt: skip
        assert got.event_reports[0].content == "# What we saw"


def test_an_event_is_updated_from_what_was_read(bank: Any) -> None:
    added = bank.add_event(new_event(), pythonify=True)
    added.info = "Skimmers, second look"
    added.attributes[0].value = "192.0.2.78"
    added.add_attribute("domain", "second.example")
    updated = bank.update_event(added, pythonify=True)
    assert isinstance(updated, MISPEvent), updated
    assert updated.info == "Skimmers, second look"
    assert sorted(a.value for a in updated.attributes) == ["192.0.2.78", "second.example"]
    updated.attributes[0].delete()
    after = bank.update_event(updated, pythonify=True)
    assert [a.value for a in after.attributes] == ["second.example"]
    stale = bank.update_event(after, pythonify=True)
    assert "not newer" in str(stale)


def test_events_are_published_found_and_deleted(bank: Any, energy: Any) -> None:
    added = bank.add_event(new_event(), pythonify=True)
    assert "published" in bank.publish(added)["message"]
    assert bank.get_event(added, pythonify=True).published
    assert "unpublished" in bank.unpublish(added)["message"]
    assert bank.event_exists(added)
    assert energy.event_exists(added.uuid)
    assert "errors" in energy.delete_event(added)
    assert bank.delete_event(added)["message"] == "Event deleted."
    assert not bank.event_exists(added)
    assert not bank.event_exists(str(uuid4()))


def test_attributes_are_added_one_by_one_and_many(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    one: Any = MISPAttribute()
    one.from_dict(type="url", value="http://shop.example/x")
    stored = bank.add_attribute(event, one, pythonify=True)
    assert stored.uuid == one.uuid
    assert "similar" in str(bank.add_attribute(event, {"type": "url", "value": one.value}))
    several: Any = [MISPAttribute(), MISPAttribute()]
    several[0].from_dict(type="domain", value="third.example")
    several[1].from_dict(type="domain", value="third.example")
    result = bank.add_attribute(event, several, pythonify=True)
    assert [a.value for a in result["attributes"]] == ["third.example"]
    assert "attribute_1" in result["errors"]
    renewed = bank.add_attribute(event, {"type": "url", "value": one.value}, pythonify=True,
                                 break_on_duplicate=False)  # fmt: skip
    assert renewed.uuid == one.uuid
    listed = bank.add_attribute(event, {"type": "domain", "value": ["a.example", "b.example"]})
    assert [a["value"] for a in listed["Attribute"]] == ["a.example", "b.example"]


def test_an_attribute_is_changed_deleted_and_restored(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    attribute = bank.get_attribute(event.attributes[0], pythonify=True)
    attribute.comment = "changed"
    assert bank.update_attribute(attribute, pythonify=True).comment == "changed"
    assert bank.attribute_exists(attribute)
    assert bank.delete_attribute(attribute)["message"] == "Attribute deleted."
    assert not bank.attribute_exists(attribute)
    assert bank.restore_attribute(attribute, pythonify=True).value == attribute.value
    assert bank.delete_attribute(attribute, hard=True)["message"] == "Attribute deleted."
    assert not bank.attribute_exists(attribute)
    assert not bank.attribute_exists(str(uuid4()))


def test_a_sample_comes_back_as_it_was_sent(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    sample: Any = MISPAttribute()
    sample.from_dict(type="malware-sample", value="m.exe",
                     data=b64encode(b"MZ not a real one").decode())  # fmt: skip
    stored = bank.add_attribute(event, sample, pythonify=True)
    assert stored.value.startswith("m.exe|")
    back = bank.get_attribute(stored, pythonify=True)
    assert back.malware_binary.getvalue() == b"MZ not a real one"


def test_objects_and_references_round_trip(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    holder = MISPObject("file")
    holder.add_attribute("filename", value="one.exe")
    holder.add_attribute("sha1", value="b" * 40)
    added = bank.add_object(event, holder, pythonify=True)
    assert isinstance(added, MISPObject), added
    assert added.uuid == holder.uuid
    assert bank.object_exists(added)
    added.comment = "seen again"
    added.attributes[0].value = "two.exe"
    updated = bank.update_object(added, pythonify=True)
    assert updated.comment == "seen again"
    assert {a.value for a in updated.attributes} == {"two.exe", "b" * 40}

    reference: Any = MISPObjectReference()
    reference.from_dict(object_uuid=added.uuid, referenced_uuid=event.attributes[0].uuid,
                        relationship_type="connects-to")  # fmt: skip
    linked = bank.add_object_reference(reference, pythonify=True)
    assert linked.referenced_uuid == event.attributes[0].uuid
    again = bank.get_object(added, pythonify=True)
    assert [r.uuid for r in again.references] == [linked.uuid]
    assert "deleted" in bank.delete_object_reference(linked)["message"]
    assert bank.get_object(added, pythonify=True).references == []
    assert "deleted" in bank.delete_object(added)["message"]
    assert bank.get_event(event, pythonify=True).objects == []
    assert "deleted" in bank.delete_object(added, hard=True)["message"]
    assert not bank.object_exists(added)


def test_tags_are_made_changed_attached_and_taken_off(bank: Any, admin: Any, energy: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    made = bank.add_tag(MISPTag(), pythonify=True)
    assert "errors" in made
    tag: Any = MISPTag()
    tag.from_dict(name="noordland:watch", colour="#123456")
    made = bank.add_tag(tag, pythonify=True)
    assert made.colour == "#123456"
    for item in (event, event.attributes[0]):
        assert "successfully attached" in bank.tag(item, made)["message"]
        assert "already has" in bank.tag(item, made)["message"]
    assert [t.name for t in bank.get_event(event, pythonify=True).tags] == ["noordland:watch"]
    listed = {t.name: t for t in energy.tags(pythonify=True)}
    assert listed["noordland:watch"].id == made.id
    assert [t.name for t in bank.search_tags("noordland%", pythonify=True)] == ["noordland:watch"]
    assert "successfully removed" in bank.untag(event, "noordland:watch")["message"]
    assert "not attached" in str(bank.untag(event, "noordland:watch"))
    assert "Cannot alter" in str(energy.tag(event, "noordland:watch"))
    made.colour = "#654321"
    assert "errors" in bank.update_tag(made)
    assert admin.update_tag(made, pythonify=True).colour == "#654321"
    assert admin.disable_tag(made, pythonify=True).hide_tag is True
    assert admin.enable_tag(made, pythonify=True).hide_tag is False
    assert "deleted" in admin.delete_tag(made)["message"]
    assert bank.get_event(event, pythonify=True).attributes[0].tags == []


def test_sightings_are_reported_listed_and_deleted(bank: Any, energy: Any) -> None:
    event = bank.add_event(new_event("Sighted"), pythonify=True)
    attribute = event.attributes[0]
    attribute.value = "203.0.113.200"
    attribute = bank.update_attribute(attribute, pythonify=True)
    by_value: Any = MISPSighting()
    by_value.from_dict(values=["203.0.113.200"], type=0, source="honeypot")
    assert bank.add_sighting(by_value, pythonify=True).source == "honeypot"
    expiry: Any = MISPSighting()
    expiry.from_dict(type="2")
    stored = energy.add_sighting(expiry, attribute, pythonify=True)
    assert stored.type == "2"
    assert bank.add_sighting({"uuid": attribute.uuid, "type": 1}, pythonify=True).type == "1"
    assert len(bank.sightings(event, pythonify=True)) == 3
    assert len(energy.sightings(attribute, pythonify=True)) == 1
    mine = bank.sightings(attribute, org=bank._current_user.org_id, pythonify=True)
    assert {s.type for s in mine} == {"0", "1"}
    shown = bank.get_event(event, pythonify=True).attributes[0].sightings
    assert len(shown) == 3
    assert "errors" in bank.delete_sighting(stored)
    assert "deleted" in energy.delete_sighting(stored)["message"]


def test_reports_are_added_changed_and_deleted(bank: Any, energy: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    report: Any = MISPEventReport()
    report.from_dict(name="Findings", content="# One", distribution=5)
    added = bank.add_event_report(event, report, pythonify=True)
    assert added.uuid == report.uuid
    added.content = "# Two"
    assert bank.update_event_report(added, pythonify=True).content == "# Two"
    assert bank.get_event_report(added, pythonify=True).content == "# Two"
    assert [r.uuid for r in energy.get_event_reports(event.id, pythonify=True)] == [report.uuid]
    assert "errors" in energy.delete_event_report(added)
    assert "soft" in bank.delete_event_report(added)["message"]
    assert "hard" in bank.delete_event_report(added, hard=True)["message"]
    assert bank.get_event_reports(event.id) == []


def test_an_event_that_comes_in_published_has_the_time_at_which_it_was(
    bank: Any, served_node: World
) -> None:
    event = new_event("Published at once")
    event.publish()
    before = int(time.time())
    added = bank.add_event(event, pythonify=True)
    assert added.publish_timestamp.timestamp() >= before
    found = bank.search(publish_timestamp="1m", pythonify=True)
    assert added.uuid in {one.uuid for one in found}
    draft = bank.add_event(new_event("A draft"), pythonify=True)
    assert draft.publish_timestamp.timestamp() == 0
    with served_node.database.system() as session:
        earlier = "UPDATE event SET publish_timestamp = publish_timestamp - 10 WHERE id = %s"
        session.execute(earlier, (added.id,))
    added.info, added.timestamp = "Published again", int(time.time()) + 1
    again = bank.update_event(added, pythonify=True)
    assert again.published
    assert again.publish_timestamp.timestamp() >= before


def test_several_new_attributes_come_back_with_their_tags(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    several: Any = [MISPAttribute(), MISPAttribute()]
    several[0].from_dict(type="domain", value="plain.example")
    several[1].from_dict(type="domain", value="tagged.example")
    several[1].add_tag("tlp:green")
    stored = bank.add_attribute(event, several, pythonify=True)["attributes"]
    assert [[tag.name for tag in one.tags] for one in stored] == [[], ["tlp:green"]]


def described_file(name: str) -> Any:
    holder = MISPObject("file")
    holder.add_attribute("filename", value=name)
    holder.add_attribute("md5", value="a" * 32)
    return holder


def test_an_object_that_says_what_another_one_says_is_left_out_where_asked(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    first = bank.add_object(event, described_file("pay.exe"), pythonify=True)
    refused = bank.add_object(event, described_file("pay.exe"), break_on_duplicate=True)
    assert refused["errors"][0] == 403
    assert "Duplicate object found" in refused["errors"][1]["errors"]
    assert first.uuid in refused["errors"][1]["errors"]
    marked = described_file("pay.exe")
    marked.breakOnDuplicate = True
    assert "Duplicate object found" in str(bank.add_object(event, marked))
    other = bank.add_object(event, described_file("other.exe"), break_on_duplicate=True)
    assert "Object" in other
    assert "Object" in bank.add_object(event, described_file("pay.exe"))
    bank.delete_object(first, hard=True)
    held = bank.get_event(event, pythonify=True)
    names = [o.get_attributes_by_relation("filename")[0].value for o in held.objects]
    assert sorted(names) == ["other.exe", "pay.exe"]


def test_what_is_refused_costs_a_client_neither_its_event_nor_the_reason(
    bank: Any, served_node: World
) -> None:
    bad = {"type": "md5", "value": "short"}
    sent = {"info": "x", "Attribute": [bad, {"type": "ip-dst", "value": "192.0.2.78"}]}
    event = bank.add_event(sent, pythonify=True)
    assert isinstance(event, MISPEvent)
    assert [a.value for a in event.attributes] == ["192.0.2.78"]
    assert "errors" not in event
    made: Any = event
    assert "Checksum has an invalid length" in str(made.refused["Attribute[0]"])
    assert bank.add_event(dict(sent), metadata=True)["Event"]["refused"]
    # It travels with the event; what comes back of it is no part of what the event says.
    event.info = "changed"
    changed = bank.update_event(event, pythonify=True)
    assert changed.info == "changed"
    assert "refused" not in changed
    assert "refused" not in bank.get_event(event, pythonify=True)
    worse = bank.update_event({"Event": {"Attribute": [bad]}}, event.id, pythonify=True)
    assert isinstance(worse, MISPEvent)
    made = worse
    assert list(made.refused) == ["Attribute[0]"]
    with served_node.database.system() as session:
        kept = "SELECT count(*) FROM refusal WHERE event_uuid = %s"
        assert session.value(kept, (event.uuid,)) == 2


def test_twins_within_an_event_are_left_out_and_named(bank: Any) -> None:
    event = new_event()
    for _ in range(2):
        one = described_file("twice.exe")
        one.breakOnDuplicate = True
        event.add_object(one)
    added = bank.add_event(event)
    assert len(added["Event"]["Object"]) == 1
    assert "Duplicate object found" in str(added["Event"]["refused"]["Object[1]"])


def test_a_tag_that_is_not_to_be_exported_stays_with_the_nodes_own_pages(
    bank: Any, admin: Any
) -> None:
    inside: Any = MISPTag()
    inside.name, inside.exportable = "own:inside", False
    assert not admin.add_tag(inside, pythonify=True).exportable
    event = new_event()
    event.add_tag("own:inside")
    event.attributes[0].add_tag("own:inside")
    event.attributes[0].add_tag("tlp:green")
    added = bank.add_event(event, pythonify=True)
    for reader in (bank, admin):
        seen = reader.get_event(added, pythonify=True)
        assert seen.tags == []
        assert [tag.name for tag in seen.attributes[0].tags] == ["tlp:green"]
        alone = reader.get_attribute(added.attributes[0], pythonify=True)
        assert [tag.name for tag in alone.tags] == ["tlp:green"]
        (hit,) = reader.search("attributes", uuid=alone.uuid, pythonify=True)
        assert [tag.name for tag in hit.tags] == ["tlp:green"]
        (whole,) = reader.search(uuid=added.uuid, pythonify=True)
        assert whole.tags == []
        (listed,) = reader.search_index(eventid=added.id, pythonify=True)
        assert listed.tags == []
        wide = reader.search("attributes", uuid=alone.uuid, return_format="csv",
                             include_context=True)  # fmt: skip
        assert "own:inside" not in str(wide)
    # It is there, and finds what carries it.
    assert [one.uuid for one in bank.search(tags="own:inside", pythonify=True)] == [added.uuid]


def test_a_deleted_report_is_named_as_it_was_asked_for(bank: Any) -> None:
    event = bank.add_event(new_event(), pythonify=True)
    report: Any = MISPEventReport()
    report.name, report.content, report.distribution = "What happened", "# Text", 5
    stored = bank.add_event_report(event.id, report, pythonify=True)
    said = bank.delete_event_report(stored)
    assert said["message"] == f"Event Report {stored.uuid} soft deleted"
    assert f"Event Report {stored.id} hard" in bank.delete_event_report(stored.id, True)["message"]


def test_an_attribute_loses_a_tag_by_being_changed(bank: Any) -> None:
    event = new_event()
    event.attributes[0].add_tag("tlp:green")
    event.attributes[0].add_tag("stays:on")
    holder = described_file("tagged.exe")
    holder.attributes[0].add_tag("tlp:green")
    event.add_object(holder)
    added = bank.add_event(event, pythonify=True)
    alone = added.attributes[0]
    next(tag for tag in alone.tags if tag.name == "tlp:green").delete()
    changed = bank.update_attribute(alone, pythonify=True)
    assert [tag.name for tag in changed.tags] == ["stays:on"]
    one = added.objects[0]
    for item in one.attributes:
        for tag in item.tags:
            tag.delete()
    bank.update_object(one)
    seen = bank.get_event(added, pythonify=True)
    assert [tag.name for tag in seen.attributes[0].tags] == ["stays:on"]
    assert [item.tags for item in seen.objects[0].attributes] == [[], []]
    seen.attributes[0].tags[0].delete()
    assert bank.update_event(seen, pythonify=True).attributes[0].tags == []


def test_a_tag_for_one_user_is_set_by_nobody_else(
    served_node: World, bank: Any, admin: Any
) -> None:
    colleague: Any = PyMISP(served_node.url, served_node.keys["user"], ssl=False)
    kept: Any = MISPTag()
    kept.name, kept.user_id = "only:mine", colleague.get_user(pythonify=True).id
    admin.add_tag(kept)
    event = new_event()
    event.add_tag("only:mine")
    event.attributes[0].add_tag("only:mine")
    added = bank.add_event(event, pythonify=True)
    assert (added.tags, added.attributes[0].tags) == ([], [])
    refused = bank.tag(added, "only:mine")["errors"]
    assert refused[0] == 403
    assert "This tag can only be set by a fixed user." in refused[1]["errors"]
    own = new_event()
    own.add_tag("only:mine")
    stored = colleague.add_event(own, pythonify=True)
    assert [tag.name for tag in stored.tags] == ["only:mine"]


def test_a_title_with_backslashes_is_found_as_it_stands_and_doubled(bank: Any) -> None:
    title = r"Dropped C:\Windows\notepad.exe".replace("\\\\", "\\")
    bank.add_event(new_event(title))
    for asked in (title, title.replace("\\", "\\\\")):
        assert [one.info for one in bank.search_index(eventinfo=asked, pythonify=True)] == [title]


def test_the_statistics_of_sightings_name_the_events(bank: Any) -> None:
    added = bank.add_event(new_event("Sighted"), pythonify=True)
    for kind in ("0", "1"):
        bank.add_sighting({"source": "sensor seven", "type": kind}, added.attributes[0])
    counted = bank.users_statistics(context="sightings")
    assert counted["toplist"]["sensor seven"] == 2
    assert counted["eventids"]["sensor seven"] == {
        "sighting": [str(added.id)], "false-positive": [str(added.id)],
    }  # fmt: skip


def test_what_a_warninglist_has_is_not_added_where_its_sender_does_not_want_it(
    bank: Any, admin: Any
) -> None:
    made = admin.direct_call("warninglists/add", {
        "name": "Known resolvers", "description": "d", "type": "string", "category":
        "false_positive", "entries": "192.0.2.53", "matching_attributes": ["ip-dst"],
    })  # fmt: skip
    admin.enable_warninglist(made["Warninglist"]["id"])
    event = bank.add_event(new_event(), pythonify=True)
    known: Any = MISPAttribute()
    known.from_dict(type="ip-dst", value="192.0.2.53", enforceWarninglist=True)
    refused = bank.add_attribute(event, known)["errors"]
    assert refused[0] == 403
    assert "trips over a warninglist and enforceWarninglist is enforced" in refused[1]["errors"]
    pair = [{"type": "ip-dst", "value": v} for v in ("192.0.2.53", "192.0.2.54")]
    path = f"attributes/add/{event.id}/enforceWarninglist:1"
    both = bank.direct_call(path, pair)
    assert "192.0.2.54" in str(both["Attribute"])
    assert "trips over" in str(both["errors"]["attribute_0"])
    whole = {"info": "x", "Attribute": [pair[0] | {"enforceWarninglist": True}, pair[1]]}
    added = bank.add_event(whole)
    assert [a["value"] for a in added["Event"]["Attribute"]] == ["192.0.2.54"]
    assert "trips over" in str(added["Event"]["refused"]["Attribute[0]"])
    assert bank.add_attribute(event, pair[0], pythonify=True).value == "192.0.2.53"
