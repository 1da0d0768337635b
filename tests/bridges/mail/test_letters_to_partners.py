# SPDX-License-Identifier: EUPL-1.2
"""Mail as a bridge: the gate decides, letters carry what passed, and all is on record."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from pysequoia import Tsk

from brug.bridges.crossing import asking, judging, recalls
from brug.bridges.crossing.judging import NotHeld
from brug.bridges.mail import checking, mailboxes, rounds

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
    with mailed.database.as_user(ADMIN) as session, pytest.raises(NotHeld):
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


def test_a_digest_gathers_and_what_cannot_wait_does_not(mailed: Mailed) -> None:
    mailed.agree(encrypt_mail_from="never")
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.change(session, mailed.bridge, {"frequency": "daily"})
    first, second = mailed.event("one.example"), mailed.event("two.example")
    held = mailed.event("red.example", tag="tlp:red")
    assert mailed.round() == []
    assert mailed.crossings(first)[0].state == "waiting"
    # What the gate holds comes before a person at once, and goes once released.
    number = mailed.crossings(held)[0].id
    with mailed.database.as_user(ADMIN) as session:
        judging.release(session, number, "now")
    (urgent,) = mailed.round()
    assert "red.example" in text(urgent)
    with mailed.database.system() as session:
        session.execute("UPDATE mail_bridge SET next_digest = now()")
    (digest,) = mailed.round()
    assert digest["Subject"] == "[Noordland node] TLP:GREEN What we share with you: 2 messages"
    assert "one.example" in text(digest)
    assert "two.example" in text(digest)
    (file,) = digest.iter_attachments()
    uuids = [one["Event"]["uuid"] for one in json.loads(file.get_content())["response"]]
    assert uuids == [first, second]
    with mailed.database.system() as session:
        following = mailboxes.view(session, mailed.bridge).next_digest
    assert following is not None
    assert following > datetime.now(UTC)
    mailed.event("later.example")
    assert mailed.round() == []


def test_what_was_withdrawn_before_the_digest_is_in_none(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.change(session, mailed.bridge, {"frequency": "weekly"})
    gone, stays = mailed.event("gone.example"), mailed.event("stays.example")
    mailed.round()
    mailed.post.world.ask("admin", "POST", f"/events/unpublish/{gone}")
    assert rounds.one_bridge(mailed.database, mailed.bridge.id, everything=True)
    (got,) = mailed.post.box.messages
    assert "stays.example" in text(got)
    assert "gone.example" not in got.as_string()
    assert mailed.crossings(stays)[0].state == "sent"


def test_under_an_agreement_that_ended_meanwhile_no_digest_goes(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.change(session, mailed.bridge, {"frequency": "monthly"})
    uuid = mailed.event("late.example")
    mailed.round()
    mailed.agree(ceiling={"tlp": "clear"})
    assert rounds.one_bridge(mailed.database, mailed.bridge.id, everything=True)
    assert mailed.post.box.messages == []
    assert mailed.crossings(uuid)[0].state == "held"


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


def test_who_was_not_reached_gets_it_later_and_the_others_once(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.put_contact(session, mailed.bridge, {"email": "bob@hospital.example"})
    uuid = mailed.event("evil.example")
    mailed.post.box.answers = ["451 busy"]
    (got,) = mailed.round()
    assert got["To"] == "bob@hospital.example"
    (out,) = mailed.crossings(uuid)
    assert (out.state, out.problem) == ("failed", "451 busy")
    mailed.soon()
    (got,) = mailed.round()
    assert got["To"] == ALICE
    assert mailed.crossings(uuid)[0].state == "sent"
    assert mailed.round() == []


def test_a_digest_that_somebody_did_not_get_comes_again_as_the_digest_that_it_was(
    mailed: Mailed,
) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.put_contact(session, mailed.bridge, {"email": "bob@hospital.example"})
        mailboxes.change(session, mailed.bridge, {"frequency": "daily"})
    for value in ("one.example", "two.example"):
        mailed.event(value)
    mailed.round()
    with mailed.database.system() as session:
        session.execute("UPDATE mail_bridge SET next_digest = now()")
    mailed.post.box.answers = ["451 busy"]
    (of_bob,) = mailed.round()
    mailed.soon()
    (of_alice,) = mailed.round()
    assert of_alice["To"] == ALICE
    assert text(of_alice) == text(of_bob)
    assert mailed.round() == []


def test_a_digest_holds_all_that_waited_however_much_it_is(
    mailed: Mailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "ONE_ROUND", 2)
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.change(session, mailed.bridge, {"frequency": "daily"})
    uuids = [mailed.event(f"{number}.example") for number in range(5)]
    mailed.round()
    assert rounds.one_bridge(mailed.database, mailed.bridge.id, everything=True)
    assert [mailed.crossings(uuid)[0].state for uuid in uuids] == ["sent"] * 5


def test_where_every_address_is_refused_it_is_not_sent_and_is_tried_again(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event("evil.example")
    mailed.post.box.answers = ["550 no such user"]
    assert mailed.round() == []
    (out,) = mailed.crossings(uuid)
    assert (out.state, out.problem) == ("failed", "550 no such user")
    with mailed.database.system() as session:
        assert mailboxes.contacts(session, mailed.bridge.id)[0].problem == "550 no such user"
    mailed.soon()
    (first,) = mailed.round()
    assert "evil.example" in text(first)


def test_a_mail_server_that_is_away_is_waited_for(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event("evil.example")
    port = mailed.post.controller.port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens here
        mailed.post.set(mail__port=taken.getsockname()[1])
        assert mailed.round() == []
    assert "127.0.0.1" in mailed.problem()
    assert mailed.crossings(uuid)[0].state == "waiting"
    mailed.post.set(mail__port=port)
    mailed.soon()
    assert len(mailed.round()) == 1
    assert mailed.problem() == ""


def test_the_nodes_own_rules_of_mail_hold_for_partners_too(mailed: Mailed) -> None:
    mailed.agree()
    mailed.post.set(mail__encrypted_only=True)
    mailed.event("evil.example")
    assert mailed.round() == []
    assert "no valid key" in mailed.problem()


def test_filters_narrow_and_a_person_sends_past_them(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        asking.set_filters(session, mailed.fresh(), {"tags": ["ransomware"]})
    uuid = mailed.event("evil.example")
    assert mailed.round() == []
    with mailed.database.as_user(ADMIN) as session:
        asking.send_now(session, mailed.fresh(), uuid)
    (got,) = mailed.round()
    assert "evil.example" in text(got)
    # A filter that changes takes no letter back.
    with mailed.database.as_user(ADMIN) as session:
        asking.set_filters(session, mailed.fresh(), {"tags": ["phishing"]})
    assert mailed.round() == []


def test_what_was_published_before_the_bridge_was_there_goes_by_hand_only(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.change(session, mailed.bridge, {"since": datetime.now(UTC) + timedelta(hours=1)})
    uuid = mailed.event("old.example")
    assert mailed.round() == []
    assert mailed.crossings(uuid) == []
    with mailed.database.as_user(ADMIN) as session:
        asking.send_now(session, mailed.fresh(), uuid)
    assert len(mailed.round()) == 1


def test_a_bridge_without_contacts_says_so_and_a_paused_one_sends_nothing(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.system() as session:
        session.execute("UPDATE bridge SET state = 'paused'")
    mailed.event("evil.example")
    assert mailed.round() == []
    with mailed.database.system() as session:
        session.execute("UPDATE bridge SET state = 'open'")
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.drop_contact(session, mailed.bridge, ALICE)
    assert mailed.round() == []
    assert "no contact" in mailed.problem()


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
    assert "1 sightings" in text(got)


def test_the_doctor_says_what_keeps_letters_from_going(mailed: Mailed) -> None:
    def found() -> list[str]:
        with mailed.database.system() as session:
            return [one for one, _ in checking.problems(session)]

    assert found() == ["Hospital Zuid: no agreement is in force"]
    mailed.agree()
    assert found() == []
    with mailed.database.system() as session:
        session.execute("UPDATE mail_contact SET gpgkey = 'no key any more'")
    assert found() == [f"Hospital Zuid: {ALICE}: the key has expired or was revoked"]
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.drop_contact(session, mailed.bridge, ALICE)
    assert found() == ["Hospital Zuid: there is no contact"]
    mailed.post.set(mail__off=True)
    assert found() == ["Hospital Zuid: no mail is set up"]
