# SPDX-License-Identifier: EUPL-1.2
"""Events over a native bridge between two served nodes: out, in, changed, held, taken back."""

import time

import msgspec
import pytest
from tests.bridges.crossing import own_clusters
from tests.bridges.crossing.conftest import (
    added,
    agree,
    carry,
    crossings,
    new_event,
    stored,
)
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import asking, inward, judging, messages, reading, recalls
from brug.bridges.crossing.judging import NotHeld
from brug.bridges.native import handling
from brug.directory import organisations, sharing_group_changes, sharing_groups
from brug.formats.misp import analyst
from brug.formats.misp.reading import read_event
from brug.intel import publishing
from brug.intel.analysis import analyst_changes
from brug.intel.changing import edit
from brug.intel.deleting import delete_event
from brug.intel.sighting.sighting_exchange import Brought, take
from brug.model.errors import Invalid
from brug.model.new_event import GroupRef

Two = tuple[Served, Served]


def test_without_an_agreement_nothing_crosses_and_the_reason_is_kept(connected: Two) -> None:
    one, other = connected
    uuid = added(one, new_event(("domain", "early.example")))
    carry(one)
    (out,) = crossings(one, uuid)
    assert (out.state, out.outcome) == ("refused", "refuse")
    assert "No agreement is in force." in [r["text"] for r in out.reasons]
    assert stored(other, uuid) is None


def test_a_published_event_crosses_and_is_proved_to_have_arrived(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "evil.example"), ("ip-dst", "192.0.2.7")))
    carry(one)
    (out,) = crossings(one, uuid)
    assert (out.state, out.outcome, out.outward, out.passed) == ("received", "pass", True, 2)
    assert out.receipt
    assert out.receipt["statement"]["digest"] == out.digest.hex()
    there = stored(other, uuid)
    assert there
    assert there["values"] == [("domain", "evil.example"), ("ip-dst", "192.0.2.7")]
    assert (there["published"], there["locked"], there["creator"]) == (True, True, one.name)
    (came,) = crossings(other, uuid)
    assert (came.state, came.outward, came.digest) == ("received", False, out.digest)


def test_what_an_agreement_does_not_allow_is_left_out_with_the_reason(agreed: Two) -> None:
    one, other = agreed
    agree(one, other, personal_data={"regime": "gdpr", "handling": "drop"})
    uuid = added(one, new_event(("domain", "kept.example"), ("ip-dst", "192.0.2.9")))
    carry(one)
    (out,) = crossings(one, uuid)
    assert (out.outcome, out.passed, out.dropped) == ("redact", 1, 1)
    said = [(r["rule"], r["where"], r.get("count")) for r in out.reasons if r["outcome"] != "pass"]
    assert ("personal data", "attribute", 1) in said
    there = stored(other, uuid)
    assert there
    assert there["values"] == [("domain", "kept.example")]


@pytest.mark.parametrize(("level", "becomes"), [(0, None), (1, None), (2, 1), (3, 3)])
def test_levels_are_lowered_once_by_the_sender(agreed: Two, level: int, becomes: int) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", f"level{level}.example"), level=level))
    carry(one)
    there = stored(other, uuid)
    assert (there["distribution"] if there else None) == becomes


def test_an_edit_crosses_when_it_is_published_and_only_then(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "first.example")))
    carry(one)
    here = stored(one, uuid)
    assert here
    with one.database.as_user(ADMIN) as session:
        raw = {"info": "Changed", "timestamp": str(int(time.time()) + 5)}
        edit(session, here["id"], read_event(dict(raw)), raw)
    carry(one)
    there = stored(other, uuid)
    assert there
    assert there["info"] == "Campaign of Noordland"
    with one.database.as_user(ADMIN) as session:
        publishing.publish(session, uuid)
    carry(one)
    there = stored(other, uuid)
    assert there
    assert there["info"] == "Changed"
    assert [c.state for c in crossings(one, uuid)] == ["received", "replaced"]


def test_what_did_not_change_is_not_sent_again(agreed: Two) -> None:
    one, _ = agreed
    uuid = added(one, new_event(("domain", "still.example")))
    carry(one)
    with one.database.system() as session:
        session.execute("UPDATE bridge_progress SET carried = 0")
    carry(one)
    assert len(crossings(one, uuid)) == 1


