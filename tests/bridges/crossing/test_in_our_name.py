# SPDX-License-Identifier: EUPL-1.2
"""Nobody says anything in this node's name; what it said and forgot it asks for, and has back."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.bridges.crossing.conftest import added, carry, new_event
from tests.bridges.crossing.own_clusters import made
from tests.bridges.crossing.rulebook import Agreed
from tests.bridges.crossing.test_lying_partner import code, counted, said_to
from tests.bridges.crossing.test_unsaying import (
    Two,
    as_it_came,
    attribute_of,
    open_proposals,
    propose,
    remark,
    see,
    there,
    unremark,
)
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN, Served

from brug.bridges import channel
from brug.bridges.crossing import collecting, own_words
from brug.bridges.ledger import partner_logs, reopening, sequencer
from brug.bridges.native import client, handling, keeping_up
from brug.bridges.native.client import BadAnswer, PartnerRefused, Reply
from brug.formats.misp import analyst
from brug.intel.analysis import analyst as notes
from brug.intel.analysis import analyst_changes
from brug.model.errors import Forbidden, Invalid


def note_of(org: str, about: tuple[str, str], text: str = "x", **more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()), "object_type": about[0], "object_uuid": about[1], "note": text,
        "distribution": "3", "created": "2026-11-20 10:00:00", "modified": "2026-11-20 10:00:00",
        "authors": "x", "language": "en", "Orgc": {"uuid": org, "name": "whoever"}, **more,
    }  # fmt: skip


def proposal_of(org: str, value: str) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()), "type": "domain", "category": "Network activity", "value": value,
        "to_ids": True, "comment": "", "timestamp": "1795000000", "deleted": False,
        "Org": {"uuid": org, "name": "whoever"},
    }  # fmt: skip


def lies(node: Node, partner: Node, item: str, event: str) -> dict[str, Any]:
    """On an event and an attribute in it, of the receiver's and the sender's organisation each."""
    answer = note_of(partner.org, ("Note", ""), "an answer")
    forged = note_of(node.org.upper(), ("Event", event), "forged", Note=[answer])
    answer["object_uuid"] = forged["uuid"]
    opinion = note_of(node.org, ("Attribute", item)) | {"opinion": "100", "comment": "forged"}
    below = {
        "uuid": item, "type": "domain", "category": "Network activity", "value": "a.example",
        "timestamp": "1795000000", "distribution": "5", "to_ids": True,
        "Note": [note_of(node.org, ("Attribute", item)), note_of(partner.org, ("Attribute", item))],
        "Opinion": [opinion],
        "ShadowAttribute": [proposal_of(node.org, "forged.example")],
    }  # fmt: skip
    proposed = [proposal_of(node.org, "forged2.example"),
                proposal_of(partner.org, "theirs.example"),
                proposal_of(node.org, "forged3.example") | {"deleted": True}]  # fmt: skip
    return {"Attribute": [below], "Note": [forged], "ShadowAttribute": proposed}


def said_here(node: Node) -> list[tuple[str, str]]:
    with node.database.system() as session:
        return session.all(
            "SELECT o.uuid::text, coalesce(d.note, d.comment) FROM analyst_data d"
            " JOIN organisation o ON o.id = d.orgc_id UNION ALL SELECT o.uuid::text, p.value1"
            " FROM proposal p JOIN organisation o ON o.id = p.org_id ORDER BY 2"
        )


def test_a_node_noted_and_proposed_nothing_that_a_partner_says_it_did(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    ours = added(one, new_event(("domain", "ours.example")))
    triangle.work()
    (answer,) = said_to(one, other, {
        "kind": "reactions", "event_uuid": ours, "version": 1795000000, "agreement": None,
        "said": {"uuid": ours, **lies(one, other, attribute_of(one, ours), ours)},
    })  # fmt: skip
    assert "receipt" in answer
    expected = [(other.org, "an answer"), (other.org, "theirs.example"), (other.org, "x")]
    assert said_here(one) == expected
    fresh = []
    for _ in range(3):  # two together, and one by itself
        uuid = str(uuid4())
        fresh.append(as_it_came(one, other, uuid, **lies(one, other, str(uuid4()), uuid)))
    answers = [*said_to(one, other, *fresh[:2]), *said_to(one, other, fresh[2])]
    assert [code(one_answer) for one_answer in answers] == ["added"] * 3
    assert said_here(one) == sorted(expected * 4, key=lambda pair: pair[1])
    # And of an event that it sent before.
    uuid = fresh[0]["event_uuid"]
    again = as_it_came(one, other, uuid, **lies(one, other, str(uuid4()), uuid))
    again["event"]["timestamp"] = again["version"] = 1795000001
    said_to(one, other, again)
    assert {org for org, _ in said_here(one)} == {other.org}


def test_a_note_that_it_sent_comes_back_in_no_other_words(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    uuid = added(other, new_event(("domain", "theirs.example")))
    triangle.work()
    note = remark(one, uuid, "What we said")
    triangle.work()
    assert there(other, "note", note)
    changed = note_of(one.org, ("Event", uuid), "What they made of it") | {
        "uuid": note, "modified": "2030-01-01 00:00:00",
    }  # fmt: skip
    said_to(one, other, as_it_came(one, other, uuid, Note=[changed])
            | {"version": 2_000_000_000})  # fmt: skip
    assert said_here(one) == [(one.org, "What we said")]


def test_a_proposal_that_this_node_made_is_let_in_with_the_event_that_was_lost(
    agreed: Two,
) -> None:
    """The creator's node does not leave it out: it is in the event as everybody gets it."""
    one, other = agreed
    uuid = added(one, new_event(("domain", "first.example")))
    carry(one)
    propose(other, uuid, "proposed.example")
    carry(other)
    assert open_proposals(one, uuid) == ["proposed.example"]
    with other.database.system() as session:
        session.execute("DELETE FROM event WHERE uuid = %s", (uuid,))
    event_id = event_number(one, uuid)
    assert event_id
    with one.database.as_user(ADMIN) as session:
        session.execute("UPDATE event SET timestamp = timestamp + 5 WHERE id = %s", (event_id,))
        session.execute("SELECT note_change(ARRAY[%s::bigint])", (event_id,))
    carry(one)
    assert open_proposals(other, uuid) == ["proposed.example"]


