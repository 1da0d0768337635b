# SPDX-License-Identifier: EUPL-1.2
"""Reports to authorities on the pages: what is owed, the form filled, files, that it was sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pypdf
import pytest
from tests.web import casework
from tests.web.casework import do, join, opened, seen, text_of
from tests.web.node import CANARY, Node, post

from brug.cases import documents, keeping
from brug.cases.acts import Filled, Moved, Recorded
from brug.cases.reports import REPORTS

INCIDENT = {key: one for key, one in REPORTS.items() if one.kind == "incident"}


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def struck(node: Node, **fields: object) -> tuple[str, str]:
    number = opened(node, "Pumps stopped", **fields)
    part = join(node, number, "Zuidmark Police", "entity")
    do(node, number, Recorded(fact="aware_at", at="2026-03-28T12:00:00Z", zone="UTC", of=part))
    return number, part


def send(client: httpx.Client, number: str, part: str, **fields: str) -> httpx.Response:
    place = f"/cases/{number}/reports/nis2-early-warning"
    form = {"form": "sent", "of": part, "at": "2026-03-28T20:00", "zone": "UTC"} | fields
    return post(client, place, form, place)


def test_the_list_says_what_is_owed_until_when_and_what_is_missing(node: Node) -> None:
    number, _ = struck(node)
    with node.browser("handler") as client:
        assert f"/cases/{number}/reports" in client.get(f"/cases/{number}").text
        page = client.get(f"/cases/{number}/reports")
        said = text_of(page)
    for report in INCIDENT.values():
        assert f"/cases/{number}/reports/{report.key}" in page.text
        assert report.title in said
    assert "Zuidmark Police" in said
    assert "23(4)(a)" in said
    assert "Not known yet" in said


def test_a_case_without_an_entity_says_so(node: Node) -> None:
    number = opened(node)
    with node.browser("handler") as client:
        assert "Nobody reports" in text_of(client.get(f"/cases/{number}/reports"))
        assert client.get(f"/cases/{number}/reports/gdpr-33").status_code == 400
        assert client.get(f"/cases/{number}/reports/nothing").status_code == 404


@pytest.mark.parametrize("key", INCIDENT)
def test_every_form_is_filled_on_its_page_and_in_its_files(node: Node, key: str) -> None:
    number, _ = struck(node, contact="+31 20 000 0000", summary="Two stations " + CANARY)
    place = f"/cases/{number}/reports/{key}"
    with node.browser("handler") as client:
        page = client.get(place)
        told = client.get(f"{place}/json")
        pdf = client.get(f"{place}/pdf")
    assert page.status_code == told.status_code == pdf.status_code == 200
    assert "+31 20 000 0000" in page.text
    assert "<script>window.hit" not in page.text
    values = {one["name"]: one["value"] for one in told.json()["items"]}
    assert values["contact"] == "+31 20 000 0000"
    assert values["summary"] == "Two stations " + CANARY
    text = "".join(one.extract_text() for one in pypdf.PdfReader(BytesIO(pdf.content)).pages)
    assert re.sub(r"\s", "", CANARY) in re.sub(r"[\s\u200b]", "", text)
    for got in (told, pdf):
        assert got.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in got.headers["content-security-policy"]


def test_what_is_missing_leads_to_where_it_is_filled_in(node: Node) -> None:
    number, _ = struck(node)
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}/reports/nis2-early-warning").text
        missing = page[page.index('id="missing-title"') : page.index('id="says-title"')]
    for name in ("contact", "suspected_malicious", "cross_border"):
        assert f"/cases/{number}/edit#f-fields.{name}" in missing


def test_a_report_is_sent_and_kept(node: Node) -> None:
    number, part = struck(node, contact="+31", suspected_malicious="unknown", cross_border="no")
    with node.browser("officer") as client:
        assert send(client, number, part).is_redirect
        page = text_of(client.get(f"/cases/{number}/reports/nis2-early-warning"))
    case = seen(node, number)
    (kept,) = documents.shown(case)
    assert kept.act.sha256 in page
    fact = case.fact("warning_submitted_at", part)
    assert fact
    assert fact.at == "2026-03-28T20:00:00Z"
    assert "Met" in page


def test_what_is_missing_late_or_to_come_is_said_and_can_be_sent_with_a_reason(node: Node) -> None:
    number, part = struck(node)
    with node.browser("handler") as client:
        refused = send(client, number, part)
        assert refused.status_code == 409
        assert "Something is missing" in text_of(refused)
        for fields, said in (
            ({"incomplete": "1"}, "Something is missing. Say why it was sent so."),
            ({"at": "2190-01-01T00:00"}, "time that is past"),
            ({"at": "yesterday"}, "day and time such as"), ({"zone": "Mars"}, "time zone such as"),
        ):  # fmt: skip
            refused = send(client, number, part, **fields)
            assert refused.status_code == 400
            assert said in text_of(refused)
        assert not documents.shown(seen(node, number))
        place = f"/cases/{number}/reports/nis2-early-warning"
        assert "Why it is incomplete; and late, if" in text_of(client.get(place))
        told = {"contact": "+31", "cross_border": "no"}
        do(node, number, Filled(fields=told | {"suspected_malicious": "no"}))
        assert "Why it is late, if it was sent after its deadline" in text_of(client.get(place))
        for at, said in (
            ("2026-03-30T20:00", "This is after its deadline. Say why it is late."),
            ("2026-03-28T11:00", "This is before what starts its deadline. Say why."),
        ):
            refused = send(client, number, part, at=at)
            assert refused.status_code == 400
            assert said in text_of(refused)
        now = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        do(node, number, Recorded(fact="aware_at", at=now, zone="UTC", of=part))
        page = text_of(client.get(place))
        assert "Remark" in page
        assert "Why it is late" not in page
        assert "Why it is incomplete" not in page
        back = Recorded(fact="aware_at", at="2026-03-28T12:00:00Z", zone="UTC", of=part)
        do(node, number, back)
        do(node, number, Filled(fields={"suspected_malicious": None}))
        late = {"at": "2026-03-30T20:00", "because": "mail was down", "incomplete": "1"}
        assert send(client, number, part, **late).is_redirect
    assert documents.shown(seen(node, number))[0].act.because == "mail was down"


def test_a_page_says_whose_law_applies_and_where_that_is_chosen(node: Node) -> None:
    number, _ = struck(node)
    place = f"/cases/{number}/reports/nis2-early-warning"
    with node.browser("handler") as client:
        assert "that of this node (cases.authority_country)" in text_of(client.get(place))
        assert f"/cases/{number}/edit#f-fields.main_establishment" in client.get(place).text
        do(node, number, Filled(fields={"main_establishment": "BE"}))
        page = text_of(client.get(place))
        assert "Country whose law applies: BE · as the case says of its main establishment" in page
        told = client.get(f"{place}/json").json()
    assert told["law_of"] == {"country": "BE", "by": "case"}


def test_who_takes_no_part_sees_no_report_and_sends_none(node: Node) -> None:
    number = opened(node, summary=CANARY)
    part = join(node, number, "Bank ISAC", "entity")
    with node.browser("officer") as client:
        for path in ("", "/gdpr-33", "/gdpr-33/json", "/gdpr-33/pdf"):
            got = client.get(f"/cases/{number}/reports{path}")
            assert got.status_code == 404
            assert CANARY not in got.text
        form = {"of": part, "at": "2026-03-28T20:00", "zone": "UTC", "because": "x"}
        place = f"/cases/{number}/reports/gdpr-33"
        assert post(client, place, form, "/cases").status_code == 404
    assert not documents.shown(seen(node, number))


def test_who_looks_on_reads_the_form_and_sends_nothing(node: Node) -> None:
    number = opened(node)
    part = join(node, number, "Bank ISAC", "entity")
    join(node, number, "Zuidmark Police", "observer")
    place = f"/cases/{number}/reports/nis2-early-warning"
    with node.browser("officer") as client:
        assert "Keep what was sent" not in client.get(place).text
        refused = send(client, number, part, incomplete="1", because="x")
    assert refused.status_code == 403
    assert not documents.shown(seen(node, number))


def test_the_forms_are_read_in_dutch(node: Node) -> None:
    number, _ = struck(node)
    place = f"/cases/{number}/reports/nis2-early-warning"
    with node.browser("handler") as client:
        post(client, "/preferences", {"language": "nl", "next": "/"})
        said = text_of(client.get(place))
        pdf = client.get(f"{place}/pdf")
        case = client.get(f"/cases/{number}").text
        post(client, "/preferences", {"language": "en", "next": "/"})
    assert "Vroegtijdige waarschuwing" in said
    assert 'lang="nl">zonder onnodige vertraging<' in case
    assert "without undue delay" not in case
    text = "".join(one.extract_text() for one in pypdf.PdfReader(BytesIO(pdf.content)).pages)
    assert "Vroegtijdige waarschuwing" in text


def test_the_maker_of_what_is_exploited_reports_from_the_disclosure(node: Node) -> None:
    with node.database.as_user(node.ids["handler"]) as session:
        number = keeping.open_case(session, "disclosure", "Parser", {"products": [CANARY]}).number
    join(node, number, "Zuidmark Police", "vendor")
    place = f"/cases/{number}/reports"
    with node.browser("officer") as client:
        assert place in client.get(f"/cases/{number}").text
        assert "14(2)(c)" in text_of(client.get(place))
        page = client.get(f"{place}/cra-vuln-notification").text
    for name in ("sensitivity", "exploit", "union_market"):
        assert f"/cases/{number}/edit#f-fields.{name}" in page
    assert "<script>window.hit" not in page


def test_the_page_moves_the_state_of_whoever_sent(node: Node) -> None:
    number, part = struck(node, contact="+31", suspected_malicious="no", cross_border="no",
                          significant_because="two stations")  # fmt: skip
    for trigger, leaves in (("assess", "detected"), ("find_significant", "assessing")):
        do(node, number, Moved(machine="nis2", trigger=trigger, leaves=leaves, of=part))
    with node.browser("officer") as client:
        assert send(client, number, part).is_redirect
    assert seen(node, number).positions["nis2", part].state == "warned"