def test_red_of_our_own_is_held_until_a_person_releases_just_that(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "red.example"), tag="tlp:red"))
    carry(one)
    (held,) = crossings(one, uuid)
    assert (held.state, held.releasable) == ("held", True)
    assert stored(other, uuid) is None
    with one.database.as_user(ADMIN) as session:
        judging.release(session, held.id, "agreed by telephone with the duty officer")
    carry(one)
    assert stored(other, uuid) is not None
    (out,) = crossings(one, uuid)
    assert (out.state, out.judged_by) == ("received", ADMIN)


def test_what_was_released_and_then_changed_is_held_again(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "red2.example"), tag="tlp:red"))
    carry(one)
    (held,) = crossings(one, uuid)
    here = stored(one, uuid)
    assert here
    with one.database.as_user(ADMIN) as session:
        judging.release(session, held.id, "fine")
        raw = {"info": "More", "timestamp": str(int(time.time()) + 5), "published": True}
        edit(session, here["id"], read_event(dict(raw)), raw)
    carry(one)
    assert stored(other, uuid) is None
    assert [c.state for c in crossings(one, uuid)] == ["held", "replaced"]


def test_refused_by_a_person_it_stays_here(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "red3.example"), tag="tlp:red"))
    carry(one)
    (held,) = crossings(one, uuid)
    with one.database.as_user(ADMIN) as session:
        judging.refuse(session, held.id, "the source said no")
    with one.database.system() as session:
        session.execute("UPDATE bridge_progress SET carried = 0")
    carry(one)
    assert [c.state for c in crossings(one, uuid)] == ["refused"]
    assert stored(other, uuid) is None
    with one.database.as_user(ADMIN) as session, pytest.raises(NotHeld):
        judging.release(session, held.id, "after all")


def test_a_change_in_the_second_of_the_version_before_it_crosses_too(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "second.example"), ("domain", "gone.example")))
    carry(one)
    with one.database.system() as session:
        event_id = session.value(
            "UPDATE event SET info = 'Again' WHERE uuid = %s RETURNING id", (uuid,)
        )
        session.execute(
            "UPDATE attribute SET comment = 'new', deleted = value1 = 'gone.example',"
            " timestamp = timestamp WHERE event_id = %s",
            (event_id,),
        )
        session.execute("SELECT note_change(ARRAY[%s::bigint])", (event_id,))
    carry(one)
    there = stored(other, uuid)
    assert there
    assert there["info"] == "Again"
    assert there["values"] == [("domain", "second.example")]
    with other.database.system() as session:
        found = session.all(
            "SELECT a.comment FROM attribute a JOIN event e ON e.id = a.event_id WHERE e.uuid = %s",
            (uuid,),
        )
    assert found == [("new",)] * 2


def test_what_came_before_and_comes_again_late_changes_nothing_back(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "late.example")))
    with one.database.system() as session:
        account = one.bridge(other.name).account_id
        event_id = session.value("SELECT id FROM event WHERE uuid = %s", (uuid,))
    with one.database.as_user(account) as session:
        (document,) = reading.all_for_partner(session, [event_id]).values()
    first = messages.of_event(document, redacted=False, agreement=1)
    second = messages.of_event({**document, "info": "Again"}, redacted=False, agreement=1)
    bridge = other.bridge(one.name)
    inward.register()
    for message in (first, second, first):
        handling.handle(other.database, bridge, messages.encoded(message))
    there = stored(other, uuid)
    assert there
    assert there["info"] == "Again"


@pytest.mark.parametrize("how", ["deleted", "unpublished", "lowered"])
def test_what_is_taken_back_here_goes_there(agreed: Two, how: str) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", f"{how}.example")))
    carry(one)
    here = stored(one, uuid)
    assert here
    with one.database.as_user(ADMIN) as session:
        if how == "deleted":
            delete_event(session, uuid)
        elif how == "unpublished":
            publishing.unpublish(session, uuid)
        else:
            raw = {"distribution": "1", "timestamp": str(int(time.time()) + 5), "published": True}
            edit(session, here["id"], read_event(dict(raw), partial=True), raw)
    carry(one)
    assert stored(other, uuid) is None
    assert [(c.kind, c.state) for c in crossings(one, uuid)] == [
        ("withdrawal", "received"), ("event", "gone"),
    ]  # fmt: skip


