# SPDX-License-Identifier: EUPL-1.2
"""When letters to partners go: digests, what cannot wait, who was not reached, what is wrong."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest

from brug.bridges.crossing import asking, judging
from brug.bridges.mail import checking, mailboxes, rounds
from brug.model.errors import Invalid

from .conftest import ADMIN, ALICE, Mailed, text


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


@pytest.mark.parametrize(
    "since", ["soon", "0001-01-01", "9999-12-31T23:59:59-23:59", "2026-13-01", "\0", "1" * 500]
)
def test_a_day_that_is_none_is_refused_by_name(mailed: Mailed, since: str) -> None:
    with mailed.database.as_user(ADMIN) as session, pytest.raises(Invalid) as refused:
        mailboxes.change(session, mailed.bridge, {"since": since})
    assert refused.value.field == "since"


def test_digests_go_at_midnight_of_the_next_day_week_or_month() -> None:
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # a Thursday
    found = {name: mailboxes.next_digest(name, at) for name in mailboxes.FREQUENCIES}
    assert found == {
        "immediately": None,
        "daily": datetime(2027, 1, 1, tzinfo=UTC),
        "weekly": datetime(2027, 1, 4, tzinfo=UTC),
        "monthly": datetime(2027, 1, 1, tzinfo=UTC),
    }
    monday = datetime(2027, 1, 4, tzinfo=UTC)
    assert mailboxes.next_digest("weekly", monday) == datetime(2027, 1, 11, tzinfo=UTC)
