# SPDX-License-Identifier: EUPL-1.2
"""A case on its page: all that there is of it, for each who reads it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from tests.web import casework
from tests.web.casework import do, join, opened, seen, send, text_of
from tests.web.node import CANARY, Node, post

from brug.cases import keeping
from brug.cases.acts import Decided, Filled, Left, Linked, Marked, Moved, Planned, Recorded, Said
from brug.cases.declaring import ALL_ACTS
from brug.web.cases import acting, attaching
from brug.web.cases.telling import TITLES


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def everything(node: Node) -> tuple[str, str]:
    """A case with one of each thing; its number, and the participant of the police."""
    number = opened(node, "All of it", summary="first words")
    police = join(node, number, "Zuidmark Police", "entity")
    zone = "Europe/Amsterdam"
    do(node, number, Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone=zone))
    corrected = Recorded(
        fact="detected_at", at="2026-11-27T07:00:00Z", zone=zone, source="the log",
        because="the log is right",
    )  # fmt: skip
    do(node, number, corrected)
    do(node, number, Moved(machine="phase", trigger="contain", leaves="detection"))
    do(node, number, Said(text="Hello **all** " + CANARY))
    do(node, number, Decided(question="Tell the press?", outcome="Not yet", because="too early"))
    task = Planned(
        task=str(uuid4()), title="Call them", assignee=police, due="2020-01-01T00:00:00Z"
    )
    do(node, number, task)
    do(node, number, Marked(tlp="amber+strict", pap="red"))
    return number, police


def test_the_page_tells_all_that_there_is(node: Node) -> None:
    number, _ = everything(node)
    with node.browser("handler") as client:
        answered = client.get(f"/cases/{number}")
    said = text_of(answered)
    for part in (
        f"Incident {number}", "TLP:AMBER+STRICT", "PAP:RED", "2 take part", "You: Leads the case",
        "What happened first words", "First seen 1 correction", "2026-11-27 08:00 UTC",
        "2026-11-27 07:00 UTC", "stated in Europe/Amsterdam", "the log is right",
        "Zuidmark Police", "Entity that was struck", "Notification (NIS2 art. 23) Detected",
        "Call them", "overdue", "Tell the press?", "Not yet", "Because: too early",
        "Phase: Contain (Detection → Containment)", "handler@people.example (Bank ISAC)",
        "Opened the case: “All of it”",
    ):  # fmt: skip
        assert part in said, part
    assert "<strong>all</strong>" in answered.text
    assert "<script>window.hit" not in answered.text
    assert said.index("Opened the case") > said.index("Marking: TLP:AMBER+STRICT"), "newest first"


def test_each_reader_sees_persons_of_the_own_organisation_alone(node: Node) -> None:
    number, police = everything(node)
    do(
        node,
        number,
        Moved(machine="nis2", trigger="assess", leaves="detected", of=police),
        "officer",
    )
    with node.browser("officer") as client:
        page = client.get(f"/cases/{number}").text
        assert "officer@people.example" in page
        assert "handler@people.example" not in page
        assert "You: Entity that was struck" in text_of(client.get(f"/cases/{number}"))
    with node.browser("handler") as client:
        assert "officer@people.example" not in client.get(f"/cases/{number}").text


def test_what_a_step_needs_leads_to_where_it_is_filled_in(node: Node) -> None:
    number = opened(node, "Needs things")
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}").text
        assert 'name="trigger" value="contain"' not in page
        where = f'href="/cases/{number}?open=recorded&amp;fact=detected_at#recorded"'
        assert where in page
        form = client.get(f"/cases/{number}?open=recorded&fact=detected_at").text
        assert '<details class="fold" id="form-recorded" open>' in form
        assert '<option value="detected_at" selected>' in form
        for trigger, leaves in (("contain", "detection"), ("recover", "containment")):
            done = send(
                client, number, "recorded", fact="detected_at", at="2026-11-27T09:00", zone="UTC"
            )
            assert done.status_code == 303
            send(client, number, "recorded", fact="handled_at", at="2026-11-27T10:00", zone="UTC")
            moved = send(client, number, "moved", machine="phase", trigger=trigger, leaves=leaves)
            assert moved.status_code == 303, moved.text
        send(client, number, "moved", machine="phase", trigger="conclude", leaves="recovery")
        page = client.get(f"/cases/{number}").text
        assert "This needs first:" in page
        assert f'href="/cases/{number}/edit#f-fields.classification"' in page
        do_fill(client, number, classification="rsit:nonsense")
        page = text_of(client.get(f"/cases/{number}"))
        assert "a class or type that the taxonomy has ( Classification (RSIT) )" in page
        do_fill(client, number, classification="rsit:fraud")
        closed = send(client, number, "moved", machine="phase", trigger="close", leaves="lessons")
        assert closed.status_code == 303
        assert "This needs first" not in client.get(f"/cases/{number}").text
    assert seen(node, number).is_over


def do_fill(client: object, number: str, **fields: str) -> None:
    """Changes fields on their page, as a browser sends all of it."""
    place = f"/cases/{number}/edit"
    page = client.get(place).text  # type: ignore[attr-defined]
    form = dict(re.findall(r'name="(seen\.[^"]+)" value="([^"]*)"', page))
    form |= {f"fields.{name}": value for name, value in fields.items()}
    done = post(client, place, form, place)  # type: ignore[arg-type]
    assert done.status_code == 303, done.text


def test_an_event_that_the_reader_may_not_see_is_a_uuid(node: Node) -> None:
    number = opened(node, "Linked")
    join(node, number, "Zuidmark Police", "csirt")
    with node.browser("handler") as client:
        for event in ("own", "open"):
            done = send(
                client, number, "linked", kind="event", reference=f"/x/{node.events[event]}"
            )
            assert done.status_code == 303, done.text
        attribute = client.get(f"/intelligence/events/{node.events['own']}").text
        found = re.search(r'href="/intelligence/attributes/(\d+)"', attribute)
        assert found
        send(client, number, "linked", kind="attribute", reference=found[1])
        other = opened(node, "Another case")
        send(client, number, "linked", kind="case", reference=other)
        page = client.get(f"/cases/{number}").text
        for told in ("Only for the bank", "Open &lt;script&gt;", "own.example", "Another case"):
            assert told in page, told
    uuids = {link.uuid for link in seen(node, number).links.values()}
    assert len(uuids) == 4
    with node.browser("officer") as client:
        page = client.get(f"/cases/{number}").text
        for hidden in ("Only for the bank", "own.example", "Another case"):
            assert hidden not in page, hidden
        assert "Open &lt;script&gt;" in page
        assert page.count("Not on this node, or not for you to see.") == 3
        for uuid in uuids:
            assert uuid in page
        event = str(node.events["own"])
        refused = send(client, number, "linked", kind="event", reference=event)
        assert refused.status_code == 400
        absent = send(client, number, "linked", kind="event", reference="98765432")
        assert text_of(refused) == text_of(absent)
        taken = send(
            client, number, "linked", kind="event", is_undone="1",
            reference=own_event(node),
        )  # fmt: skip
        assert taken.status_code == 303
        assert client.get(f"/cases/{number}").text.count("Not on this node") == 2


def own_event(node: Node) -> str:
    """The UUID of the event that the bank alone sees."""
    with node.database.system() as session:
        return str(
            session.value("SELECT uuid::text FROM event WHERE id = %s", (node.events["own"],))
        )


def test_who_takes_part_no_longer_is_told_the_same_as_of_a_case_that_is_not_there(
    node: Node,
) -> None:
    number, police = everything(node)
    with node.browser("officer") as client:
        assert client.get(f"/cases/{number}").status_code == 200
        do(node, number, Left(participant=police, because="sold"))
        for path in ("", "/edit"):
            hidden = client.get(f"/cases/{number}{path}")
            absent = client.get(f"/cases/INC-2026-9999{path}")
            assert (hidden.status_code, absent.status_code) == (404, 404)
            assert text_of(hidden) == text_of(absent)
        for what in sorted(ALL_ACTS - {"filled"}):
            form = {"text": "let me in", "title": "x"}
            assert post(client, f"/cases/{number}/acts/{what}", form).status_code == 404
        assert post(client, f"/cases/{number}/edit", {"fields.summary": "x"}).status_code == 404
        assert "All of it" not in client.get(f"/cases?text={number}").text
        assert number not in client.get("/cases/board").text
    with node.browser("handler") as client:
        page = text_of(client.get(f"/cases/{number}"))
        assert "1 took part earlier" in page
        assert "sold" in page
    with node.browser("lead") as client:
        assert client.get(f"/cases/{number}").status_code == 404, "without the right"
    with node.browser("admin") as client:
        assert client.get(f"/cases/{number}").status_code == 404, "site admins are nobody here"


def test_two_who_did_not_know_of_each_other_are_shown_until_somebody_settles_it(
    node: Node,
) -> None:
    number = opened(node, "In two minds", contact="the desk")
    by = str(uuid4())
    join(node, number, "Zuidmark Police", "handler", by=by)
    do(node, number, Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone="UTC"))
    known = len(seen(node, number).timeline)
    do(node, number, Filled(fields={"contact": "the front desk"}))
    do(node, number, Moved(machine="phase", trigger="contain", leaves="detection"))
    casework.arrived(node, number, Filled(fields={"contact": "the back office"}), by, (known, 0))
    contain = Moved(machine="phase", trigger="contain", leaves="detection", because="also")
    casework.arrived(node, number, contain, by, (known, 1))
    casework.arrived(node, number, Marked(tlp="red"), by, (known, 2))
    with node.browser("handler") as client:
        page = text_of(client.get(f"/cases/{number}"))
        assert "Two who did not know of each other said “Contact, day and night”" in page
        assert "the front desk" in page
        assert "the back office" in page
        assert "Two who did not know of each other said “Phase” differently" in page
        assert "1 entry does not count." in page
        assert "Marking — Zuidmark Police" in page
        assert "2 conflicts" in text_of(client.get("/cases"))
        do_fill(client, number, contact="both desks")
        page = text_of(client.get(f"/cases/{number}"))
        assert "said “Contact, day and night”" not in page
        assert "Conflicts that were settled" in page
        assert "settled by handler@people.example" in page
        assert "1 conflict" in text_of(client.get("/cases"))


def test_the_timeline_is_read_in_windows(node: Node) -> None:
    number = opened(node, "Long")
    place = f"/cases/{number}"
    with node.database.as_user(node.ids["handler"]) as session:
        acts: list[Any] = [(Said(text=f"message {count:03}."), []) for count in range(25)]
        acts += [(Decided(question=f"question {n:03}.", outcome="yes"), []) for n in range(11)]
        acts += [(Planned(task=str(uuid4()), title=f"task {n:03}."), []) for n in range(11)]
        acts += [(Linked(kind="event", uuid=str(uuid4()), title=f"link {n:03}."), [])
                 for n in range(11)]  # fmt: skip
        entries = keeping.act_several(session, number, acts)
    with node.browser("handler") as client:
        first = client.get(place).text
        timeline = first[first.index('id="timeline"') :]
        assert "link 010." in timeline
        assert "message 024." not in timeline
        assert 'id="e-' + entries[-1].id in timeline
        said = text_of(client.get(place))
        assert "1 to 25 of 59" in said
        assert "1 to 10 of 25" in said
        assert said.count("1 to 10 of 11") == 3
        assert f'href="{place}?messages=2#said"' in first
        second = client.get(f"{place}?messages=2").text
        messages = second[second.index('id="said"') : second.index('id="planned"')]
        assert "message 014." in messages
        assert "message 015." not in messages
        rest = client.get(f"{place}?page=3").text
        timeline = rest[rest.index('id="timeline"') :]
        assert "message 004." in timeline
        assert "link 010." not in timeline
        assert "Opened the case" in timeline
        # Where an entry is named, the page is the one on which it stands.
        found = client.get(f"{place}?entry={entries[0].id}").text
        assert 'id="e-' + entries[0].id in found
        tasks = [one.act for one in entries if isinstance(one.act, Planned)]
        task = next(one.task for one in tasks if one.title == "task 010.")
        found = client.get(f"{place}?open=planned.{task}").text
        assert re.search(rf'id="form-planned.{task}" open', found)
        # To be printed, all of it.
        whole = client.get(f"{place}?all=1").text
        for text in ("message 000.", "message 024.", "question 000.", "task 000.", "link 000."):
            assert text in whole[whole.index("<main") :]
        assert 'rel="next"' not in whole
        # A script gets the piece alone, and puts it in the place of what is there.
        partial = {"HX-Request": "true", "HX-Target": "timeline"}
        piece = client.get(f"{place}?page=2", headers=partial).text
        assert piece.strip().startswith('<section id="timeline"')
        assert "message 010." in piece
        assert "<html" not in piece
        for name in ("said", "planned", "attached", "linked", "decided"):
            piece = client.get(place, headers=partial | {"HX-Target": name}).text
            assert piece.strip().startswith(f'<section id="{name}"')


@pytest.mark.parametrize(
    ("query", "status"),
    [("page=0", 200), ("page=x", 200), ("page=9999999999", 200), ("entry=%00", 200),
     ("messages=-1", 200), ("tasks=99", 200), ("all=perhaps", 200), ("entry=" + "x" * 300, 200)],
)  # fmt: skip
def test_whatever_stands_in_the_address_the_case_is_shown(
    node: Node, query: str, status: int
) -> None:
    number = opened(node, "Odd")
    with node.browser("handler") as client:
        assert client.get(f"/cases/{number}?{query}").status_code == status


def test_every_act_has_a_form_and_a_word() -> None:
    forms = acting.READ.keys() | attaching.WRITES.keys()
    assert ALL_ACTS - forms == {"filled"}, "which has a page of its own"
    assert acting.DONE.keys() == forms
    assert TITLES.keys() >= ALL_ACTS | {"opened"}


def test_what_a_clock_remarks_is_in_the_readers_language_and_names_times_as_the_page_does(
    node: Node,
) -> None:
    number = opened(node, "Sent before it was known, on a Friday")
    police = join(node, number, "Zuidmark Police", "entity")
    for fact, at in (("aware_at", "2025-01-03"), ("notification_submitted_at", "2025-01-02")):
        do(node, number, Recorded(fact=fact, at=f"{at}T18:00:00Z", zone="UTC", of=police))
    with node.browser("handler") as client:
        english = text_of(client.get(f"/cases/{number}"))
        post(client, "/preferences", {"language": "nl", "next": "/"})
        dutch = text_of(client.get(f"/cases/{number}"))
        post(client, "/preferences", {"language": "en", "next": "/"})
    assert "“Notification sent” lies before “Became aware”." in english
    assert "Fewer than two working days." in english
    assert "“Melding verzonden” ligt vóór “Kennis gekregen”." in dutch
    assert "Minder dan twee werkdagen." in dutch


def test_all_of_it_is_there_in_dutch(node: Node) -> None:
    number, _ = everything(node)
    with node.browser("handler") as client:
        post(client, "/preferences", {"language": "nl", "next": "/"})
        try:
            page = text_of(client.get(f"/cases/{number}"))
            for part in ("Volgende stappen", "Inperking", "Wie meedoet", "Tijdlijn", "Besloten:"):
                assert part in page, part
            assert "Waterschappen" not in page
            assert "Vervoer" in text_of(client.get("/cases/new?kind=incident"))
        finally:
            post(client, "/preferences", {"language": "en", "next": "/"})
