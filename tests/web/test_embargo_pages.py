# SPDX-License-Identifier: EUPL-1.2
"""Embargoes: terms and who agreed, alarms where something leaks, vendors that do not answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.web import casework
from tests.web.casework import arrived, do, join, seen, text_of
from tests.web.node import CANARY, Node, post

from brug.cases import chasing, files, keeping, telling
from brug.cases.acts import Embargoed, Filled, Linked, Moved, Recorded, Said
from brug.cases.embargoes import alarms, matching, negotiating, policies, terms, watching
from brug.cases.embargoes.negotiating import Step
from brug.store import settings

FAR, FARTHER = "2190-01-31T09:00", "2190-05-31T09:00"
CVE = "CVE-2026-0042"


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def disclosure(node: Node, **fields: Any) -> str:
    with node.database.as_user(node.ids["handler"]) as session:
        return keeping.open_case(session, "disclosure", "Pump stops", fields).number


def sent(client: httpx.Client, case: str, what: str, **fields: str) -> httpx.Response:
    """A form of the page, with what its hidden fields carry."""
    place = f"/cases/{case}/embargo"
    page = client.get(place).text
    form = {"form": what, "do": what}
    at = page.find(f'name="do" value="{what}"')
    if at >= 0:
        inner = page[page.rindex("<form", 0, at) : page.index("</form>", at)]
        form |= dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inner))
    return post(client, place, form | fields, place)


def look(node: Node, number: str, now: datetime | None = None) -> None:
    with node.database.system() as session:
        watching.look(session, files.find(session, number).id, now or datetime.now(UTC))


def raised(node: Node, number: str, who: str = "handler") -> list[alarms.Alarm]:
    with node.database.as_user(node.ids[who]) as session:
        return alarms.of_case(session, files.find(session, number).id)


def test_terms_are_proposed_agreed_revised_and_ended(node: Node) -> None:
    number = disclosure(node)
    police = join(node, number, "Zuidmark Police", "vendor")
    zone = "Europe/Amsterdam"
    with node.browser("handler") as lead, node.browser("officer") as vendor:
        assert f"/cases/{number}/embargo" in lead.get(f"/cases/{number}").text
        for until, place, said in (
            ("yesterday", zone, "day and time such as"), (FAR, "Mars", "time zone such as"),
            ("2020-01-01T00:00", zone, "time that is to come"),
        ):  # fmt: skip
            refused = sent(lead, number, "propose", until=until, zone=place)
            assert refused.status_code == 400
            assert said in text_of(refused)
        assert sent(lead, number, "propose", until=FAR, zone=zone).status_code == 303
        assert seen(node, number).embargo is None  # it binds nobody yet
        assert sent(vendor, number, "agree", of=police).status_code == 303
        assert sent(lead, number, "accept_embargo").status_code == 303
        # The vendor wants longer; nothing changes before somebody who leads says so.
        longer = {"until": FARTHER, "zone": zone, "because": CANARY}
        assert sent(vendor, number, "propose", **longer).status_code == 303
        case = seen(node, number)
        assert case.embargo
        assert case.embargo.until.startswith("2190-01")
        assert [one.state for one in terms.versions(case)] == ["in_force", "proposed"]
        page = lead.get(f"/cases/{number}/embargo")
        assert "<script>window.hit" not in page.text
        assert "2190-05-31 09:00:00+02:00" in text_of(page)
        assert sent(lead, number, "accept_embargo", terms=str(uuid4())).status_code == 409
        assert sent(lead, number, "accept_embargo").status_code == 303
        case = seen(node, number)
        assert case.embargo
        assert case.embargo.until.startswith("2190-05")
        (agreed,) = [one for one in terms.agreed(case) if one.participant == police]
        assert (agreed.state, agreed.terms and agreed.terms.number) == ("lapsed", 1)
        assert sent(lead, number, "terminate").status_code == 400  # it asks for the reason
        assert sent(lead, number, "terminate", because="It is fixed").status_code == 303
        case = seen(node, number)
        assert case.embargo is None
        assert [one.state for one in terms.versions(case)] == ["replaced", "ended"]
        assert sent(vendor, number, "terminate", because="x").status_code in {400, 403, 409}


def test_a_page_that_is_older_than_the_terms_ends_them_with_the_embargo(node: Node) -> None:
    number = disclosure(node)
    with node.database.as_user(node.ids["handler"]) as session:
        for one in (Step(step="propose", until="2190-01-31T09:00"), Step(step="accept")):
            negotiating.take(session, number, one)
    with node.browser("handler") as lead:
        given = {"form": "embargoed.end", "end": "1", "because": "Fixed"}
        answer = post(lead, f"/cases/{number}/acts/embargoed", given, f"/cases/{number}")
        assert answer.status_code == 303, text_of(answer)
    case = seen(node, number)
    assert case.embargo is None
    assert case.positions["embargo", ""].state == "exited"


def test_a_vendor_proposes_first_also_by_the_step_of_the_case(node: Node) -> None:
    number = disclosure(node)
    join(node, number, "Zuidmark Police", "vendor")
    step = {"machine": "embargo", "trigger": "propose", "leaves": "none", "zone": "UTC"}
    with node.browser("officer") as vendor:
        assert casework.send(vendor, number, "moved", **step).status_code == 400
        assert casework.send(vendor, number, "moved", **step, until=FAR).status_code == 303
        assert sent(vendor, number, "propose", until=FARTHER, zone="UTC").status_code == 303
        first = terms.waiting(seen(node, number))[0].entry.id
        refused = sent(vendor, number, "accept_embargo", leaves="proposed", terms=first)
        assert refused.status_code == 403
    with node.browser("handler") as lead:
        page = text_of(lead.get(f"/cases/{number}/embargo"))
        for said in ("binds nobody until", "It is the shortest.", "A shorter one is proposed"):
            assert page.count(said) == 1
        # The shortest is put into force; the other one is then other terms.
        assert sent(lead, number, "accept_embargo", terms=first).status_code == 303
    case = seen(node, number)
    assert case.positions["embargo", ""].state == "revise"
    assert [one.state for one in terms.versions(case)] == ["in_force", "replaced", "proposed"]


def test_who_was_away_agreed_to_what_it_knew_and_not_to_what_came_later(node: Node) -> None:
    number = disclosure(node)
    away = str(uuid4())
    police = join(node, number, "Zuidmark Police", "vendor", by=away)
    do(node, number, Embargoed(until="2190-01-31T09:00:00Z", zone="UTC"))
    do(node, number, Moved(machine="embargo", trigger="propose", leaves="none"))
    known = len(seen(node, number).timeline)
    do(node, number, Moved(machine="embargo", trigger="accept_embargo", leaves="proposed"))
    said = terms.in_words("2190-05-31T00:00:00Z", "UTC", "later")
    do(node, number, Moved(machine="embargo", trigger="propose", leaves="active", because=said))
    do(node, number, Embargoed(until="2190-05-31T00:00:00Z", zone="UTC"))
    do(node, number, Moved(machine="embargo", trigger="accept_embargo", leaves="revise"))
    agrees = Moved(machine="consent", trigger="agree", leaves="invited", of=police)
    arrived(node, number, agrees, away, (known, 0))
    case = seen(node, number)
    (one,) = [each for each in terms.agreed(case) if each.participant == police]
    assert one.terms
    assert (one.terms.number, one.terms.until) == (1, "2190-01-31T09:00:00Z")
    assert [each.number for each in terms.versions(case)] == [1, 2]


@pytest.mark.parametrize(
    ("trigger", "fact"),
    [("be_public", "public_disclosure_at"), ("exploit", "exploit_public_at")],
)
def test_what_another_node_that_leads_makes_public_is_no_breach_before_its_advisory_can_come(
    node: Node, trigger: str, fact: str
) -> None:
    number = disclosure(node)
    away = str(uuid4())
    join(node, number, "Zuidmark Police", "coordinator", by=away)
    at = "2026-01-01T00:00:00Z"
    do(node, number, Recorded(fact=fact, at=at, zone="UTC"))
    do(node, number, Embargoed(until="2190-01-31T09:00:00Z", zone="UTC"))
    known = len(seen(node, number).timeline)
    step = Moved(machine="exposure", trigger=trigger, leaves="pxa")
    arrived(node, number, step, away, (known, 0))
    assert seen(node, number).positions["exposure", ""].state != "pxa"

    def kinds(minutes: int) -> list[str]:
        look(node, number, datetime.now(UTC) + timedelta(minutes=minutes))
        return [one.kind for one in raised(node, number) if one.kind != "ends" and not one.closed]

    # It was said long ago, and came just now.
    assert kinds(0) == kinds(14) == ([] if trigger == "be_public" else ["known"])
    assert kinds(16) == ["known"]
    told = "Advisory ADV-1, version 1 (final), TLP:WHITE: https://csirt.example/1.json"
    arrived(node, number, Said(text=told), away, (known, 1))
    assert kinds(17) == ([] if trigger == "be_public" else ["known"])


def test_a_policy_counts_from_its_fact_and_the_table_has_sources(node: Node) -> None:
    number = disclosure(node)
    at = "2026-11-01T00:00:00Z"
    do(node, number, Recorded(fact="report_received_at", at=at, zone="UTC"))
    with node.database.as_user(node.ids["handler"]) as session:
        found = {one.policy.key: one for one in policies.proposals(session, seen(node, number))}
    assert found["project-zero"].until == datetime(2027, 1, 30, tzinfo=UTC)
    assert found["certcc"].is_ours
    for one in policies.shipped():
        assert one.source
        assert one.days > 0
        # What is said to be checked says where and when, and nothing else does.
        assert one.is_verified == (one.checked is not None) == one.where.startswith("https://")
        assert one.told("nl").title != one.title
        assert bool(one.told("nl").notes) == bool(one.notes)
    assert {one.key for one in policies.shipped() if not one.is_verified} == {
        "ncsc-nl", "ncsc-nl-hardware", "zdi",
    }  # fmt: skip
    with node.browser("handler") as client:
        page = text_of(client.get(f"/cases/{number}/embargo"))
    assert "checked on 2026-11-27" in page
    assert "not checked against its source" in page


def test_a_number_seen_outside_is_raised_once_for_whoever_sees_it_and_closed_with_a_reason(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = disclosure(node, cve=[CVE])
    join(node, number, "Zuidmark Police", "vendor")
    do(node, number, Embargoed(until="2190-01-31T09:00:00Z", zone="UTC"))
    look(node, number)
    assert raised(node, number) == []
    bank = node.orgs["Bank ISAC"]
    event = str(uuid4())

    def found(_session: Any, org: int, cves: Any, *_: Any) -> list[matching.Seen]:
        return [matching.Seen(cves[0], "event", event, CANARY)] if org == bank else []

    monkeypatch.setattr(matching, "seen", found)
    for _ in range(2):
        look(node, number)
    (alarm,) = raised(node, number)
    assert (alarm.kind, alarm.about["cve"]) == ("breach", CVE)
    assert raised(node, number, "officer") == []
    assert [one.title for one in seen(node, number).tasks.values()] == [
        f"{CVE} is named outside of this case: is the embargo broken?"
    ]
    with node.browser("handler") as client:
        assert "Alarms in disclosures" in text_of(client.get("/"))
        page = client.get(f"/cases/{number}/embargo")
        assert f"/intelligence/events/{event}" in page.text
        assert "<script>window.hit" not in page.text
        wanted = {"alarm": str(alarm.id)}
        assert sent(client, number, "close", **wanted, because="").status_code == 400
        assert sent(client, number, "close", alarm="999999", because="x").status_code == 404
        assert sent(client, number, "close", **wanted, because="An old list").status_code == 303
        assert sent(client, number, "close", **wanted, because="x").status_code == 409
    with node.browser("officer") as client:
        assert event not in client.get(f"/cases/{number}/embargo").text
    (kept,) = seen(node, number).decisions
    assert kept.act.because == "An old list"


def test_what_is_published_is_found_only_where_the_organisation_sees_it(node: Node) -> None:
    with node.database.as_user(node.ids["admin"]) as session:
        row = session.one(
            "SELECT a.value1, e.uuid::text FROM attribute a JOIN event e ON e.id = a.event_id"
            " WHERE e.published AND NOT a.deleted LIMIT 1"
        )
    assert row
    value, event = row
    since = datetime(2000, 1, 1, tzinfo=UTC)
    with node.database.system() as session:
        for linked, there in (([], True), ([event], False)):
            found = matching.seen(session, node.orgs["Bank ISAC"], [value.upper()], since, linked)
            assert (event in {one.reference for one in found}) is there


def test_events_of_those_who_take_part_carry_the_embargo_for_the_gate(node: Node) -> None:
    with node.database.system() as session:
        event, uuid = session.one(
            "SELECT e.id, e.uuid::text FROM event e JOIN organisation o ON o.id = e.orgc_id"
            " WHERE o.name = 'Bank ISAC' LIMIT 1"
        ) or (0, "")
        other, stranger = session.one(
            "SELECT e.id, e.uuid::text FROM event e JOIN organisation o ON o.id = e.orgc_id"
            " WHERE o.name <> 'Bank ISAC' LIMIT 1"
        ) or (0, "")

    def tags(of: int) -> list[str]:
        with node.database.system() as session:
            return [row[0] for row in session.all(
                "SELECT g.name FROM event_tag t JOIN tag g ON g.id = t.tag_id"
                " WHERE t.event_id = %s AND g.name LIKE 'brug:embargo%%'", (of,)
            )]  # fmt: skip

    assert event
    number = disclosure(node)
    for one in filter(None, (uuid, stranger)):
        do(node, number, Linked(kind="event", uuid=one))
    until = "2190-01-31T09:00:00Z"
    do(node, number, Embargoed(until=until, zone="UTC"))
    look(node, number)
    assert tags(event) == [f'brug:embargo="{until}"']
    assert not other or tags(other) == []
    do(node, number, Embargoed(until="2190-02-28T09:00:00Z", zone="UTC"))
    look(node, number)
    assert tags(event) == ['brug:embargo="2190-02-28T09:00:00Z"']
    do(node, number, Embargoed(until="", zone="UTC"))
    look(node, number)
    assert tags(event) == []


def test_an_end_that_comes_near_is_said_once_for_each_mark(node: Node) -> None:
    number = disclosure(node)
    do(node, number, Embargoed(until="2190-01-31T09:00:00Z", zone="UTC"))
    end = datetime(2190, 1, 31, 9, tzinfo=UTC)
    for before in (timedelta(days=20), timedelta(days=6), timedelta(days=5), timedelta(hours=3)):
        look(node, number, end - before)
    # The last one alone waits to be read.
    assert [(one.kind, one.closed is None) for one in raised(node, number)] == [
        ("ends", True), ("ends", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wakes", "kinds"),
    [
        (timedelta(days=-2), ["ends"]),
        (timedelta(seconds=-1), ["ends"]),
        (timedelta(0), ["ended"]),
        (timedelta(days=5), ["ended"]),
    ],
)
def test_who_slept_for_a_week_under_an_embargo_hears_of_it_once(
    node: Node, wakes: timedelta, kinds: list[str]
) -> None:
    number = disclosure(node)
    with node.database.as_user(node.ids["handler"]) as session:
        propose = Step(step="propose", until="2190-01-31T09:00", because="The fix")
        for one in (propose, Step(step="accept")):
            negotiating.take(session, number, one)
    end = datetime(2190, 1, 31, 9, tzinfo=UTC)
    look(node, number, end - timedelta(days=15))
    assert raised(node, number) == []
    for _ in range(3):
        look(node, number, end + wakes)
    assert [one.kind for one in raised(node, number)] == kinds
    case = seen(node, number)
    over = kinds == ["ended"]
    assert case.positions["embargo", ""].state == ("exited" if over else "active")
    assert terms.versions(case)[0].state == ("ended" if over else "in_force")
    ends = [one for one in case.timeline
            if isinstance(one.act, Moved) and one.act.trigger == "terminate"]  # fmt: skip
    assert len(ends) == over


def test_a_vendor_that_does_not_answer_is_chased_and_then_silent(node: Node) -> None:
    number = disclosure(node)
    police = join(node, number, "Zuidmark Police", "vendor")
    at = "2026-10-01T08:00:00Z"
    do(node, number, Recorded(fact="first_vendor_contact_attempt_at", at=at, zone="UTC"))
    do(node, number, Moved(machine="contact", trigger="write", leaves="unwritten", of=police))
    now = datetime.now(UTC)
    steps = []
    for days in (6, 8, 9, 15, 29):
        look(node, number, now + timedelta(days=days))
        case = seen(node, number)
        steps.append((len(case.tasks), case.positions["contact", police].state))
    assert steps == [(0, "written"), (1, "written"), (1, "written"), (2, "silent"), (3, "silent")]
    with node.browser("handler") as client:
        assert "Zuidmark Police" in text_of(client.get("/cases/silent"))
        assert "Zuidmark Police" in text_of(client.get(f"/cases/{number}/embargo"))
        listed = client.get("/cases").text
        assert "no answer" in listed[listed.index(number) : listed.index(number) + 600]
    with node.browser("officer") as client:
        assert number not in client.get("/cases/silent").text
    do(node, number, Said(text="Here we are"), "officer")
    look(node, number)
    assert all(one.closed for one in raised(node, number))
    (contact,) = chasing.contacts(seen(node, number), now + timedelta(days=60), 7)
    assert (contact.stage, contact.waits_since) == (0, None)


def test_no_other_vendor_learns_of_one_that_does_not_answer(node: Node) -> None:
    number = disclosure(node, cve=[CVE])
    silent = join(node, number, "CSIRT Noordland", "vendor")
    other = join(node, number, "Zuidmark Police", "vendor")
    at = "2026-10-01T08:00:00Z"
    fact = Recorded(fact="first_vendor_contact_attempt_at", at=at, zone="UTC", of=silent)
    do(node, number, fact)
    do(node, number, Moved(machine="contact", trigger="write", leaves="unwritten", of=silent))
    for days in (8, 8, 16):
        look(node, number, datetime.now(UTC) + timedelta(days=days))
    for who, count, state in (
        ("handler", 2, "silent"), ("officer", 0, "unwritten"), ("admin", 2, "silent"),
    ):  # fmt: skip
        case = seen(node, number, who)
        assert len(case.tasks) == count, who
        assert case.participants[other].left is None
        assert case.positions["contact", silent].state == state
        assert (("contact", silent) in case.known_positions) is (count > 0)
        assert not case.ignored
    (alarm, _) = [one for one in raised(node, number) if one.kind == "silent"]
    with node.browser("handler") as lead, node.browser("officer") as vendor:
        place = f"/cases/{number}/embargo"
        assert "next step" in text_of(lead.get(place))
        page = text_of(vendor.get(place))
        assert "next step" not in page
        assert "A vendor does not answer" not in page
        assert "Silent" in text_of(lead.get(f"/cases/{number}"))
        people = vendor.get(f"/cases/{number}").text
        people = people[people.index('id="joined"') :].partition("</table>")[0]
        assert people.count("Contact") == 1, "its own alone"
        assert "Silent" not in people
        wanted = {"alarm": str(alarm.id), "because": "They are on holiday"}
        assert sent(lead, number, "close", **wanted).status_code == 303
        assert "They are on holiday" in text_of(lead.get(f"/cases/{number}"))
    said = [entry for entry in seen(node, number).timeline if isinstance(entry.act, Said)]
    assert [one.act.because for one in said] == ["They are on holiday"]
    hidden = {one.id for one in said}
    answer = Moved(machine="contact", trigger="answer", leaves="silent", of=silent)
    do(node, number, answer, "admin")
    for who, states in (("officer", []), ("admin", ["answering"]), ("handler", ["answering"])):
        told = telling.folded(seen(node, number, who))["states"]
        found = [one for one in told if (one["machine"], one["of"]) == ("contact", silent)]
        assert [one["state"] for one in found] == states, who
    for who in ("officer", "admin"):
        case = seen(node, number, who)
        assert not hidden & {one.id for one in case.timeline}
        assert case.decisions == []


def test_that_an_event_was_published_is_told_to_whom_it_was_linked_for(node: Node) -> None:
    number = disclosure(node)
    police = join(node, number, "Zuidmark Police", "vendor")
    with node.database.system() as session:
        uuids = [row[0] for row in session.all(
            "SELECT uuid::text FROM event WHERE published ORDER BY id LIMIT 2"
        )]  # fmt: skip
    lead = next(iter(seen(node, number).participants))
    for uuid, to in zip(uuids, ((lead,), (lead, police)), strict=True):
        do(node, number, Linked(kind="event", uuid=uuid), to=to)
    do(node, number, Embargoed(until="2190-01-31T09:00:00Z", zone="UTC"))
    look(node, number)
    for who, events in (("handler", uuids), ("officer", uuids[1:])):
        assert {one.about["event"] for one in raised(node, number, who)} == set(events)


def test_a_round_looks_at_what_changed_and_at_nothing_else(node: Node) -> None:
    number = disclosure(node)
    for _ in range(4):
        watching.watch(node.database)
    with node.database.system() as session:
        looked = session.value(
            "SELECT w.stamp = r.stamp FROM case_watch w JOIN case_file f ON f.id = w.case_id"
            " JOIN case_reading r ON r.case_id = f.id AND r.reader = 0 WHERE f.number = %s",
            (number,),
        )  # fmt: skip
        settings.set_value(session, "disclosure.chase_days", 7)
    assert looked


@pytest.mark.parametrize("text", ["", "until", "until x y", "until 2190-01-31T09:00:00Z Mars/X"])
def test_other_reasons_propose_no_terms(text: str) -> None:
    assert terms.said(text) is None


def test_another_kind_and_another_reader_have_no_such_page(node: Node) -> None:
    with node.browser("handler") as client:
        assert client.get(f"/cases/{casework.opened(node)}/embargo").status_code == 400
    number = disclosure(node)
    do(node, number, Filled(fields={"summary": "x"}))
    with node.browser("officer") as client:
        assert client.get(f"/cases/{number}/embargo").status_code == 404