def event_number(node: Served, uuid: str) -> Any:
    with node.database.system() as session:
        return session.value("SELECT id FROM event WHERE uuid = %s", (uuid,))


# A node that was restored ------------------------------------------------------------


def reopen(node: Node, by: int = ADMIN) -> None:
    with node.database.system() as session:
        reopening.reopen(session, node.folder, "restored from a backup", by)
    sequencer.catch_up(node.database, node.folder)


class Restored:
    """A node that has said things on a partner's event since its backup, and forgot them."""

    def __init__(self, triangle: Triangle) -> None:
        collecting.register()
        self.triangle = triangle
        self.one, self.other, self.third = triangle.three
        self.event = added(self.other, new_event(("domain", "theirs.example")))
        theirs = remark(self.other, self.event, "Theirs")
        triangle.work()
        attribute = attribute_of(self.one, self.event)
        self.notes = [
            remark(self.one, self.event, "On the event"),
            remark(self.one, attribute, "On the value", "Attribute"),
            remark(self.one, theirs, "On a note", "Note"),
        ]
        propose(self.one, self.event, "proposed.example")
        self.seen = see(self.one, self.event)
        triangle.work()
        assert all(there(self.other, "note", uuid) for uuid in self.notes)

    def forget(self) -> None:
        with self.one.database.system() as session:
            session.execute("DELETE FROM analyst_data WHERE orgc_id = 1")
            session.execute("DELETE FROM proposal WHERE org_id = 1")
            session.execute("DELETE FROM sighting WHERE org_id = 1")
            session.execute("DELETE FROM crossing_had")
            session.execute("DELETE FROM said_taken_back")
            session.execute("DELETE FROM blocked")

    def round(self) -> None:
        keep = keeping_up.KeepingUp()
        with self.triangle.wire.between(self.one):
            keep(self.one.database)
            assert keep._each.finish(60)

    def accept(self) -> None:
        """A person at the partner accepts the log that follows."""
        with self.other.database.as_user(ADMIN) as session:
            bridge = self.other.bridge(self.one)
            waiting = [log for log in partner_logs.followed(session, bridge) if not log.accepted]
            partner_logs.accept(session, bridge, waiting[0].id)

    def missing(self) -> bool:
        with self.one.database.system() as session:
            return channel.of(session, self.one.bridge(self.other).id).was_restored


