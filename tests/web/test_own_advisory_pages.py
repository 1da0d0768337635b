# SPDX-License-Identifier: EUPL-1.2
"""Own advisories on the pages: begun, edited with the tests beside the fields, released."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest
from tests.web import casework
from tests.web.casework import do, text_of
from tests.web.node import CANARY, Node, post

from brug.cases import keeping
from brug.cases.acts import Embargoed, Joined
from brug.directory import node_keys
from brug.store import settings

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
TEXTAREA = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', re.DOTALL)
SELECT = re.compile(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
FIELDS = {
    "summary": "A packet of 9 bytes stops it.", "products": ["Pump 3", "pkg:generic/pump@2"],
    "cve": ["CVE-2026-0042"], "cwe": ["CWE-79"], "cvss_31": V31, "fixed_versions": ["Pump 4"],
    "credit": CANARY,
}  # fmt: skip


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    with node.database.system() as session:
        host = session.value("SELECT id FROM organisation WHERE name = 'Bank ISAC'")
        settings.set_value(session, "node.host_org_id", host)
        settings.set_value(session, "node.url", "https://csirt.example")
        settings.set_value(session, "advisories.namespace", "https://csirt.example")
        if not session.value("SELECT count(*) FROM node_key"):
            node_keys.make(session, "Bank ISAC")
    return node


def disclosure(node: Node, **fields: Any) -> str:
    with node.database.as_user(node.ids["handler"]) as session:
        return keeping.open_case(session, "disclosure", "Pump stops", FIELDS | fields).number


def begun(node: Node, client: httpx.Client, **fields: Any) -> tuple[str, str]:
    """The case, and the address of its advisory."""
    number = disclosure(node, **fields)
    place = f"/cases/{number}/advisory"
    answered = post(client, place, {"tlp": "WHITE"}, place)
    assert answered.status_code == 303, text_of(answered)
    return number, answered.headers["location"]


def form_of(client: httpx.Client, place: str) -> dict[str, str]:
    """The editor's fields, as a browser would send them."""
    page = client.get(place).text
    form = page[page.index('class="form wide-form"') :]
    form = form[: form.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r' name="([^"]+)"', tag)
        if name and "checkbox" not in tag:
            value = re.search(r' value="([^"]*)"', tag)
            found[name[1]] = unescape(value[1]) if value else ""
    for name, text in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL
    ):
        found[name] = unescape(text)
    for name, inner in re.findall(
        r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', inner)
        first = re.search(r'value="([^"]*)"', inner)
        found[name] = next((unescape(one[1]) for one in (chosen, first) if one), "")
    return found


def test_from_the_case_to_a_release(node: Node) -> None:
    with node.browser("handler") as client:
        number, place = begun(node, client)
        assert f"/cases/{number}/advisory" in client.get(f"/cases/{number}").text
        page = client.get(place)
        assert "All mandatory tests" in text_of(page)
        assert "<script>window.hit" not in page.text
        form = form_of(client, place)
        assert form["vuln.0.vector"] == V31
        # A form that is sent as it came changes nothing.
        same = post(client, place, form | {"do": "save"}, place)
        assert same.status_code == 303
        assert "Draft 0.1.0" not in text_of(client.get(place))
        new = next(n for n in form if n.startswith("product.") and form[n] == "new-0")
        row = new.removesuffix(".key")
        typed = form | {
            "title": "Pumps stop", f"{row}.vendor": "Dijk", f"{row}.product": "Pump",
            f"{row}.version": "5", f"vuln.0.status.{row.partition('.')[2]}": "fixed",
            "ref.0.summary": "The pump", "ref.0.url": "https://dijk.example/pump",
            "changes": "Pump 5", "do": "save",
        }  # fmt: skip
        assert post(client, place, typed, place).status_code == 303
        saved = text_of(client.get(place))
        assert "Pumps stop" in saved
        assert "0.2.0" in saved
        preview = text_of(client.get(f"{place}/preview"))
        assert "Dijk Pump 5" in preview
        assert "The pump" in preview
        document = client.get(f"{place}/draft.json")
        assert document.headers["content-disposition"].startswith("attachment")
        assert document.json()["document"]["title"] == "Pumps stop"
        ask = f"{place}/release"
        sent = {"version": "0.2.0", "changes": "First", "status": "final", "step": "major"}
        assert "Confirm" in text_of(post(client, ask, sent, ask))
        assert post(client, ask, sent | {"sure": "1"}, ask).status_code == 303
        done = client.get(place)
        assert "https://csirt.example/csaf/white/2026/" in done.text
        assert client.get(f"{place}/releases/1.0.0").json()["document"]["title"] == "Pumps stop"
        assert client.get(f"{place}/releases/9.0.0").status_code == 404
        for state, there in (("final", True), ("draft", False)):
            listed = text_of(client.get(f"/cases/advisories?state={state}"))
            assert ("Pumps stop" in listed) is there
    with node.browser("officer") as client:
        assert "Pumps stop" in text_of(client.get("/cases/advisories"))  # TLP:CLEAR


def test_a_draft_after_a_release_becomes_what_it_was_to_be_or_what_is_chosen(node: Node) -> None:
    with node.browser("handler") as client:
        _, place = begun(node, client)
        ask, chosen = f"{place}/release", "1.0.0"
        sent = {"changes": "x", "status": "final", "sure": "1"}
        first = post(client, ask, sent | {"version": "0.1.0", "step": ""}, ask)
        assert first.status_code == 303, text_of(first)
        for step, become in (("", "1.1.0"), ("patch", "1.1.1")):
            edited = {"title": f"After {chosen}", "step": "minor", "do": "save"}
            saved = post(client, place, form_of(client, place) | edited, place)
            assert saved.status_code == 303, text_of(saved)
            page = text_of(client.get(ask))
            planned = re.search(r"As drafted: ([0-9.]+)", page)
            assert planned
            draft = {"version": f"{planned[1]}-1", "step": step}
            assert post(client, ask, sent | draft, ask).status_code == 303
            assert client.get(f"{place}/releases/{become}").status_code == 200
            chosen = become


def test_what_leaves_the_tree_is_said_before_it_is_released(node: Node) -> None:
    with node.browser("handler") as client:
        _, place = begun(node, client)
        ask = f"{place}/release"
        sent = {"changes": "x", "status": "final", "sure": "1", "step": "major"}
        assert post(client, ask, sent | {"version": "0.1.0"}, ask).status_code == 303
        assert "leaves" not in text_of(client.get(ask))
        narrower = form_of(client, place) | {"tlp": "GREEN", "changes": "Back", "do": "save"}
        assert post(client, place, narrower, place).status_code == 303
        told = text_of(client.get(ask))
        assert "It was released as TLP:CLEAR. As TLP:GREEN it leaves https://csirt.example/" in told
        post(client, "/preferences", {"language": "nl", "next": "/"})
        told = text_of(client.get(ask))
        post(client, "/preferences", {"language": "en", "next": "/"})
        assert "Het is uitgebracht als TLP:CLEAR. Als TLP:GREEN verdwijnt het van https:" in told


def test_findings_stand_at_their_fields_and_what_does_not_fit_is_not_saved(node: Node) -> None:
    with node.browser("handler") as client:
        _, place = begun(node, client)
        form = form_of(client, place)
        for change, said, field in (
            ({"vuln.0.cve": "CVE-26-1"}, "a CVE as in", "vuln.0.cve"),
            ({"vuln.0.cwe": "CWE-99999"}, "a weakness that exists", "vuln.0.cwe"),
            ({"vuln.0.vector": "CVSS:3.1/AV:Q"}, "AV: expected", "vuln.0.vector"),
            ({"ref.0.summary": "x", "ref.0.url": "nowhere"}, "URI", "ref.0.url"),
            ({"title": ""}, "schema", "title"),
            ({"product.0.purl": "rubbish"}, "package URL", "product.0.purl"),
            ({"tlp": "PINK"}, "schema", "tlp"), ({"note.0.category": "x"}, "", "note.0.category"),
        ):  # fmt: skip
            answered = post(client, place, form | change | {"do": "save"}, place)
            assert answered.status_code == 400, field
            page = answered.text
            at = page[page.index(f'id="says-{field}"') :][:600]
            assert said in unescape(at)
        assert form_of(client, place) == form  # nothing was saved
        # A mandatory test that fails is shown, and the draft kept.
        wrong = form | {"lang": "xx-rubbish", "do": "check"}
        checked = post(client, place, wrong, place)
        assert checked.status_code == 200
        assert 'id="says-lang"' in checked.text
        assert form_of(client, place) == form


def test_rows_are_added_without_saving(node: Node) -> None:
    with node.browser("handler") as client:
        _, place = begun(node, client)
        form = form_of(client, place)
        more = post(client, place, form | {"title": "Typed", "do": "more.note"}, place)
        assert more.status_code == 200
        assert 'value="Typed"' in more.text
        assert more.text.count('.text"') > client.get(place).text.count('.text"')


def test_two_who_edit_at_once_do_not_write_over_each_other(node: Node) -> None:
    with node.browser("handler") as one, node.browser("colleague") as other:
        _, place = begun(node, one)
        form = form_of(one, place)
        first = post(other, place, form | {"title": "Theirs", "do": "save"}, place)
        assert first.status_code == 303
        second = post(one, place, form | {"title": "Mine", "do": "save"}, place)
        assert second.status_code == 409
        assert "meanwhile" in text_of(second)
        assert 'value="Mine"' in second.text
        release = f"{place}/release"
        sent = {"version": form["version"], "changes": "x", "status": "final", "step": "major"}
        late = post(one, release, sent | {"sure": "1"}, release)
        assert late.status_code == 409
        assert "Look at it again" in text_of(late)


def test_an_embargo_keeps_it_here_and_only_who_leads_releases(node: Node) -> None:
    with node.browser("handler") as client:
        number, place = begun(node, client)
        do(node, number, Embargoed(until="2190-01-31T09:00:00Z", zone="UTC"))
        asked = client.get(f"{place}/release")
        assert "under embargo" in text_of(asked)
        post(client, "/preferences", {"language": "nl", "next": "/"})
        told = text_of(client.get(asked.url))
        post(client, "/preferences", {"language": "en", "next": "/"})
        assert re.search(r"Eerst is nodig: het einde van het embargo \( ?2\d{3}-", told), told
        assert "Release it" not in text_of(asked)
        sent = {"version": "0.1.0", "changes": "x", "status": "final", "step": "major", "sure": "1"}
        refused = post(client, f"{place}/release", sent, f"{place}/release")
        assert refused.status_code == 409
        assert "Releases" not in text_of(client.get(place))


def test_whoever_is_not_of_the_host_or_takes_no_part_sees_no_draft(node: Node) -> None:
    with node.browser("handler") as client:
        number, place = begun(node, client, summary="Secret words")
    with node.browser("officer") as client:
        for path in (place, f"{place}/preview", f"{place}/release", f"{place}/draft.json"):
            assert client.get(path).status_code == 404
        assert client.get(f"/cases/{number}/advisory").status_code == 404
        assert number not in client.get("/cases/advisories").text
    police = casework.org_uuid(node, "Zuidmark Police")
    part = "22222222-2222-4222-8222-222222222222"
    do(node, number, Joined(participant=part, org=police, name="Police", role="vendor"))
    with node.browser("officer") as client:
        assert client.get(f"/cases/{number}").status_code == 200
        assert client.get(place).status_code == 403
        assert client.get(f"/cases/{number}/advisory").status_code == 403
        assert number not in client.get("/cases/advisories").text


@pytest.mark.parametrize("number", ["0", "99999999", "4294967296"])
def test_no_such_advisory(node: Node, number: str) -> None:
    case = disclosure(node)
    with node.browser("handler") as client:
        assert client.get(f"/cases/{case}/advisory/{number}").status_code == 404
        wrong = post(client, f"/cases/{case}/advisory", {"tlp": "PINK"}, f"/cases/{case}/advisory")
        assert wrong.status_code == 400
