# SPDX-License-Identifier: EUPL-1.2
"""An authority's pages: the queue, taking in, answers, other countries, and the summary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.cases.authority.conftest import told
from tests.web import casework
from tests.web.casework import join, opened, seen, text_of
from tests.web.node import CANARY, Node, post, token_in

from brug.cases import own_folder
from brug.cases.acts import Said

TELEPHONE = {
    "entity": "Harbour " + CANARY, "report": "nis2-early-warning", "received": "2026-11-26T10:00",
    "zone": "Europe/Amsterdam", "summary": "Cranes stopped " + CANARY, "countries": "nl, be",
    "cross_border": "yes", "suspected_malicious": "yes", "notified_as": "significant_incident",
    "channel": "By telephone", "contact": "+31 20 000 0000", "aware": "2026-11-26T09:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def take(client: httpx.Client, **fields: str) -> httpx.Response:
    return post(client, "/cases/received/new", TELEPHONE | fields, "/cases/received/new")


def taken(client: httpx.Client, **fields: str) -> str:
    got = take(client, **fields)
    assert got.is_redirect, text_of(got)
    return got.headers["location"].split("/")[2]


def do(client: httpx.Client, number: str, form: str, **fields: object) -> httpx.Response:
    place = f"/cases/{number}/received"
    return post(client, place, {"form": form, "zone": "UTC"} | fields, place)


def test_a_call_is_taken_down_and_answered(node: Node) -> None:
    with node.browser("handler") as client:
        number = taken(client)
        queue = client.get("/cases/received")
        page = client.get(f"/cases/{number}/received")
        assert f"/cases/{number}/received" in client.get(f"/cases/{number}").text
        assert f"/cases/{number}/received" in queue.text
        for one in (queue, page):
            assert "<script>window.hit" not in one.text
        said = text_of(page)
        assert "Received 2026-11-26T09:00:00Z, By telephone" in said
        assert "23(6)" in said
        assert "not checked against its source" in said
        assert do(client, number, "feedback", text="Seen elsewhere", police="Report it").is_redirect
        until = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
        assert do(client, number, "asked", until=until, text="How far?").is_redirect
        assert do(client, number, "acknowledged", at="2026-11-26T09:30").is_redirect
    case = seen(node, number)
    messages = [one.act.text for one in case.timeline if isinstance(one.act, Said)]
    assert messages[0].endswith("Reporting to the police\nReport it")
    assert case.fields["countries"] == ["NL", "BE"]
    assert case.ignored == []


def test_what_came_late_is_called_in_the_readers_language(node: Node) -> None:
    with node.browser("handler") as client:
        number = taken(client, aware="2026-11-20T09:00")
        post(client, "/preferences", {"language": "nl", "next": "/"})
        several = [text_of(client.get(f"/cases/{at}received")) for at in ("", f"{number}/")]
        post(client, "/preferences", {"language": "en", "next": "/"})
    assert "Te laat: Vroegtijdige waarschuwing" in several[1]
    assert not any("Early warning" in one for one in several)


def test_a_file_is_taken_in_once(node: Node) -> None:
    form = {"received": "2026-11-26T10:00", "zone": "UTC"}
    place = "/cases/received/new"
    with node.browser("handler") as client:
        form |= {"_csrf_token": token_in(client.get(place).text)}
        data = told(summary="On the page")
        for content, status in ((data, 303), (data, 409), (b"{}", 400)):
            files = {"file": ("warning.json", content, "application/json")}
            got = client.post(place, data=form, files=files)
            assert got.status_code == status
            assert status == 303 or "Nothing was written" in text_of(got)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"entity": " "}, "Say who notifies"), ({"received": "2190-01-01T00:00"}, "that is past"),
        ({"received": "x"}, "that is past"), ({"zone": "Mars"}, "time zone such as"),
        ({"report": "nis3"}, "Choose one"), ({"into": "INC-1999-0001"}, "number of an incident"),
        ({"aware": "x"}, "day and time such as"), ({"countries": "Belgium"}, "two letters"),
        ({"organisation": "Nobody"}, "organisation that this node knows"),
        ({"role": "lead"}, "Nothing was written"), ({"sector": "pets"}, "does not fit"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_field(
    node: Node, fields: dict[str, str], said: str
) -> None:
    with node.browser("handler") as client:
        got = take(client, **fields)
    assert got.status_code == 400
    assert said in text_of(got)
    assert "Cranes stopped" in got.text, "what was typed stays"


@pytest.fixture
def contacts(node: Node) -> Iterator[None]:
    """The served node's own table, while a test lasts."""
    with node.database.system() as session:
        config = own_folder.config_of(session)
    assert config
    config.mkdir(exist_ok=True)
    org, table = casework.org_uuid(node, "Zuidmark Police"), config / "authorities.toml"
    table.write_text(
        f'[[contact]]\ncountry = "BE"\nname = "CCB"\norganisation = "{org}"\n'
        '[[contact]]\ncountry = "EU"\nname = "ENISA"\nemail = "soc@enisa.example"\n'
    )
    yield
    table.unlink()


