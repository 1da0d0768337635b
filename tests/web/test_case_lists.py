# SPDX-License-Identifier: EUPL-1.2
"""Cases in lists and on the board: who has the room, opening one, finding it, what is due in it."""

from __future__ import annotations

import pytest
from tests.web import casework
from tests.web.casework import do, join, opened, seen, text_of
from tests.web.node import CANARY, Node, post

from brug.cases import files
from brug.cases.acts import Recorded
from brug.cases.kinds import KINDS


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def test_the_room_is_for_whoever_has_the_right_or_takes_part_in_person(node: Node) -> None:
    rail = 'data-go="c"'
    with node.browser("handler") as client:
        assert rail in client.get("/").text
        assert client.get("/cases").status_code == 200
    with node.browser("lead") as client:
        assert rail not in client.get("/").text
        for path in ("/cases", "/cases/board", "/cases/new"):
            assert client.get(path).status_code == 403
    with node.browser(casework.TRAINEE) as client:
        assert rail not in client.get("/").text
    number = opened(node, "For one person")
    join(node, number, "Zuidmark Police", "observer", node.ids[casework.TRAINEE])
    with node.browser(casework.TRAINEE) as client:
        assert rail in client.get("/").text
        page = client.get("/cases").text
        assert "For one person" in page
        assert "/cases/new" not in page
        assert client.get("/cases/new").status_code == 403
        assert "In person; for nobody else" in client.get(f"/cases/{number}").text


def test_a_case_is_opened_with_its_fields_and_found_by_its_words(node: Node) -> None:
    with node.browser("handler") as client:
        assert 'href="/cases/new?kind=incident"' in client.get("/cases/new").text
        page = client.get("/cases/new?kind=incident").text
        assert '<select id="f-fields.sector"' in page
        assert '<textarea id="f-fields.countries"' in page
        assert 'list="l-classification"' in page
        assert "rsit:availability" in page
        assert "could read it" in page
        form = {
            "kind": "incident", "title": "Ransom note at the harbour", "fields.sector": "transport",
            "fields.countries": "NL\r\n\r\n BE \r\n", "fields.users_affected": "1 200",
            "fields.summary": "zeewolde " + CANARY,
        }  # fmt: skip
        made = post(client, "/cases/new", form, "/cases/new")
        assert made.status_code == 303, made.text
        place = made.headers["location"]
        shown = client.get(place)
        assert "Ransom note at the harbour" in shown.text
        assert "<script>window.hit" not in shown.text
        assert "could read it" in shown.text
        assert "NL BE" in text_of(shown)
        assert "Transport" in shown.text
        for query, count in (
            ("text=zeewolde", 1), ("text=zeewold", 0), ("text=" + place.rpartition("/")[2], 1),
            ("kind=incident&state=detection&text=zeewolde", 1),
            ("state=incident.closed&text=zeewolde", 0), ("state=incident.detection", 1),
            ("kind=incident&state=assistance.draft&text=zeewolde", 1),
            ("kind=assistance&text=zeewolde", 0),
            ("over=0&text=zeewolde", 1), ("over=1&text=zeewolde", 0),
        ):  # fmt: skip
            assert client.get(f"/cases?{query}").text.count(place + '"') == count, query
        board = client.get("/cases/board?kind=incident").text
        detection = board[board.index('id="lane-detection"') : board.index('id="lane-containment"')]
        assert place in detection
    case = seen(node, place.rpartition("/")[2])
    assert case.fields["countries"] == ["NL", "BE"]
    assert case.fields["users_affected"] == 1200
    assert set(case.fields) == {"sector", "countries", "users_affected", "summary"}