def test_a_sighting_comes_back_and_the_event_does_not(agreed: Two) -> None:
    one, other = agreed
    new = new_event(("domain", "seen.example"))
    uuid = added(one, new)
    carry(one)
    with other.database.system() as session:
        attribute = session.value(
            "SELECT a.uuid::text FROM attribute a JOIN event e ON e.id = a.event_id"
            " WHERE e.uuid = %s", (uuid,),
        )  # fmt: skip
    sighting = "5c1f1c8e-7d3c-4bb3-8a6b-0123456789ab"
    with other.database.as_user(ADMIN) as session:
        take(session, uuid, [Brought(sighting, attribute, 1_790_000_000, "sensor", 0)])
    carry(other)
    with one.database.system() as session:
        seen = session.all(
            "SELECT s.uuid::text, o.name FROM sighting s JOIN organisation o ON o.id = s.org_id"
        )
    assert seen == [(sighting, other.name)]
    assert [(c.kind, c.outward, c.state) for c in crossings(other, uuid)] == [
        ("reactions", True, "received"), ("event", False, "received"),
    ]  # fmt: skip
    carry(one)
    assert len(crossings(one, uuid)) == 2, "nor does the event go once more for it"


def test_what_is_said_of_an_event_comes_back_without_who_wrote_it_and_by_its_level(
    connected: Two,
) -> None:
    one, other = connected
    agree(one, other, personal_data={"regime": "gdpr", "handling": "drop"})
    uuid = added(one, new_event(("domain", "noted.example")))
    carry(one)
    said = (
        ("Call a.colleague@other.example about noted.example", 3, "analyst@other.example"),
        ("For those at this node", 1, "SOC"),
        ("For us alone", 0, "SOC"),
        ("For partners", 2, "SOC"),
    )
    with other.database.as_user(ADMIN) as session:
        for text, level, who in said:
            raw = {"note": text, "distribution": level, "authors": who}
            stored_note = analyst_changes.add(session, analyst.read(0, raw, ("Event", uuid)))
        answer = {"opinion": 20, "comment": "Seen by b.b@other.example", "distribution": 3}
        analyst_changes.add(session, analyst.read(1, answer, ("Note", stored_note.uuid)))
    carry(other)
    with one.database.system() as session:
        found = session.all(
            "SELECT coalesce(note, comment), authors, distribution, locked FROM analyst_data"
            " ORDER BY kind, note"
        )
    removed = "[removed: e-mail address]"
    assert found == [
        (f"Call {removed} about noted.example", removed, 3, False),
        ("For partners", "SOC", 1, False),
        (f"Seen by {removed}", removed, 3, False),
    ]


def test_an_answer_to_the_senders_own_note_comes_back(agreed: Two) -> None:
    """Without the note, which its author has; what is for us alone stays."""
    one, other = agreed
    uuid = added(one, new_event(("domain", "asked.example")))
    with one.database.as_user(ADMIN) as session:
        asked = analyst_changes.add(
            session, analyst.read(0, {"note": "Who saw it?", "distribution": 3}, ("Event", uuid))
        )
    carry(one)
    with other.database.as_user(ADMIN) as session:
        answer = {"note": "We did", "distribution": 3}
        we = analyst_changes.add(session, analyst.read(0, answer, ("Note", asked.uuid)))
        doubt = {"opinion": 30, "comment": "Perhaps", "distribution": 3}
        perhaps = analyst_changes.add(session, analyst.read(1, doubt, ("Note", we.uuid)))
        secret = {"note": "For us alone", "distribution": 0}
        analyst_changes.add(session, analyst.read(0, secret, ("Note", asked.uuid)))
    carry(other)
    with one.database.system() as session:
        found = session.all("SELECT uuid::text, object_uuid::text FROM analyst_data"
                            " WHERE object_uuid = ANY (%s::uuid[])",
                            ([uuid, asked.uuid, we.uuid],))  # fmt: skip
    about = {asked.uuid: uuid, we.uuid: asked.uuid, perhaps.uuid: we.uuid}
    assert dict(found) == about
    carry(one)
    carry(other)
    assert [(c.kind, c.outward) for c in crossings(other, uuid)] == [
        ("reactions", True), ("event", False),
    ], "nor does the event go once more for it"  # fmt: skip
    with one.database.as_user(ADMIN) as session:
        thanks = {"note": "Thank you", "distribution": 3}
        ours = analyst_changes.add(session, analyst.read(0, thanks, ("Note", we.uuid)))
    carry(one)
    with other.database.system() as session:
        there = session.all("SELECT uuid::text, org_id = orgc_id FROM analyst_data"
                            " WHERE uuid = ANY (%s::uuid[])",
                            ([we.uuid, perhaps.uuid, ours.uuid],))  # fmt: skip
    assert sorted(there) == sorted((one.uuid, True) for one in (we, perhaps, ours))


