# SPDX-License-Identifier: EUPL-1.2
"""Somebody without an account: asked to take part, let in by link and code, heard, and removed."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.cases.persons.conftest import Outside, code_in, link_in, text_of

from brug.cases import files, keeping
from brug.cases.acts import Attached, Joined, Left, Marked, Recorded, Said
from brug.cases.documents import Told, content, find
from brug.cases.persons import joining, links
from brug.cases.persons import outside as persons
from brug.cases.persons.outside import NoSeat, Person, Seat
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Conflict, Invalid


def entered(outside: Outside, link: str) -> str | None:
    """In by the code that is asked for and sent."""
    with outside.database.system() as session:
        links.ask_code(session, link)
    (letter,) = [one for one in outside.send() if "code" in str(one["Subject"])]
    with outside.database.system() as session:
        return links.enter(session, link, code_in(letter))


def person_of(outside: Outside, cookie: str) -> Person:
    with outside.database.system() as session:
        found = links.of_cookie(session, cookie)
        Seat.take(session, found)
        return found


def let_in(outside: Outside, number: str, **more: str) -> tuple[str, Person]:
    """Asked, written to, and in: the link, and who it is."""
    listed = outside.invite(number, **more)
    link = next(link_in(one) for one in outside.send(number) if one["To"] == listed.email)
    cookie = entered(outside, link)
    assert cookie
    return link, person_of(outside, cookie)


def test_asked_written_to_let_in_and_heard(outside: Outside) -> None:
    number = outside.open()
    listed = outside.invite(number, organisation="Pumps Inc.")
    (letter,) = outside.send(number)
    assert letter["To"] == "vera@maker.example"
    assert "Pumps stand still" not in text_of(letter)
    cookie = entered(outside, link_in(letter))
    assert cookie
    vera = person_of(outside, cookie)
    with outside.database.system() as session:
        persons.act(session, vera, Said(text="We see it too"))
    assert outside.texts(number) == ["We see it too"]
    with outside.database.as_user(outside.node.host) as session:
        case = files.view(session, number)[1]
        (told,) = joining.listed(session, number)
    assert case.participants[listed.participant].name == "Vera (Pumps Inc.)"
    assert "maker.example" not in str(case.timeline)
    assert case.ignored == []
    assert told.used


def test_they_see_what_is_for_all_or_for_them_and_nothing_else(outside: Outside) -> None:
    number = outside.open()
    _, vera = let_in(outside, number)
    _, piet = let_in(outside, number, email="piet@other.example", name="Piet")
    outside.say(number, "for all")
    outside.say(number, "for Vera", vera.participant)
    with outside.database.system() as session:
        persons.act(session, vera, Said(text="to Piet"), [piet.participant])
        seen = [
            [one.act.text for one in Seat.take(session, who).entries if isinstance(one.act, Said)]
            for who in (vera, piet)
        ]
    assert seen == [["for all", "for Vera", "to Piet"], ["for all", "to Piet"]]
    # What two of them say to each other is not the host's to read either.
    assert outside.texts(number) == ["for all", "for Vera"]


def test_removed_they_are_out_on_every_way_and_hear_nothing_more(outside: Outside) -> None:
    number = outside.open("clear")
    link, vera = let_in(outside, number)
    second = entered(outside, link)
    assert second
    outside.say(number, "before")
    with outside.database.as_user(outside.node.host) as session:
        keeping.act(session, number, Left(participant=vera.participant, because="done"))
    outside.say(number, "after")
    assert outside.send(number) == []
    with outside.database.system() as session:
        found = links.of_cookie(session, second)
        with pytest.raises(NoSeat):
            Seat.take(session, found)
        with pytest.raises(NoSeat):
            persons.act(session, vera, Said(text="still here"))
        with pytest.raises(NoSeat):
            persons.attach(session, vera, b"x", Told(name="x.txt"))
        links.ask_code(session, link)
    assert outside.send(number) == []
    with outside.database.as_user(outside.node.host) as session:
        assert joining.listed(session, number) == []


def test_a_link_that_was_taken_back_is_as_one_that_never_was(outside: Outside) -> None:
    number = outside.open()
    link, vera = let_in(outside, number)
    cookie = entered(outside, link)
    assert cookie
    with outside.database.as_user(outside.node.host) as session:
        assert joining.revoke(session, number, vera.participant).links == 0
    with outside.database.system() as session:
        with pytest.raises(NoSeat):
            links.of_cookie(session, cookie)
        for one in (link, "nobody's"):
            links.ask_code(session, one)
            assert links.enter(session, one, "00000000") is None
    assert outside.send(number) == []
    with outside.database.as_user(outside.node.host) as session:
        joining.renew(session, number, "Vera")
    (letter,) = outside.send(number)
    assert entered(outside, link_in(letter))


def test_a_code_holds_for_few_tries_once_and_for_its_own_link(outside: Outside) -> None:
    number = outside.open()
    outside.invite(number)
    first = link_in(outside.send(number)[0])
    with outside.database.as_user(outside.node.host) as session:
        joining.change(session, number, "Vera", {"language": "en"})
    with outside.database.system() as session:
        links.ask_code(session, first)
    code = code_in(outside.send(number)[0])
    with outside.database.system() as session:
        other = links.make(session, session.value("SELECT max(id) FROM case_person"))
        assert links.enter(session, other, code) is None
        for _ in range(links.TRIES):
            assert links.enter(session, first, "1234567") is None
        assert links.enter(session, first, code) is None
        links.ask_code(session, first)
    again = code_in(outside.send(number)[0])
    with outside.database.system() as session:
        assert links.enter(session, first, f" {again[:4]} {again[4:]}")
        assert links.enter(session, first, again) is None


def test_codes_are_sent_so_often_an_hour_and_no_more(outside: Outside) -> None:
    number = outside.open()
    outside.invite(number)
    link = link_in(outside.send(number)[0])
    for _ in range(links.CODES_AN_HOUR + 3):
        with outside.database.system() as session:
            links.ask_code(session, link)
    assert len(outside.send(number)) == links.CODES_AN_HOUR


def test_links_codes_cookies_and_addresses_stand_in_no_table(outside: Outside) -> None:
    number = outside.open()
    outside.invite(number, email="secret@maker.example")
    link = link_in(outside.send(number)[0])
    with outside.database.system() as session:
        links.ask_code(session, link)
    code = code_in(outside.send(number)[0])
    with outside.database.system() as session:
        tables = ("case_person", "case_person_link", "case_person_code", "case_letter",
                  "audit", "ledger_entry", "case_party")  # fmt: skip
        rows = str([session.all("SELECT t::text FROM " + name + " t") for name in tables])
    for hidden in (link, code, "secret@maker.example"):
        assert hidden not in rows
        assert hidden.encode().hex() not in rows


def test_news_goes_in_the_clear_where_the_marking_allows_it(outside: Outside) -> None:
    for tlp, said in (("clear", True), ("green", True), ("", False), ("amber", False)):
        number = outside.open(tlp)
        outside.invite(number)
        outside.send(number)
        outside.say(number, "the pump answers again")
        (letter,) = outside.send(number)
        assert ("the pump answers again" in text_of(letter)) is said, tlp
        assert number in letter["Subject"]
        assert link_in(letter)


def test_the_marking_that_counts_is_the_one_when_a_letter_leaves(outside: Outside) -> None:
    number = outside.open("clear")
    outside.invite(number)
    outside.send(number)
    outside.say(number, "too early")
    with outside.database.as_user(outside.node.host) as session:
        keeping.act(session, number, Marked(tlp="red"))
    (letter,) = outside.send(number)
    assert "too early" not in text_of(letter)


def test_whoever_wants_no_mails_gets_none_and_nobody_hears_of_themselves(outside: Outside) -> None:
    number = outside.open("clear")
    _, vera = let_in(outside, number)
    with outside.database.system() as session:
        persons.act(session, vera, Said(text="by me"))
    assert outside.send(number) == []
    with outside.database.as_user(outside.node.host) as session:
        joining.change(session, number, "Vera", {"mails": "0"})
    outside.say(number, "anyone?")
    assert outside.send(number) == []


def test_a_document_of_theirs_is_kept_and_malware_is_boxed(outside: Outside) -> None:
    number = outside.open()
    _, vera = let_in(outside, number)
    with outside.database.system() as session:
        persons.attach(session, vera, b"log line\n", Told(name="pump.log"))
        persons.attach(session, vera, b"MZ bad", Told(name="pump.exe", is_malware=True))
    with outside.database.as_user(outside.node.host) as session:
        file, case = files.view(session, number)
        kept = b"".join(content(session, file, find(case, "pump.log")))
        boxed = find(case, "pump.exe.zip").act
    assert kept == b"log line\n"
    assert boxed.sample


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nobody"}, "email"), ({"email": ""}, "email"), ({"name": " "}, "name"),
        ({"role": "lead"}, "role"), ({"role": "king"}, "role"), ({"gpgkey": "x"}, "gpgkey"),
        ({"language": "xx"}, "language"), ({"name": "x" * 301}, "name"),
    ],
)  # fmt: skip
def test_rubbish_is_refused_by_name(outside: Outside, given: dict[str, str], field: str) -> None:
    number = outside.open()
    with pytest.raises(BrugError) as refused:
        outside.invite(number, **given)
    assert getattr(refused.value, "field", "") == field
    with outside.database.system() as session:
        assert session.value(
            "SELECT count(*) FROM case_person p JOIN case_file f ON f.id = p.case_id"
            " WHERE f.number = %s",
            (number,),
        ) == 0  # fmt: skip


def test_only_who_leads_the_case_asks_and_no_address_twice(outside: Outside) -> None:
    number = outside.open()
    outside.invite(number)
    with pytest.raises(Conflict):
        outside.invite(number, email="VERA@maker.example")
    node = outside.node
    with outside.database.as_user(node.host) as session:
        joined = Joined(
            participant="5d1c8a30-0000-4000-8000-00000000000a", org=node.orgs["entity"],
            name="Zuidmark", role="entity",
        )  # fmt: skip
        keeping.act(session, number, joined)
    with outside.database.as_user(node.entity) as session, pytest.raises(NotYours):
        joining.listed(session, number)
    with outside.database.as_user(node.other) as session, pytest.raises(BrugError) as refused:
        joining.listed(session, number)
    assert refused.value.code == "not_found"


def test_what_only_who_leads_may_do_is_refused(outside: Outside) -> None:
    number = outside.open()
    _, vera = let_in(outside, number, role="observer")
    with outside.database.system() as session:
        for doing in (
            Marked(tlp="clear"),
            Left(participant=Seat.take(session, vera).leads[0], because="away"),
            Attached(document="5d1c8a30-0000-4000-8000-00000000000b", name="x", size=1,
                     sha256="0" * 64, media_type="text/plain"),
        ):  # fmt: skip
            with pytest.raises(NotYours):
                persons.act(session, vera, doing)
        with pytest.raises(Invalid):
            persons.act(session, vera, Said(text=""))


def test_an_entity_without_an_account_is_warned_of_what_is_due(outside: Outside) -> None:
    number = outside.open()
    _, vera = let_in(outside, number, role="entity")
    at = (datetime.now(UTC) - timedelta(hours=23, minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with outside.database.system() as session:
        fact = Recorded(fact="aware_at", at=at, zone="UTC", of=vera.participant)
        persons.act(session, vera, fact)
    outside.warn(number)
    letters = [one for one in outside.send(number) if "due" in str(one["Subject"])]
    assert letters
    assert "NIS2" in text_of(letters[0]) or "2022/2555" in text_of(letters[0])
    assert "Pumps stand still" not in text_of(letters[0])
    assert link_in(letters[0])
    outside.warn(number)
    assert outside.send(number) == []