@pytest.fixture
def restored(triangle: Triangle) -> Restored:
    return Restored(triangle)


def test_who_was_restored_has_what_it_said_once_a_person_there_has_accepted(
    restored: Restored,
) -> None:
    one, event = restored.one, restored.event
    restored.triangle.verify()
    withdrawn = remark(one, event, "Not so")
    restored.triangle.work()
    unremark(one, withdrawn)
    restored.triangle.work()
    before = said_here(one)
    assert [text for org, text in before if org == one.org] == [
        "On a note", "On the event", "On the value", "proposed.example",
    ]  # fmt: skip
    restored.forget()
    reopen(restored.one)
    restored.round()
    assert one.org not in {org for org, _ in said_here(one)}
    restored.accept()
    restored.round()
    assert said_here(one) == before
    assert not there(one, "note", withdrawn), "what it took back stays away"
    assert not there(one, "sighting", restored.seen), "its sensors say so themselves"
    assert not restored.missing()
    assert open_proposals(one, event) == ["proposed.example"]
    # They are its own again: it may change them and take them back.
    with one.database.as_user(ADMIN) as session:
        stored = notes.find(session, None, restored.notes[0])
        assert (stored.org_id, stored.orgc_id) == (1, 1)
        raw = {"note": "Changed"}
        analyst_changes.edit(session, stored, analyst.read(0, raw, partial=True))
    unremark(one, restored.notes[1])
    restored.triangle.work()
    assert (one.org, "Changed") in said_here(restored.other)
    assert not there(restored.other, "note", restored.notes[1])


class Lying:
    """A partner that is asked for what a node said, and says something else."""

    def __init__(self, one: Node, other: Node, monkeypatch: pytest.MonkeyPatch) -> None:
        self.one, self.bridge, self.asked = one, one.bridge(other), 0
        reopen(one)
        monkeypatch.setattr(client, "send", self._send)

    def _send(self, *_: Any) -> Reply:
        self.asked += 1
        return Reply(self.answer, b"", "")

    def ask(self, **answer: Any) -> int:
        self.answer = {"kind": "yours", "said": [], "after": None, **answer}
        return own_words.ask(self.one.database, self.bridge)

    def missed_since(self) -> datetime | None:
        with self.one.database.system() as session:
            return channel.of(session, self.bridge.id).words_missed_since


