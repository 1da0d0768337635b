# SPDX-License-Identifier: EUPL-1.2
"""Whoever takes part without an account comes along where cases are merged or split."""

from __future__ import annotations

import pytest
from tests.cases.persons.conftest import Outside, link_in, text_of
from tests.cases.persons.test_links import entered, let_in, person_of

from brug.cases import carrying, files, keeping, merging, splitting
from brug.cases.acts import Joined, Left, Said
from brug.cases.merging import Take
from brug.cases.persons import joining
from brug.cases.persons import outside as persons
from brug.cases.persons.outside import Seat
from brug.cases.splitting import Cut
from brug.model.errors import Invalid


def merge(outside: Outside, into: str, merged: str, *participants: str) -> None:
    with outside.database.as_user(outside.node.host) as session:
        merging.merge(session, into, merged, Take(participants=participants))


def test_merged_they_get_a_link_to_the_case_that_goes_on_and_the_old_one_holds(
    outside: Outside,
) -> None:
    goes_on, over = outside.open("clear"), outside.open("clear")
    old, vera = let_in(outside, over, language="nl")
    outside.say(goes_on, "known there")
    merge(outside, goes_on, over, vera.participant)
    letters = {str(one["Subject"]): one for one in outside.send()}
    (asked,) = [one for subject, one in letters.items() if f"{goes_on}: u wordt" in subject]
    told = next(one for subject, one in letters.items() if over in subject)
    assert "Het gaat daar verder" in text_of(told) or "goes on there" in text_of(told)
    cookie = entered(outside, link_in(asked))
    assert cookie
    there = person_of(outside, cookie)
    assert there.email == vera.email
    assert there.reply != vera.reply
    with outside.database.system() as session:
        persons.act(session, there, Said(text="Here I am"))
        seen = Seat.take(session, there)
    assert "Here I am" in outside.texts(goes_on)
    assert "known there" in str(seen.entries)
    assert entered(outside, old)
    with outside.database.as_user(outside.node.host) as session:
        case = files.view(session, goes_on)[1]
        (listed,) = joining.listed(session, goes_on)
    assert case.participants[there.participant].name == "Vera"
    assert (listed.email, listed.language) == ("vera@maker.example", "nl")
    assert case.ignored == []


def test_who_is_not_named_stays_and_whose_address_is_there_is_not_asked_twice(
    outside: Outside,
) -> None:
    goes_on, over = outside.open(), outside.open()
    outside.invite(goes_on)
    _, vera = let_in(outside, over)
    _, piet = let_in(outside, over, email="piet@other.example", name="Piet")
    merge(outside, goes_on, over, vera.participant)
    with outside.database.as_user(outside.node.host) as session:
        assert [one.email for one in joining.listed(session, goes_on)] == ["vera@maker.example"]
    assert not [one for one in outside.send(goes_on) if one["To"] == piet.email]


def test_split_they_come_along_with_what_was_for_them(outside: Outside) -> None:
    number = outside.open()
    _, vera = let_in(outside, number)
    _, piet = let_in(outside, number, email="piet@other.example", name="Piet")
    outside.say(number, "for Vera alone", vera.participant)
    with outside.database.as_user(outside.node.host) as session:
        said = files.view(session, number)[1].timeline[-1].id
        cut = Cut(title="Apart", entries=(said,), participants=(vera.participant, piet.participant))
        made = splitting.split(session, number, cut)
    texts = {}
    for letter in outside.send(made.number):
        cookie = entered(outside, link_in(letter))
        assert cookie
        person = person_of(outside, cookie)
        with outside.database.system() as session:
            seen = Seat.take(session, person).entries
        texts[person.email] = [one.act.text for one in seen if isinstance(one.act, Said)]
    assert list(texts) == ["vera@maker.example", "piet@other.example"]
    assert "for Vera alone" in texts["vera@maker.example"][0]
    assert texts["piet@other.example"] == []


def test_who_does_not_lead_takes_nobody_along_and_learns_no_address(outside: Outside) -> None:
    number, node = outside.open(), outside.node
    _, vera = let_in(outside, number)
    outside.say(number, "for all")
    with outside.database.as_user(node.host) as session:
        joined = Joined(
            participant="5d1c8a30-0000-4000-8000-0000000000aa", org=node.orgs["entity"],
            name="Zuidmark", role="handler",
        )  # fmt: skip
        keeping.act(session, number, joined)
    with outside.database.as_user(node.entity) as session:
        case = files.view(session, number)[1]
        come = carrying.can_come_along(session, case, keeping.author(session))
        assert vera.participant not in {one.id for one in come}
        said = case.timeline[-2].id
        with pytest.raises(Invalid):
            splitting.split(
                session, number,
                Cut(title="Mine", entries=(said,), participants=(vera.participant,)),
            )  # fmt: skip


def test_who_was_removed_comes_along_nowhere(outside: Outside) -> None:
    goes_on, over = outside.open(), outside.open()
    _, vera = let_in(outside, over)
    with outside.database.as_user(outside.node.host) as session:
        keeping.act(session, over, Left(participant=vera.participant, because="done"))
    with pytest.raises(Invalid):
        merge(outside, goes_on, over, vera.participant)
    assert outside.send() == []
