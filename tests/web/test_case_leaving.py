# SPDX-License-Identifier: EUPL-1.2
"""Pages by which cases leave: exports, the calendar, its secret addresses."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from icalendar import Calendar
from tests.web import casework
from tests.web.casework import do, join, opened, text_of
from tests.web.node import Node, post

from brug.bridges.ledger import sequencer
from brug.cases import documents
from brug.cases.acts import Embargoed, Marked, Planned, Recorded
from brug.cases.calendar import feeds
from brug.cases.documents import Told

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where checkpoints are kept. With entries in it no export waits for its place."""
    return tmp_path_factory.mktemp("ledger")


@pytest.fixture(scope="module")
def number(node: Node, ledger: Path) -> str:
    made = opened(node, "Pumps stopped")
    part = join(node, made, "Zuidmark Police", "entity")
    at = (NOW - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    do(node, made, Recorded(fact="aware_at", at=at, zone="UTC", of=part))
    do(node, made, Marked(tlp="amber"))
    due = NOW.strftime("%Y-%m-15T12:00:00Z")
    do(node, made, Planned(task=str(uuid4()), title="Image the server", due=due))
    do(node, made, Embargoed(until="2031-02-03T08:00:00Z", zone="UTC"))
    with node.database.as_user(node.ids["handler"]) as session:
        documents.attach(session, made, io.BytesIO(b"a log"), Told(name="log.txt"))
    sequencer.catch_up(node.database, ledger)
    return made


@pytest.mark.parametrize(("form", "starts"), [("zip", b"PK"), ("pdf", b"%PDF"), ("json", b"{")])
def test_whoever_takes_part_exports_it_in_each_form(
    node: Node, number: str, form: str, starts: bytes
) -> None:
    place = f"/cases/{number}/export"
    for who in ("handler", "officer"):
        with node.browser(who) as client:
            said = text_of(client.get(place))
            assert "The marking goes with it." in said
            assert "TLP:AMBER" in said
            answered = post(client, place, {"form": form}, place)
        assert answered.status_code == 200
        assert answered.content.startswith(starts)
        assert f'filename="{number}.{form}"' in answered.headers["content-disposition"]
        assert answered.headers["cache-control"] == "no-store"


def test_an_archive_that_is_long_comes_in_pieces(node: Node, ledger: Path) -> None:
    made = opened(node, "Large")
    content = bytes(range(256)) * 20_000
    with node.database.as_user(node.ids["handler"]) as session:
        documents.attach(session, made, io.BytesIO(content), Told(name="image.bin"))
    sequencer.catch_up(node.database, ledger)
    place = f"/cases/{made}/export"
    with node.browser("handler") as client:
        answered = post(client, place, {"form": "zip"}, place)
    with zipfile.ZipFile(io.BytesIO(answered.content)) as archive:
        assert archive.testzip() is None
        assert archive.read("documents/0001_image.bin") == content


def test_nobody_else_learns_that_there_is_something_to_export(node: Node, number: str) -> None:
    place = f"/cases/{number}/export"
    for who in ("admin", "lead"):
        with node.browser(who) as client:
            hidden, absent = client.get(place), client.get("/cases/INC-1999-0001/export")
            assert hidden.status_code == absent.status_code == 404
            answered = client.post(place, data={"form": "zip"})
            assert answered.status_code in {400, 403, 404}
            assert b"PK" not in answered.content[:2]


def test_an_embargo_is_told_with_what_leaves_until_it_is_over(node: Node, number: str) -> None:
    over = opened(node, "Over")
    do(node, over, Embargoed(until="2020-01-03T08:00:00Z", zone="UTC"))
    with node.browser("handler") as client:
        assert "embargo until 2031-02-03 08:00 UTC" in text_of(
            client.get(f"/cases/{number}/export")
        )
        assert "embargo" not in client.get(f"/cases/{over}/export").text


def test_a_form_that_is_none_is_refused(node: Node, number: str) -> None:
    place = f"/cases/{number}/export"
    with node.browser("handler") as client:
        assert post(client, place, {"form": "docx"}, place).status_code == 400


# Calendar ------------------------------------------------------------------------------


def test_the_month_and_its_agenda_show_what_ends(node: Node, number: str) -> None:
    with node.browser("handler") as client:
        said = text_of(client.get("/cases/calendar"))
        assert f"{number}: task due" in said
        assert "Image the server" in said
        page = client.get("/cases/calendar?month=2031-02")
        assert f"{number}: embargo ends" in text_of(page)
        assert page.text.count("<td") == 35
        assert "Nothing ends in this month" in client.get("/cases/calendar?month=2032-03").text
    with node.browser("lead") as client:
        assert number not in client.get("/cases/calendar").text


def test_a_deadline_is_named_by_what_is_to_be_done_and_its_rule_stands_below(node: Node) -> None:
    made = opened(node, "Named")
    entity = join(node, made, "Zuidmark Police", "entity")
    at = NOW - timedelta(hours=1)
    aware = Recorded(fact="aware_at", at=f"{at:%Y-%m-%dT%H:%M:00Z}", zone="UTC", of=entity)
    do(node, made, aware)
    with node.browser("handler") as client:
        page = client.get(f"/cases/calendar?day={at + timedelta(days=1):%Y-%m-%d}")
    assert f">{made}: Early warning due</a>" in page.text
    assert "· Directive (EU) 2022/2555 (NIS2) 23(4)(a)" in page.text


def test_however_much_ends_a_page_shows_so_much_and_leads_to_the_rest(node: Node) -> None:
    made = opened(node, "Much to do")
    for n in range(60):
        due = f"2033-05-{17 if n < 55 else 20}T{n // 6:02}:{n % 6}0:00Z"
        do(node, made, Planned(task=str(uuid4()), title=f"Step {n}.", due=due))
    with node.browser("handler") as client:
        page = client.get("/cases/calendar?month=2033-05")
        assert page.text.count("<td") == 42
        cells = re.findall(r'<a href="[^"]*"><span class="clock">', page.text)
        assert len(cells) == 4 + 4
        day = re.findall(r'<li class="more"><a href="([^"]+)">', page.text)
        assert day == ["/cases/calendar?day=2033-05-17", "/cases/calendar?day=2033-05-20"]
        for first, steps in ((page, range(60)), (client.get(day[0]), range(55))):
            said, further = text_of(first), first
            while more := re.search(r'rel="next" href="([^"]+after=[^"]+)"', further.text):
                further = client.get(unescape(more[1]))
                said += text_of(further)
            for n in range(60):
                assert said.count(f"Step {n}.") == (n in steps)
        for wrong in ("after=x", "day=2033-05", "day=1066-10-14", "after=1~"):
            answered = client.get(f"/cases/calendar?month=2033-05&{wrong}")
            assert answered.status_code == 400


def test_all_that_is_late_is_a_list_of_its_own(node: Node) -> None:
    made = opened(node, "Long over")
    for n in range(22):
        due = (NOW - timedelta(days=40, minutes=n)).strftime("%Y-%m-%dT%H:%M:00Z")
        do(node, made, Planned(task=str(uuid4()), title=f"Late {n}.", due=due))
    with node.browser("handler") as client:
        assert text_of(client.get("/cases/calendar")).count("Late ") == 20
        assert '"/cases/calendar?late=1"' in client.get("/cases/calendar").text
        assert text_of(client.get("/cases/calendar?late=1")).count("Late ") == 22
        assert "late=1" not in client.get("/cases/calendar?month=2033-05").text


def test_a_calendar_speaks_the_language_of_whoever_made_its_address(
    node: Node, number: str
) -> None:
    say = "UPDATE account SET language = %s WHERE id = %s"
    with node.database.system() as session:
        session.execute(say, ("nl", node.ids["officer"]))
    with node.database.as_user(node.ids["officer"]) as session:
        path = feeds.make(session)[1]
    # Whatever the program speaks that reads it.
    with node.browser() as client:
        answered = client.get(urlsplit(path).path, headers={"Accept-Language": "en"})
    told = {str(one["summary"]): one for one in Calendar.from_ical(answered.content).walk("VEVENT")}
    assert f"{number}: taak vervalt" in told
    early = told[f"{number}: Richtlijn (EU) 2022/2555 (NIS2) 23(4)(a) vervalt"]
    assert early["description"] == "Vroegtijdige waarschuwing"
    assert "Directive" not in answered.text
    with node.database.system() as session:
        session.execute(say, ("en", node.ids["officer"]))


@pytest.mark.parametrize("month", ["x", "2026-13", "0001-01", "9999-12", "2026-1", "\0"])
def test_a_month_that_is_none_is_refused(node: Node, month: str) -> None:
    with node.browser("handler") as client:
        assert client.get("/cases/calendar", params={"month": month}).status_code == 400


def test_a_secret_address_is_shown_once_read_without_signing_in_and_taken_back(
    node: Node, number: str
) -> None:
    place = "/cases/calendar/addresses"
    with node.browser("handler") as client:
        made = post(client, place, {"name": "phone", "only_mine": "1"}, place)
        (path,) = re.findall(r"/cases/calendar/feed/[\w-]+\.ics", made.text)
        assert path not in client.get(place).text
    with node.browser() as client:
        answered = client.get(path)
        assert answered.headers["content-type"].startswith("text/calendar")
        assert f"{number}: task due" in answered.text
        assert "Image the server" not in answered.text
        tag = {"If-None-Match": answered.headers["etag"]}
        again = client.get(path, headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(path[:-5] + "x.ics").status_code == 404
        assert client.get(path.removesuffix(".ics")).status_code == 404
    with node.browser("handler") as client:
        listed = client.get(place).text
        (which,) = re.findall(r'name="revoke" value="(\d+)"', listed)
        with node.browser("officer") as other:
            assert post(other, place, {"revoke": which}, place).status_code == 404
        assert post(client, place, {"revoke": which}, place).status_code == 303
    with node.browser() as client:
        assert client.get(path).status_code == 404


def test_a_name_that_is_too_long_is_refused_beside_its_field(node: Node) -> None:
    place = "/cases/calendar/addresses"
    with node.browser("handler") as client:
        answered = post(client, place, {"name": "x" * 200}, place)
    assert answered.status_code == 400
    assert 'id="f-name-error"' in answered.text


# Webhooks ------------------------------------------------------------------------------

HOOKS = "/cases/hooks"


def test_a_webhook_is_added_tried_out_paused_and_removed(node: Node) -> None:
    with node.browser("handler") as client:
        fields = {"url": "https://hooks.example/in?key=abc", "name": "Pager", "events": "message"}
        made = post(client, HOOKS, fields, HOOKS)
        (secret,) = re.findall(r"whsec_[\w+/=]+", made.text)
        page = client.get(HOOKS).text
        assert secret not in page
        assert "Pager" in page
        (number,) = re.findall(r'name="hook" value="(\d+)"', page)[:1]
        for do, said in (
            ("test", "on its way"), ("pause", "paused by hand"), ("resume", "is told again"),
        ):  # fmt: skip
            answered = post(client, HOOKS, {"do": do, "hook": number}, HOOKS)
            assert answered.status_code == 303
            assert said in text_of(client.get(HOOKS))
        with node.browser("officer") as other:
            assert "Pager" not in other.get(HOOKS).text
            gone = post(other, HOOKS, {"do": "remove", "hook": number}, HOOKS)
            assert gone.status_code == 404
        assert post(client, HOOKS, {"do": "remove", "hook": number}, HOOKS).status_code == 303
        assert "Pager" not in client.get(HOOKS).text.partition("<form")[0]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://hooks.example/", "events": ""}, "events"),
        ({"url": "https://hooks.example/", "events": "message", "name": "x" * 200}, "name"),
    ],
)
def test_a_webhook_that_does_not_fit_is_refused_beside_its_field(
    node: Node, fields: dict[str, str], field: str
) -> None:
    with node.browser("handler") as client:
        answered = post(client, HOOKS, {"events": "message"} | fields, HOOKS)
    assert answered.status_code == 400
    assert "-error" in answered.text
    assert ("f-" if field != "events" else "") + field + "-error" in answered.text