def test_what_is_given_back_is_of_this_node_alone_new_enough_and_on_what_is_here(
    triangle: Triangle, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third = triangle.three
    event = added(other, new_event(("domain", "theirs.example")))
    triangle.work()
    lying = Lying(one, other, monkeypatch)
    since = lying.missed_since()
    assert since
    now = {"modified": "2038-01-01 00:00:00"}
    said = {
        "uuid": event,
        "Note": [note_of(one.org, ("Event", event), "too old"),
                 note_of(other.org, ("Event", event), "not ours", **now),
                 note_of(third.org, ("Event", event), "nor this", **now),
                 note_of(one.org, ("Event", event), "ours", **now),
                 {"uuid": "x", "Orgc": {"uuid": one.org, "name": "x"}, **now}],
        "ShadowAttribute": [proposal_of(other.org, "theirs.example"),
                            proposal_of(one.org, "old.example")
                            | {"timestamp": str(int(since.timestamp()) - 1)},
                            proposal_of(one.org, "ours.example") | {"timestamp": "2100000000"}],
        "Sighting": [{"uuid": str(uuid4()), "Organisation": {"uuid": one.org, "name": "x"}}],
    }  # fmt: skip
    nowhere = {"uuid": str(uuid4()), "Note": [note_of(one.org, ("Event", event), "lost", **now)]}
    assert lying.ask(said=[said, nowhere, {"uuid": 1}, {}, {**said, "uuid": "1"}]) == 2
    assert said_here(one) == [(one.org, "ours"), (one.org, "ours.example")]
    assert counted(one, "sighting") == [0]
    with one.database.system() as session:
        change = session.value("SELECT change FROM audit WHERE action = 'put-back'")
    assert change == {"said here and forgotten": 2}
    # Nobody asks a second time.
    assert lying.ask(said=[said]) == 0
    assert lying.asked == 1


def test_bad_answers_are_refused_and_a_partner_of_an_older_version_is_asked_once(
    triangle: Triangle, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = triangle.three
    lying = Lying(one, other, monkeypatch)
    bad: list[dict[str, Any]] = [
        {"said": 1}, {"said": [1]}, {"after": "x"}, {"said": [{}] * 101},
        {"after": "00000000-0000-0000-0000-000000000000"},
    ]  # fmt: skip
    for answer in bad:
        with pytest.raises(BadAnswer):
            lying.ask(**answer)
    for reason, signed in (("unavailable", True), ("invalid", False)):
        refuses(monkeypatch, reason, signed=signed)
        with pytest.raises(PartnerRefused):
            lying.ask()
    assert lying.missed_since() is not None, "it is asked for again"
    refuses(monkeypatch, "invalid", signed=True)
    assert lying.ask() == 0
    assert lying.missed_since() is None


def refuses(monkeypatch: pytest.MonkeyPatch, reason: str, *, signed: bool) -> None:
    def refuse(*_: Any) -> Reply:
        raise PartnerRefused(400, reason, "kind: expected another", signed=signed)

    monkeypatch.setattr(client, "send", refuse)


def test_what_is_asked_for_is_of_whoever_asks_as_far_as_agreed(restored: Restored) -> None:
    one, other = restored.one, restored.other
    bridge = other.bridge(one)
    wrong: list[dict[str, Any]] = [
        {"since": "x"}, {"since": 1}, {"since": "2026-01-31T12:00:00Z", "after": "x"},
        {"since": "2026-01-31T12:00:00Z", "after": [1]},
    ]  # fmt: skip
    for fields in wrong:
        with pytest.raises(Invalid):
            handling.handle_one(other.database, bridge, {"kind": "yours", **fields})
    asked = {"kind": "yours", "since": "2026-01-31T12:00:00Z", "after": None}
    got = handling.handle_one(other.database, bridge, asked)
    assert [said["uuid"] for said in got["said"]] == [restored.event]
    assert got["after"] is None
    later = handling.handle_one(other.database, bridge, asked | {"since": "2038-01-01T00:00:00Z"})
    assert later["said"] == []
    third = handling.handle_one(other.database, other.bridge(restored.third), asked)
    assert third["said"] == [], "it said nothing"
    other.edit(restored.event, info="Being rewritten")
    other.mark(restored.event, made(one, "A name", 3).tag_name, local=False)
    assert handling.handle_one(other.database, bridge, asked) == got, "its words are its own"
    other.propose(one, Agreed(frozenset({one.org})))
    restored.triangle.work()
    assert one.accept(other)
    restored.triangle.work()
    with pytest.raises(Forbidden):
        handling.handle_one(other.database, bridge, asked)


def test_more_than_fits_comes_in_several_answers(
    restored: Restored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the word of whoever acts for the host, where whoever reopened its ledger is gone."""
    one, other = restored.one, restored.other
    more = [added(other, new_event(("domain", f"m{number}.example"))) for number in range(2)]
    restored.triangle.work()
    for uuid in more:
        remark(one, uuid, f"On {uuid}")
    restored.triangle.work()
    before = said_here(one)
    for name, value in (("portions.BYTES", 1), ("EVENTS", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(f"brug.bridges.crossing.own_words.{name}", value)
            restored.forget()
            reopen(one, by=999_999)
            with restored.triangle.wire.between(one):
                assert own_words.ask(one.database, one.bridge(other)) == 6
        assert said_here(one) == before
    with one.database.system() as session:
        by = session.all("SELECT DISTINCT user_id FROM analyst_data WHERE orgc_id = 1")
    assert by == [(ADMIN,)]
