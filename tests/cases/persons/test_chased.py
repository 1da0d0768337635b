# SPDX-License-Identifier: EUPL-1.2
"""Vendors that owe an answer are written to, with an account or without; leads hear of held mail;
and everybody is spoken to in their own language.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from tests.cases.persons.conftest import Outside, Writer, link_in, text_of
from tests.cases.persons.test_links import let_in

from brug.cases import chasing, files, keeping
from brug.cases.acts import Acknowledged, Asked, Joined, Moved, Recorded, Said
from brug.cases.crisis import receipts
from brug.cases.embargoes import watching
from brug.cases.persons import fetching
from brug.cases.persons import outside as persons
from brug.mail import sending


def look(outside: Outside, number: str, days: int) -> None:
    with outside.database.system() as session:
        file = session.value("SELECT id FROM case_file WHERE number = %s", (number,))
        watching.look(session, file, datetime.now(UTC) + timedelta(days=days))


def to_accounts(outside: Outside, about: str) -> list[EmailMessage]:
    before = len(outside.box.messages)
    while sending.run_once(outside.database):
        pass
    return [one for one in outside.box.messages[before:] if about in str(one["Subject"])]


def test_a_vendor_that_owes_an_answer_is_written_to_once_a_stage_until_it_answers(
    outside: Outside,
) -> None:
    number = outside.open("amber", kind="disclosure")
    _, vera = let_in(outside, number, role="vendor", language="nl")
    outside.send()
    look(outside, number, 30)
    assert outside.send() == []  # nothing is owed
    outside.say(number, "What about the pump?", vera.participant)
    outside.send()
    outside.set(disclosure__chase_days=5)
    for days, letters in ((4, 0), (6, 1), (7, 0), (11, 1), (12, 0), (21, 1)):
        look(outside, number, days)
        sent = [one for one in outside.send() if one["To"] == vera.email and "antwoord" in
                str(one["Subject"])]  # fmt: skip
        assert len(sent) == letters, days
    assert f"zaak {number}" in text_of(sent[0])
    assert link_in(sent[0])
    assert "pump" not in text_of(sent[0])
    with outside.database.system() as session:
        persons.act(session, vera, Said(text="We look at it"))
    with outside.database.as_user(outside.node.host) as session:
        case = files.view(session, number)[1]
    (contact,) = chasing.contacts(case, datetime.now(UTC) + timedelta(days=40), 5)
    assert contact.waits_since is None
    outside.send()
    look(outside, number, 40)
    assert outside.send() == []


def test_a_vendor_with_an_account_gets_the_same_letter(outside: Outside) -> None:
    number, node = outside.open(kind="disclosure"), outside.node
    joined = Joined(
        participant="5d1c8a30-0000-4000-8000-0000000000ab", org=node.orgs["entity"],
        name="Zuidmark", role="vendor",
    )  # fmt: skip
    with outside.database.as_user(node.host) as session:
        keeping.act(session, number, joined)
    outside.say(number, "What about the pump?", joined.participant)
    outside.set(disclosure__chase_days=5)
    to_accounts(outside, number)
    for _ in range(2):
        look(outside, number, 6)
    sent = to_accounts(outside, number)
    assert [str(one["To"]) for one in sent if "awaited" in str(one["Subject"])] == [
        "officer@zuidmark.example"
    ]


def test_a_vendor_without_an_account_says_how_far_its_fix_is(outside: Outside) -> None:
    number = outside.open(kind="disclosure")
    _, vera = let_in(outside, number, role="vendor")
    me = vera.participant
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with outside.database.system() as session:
        for doing in (
            Moved(machine="fix", trigger="be_aware", leaves="vfd", of=me),
            Moved(machine="report", trigger="receive", leaves="start", of=me),
            Moved(machine="report", trigger="validate", leaves="received", of=me),
            Moved(machine="report", trigger="accept", leaves="valid", of=me),
            Recorded(fact="fix_available_at", at=at, zone="UTC", of=me),
            Moved(machine="fix", trigger="have_fix", leaves="Vfd", of=me),
            Moved(machine="fix", trigger="deploy", leaves="VFd", of=me),
        ):
            persons.act(session, vera, doing)
    with outside.database.as_user(outside.node.host) as session:
        assert files.view(session, number)[1].positions["fix", me].state == "VFD"


def test_what_asks_to_be_read_is_said_to_be_read(outside: Outside) -> None:
    number = outside.open("clear")
    _, vera = let_in(outside, number)
    outside.say(number, "Close the valves", vera.participant)
    with outside.database.as_user(outside.node.host) as session:
        case = files.view(session, number)[1]
        said = case.timeline[-1]
        keeping.act(session, number, Asked(entry=said.id), receipts.recipients(case, said))
    (letter,) = outside.send(number)
    assert "asks you to say that you have read this: Message, CSIRT" in text_of(letter)
    with outside.database.system() as session:
        seat = persons.Seat.take(session, vera)
        assert [one.id for one in receipts.owed(seat.case, seat.author)] == [said.id]
        doing = Acknowledged(entry=said.id)
        persons.act(session, vera, doing, receipts.recipients(seat.case, said))
    with outside.database.as_user(outside.node.host) as session:
        case = files.view(session, number)[1]
    (reading,) = receipts.readings(case)
    assert reading.waiting == []


def test_letters_say_roles_states_fields_and_deadlines_in_the_language_of_the_person(
    outside: Outside,
) -> None:
    number = outside.open("clear")
    listed = outside.invite(number, language="nl", role="entity")
    (asked,) = outside.send(number)
    assert "als: Getroffen entiteit" in text_of(asked)
    with outside.database.as_user(outside.node.host) as session:
        at = (datetime.now(UTC) - timedelta(hours=23, minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keeping.act(session, number, Recorded(fact="aware_at", at=at, zone="Europe/Amsterdam",
                                              of=listed.participant))  # fmt: skip
        keeping.act(session, number, Recorded(fact="detected_at", at=at, zone="UTC"))
        case = files.view(session, number)[1]
        step = case.kind.machines[0].leaving(case.state)[0]
        keeping.act(session, number, Moved(
            machine=case.kind.machines[0].key, trigger=step.trigger, leaves=case.state,
            because="because of the pumps",
        ))  # fmt: skip
    (letter,) = outside.send(number)
    text = text_of(letter)
    assert "aware_at" not in text
    assert "Europe/Amsterdam" in text
    for english in (step.title, case.kind.machines[0].states[step.target]):
        assert english not in text
    outside.warn(number)
    (due,) = [one for one in outside.send(number) if "vervalt" in str(one["Subject"])]
    assert "Vroegtijdige waarschuwing" in text_of(due)


def test_who_leads_hears_once_a_day_that_mail_is_held(vera: Writer, tmp_path: Path) -> None:
    outside = vera.outside
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    outside.set(mail__inbound_maildir=str(tmp_path / "box"))
    to_accounts(outside, vera.number)

    def round_() -> list[EmailMessage]:
        mail = vera.answer("the secret of the pumps", From="mallory@evil.example")
        (tmp_path / "box" / "new" / str(mail["Message-ID"])).write_bytes(mail.as_bytes())
        assert fetching.fetch(outside.database).held == 1
        return to_accounts(outside, vera.number)

    first = round_()
    assert [str(one["To"]) for one in first] == ["lead@noordland.example"]
    for hidden in ("secret", "mallory", "vera", "Pumps"):
        assert hidden not in first[0].as_string().replace(vera.number, "")
    assert round_() == []
    with outside.database.system() as session:
        session.execute("UPDATE case_mail_told SET at = at - interval '25 hours'")
        session.execute("UPDATE case_mail SET came = came - interval '1 hour'")
    fetching.fetch(outside.database)
    assert len(to_accounts(outside, vera.number)) == 1
    fetching.fetch(outside.database)
    assert to_accounts(outside, vera.number) == []
