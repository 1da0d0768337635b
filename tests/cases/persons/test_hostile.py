# SPDX-License-Identifier: EUPL-1.2
"""Whoever has caught a link, tries links, floods a case, or was shut out, gets nowhere by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from tests.cases.persons.conftest import Outside, Writer, code_in, link_in, text_of
from tests.cases.persons.test_links import entered, let_in

from brug.cases import keeping
from brug.cases.acts import Left, Said
from brug.cases.documents import Told
from brug.cases.pacing import TooFast
from brug.cases.persons import joining, links, posting
from brug.cases.persons import outside as persons
from brug.cases.persons.outside import NoSeat, Seat


def test_whoever_asks_causes_the_same_work_for_any_link(outside: Outside) -> None:
    """How long an answer takes tells nothing: nothing is looked up while somebody waits."""
    number = outside.open()
    right, _ = let_in(outside, number)
    outside.send()
    with (
        outside.database.system() as session,
        patch.object(Seat, "take", side_effect=AssertionError("a case was read")),
    ):
        for one in (right, "A" * 43, ""):
            links.ask_code(session, one)
            assert links.enter(session, one, "12345678") is None
        asked = session.all("SELECT is_try FROM case_code_asked ORDER BY id")
    assert asked == [(False,), (True,)] * 3
    assert [one["To"] for one in outside.send()] == ["vera@maker.example"]
    with outside.database.system() as session:
        assert session.value("SELECT count(*) FROM case_code_asked") == 0


def test_what_strangers_ask_is_kept_nowhere_also_where_no_mail_leaves(outside: Outside) -> None:
    outside.set(mail__off=True)
    with outside.database.system() as session:
        for _ in range(20):
            links.ask_code(session, "nobody's")
    assert posting.run_once(outside.database) == 0
    outside.set(mail__off=False)
    with outside.database.system() as session:
        assert session.value("SELECT count(*) FROM case_code_asked") == 0


def test_a_caught_link_keeps_its_person_out_by_no_other(outside: Outside) -> None:
    number = outside.open()
    caught, _ = let_in(outside, number)
    with outside.database.system() as session:
        for _ in range(30):
            links.ask_code(session, caught)
    assert len(outside.send(number)) == links.CODES_AN_HOUR - 1  # and the one to come in
    outside.say(number, "news")
    fresh = link_in(outside.send(number)[0])
    assert entered(outside, fresh)


def test_a_code_lets_one_in_once_however_many_try_at_once(outside: Outside) -> None:
    number = outside.open()
    outside.invite(number)
    link = link_in(outside.send(number)[0])
    with outside.database.system() as session:
        links.ask_code(session, link)
    code = code_in(outside.send(number)[0])

    def enter(_: int) -> str | None:
        with outside.database.system() as session:
            return links.enter(session, link, code)

    with ThreadPoolExecutor(4) as several:
        cookies = list(several.map(enter, range(4)))
    assert sum(one is not None for one in cookies) == 1


def test_links_taken_back_no_letter_brings_another_until_one_is_sent(outside: Outside) -> None:
    number = outside.open("clear")
    _, vera = let_in(outside, number)
    with outside.database.as_user(outside.node.host) as session:
        joining.revoke(session, number, vera.participant)
    outside.say(number, "the pump answers")
    (letter,) = outside.send(number)
    assert "the pump answers" in text_of(letter)
    assert "take-part" not in text_of(letter)
    with outside.database.as_user(outside.node.host) as session:
        assert joining.find(session, number, "Vera").links == 0
        joining.renew(session, number, "Vera")
    assert entered(outside, link_in(outside.send(number)[0]))


def test_who_is_removed_and_asked_again_is_somebody_else(outside: Outside) -> None:
    number = outside.open()
    link, vera = let_in(outside, number)
    cookie = entered(outside, link)
    assert cookie
    outside.say(number, "for Vera alone", vera.participant)
    with outside.database.as_user(outside.node.host) as session:
        keeping.act(session, number, Left(participant=vera.participant, because="done"))
    again = outside.invite(number)
    assert again.participant != vera.participant
    (letter,) = outside.send(number)
    with outside.database.system() as session:
        old = links.of_cookie(session, cookie)
        with pytest.raises(NoSeat):
            Seat.take(session, old)
        links.ask_code(session, link)
    assert outside.send(number) == []
    other = entered(outside, link_in(letter))
    assert other
    with outside.database.system() as session:
        seat = Seat.take(session, links.of_cookie(session, other))
    assert "for Vera alone" not in str(seat.entries)


def test_removed_while_letters_wait_they_hear_nothing_of_any_kind(outside: Outside) -> None:
    number = outside.open("clear")
    link, vera = let_in(outside, number, role="entity")
    outside.say(number, "news")
    with outside.database.system() as session:
        links.ask_code(session, link)
        session.execute(
            "INSERT INTO case_letter (person_id, kind, details) SELECT %s, k, '{}'"
            " FROM unnest(ARRAY['link', 'clock', 'chase']) k",
            (vera.id,),
        )
        posting.expand(session, 0)
        links.see_to_codes(session)
        waiting = session.all("SELECT kind FROM case_letter WHERE state = 'waiting' ORDER BY kind")
    assert [kind for (kind,) in waiting] == ["chase", "clock", "code", "link", "news"]
    with outside.database.as_user(outside.node.host) as session:
        keeping.act(session, number, Left(participant=vera.participant, because="done"))
    assert outside.send() == []


def test_whoever_writes_without_end_is_stopped(vera: Writer) -> None:
    outside = vera.outside
    _, piet = let_in(outside, vera.number, email="piet@other.example", name="Piet")
    outside.set(cases__outside_hourly=3)
    with outside.database.system() as session:
        for n in range(3):
            persons.act(session, piet, Said(text=str(n)))
    with outside.database.system() as session:
        with pytest.raises(TooFast):
            persons.act(session, piet, Said(text="4"))
        with pytest.raises(TooFast):
            persons.attach(session, piet, b"x", Told(name="x.txt"))
    # Others go on, and of mail beyond it nothing is lost.
    assert [vera.arrive(vera.answer(str(n))) for n in range(4)] == ["taken"] * 3 + ["held"]
    assert vera.reasons() == ["many"]
    outside.set(cases__outside_hourly=120)
