# SPDX-License-Identifier: EUPL-1.2
"""A finder reports in a browser, without an account, and comes back with the code."""

import re
from collections.abc import Iterator

import httpx
import pytest
from tests.listening import NO_TLS
from tests.web.node import Node, token_in

from brug.cases import files
from brug.cases.acts import Filled
from brug.model.errors import Invalid
from brug.store import settings

PAGE, BACK = "/report-vulnerability", "/report-vulnerability/answer"
AGENT = "A-browser-that-nobody-else-has"
REPORT = {"products": "Pump controller 2.1\nPump 3", "summary": "A packet of 9 bytes stops it."}


@pytest.fixture
def finder(node: Node) -> Iterator[httpx.Client]:
    switch(node, is_open=True)
    headers = {"User-Agent": AGENT, "X-Forwarded-For": "198.51.100.77"}
    with httpx.Client(base_url=node.url, headers=headers, timeout=30, verify=NO_TLS) as browser:
        yield browser


def switch(node: Node, *, is_open: bool) -> None:
    with node.database.system() as session:
        settings.set_value(session, "cases.intake", is_open)


def send(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    token = token_in(browser.get(path).text)
    return browser.post(path, data={"_csrf_token": token, **form})


def code_in(page: httpx.Response) -> str:
    found = re.search(r"<code>([A-Z2-7-]+)</code>", page.text)
    assert found
    return found[1]


def test_a_form_for_finders_needs_no_cookie_and_is_taken_from_no_other_site(
    finder: httpx.Client,
) -> None:
    finder.cookies.clear()
    taken = finder.post(PAGE, data=REPORT)
    assert taken.status_code == 200
    for header in {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}:
        assert finder.post(PAGE, data=REPORT, headers=header).status_code == 403
    assert finder.post(BACK, data={"code": code_in(taken)}).status_code == 200


def test_a_report_and_the_way_back_to_it(node: Node, finder: httpx.Client) -> None:
    taken = send(finder, PAGE, **REPORT)
    assert taken.status_code == 200
    assert "CSIRT Noordland" in taken.text
    assert taken.headers["cache-control"] == "no-store"
    assert taken.headers["referrer-policy"] == "no-referrer"
    code = code_in(taken)
    shown = send(finder, BACK, code=code)
    assert "Pump controller 2.1" in shown.text
    said = send(finder, BACK, code=code, text="It is the <b>second</b> byte")
    assert "It is the &lt;b&gt;second&lt;/b&gt; byte" in said.text
    assert code not in str(shown.request.url)


def test_neither_address_nor_browser_is_kept(node: Node, finder: httpx.Client) -> None:
    send(finder, PAGE, **REPORT)
    with node.database.system() as session:
        tables = session.all(
            "SELECT relname FROM pg_class WHERE relnamespace = 'brug'::regnamespace"
            " AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"
        )
        for (table,) in tables:
            rows = session.connection.execute(f"SELECT t::text FROM {table} t".encode())
            for (row,) in rows:
                assert AGENT not in row, table
                assert "198.51.100.77" not in row, table


def test_what_is_missing_is_named_and_what_was_typed_stays(
    node: Node, finder: httpx.Client
) -> None:
    page = send(finder, PAGE, summary="typed with care", products="")
    assert page.status_code == 400
    assert "typed with care" in page.text
    assert "Fill this in." in page.text
    page = send(finder, PAGE, products="Pump", summary="x" * 20_001)
    assert "Give a text of at most 20000 characters." in page.text
    assert "fields." not in page.text


@pytest.mark.parametrize("code", ["", "AAAA-BBBB", "☃" * 40, "x" * 5000, "' OR 1=1"])
def test_a_wrong_code_is_one_answer(node: Node, finder: httpx.Client, code: str) -> None:
    page = send(finder, BACK, code=code)
    assert page.status_code == 404
    assert "No report has this code." in page.text
    assert re.search(r'<input [^>]*id="f-code"[^>]* autofocus[^>]* aria-invalid="true"', page.text)


def test_nothing_is_there_where_it_is_off(node: Node, finder: httpx.Client) -> None:
    security = finder.get("/.well-known/security.txt")
    assert security.status_code == 200
    assert f"Contact: {node.url}{PAGE}" in security.text
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT00:00:00Z$", security.text, re.MULTILINE)
    switch(node, is_open=False)
    for path in (PAGE, BACK, "/.well-known/security.txt"):
        assert finder.get(path).status_code == 404


@pytest.mark.parametrize(
    "key", ["https://csirt.example/key.asc", "openpgp4fpr:5d2f6a0e4fe183f2b6ae5d2f6a0e4fe183f2b6ae"]
)
def test_a_finder_who_would_encrypt_is_told_the_key(
    node: Node, finder: httpx.Client, key: str
) -> None:
    with node.database.system() as session:
        settings.set_value(session, "cases.intake_key", key)
    assert key in finder.get(PAGE).text
    assert f"Encryption: {key}\n" in finder.get("/.well-known/security.txt").text
    with node.database.system() as session:
        for rubbish in ("http://csirt.example/key", "key", f"{key}\nContact: https://evil.example"):
            with pytest.raises(Invalid):
                settings.set_value(session, "cases.intake_key", rubbish)
        settings.set_value(session, "cases.intake_key", "")
    assert "Encryption" not in finder.get("/.well-known/security.txt").text


def test_lines_of_a_report_end_as_they_were_typed(node: Node, finder: httpx.Client) -> None:
    """Browsers send CR LF from every text that has lines."""
    code = code_in(send(finder, PAGE, **REPORT, impact="It stops.\r\nIt stays so."))
    said = send(finder, BACK, code=code, text="First\r\nsecond")
    assert "First\nsecond" in said.text
    number = re.search(r"CVD-\d+-\d+", said.text)
    assert number
    with node.database.system() as session:
        case_id = session.value("SELECT id FROM case_file WHERE number = %s", (number[0],))
        said_in = files.entries_of(session, files.of_id(session, case_id))
    filled = next(one.act for one in said_in if isinstance(one.act, Filled))
    assert filled.fields["impact"] == "It stops.\nIt stays so."