def test_what_does_not_fit_is_marked_field_by_field_and_kept(node: Node) -> None:
    with node.browser("handler") as client:
        before = text_of(client.get("/cases"))
        form = {
            "kind": "incident", "title": "Half right", "fields.sector": "magic",
            "fields.countries": "NL\nnowhere", "fields.users_affected": "1.5",
            "fields.classification": "something", "fields.summary": "x" * 20_001,
        }  # fmt: skip
        answered = post(client, "/cases/new", form, "/cases/new")
        assert answered.status_code == 400
        text = answered.text
        for name, said in (
            ("sector", "Choose one of the list."),
            ("countries", "Each line has to be: Country (ISO 3166, two letters)."),
            ("users_affected", "Give a whole number from 0 to 1000000000000."),
            ("classification", "Give one such as rsit:abusive-content."),
            ("summary", "Give a text of at most 20000 characters."),
        ):
            assert f'aria-describedby="f-fields.{name}' in text, name
            assert f'id="f-fields.{name}-error">{said}' in text, name
        assert 'value="Half right"' in text
        assert "NL\nnowhere</textarea>" in text
        assert '<option value="magic" selected>' in text
        empty = post(client, "/cases/new", {"kind": "incident", "title": " "}, "/cases/new")
        assert empty.status_code == 400
        assert 'id="f-title-error"' in empty.text
        assert post(client, "/cases/new", {"kind": "lawsuit", "title": "x"}).status_code == 400
        assert text_of(client.get("/cases")) == before


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_has_its_pages_from_its_declaration_alone(node: Node, key: str) -> None:
    kind = KINDS[key]
    with node.browser("handler") as client:
        form = {"kind": key, "title": f"One of {key}"}
        made = post(client, "/cases/new", form, f"/cases/new?kind={key}")
        assert made.status_code == 303, made.text
        place = made.headers["location"]
        number = place.rpartition("/")[2]
        assert number.startswith(kind.prefix)
        for role in kind.roles:
            join(node, number, "Zuidmark Police", role.key)
        for path in (place, f"{place}/edit", f"/cases/board?kind={key}", f"/cases?kind={key}"):
            assert client.get(path).status_code == 200, path
        page = text_of(client.get(place))
        for said in (kind.title, *(role.title for role in kind.roles)):
            assert said in page, said
        for one in kind.machines:
            assert one.each or one.apart or f"{one.title} {one.states[one.initial]}" in page, (
                one.key
            )
    with node.browser("officer") as client:
        assert client.get(place).status_code == 200


def test_the_box_for_everything_finds_cases_of_the_reader_alone(node: Node) -> None:
    number = opened(node, "Found by the box", summary="ijsselstein lies dark")
    with node.browser("handler") as client:
        for text in ("ijsselstein", "ijsselstein dark", number.lower()):
            page = client.get("/search", params={"q": text})
            assert f'href="/cases/{number}">Found by the box</a>' in page.text, text
        for text in ("ijssel", "!!!", "%"):
            assert "Found by the box" not in client.get("/search", params={"q": text}).text
    for who in ("officer", "lead", "admin"):
        with node.browser(who) as client:
            assert "Found by the box" not in client.get(f"/search?q={number}").text
            assert "Found by the box" not in client.get("/search?q=ijsselstein").text


def test_an_empty_list_says_what_to_do_next(node: Node) -> None:
    with node.browser("admin") as client:
        page = client.get("/cases").text
        assert "No cases yet" in page
        assert 'href="/cases/new"' in page
        assert "No case fits these filters" in client.get("/cases?text=nothing+at+all").text


def test_lists_say_when_something_is_due_and_whether_it_is_late(node: Node) -> None:
    number = opened(node, "Something is due")
    police = join(node, number, "Zuidmark Police", "entity")
    aware = Recorded(fact="aware_at", at="2025-01-06T08:00:00Z", zone="Europe/Amsterdam", of=police)
    do(node, number, aware)
    with node.database.as_user(node.ids["handler"]) as session:
        due = files.find(session, number).due
    assert due is not None
    with node.browser("handler") as client:
        for page in ("/cases", "/cases/board?kind=incident"):
            text = text_of(client.get(page))
            row = text[text.index("Something is due") :]
            assert f"{due:%Y-%m-%d %H:%M} UTC" in row, page
            assert "overdue" in row, page
        answered = client.get(f"/cases/{number}")
        page = text_of(answered)
        clocks = page[page.index("They follow from the times below") : page.index("Not filled in:")]
        assert "(EU) 2022/2555" in clocks or "NIS2" in clocks
        assert "Started by: Became aware, 2025-01-06 08:00 UTC" in clocks
        assert f"Zuidmark Police {due:%Y-%m-%d %H:%M} UTC" in clocks
        assert "Missed" in clocks
        assert "have not started" in clocks
        waits = f"/cases/{number}?open=recorded&amp;fact=notification_submitted_at&amp;of={police}"
        assert waits in answered.text
