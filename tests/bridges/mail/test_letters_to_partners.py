# SPDX-License-Identifier: EUPL-1.2
"""Mail as a bridge: the gate decides, letters carry what passed, and all is on record."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from email.policy import default

import pytest
from pysequoia import Tsk

from brug.bridges.crossing import judging, recalls, rows
from brug.bridges.crossing.judging import NotHeld
from brug.bridges.mail import mailboxes, rounds, words
from brug.mail import words as shared

from .conftest import ADMIN, ALICE, PARTNER, Mailed, opened, text


def test_without_an_agreement_nothing_goes_and_the_reason_is_kept(mailed: Mailed) -> None:
    uuid = mailed.event("early.example")
    assert mailed.round() == []
    (out,) = mailed.crossings(uuid)
    assert (out.state, out.outcome) == ("refused", "refuse")
    mailed.agree()
    rounds.follow_agreements(mailed.database)
    (got,) = mailed.round()
    assert "early.example" in text(got)


def test_a_round_without_a_letter_is_no_success(mailed: Mailed) -> None:
    def last() -> object:
        with mailed.database.as_user(ADMIN) as session:
            return mailboxes.last_letters(session).get(mailed.bridge.id)

    mailed.agree()
    mailed.event("stays.example", tag="tlp:red")
    assert mailed.round() == []
    with mailed.database.system() as session:
        assert rows.progress(session)[mailed.bridge.id].last_success is not None
    assert last() is None
    mailed.event("evil.example")
    assert len(mailed.round()) == 1
    with mailed.database.system() as session:
        assert last() == session.value("SELECT max(at) FROM mail_handed")
    assert last() is not None


def test_what_passes_is_told_whole_and_stands_in_the_ledger(mailed: Mailed) -> None:
    mailed.agree(retention_days=90)
    uuid = mailed.event("evil.example", "bad.example")
    (got,) = mailed.round()
    said = text(got)
    assert got["To"] == ALICE
    assert got["Subject"] == "[Noordland node] TLP:GREEN Campaign of Noordland"
    for wanted in ("TLP:GREEN", "evil.example", "Letter 2026-12", "90 days", uuid):
        assert wanted in said
    (file,) = got.iter_attachments()
    whole = json.loads(file.get_content())["Event"]
    assert [one["value"] for one in whole["Attribute"]] == ["evil.example", "bad.example"]
    (out,) = mailed.crossings(uuid)
    assert (out.state, out.outcome, out.passed, out.receipt) == ("sent", "pass", 2, None)
    with mailed.database.system() as session:
        kind = session.value("SELECT kind FROM ledger_entry WHERE id = %s", (out.entry,))
    assert kind == "crossing"
    assert mailed.round() == []


def test_what_the_partner_may_not_see_is_nowhere_in_a_letter(mailed: Mailed) -> None:
    mailed.agree()
    mailed.event("ours.example", distribution=0)
    mailed.event("community.example", distribution=1)
    hidden = {"type": "domain", "value": "hidden.example", "distribution": 0}
    shown = {"type": "domain", "value": "shown.example"}
    mailed.event(Attribute=[hidden, shown])
    (got,) = mailed.round()
    assert "shown.example" in got.as_string()
    for never in ("ours.example", "community.example", "hidden.example"):
        assert never not in got.as_string()


def test_what_the_agreement_leaves_out_is_in_no_part_of_the_letter(mailed: Mailed) -> None:
    mailed.agree()
    person = {"type": "target-email", "category": "Targeting data", "value": "jan@victim.example"}
    seen = {"type": "domain", "value": "kept.example", "comment": "sent to jan@victim.example"}
    uuid = mailed.event(Attribute=[person, seen], info="Mail to jan@victim.example")
    (got,) = mailed.round()
    (file,) = got.iter_attachments()
    everything = text(got) + str(got["Subject"]) + str(file.get_content())
    assert "kept.example" in everything
    assert "jan@victim.example" not in everything
    assert "left out" in text(got)
    (out,) = mailed.crossings(uuid)
    assert (out.outcome, out.state, out.dropped) == ("redact", "sent", 1)


def test_what_is_above_the_ceiling_waits_for_a_person_who_lets_it_go(mailed: Mailed) -> None:
    mailed.agree(encrypt_mail_from="never")
    uuid = mailed.event("red.example", tag="tlp:red")
    assert mailed.round() == []
    (held,) = mailed.crossings(uuid)
    assert (held.state, held.releasable) == ("held", True)
    with mailed.database.as_user(ADMIN) as session:
        judging.release(session, held.id, "the duty officer asked for it")
    (got,) = mailed.round()
    assert "red.example" in text(got)
    assert got["Subject"].startswith("[Noordland node] TLP:RED ")
    assert [c.state for c in mailed.crossings(uuid)] == ["sent"]


def test_what_a_person_refuses_stays(mailed: Mailed) -> None:
    mailed.agree(encrypt_mail_from="never")
    uuid = mailed.event("red.example", tag="tlp:red")
    mailed.round()
    (held,) = mailed.crossings(uuid)
    with mailed.database.as_user(ADMIN) as session:
        judging.refuse(session, held.id, "not for them")
    assert mailed.round() == []


def test_what_has_to_be_encrypted_is_held_until_there_is_a_key(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event("amber.example", tag="tlp:amber")
    assert mailed.round() == []
    (held,) = mailed.crossings(uuid)
    assert (held.state, held.releasable) == ("held", False)
    assert "have a valid key" in str(held.reasons)
    with mailed.database.as_user(ADMIN) as session, pytest.raises(NotHeld, match="a valid key"):
        judging.release(session, held.id, "never mind")
    pair = Tsk.generate("Alice <alice@hospital.example>")
    with mailed.database.as_user(ADMIN) as session:
        given = {"email": ALICE.upper(), "gpgkey": str(pair.extract_certificate())}
        mailboxes.put_contact(session, mailed.bridge, given)
    (got,) = mailed.round()
    assert "amber.example" not in got.as_string()
    assert "Campaign" not in got.as_string()
    inner = message_from_bytes(opened(got, pair), policy=default)
    assert "amber.example" in inner.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "TLP:AMBER" in inner["Subject"]
    assert mailed.crossings(uuid)[0].state == "sent"


def test_one_contact_without_a_key_is_enough_to_hold(mailed: Mailed) -> None:
    mailed.agree(encrypt_mail_from="clear")
    pair = Tsk.generate("Bob <bob@hospital.example>")
    with mailed.database.as_user(ADMIN) as session:
        given = {"email": "bob@hospital.example", "gpgkey": str(pair.extract_certificate())}
        mailboxes.put_contact(session, mailed.bridge, given)
    uuid = mailed.event("evil.example")
    assert mailed.round() == []
    assert mailed.crossings(uuid)[0].state == "held"
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.drop_contact(session, mailed.bridge, ALICE)
    (got,) = mailed.round()
    assert b"evil.example" in opened(got, pair)


def test_a_recall_is_asked_for_by_letter_which_says_what_it_cannot(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event("evil.example")
    mailed.round()
    with mailed.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "it was of another case")
    (got,) = mailed.round()
    assert got["Subject"] == f"[Noordland node] RECALL: {uuid}"
    assert "it was of another case" in text(got)
    assert "cannot undo" in text(got)
    assert "evil.example" not in got.as_string()
    states = {c.kind: c.state for c in mailed.crossings(uuid)}
    assert states == {"recall": "sent", "event": "recalled"}


def test_why_something_is_recalled_is_written_in_the_clear_only_where_that_is_agreed(
    mailed: Mailed,
) -> None:
    mailed.agree()
    uuid = mailed.event("evil.example")
    mailed.round()
    mailed.agree(encrypt_mail_from="clear")
    with mailed.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "it names a victim")
    (got,) = mailed.round()
    assert uuid in text(got)
    assert "victim" not in got.as_string()


def test_what_is_taken_back_is_said_to_who_had_it(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event("evil.example")
    mailed.round()
    mailed.post.world.ask("admin", "POST", f"/events/unpublish/{uuid}")
    (got,) = mailed.round()
    assert got["Subject"] == f"[Noordland node] Taken back: {uuid}"
    assert "evil.example" not in got.as_string()


def test_a_change_that_is_published_goes_as_another_version(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event("evil.example")
    mailed.round()
    added = {"type": "domain", "value": "more.example"}
    assert mailed.post.world.ask("admin", "POST", f"/attributes/add/{uuid}", added).status == 200
    assert mailed.round() == []
    mailed.publish(uuid)
    (got,) = mailed.round()
    assert "more.example" in text(got)
    assert "earlier version" in text(got)
    assert sorted(c.state for c in mailed.crossings(uuid)) == ["replaced", "sent"]


def test_what_is_said_of_a_partners_own_event_goes_back_and_the_event_does_not(
    mailed: Mailed,
) -> None:
    mailed.agree(kinds=["event", "sighting"])
    uuid = mailed.event("theirs.example", Orgc={"uuid": PARTNER, "name": "Hospital Zuid"})
    assert mailed.round() == []
    mailed.post.set(sightings__policy=3)
    said = mailed.post.world.ask("admin", "POST", "/sightings/add", {"value": "theirs.example"})
    assert said.status == 200, said.body
    (got,) = mailed.round()
    assert got["Subject"] == f"[Noordland node] On your event: {uuid}"
    assert "- sightings: 1" in text(got)


def test_no_note_on_a_partners_event_passes_for_a_line_of_the_letter(mailed: Mailed) -> None:
    mailed.agree(kinds=["event", "note"])
    uuid = mailed.event("theirs.example", Orgc={"uuid": PARTNER, "name": "Hospital Zuid"})
    note = {"note": "Seen.\n\n--\nAnswers reach Mallory.", "object_uuid": uuid,
            "object_type": "Event", "distribution": 3}  # fmt: skip
    said = mailed.post.world.ask("admin", "POST", "/analyst_data/add/Note", note)
    assert said.status == 200, said.body
    mailed.publish(uuid)
    (got,) = mailed.round()
    assert "- Seen. -- Answers reach Mallory." in text(got).splitlines()


def test_letters_say_the_same_in_every_language() -> None:
    for key, english in words.TEXTS["en"].items():
        for other in words.TEXTS.values():
            parts = [set(re.findall(r"%\((\w+)\)s", one)) for one in (english, other[key])]
            assert parts[0] == parts[1], key
    assert {tuple(sorted(one)) for one in words.TEXTS.values()} == {
        tuple(sorted(words.TEXTS["en"]))
    }
    assert not words.TEXTS["en"].keys() & shared.TEXTS["en"].keys()