def test_other_countries_get_what_was_chosen(node: Node, contacts: None) -> None:
    with node.browser("handler") as client:
        number = taken(client, entity="Port", summary="At Port it began")
        refused = do(client, number, "forwarded", country=["BE"], field=["summary"])
        assert refused.status_code == 409
        assert "names the entity" in text_of(refused)
        none = do(client, number, "forwarded", field=["sector"])
        assert none.status_code == 400
        got = do(client, number, "forwarded", country=["BE", "EU"], field=["cross_border"])
        assert got.is_redirect
        page = text_of(client.get(got.headers["location"]))
    assert "soc@enisa.example" in page
    with node.browser("officer") as client:
        listed = client.get("/cases").text
        assert "Incident with impact across borders" in listed
        assert client.get(f"/cases/{number}/received").status_code == 404


def test_the_summary_is_shown_and_leaves_as_files(node: Node) -> None:
    with node.browser("handler") as client:
        taken(client, entity="Mill")
        page = client.get("/cases/received/summary?period=2026-Q4")
        assert page.status_code == 200
        assert "Mill" not in page.text
        assert "Counts below 3" in text_of(page)
        for ending, start in (("json", b"{"), ("csv", b'"period"'), ("pdf", b"%PDF-")):
            got = client.get(f"/cases/received/summary/{ending}?period=2026-Q4")
            assert got.content.startswith(start)
            assert got.headers["content-disposition"].startswith("attachment")
        assert client.get("/cases/received/summary?period=2026").status_code == 400


def test_who_answers_nothing_has_no_such_page(node: Node) -> None:
    number = opened(node)
    join(node, number, "Zuidmark Police", "entity")
    with node.browser("officer") as client:
        assert client.get(f"/cases/{number}/received").status_code == 403
        assert f"/cases/{number}/received" not in client.get(f"/cases/{number}").text
        assert do(client, number, "feedback", text="x").status_code in {403, 404}
    with node.browser("trainee") as client:
        assert client.get("/cases/received").status_code == 403
        assert client.get("/cases/received/new").status_code == 403


def test_authorities_are_corrected_by_whoever_runs_the_node_and_read_by_all(
    node: Node, contacts: None
) -> None:
    place = "/cases/authorities"
    row = {"do": "authority", "country": "NL", "report": "nis2-*", "sector": "energy"}
    with node.browser("handler") as client:
        page = client.get(place)
        assert "soc@enisa.example" in text_of(page)
        assert "of the node's file" in text_of(page)
        assert 'name="country"' not in page.text
        assert post(client, place, row | {"name": "x"}, place).status_code == 403
    with node.browser("admin") as client:
        for wrong, said in (
            ({"name": " "}, "what it is called"), ({"report": "x"}, "how some begin"),
            ({"country": "nl"}, "two capital letters"), ({"sector": "x"}, "none for all"),
            ({"url": "http://x"}, "begins with https://"), ({"do": "nothing"}, ""),
                ({"organisation": "x"}, "of this country in all rows"),
        ):  # fmt: skip
            refused = post(client, place, row | {"name": CANARY} | wrong, place)
            assert refused.status_code == 400, wrong
            assert said in text_of(refused)
            assert "<script>window.hit" not in refused.text
        assert post(client, place, row | {"name": CANARY}, place).status_code == 303
        page = client.get(place)
        assert "corrected here" in text_of(page)
        assert "<script>window.hit" not in page.text
        begun = client.get(f"{place}?row=0").text
        assert 'value="nis2-*"' in begun
        number = page.text.partition('name="row" value="')[2].partition('"')[0]
        assert post(client, place, {"do": "remove", "row": "999999"}, place).status_code == 404
        assert post(client, place, {"do": "remove", "row": number}, place).status_code == 303
        assert "corrected here" not in text_of(client.get(place))