def test_a_relationship_to_what_stays_here_stays_here(agreed: Two) -> None:
    """Even its UUID would tell that it is there."""
    one, other = agreed
    new = new_event(
        ("domain", "all.example"), ("domain", "ours.example"), ("domain", "near.example")
    )
    new.attributes[1].distribution, new.attributes[2].distribution = 0, 1
    uuid = added(one, new)
    elsewhere = added(one, new_event(("domain", "secret.example"), level=0))
    cluster = own_clusters.made(one, "A group that others do not know of", 0).uuid
    stranger = "5c1f1c8e-7d3c-4bb3-8a6b-0123456789ac"
    with one.database.as_user(ADMIN) as session:
        uuids = dict(
            session.all("SELECT value1, uuid::text FROM attribute WHERE value1 LIKE '%.example'")
        )
        group = sharing_group_changes.add(session, {"name": "Of us alone"}).uuid
        kinds = {elsewhere: "Event", cluster: "GalaxyCluster", group: "SharingGroup"}
        stays = {uuids["ours.example"], uuids["near.example"], *kinds}
        goes = {uuids["all.example"], stranger}
        for target in sorted(stays | goes):
            kind = kinds.get(target, "Event" if target == stranger else "Attribute")
            raw = {"related_object_uuid": target, "related_object_type": kind, "distribution": 3,
                   "relationship_type": "related-to"}  # fmt: skip
            analyst_changes.add(session, analyst.read(2, raw, ("Event", uuid)))
    carry(one)
    with other.database.system() as session:
        found = session.all("SELECT related_object_uuid::text FROM analyst_data"
                            " WHERE object_uuid = %s", (uuid,))  # fmt: skip
    assert {row[0] for row in found} == goes


def test_a_group_of_the_senders_comes_with_its_members_and_follows_them(agreed: Two) -> None:
    """Else nobody at the receiver, but for site admins, would see what is shared with them."""
    one, other = agreed
    ours, theirs = str(other.bridge(one.name).org_uuid), str(one.bridge(other.name).org_uuid)
    with one.database.as_user(ADMIN) as session:
        group = sharing_group_changes.add(session, {"name": "The two of us"})
        sharing_group_changes.add_organisation(session, group.id, theirs)
        sharing_group_changes.add_organisation(session, group.id, ours, extend=True)
    new = new_event(("domain", "grouped.example"), level=4)
    new.group = GroupRef(group.id)
    uuid = added(one, new)
    carry(one)

    def members() -> dict[str, bool]:
        with other.database.as_user(ADMIN) as session:
            (held,) = sharing_groups.of_uuids(session, [group.uuid])
            return {member.uuid: member.extend for member in held.members}

    assert members() == {ours: True, theirs: False}
    here = stored(one, uuid)
    assert here
    with one.database.as_user(ADMIN) as session:
        third = organisations.add(session, {"name": "Third of the group", "local": False})
        sharing_group_changes.add_organisation(session, group.id, third.id)
        raw = {"info": "More", "timestamp": str(int(time.time()) + 5), "published": True}
        edit(session, here["id"], read_event(dict(raw)), raw)
    carry(one)
    assert members() == {ours: True, theirs: False, third.uuid: False}


