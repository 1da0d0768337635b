# SPDX-License-Identifier: EUPL-1.2
"""How severe an incident is, and leading a crisis, on the pages."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import uuid4

import pypdf
import pytest
from tests.web import casework
from tests.web.casework import do, join, opened, seen, send, text_of
from tests.web.node import CANARY, Node, post

from brug.cases.acts import Filled, Said
from brug.cases.crisis import remarks
from brug.web.cases.crisis import remark_words


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def test_severity_says_why_what_is_missing_and_what_would_change_it(node: Node) -> None:
    number = opened(node, functional_impact="high", countries=["NL", "BE"], large_scale="no")
    with node.browser("handler") as client:
        case = text_of(client.get(f"/cases/{number}"))
        said = text_of(client.get(f"/cases/{number}/severity"))
    assert "Severity Minor" in case
    assert "2 answers are missing" in case
    assert "Minor by the scheme, because" in said
    assert "Impact on services High 5 points" in said
    assert "Together: 7 points" in said
    assert "Impact on information : Low → Large" in said
    assert "Large-scale incident : Yes → Very large" in said
    assert "NIS Cooperation Group, publication 04/2018" in said
    do(node, number, Filled(fields={"large_scale": "yes"}))
    with node.browser("handler") as client:
        said = text_of(client.get(f"/cases/{number}/severity"))
    assert "Very large by the scheme" in said
    assert "Directive (EU) 2022/2555 art. 6(7) · not checked against its source" in said


def test_a_person_sets_it_with_a_reason_and_both_are_shown(node: Node) -> None:
    number = opened(node, functional_impact="low")
    place = f"/cases/{number}/severity"
    with node.browser("handler") as client:
        for form, wrong in (
            ({"severity": "large", "because": " "}, "Say why"),
            ({"severity": "gigantic", "because": "so"}, "Choose one of the list"),
            ({"severity": "large", "because": "x" * 501}, "Say why"),
        ):
            refused = post(client, place, form, place)
            assert refused.status_code == 400
            assert wrong in refused.text
        assert "severity_set" not in seen(node, number).fields
        assert post(client, place, {"severity": "large", "because": "Next door too"}, place)
        said = text_of(client.get(place))
        assert "Minor by the scheme" in said
        assert "Large : Next door too" in said
        assert "Set by a person: Next door too" in text_of(client.get(f"/cases/{number}"))
        assert "Computed: Minor" in text_of(client.get(f"/cases/{number}"))
        post(client, place, {"severity": "", "because": ""}, place)
        assert "Nobody has set another level" in text_of(client.get(place))


def test_lists_and_boards_are_sorted_and_filtered_by_it(node: Node) -> None:
    low = opened(node, "Lowly", functional_impact="low")
    high = opened(node, "Highly", large_scale="yes")
    do(node, low, Filled(fields={"summary": "changed last"}))
    with node.browser("handler") as client:
        for path in ("/cases?", "/cases/board?kind=incident&"):
            first = client.get(path + "order=severity").text
            assert first.index(high) < first.index(low)
            assert client.get(path + "order=nonsense").text.index(low)
            only = client.get(path + "severity=very_large").text
            assert high in only
            assert low not in only


def test_who_takes_no_part_learns_nothing_and_who_looks_on_sets_nothing(node: Node) -> None:
    number = opened(node, functional_impact="low")
    for path in PAGES:
        with node.browser("officer") as client:
            hidden, absent = (
                client.get(f"/cases/{one}{path}") for one in (number, "INC-1999-0001")
            )
            assert hidden.status_code == absent.status_code == 404
    join(node, number, "Zuidmark Police", "observer")
    with node.browser("officer") as client:
        page = client.get(f"/cases/{number}/severity")
        assert "Keep the level" not in page.text
        form = {"severity": "large", "because": "so"}
        assert (
            post(client, f"/cases/{number}/severity", form, f"/cases/{number}").status_code == 403
        )


def test_a_kind_without_severity_has_no_such_page(node: Node) -> None:
    from brug.cases import keeping  # noqa: PLC0415

    with node.database.as_user(node.ids["handler"]) as session:
        number = keeping.open_case(session, "assistance", "Help", {}).number
    with node.browser("handler") as client:
        assert client.get(f"/cases/{number}/severity").status_code == 404
        assert 'id="standing"' not in client.get(f"/cases/{number}").text


PAGES = ["/severity", "/reading", "/crisis", "/decisions", "/decisions/csv", "/situation"]


def test_a_message_asks_to_be_read_and_its_author_sees_who_has(node: Node) -> None:
    number = opened(node)
    join(node, number, "Zuidmark Police", "entity")
    entry = do(node, number, Said(text="Shut the gate"))
    place = f"/cases/{number}"
    with node.browser("handler") as client:
        assert "Nothing asks to be read" in client.get(f"{place}/reading").text
        assert "Ask to be told when it is read" in client.get(place).text
        assert send(client, number, "asked", entry=entry).status_code == 303
        assert "Read by 0 of 1" in client.get(place).text
        assert "not yet" in text_of(client.get(f"{place}/reading"))
    with node.browser("officer") as client:
        now = text_of(client.get("/"))
        assert "1 waits for you" in now
        assert "I have read this" in client.get(place).text
        assert "Shut the gate" in text_of(client.get(f"{place}/reading"))
        assert send(client, number, "acknowledged", entry=entry).status_code == 303
        assert send(client, number, "acknowledged", entry=entry).status_code == 409
        assert "I have read this" not in client.get(place).text
        assert "1 waits for you" not in text_of(client.get("/"))
    with node.browser("handler") as client:
        said = text_of(client.get(f"{place}/reading"))
        assert "Zuidmark Police" in said
        assert "this node read" in said
        assert "Has read: Shut the gate" in text_of(client.get(place))
        for what in ("asked", "acknowledged"):
            for wrong in ("", "x" * 300, "\0", str(uuid4())):
                assert send(client, number, what, entry=wrong).status_code in {400, 404}


def test_a_crisis_is_led_on_its_page_and_stands_first(node: Node) -> None:
    number = opened(node, "The grid")
    place = f"/cases/{number}/crisis"
    with node.browser("handler") as client:
        page = client.get(place)
        assert "No step was taken yet" in page.text
        assert "C/2025/3445" in page.text
        leaves = {"leaves.crisis": "none", "leaves.ipcr": "none"}
        for form, wrong in (
            ({"step": "crisis.to_technical", "because": ""}, "Say why"),
            ({"step": "", "because": "so"}, "Choose one of the list"),
            ({"step": "phase.contain", "because": "so"}, "Choose one of the list"),
            ({"step": "crisis.to_technical", "because": "so", "review": "soon", "zone": "UTC"},
             "Give a day and time"),
            ({"step": "crisis.to_technical", "because": "so", "decided_by": "x" * 501},
             "This is too long"),
        ):  # fmt: skip
            refused = post(client, place, leaves | form, place)
            assert refused.status_code == 400, text_of(refused)
            assert wrong in refused.text
        form = {
            "step": "crisis.to_operational", "because": "Two states", "criteria": "NL and BE",
            "informed": "NCSC\r\nCCB", "review": "2190-11-28T09:00", "zone": "UTC",
        }  # fmt: skip
        assert post(client, place, leaves | form, place).status_code == 303
        assert post(client, place, leaves | form, place).status_code == 409, "it has moved on"
        said = text_of(client.get(place))
        assert "Crisis level No crisis → Operational level: EU-CyCLONe" in said
        assert "NCSC CCB" in said
        assert "Directive (EU) 2022/2555 art. 16" in said
        now = text_of(client.get("/"))
        assert "In crisis The grid Operational level" in now
        later = opened(node, "Later")
        listed = client.get("/cases").text
        assert listed.index(number) < listed.index(later)
        assert "Operational level: EU-CyCLONe" in text_of(client.get(f"/cases/{number}"))
        assert "Crisis level Operational" in text_of(client.get(f"/cases/{number}"))


def test_each_shipped_remark_on_levels_is_there_to_be_translated() -> None:
    shipped = remarks.remarks()
    said = {text for one in shipped for text in (one.means, one.who, one.follows, one.source)}
    assert said - {""} == set(remark_words.WORDS)


def test_decisions_are_logged_replaced_and_kept_as_a_file(node: Node) -> None:
    number = opened(node)
    place = f"/cases/{number}/decisions"
    said = do(node, number, Said(text="We cannot hold"))
    with node.browser("handler") as client:
        form = {"question": "Shut?", "outcome": "No", "because": "supply"}
        assert post(client, place, form, place).status_code == 303
        first = seen(node, number).decisions[0].id
        form = {"question": "Shut?", "outcome": "Yes", "replaces": first, "basis": said}
        assert post(client, place, form, place).status_code == 303
        page = text_of(client.get(place))
        assert "1. Shut? replaced" in page
        assert "Replaced by decision 2" in page
        assert "It rests on: Message: We cannot hold" in page
        kept = client.get(f"{place}/csv")
        assert kept.headers["content-disposition"].startswith("attachment")
        assert "Message: We cannot hold" in kept.text
        for wrong in ({"question": ""}, {"replaces": said}, {"basis": str(uuid4())}):
            refused = post(client, place, form | wrong, place)
            assert refused.status_code == 400
        assert len(seen(node, number).decisions) == 2


def test_a_situation_report_is_drafted_changed_and_released(node: Node) -> None:
    number = opened(node, summary="Pumps stopped " + CANARY)
    join(node, number, "Zuidmark Police", "entity")
    place = f"/cases/{number}/situation"
    with node.browser("handler") as client:
        page = client.get(f"{place}?from=2020-01-01T00:00&zone=UTC")
        assert page.status_code == 200
        assert "Pumps stopped" in page.text
        assert CANARY not in page.text, "escaped"
        assert client.get(f"{place}?from=nonsense").status_code == 400
        form = {"since": "2020-01-01T00:00:00+00:00", "sections.situation": "All quiet", "ask": "1"}
        for wrong, said in (
            ({"sections.situation": ""}, "Say what the situation is"),
            ({"until": "2190-01-01T00:00:00+00:00"}, "Give a period"),
            ({"tlp": "purple"}, "marked at least"),
            ({"sections.facts": "x" * 20_001}, "This is too long"),
        ):
            refused = post(client, place, form | wrong, place)
            assert refused.status_code == 400, text_of(refused)
            assert said in refused.text
        assert seen(node, number).documents == {}
        assert post(client, place, form | {"tlp": "green"}, place).status_code == 303
        page = client.get(place)
        assert "TLP:GREEN" in page.text
        assert "compared with situation_" in page.text
        assert "Read by 0 of 1" in page.text
        href = re.search(r'href="(/cases/[^"]+)" download>PDF', page.text)
        assert href
        pdf = client.get(href[1])
        assert pypdf.PdfReader(BytesIO(pdf.content)).pages[0].extract_text().count("All quiet") == 1
    with node.browser("officer") as client:
        assert "1 waits for you" in text_of(client.get("/"))