def test_what_would_come_to_nothing_is_said_at_once(agreed: Two) -> None:
    one, other = agreed
    draft = new_event(("domain", "draft.example"))
    draft.published = False
    uuid = added(one, draft)
    with one.database.as_user(ADMIN) as session:
        bridge = one.bridge(other.name)
        with pytest.raises(asking.NotSent, match="draft"):
            asking.send_now(session, bridge, uuid)
        with pytest.raises(Invalid, match=r"filters\.orgs"):
            asking.set_filters(session, bridge, {"orgs": ["!Nobody at all"]})
        asking.set_filters(session, bridge, {"orgs": [f"!{other.name.upper()}"]})
        publishing.publish(session, uuid)
        closed = msgspec.structs.replace(bridge, state="closed")
        with pytest.raises(asking.NotSent, match=r"not open"):
            asking.send_now(session, closed, uuid)


def test_a_recall_is_followed_by_a_person_unless_agreed_otherwise(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "wrong.example")))
    carry(one)
    with one.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "it named a victim")
    carry(one)
    assert stored(other, uuid) is not None
    with other.database.as_user(ADMIN) as session:
        (asked,) = recalls.asked(session)
        assert (asked.event_uuid, asked.because) == (uuid, "it named a victim")
        recalls.follow(session, asked.id, keep=False, because="as asked")
    assert stored(other, uuid) is None
    carry(other)
    states = {c.kind: c.state for c in crossings(one, uuid)}
    assert states["event"] == "recalled"


def test_a_recall_is_followed_by_itself_where_that_is_agreed(connected: Two) -> None:
    one, other = connected
    agree(one, other, recall={"by": "itself", "most_an_hour": 2})
    first = added(one, new_event(("domain", "back1.example")))
    second = added(one, new_event(("domain", "back2.example")))
    carry(one)
    with one.database.as_user(ADMIN) as session:
        recalls.ask_all(session, first, "wrong")
        recalls.ask_all(session, second, "wrong")
    carry(one)
    assert stored(other, first) is None
    assert stored(other, second) is not None, "above the number an hour it is a person"
    assert {c.kind: c.state for c in crossings(one, first)}["event"] == "recalled"
    assert {c.kind: c.state for c in crossings(one, second)}["event"] == "received"


def test_filters_keep_here_what_is_not_wanted_and_a_person_can_send_it(agreed: Two) -> None:
    one, other = agreed
    bridge = one.bridge(other.name)
    with one.database.as_user(ADMIN) as session:
        asking.set_filters(session, bridge, {"tags": ["sector:energy"]})
    uuid = added(one, new_event(("domain", "unwanted.example")))
    carry(one)
    assert crossings(one, uuid) == []
    with one.database.as_user(ADMIN) as session:
        asking.send_now(session, bridge, uuid)
    carry(one)
    assert stored(other, uuid) is not None
    with one.database.as_user(ADMIN) as session:
        asking.set_filters(session, one.bridge(other.name), {})


def test_narrower_filters_take_back_what_is_not_wanted_any_more(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "once.example")))
    carry(one)
    assert stored(other, uuid) is not None
    with one.database.as_user(ADMIN) as session:
        asking.set_filters(session, one.bridge(other.name), {"tags": ["sector:energy"]})
    carry(one)
    assert stored(other, uuid) is None
    with one.database.as_user(ADMIN) as session:
        asking.set_filters(session, one.bridge(other.name), {})
    carry(one)
    assert stored(other, uuid) is not None


def test_what_holds_a_value_that_stays_is_left_out_counted_and_told(agreed: Two) -> None:
    """The record, the message and what arrives say the same."""
    one, other = agreed
    agree(one, other, personal_data={"regime": "gdpr", "handling": "drop"})
    user = "jan.jansen"
    values = (
        ("target-user", user),
        ("url", f"https://evil.example/{user}"),
        ("domain", "d.example"),
    )
    uuid = added(one, new_event(*values))
    carry(one)
    (out,) = crossings(one, uuid)
    assert (out.outcome, out.passed, out.redacted, out.dropped) == ("redact", 1, 0, 2)
    there = stored(other, uuid)
    assert there
    assert there["values"] == [("domain", "d.example")]
    (came,) = crossings(other, uuid)
    assert came.outcome == "redact"
