# SPDX-License-Identifier: EUPL-1.2
"""The catalogue on pages: search, one advisory, what is registered, whom it concerns, sources."""

from __future__ import annotations

import json
from html import unescape

import httpx
import pytest
from tests.cases.catalogue import made
from tests.web import casework
from tests.web.casework import text_of
from tests.web.node import CANARY, Node, post, token_in

from brug.cases.catalogue import settling, taking
from brug.cases.catalogue.taking import Came, Origin
from brug.store import settings

ADVISORIES = "/cases/advisories"
RAW = made.raw(title=f"Pumps {CANARY}", summary=CANARY)


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    """The bank runs it; the police has a register of its own."""
    casework.hire(node)
    with node.database.system() as session:
        settings.set_value(session, "node.host_org_id", node.orgs["Bank ISAC"])
        origin = Origin(node.orgs["Bank ISAC"])
        taking.take(session, [Came("x", RAW), Came("y", made.raw("RED-1", tlp="RED"))], origin)
        node.items["advisory"] = session.value(
            "SELECT id FROM catalogue_advisory WHERE tracking_id = 'ADV-1'"
        )
    settling.settle(node.database)
    return node


def upload(client: httpx.Client, data: dict[str, str], content: bytes) -> httpx.Response:
    token = token_in(client.get(f"{ADVISORIES}/products").text)
    return client.post(
        f"{ADVISORIES}/products/sbom",
        data=data | {"_csrf_token": token},
        files={"file": ("sbom.json", content, "application/json")},
    )


def test_the_catalogue_is_searched_and_an_advisory_read_and_kept(node: Node) -> None:
    place = f"{ADVISORIES}/catalogue"
    with node.browser("officer") as client:
        found = client.get(place, params={"text": "pumps cve-2026"})
        assert found.status_code == 200
        assert CANARY not in found.text
        assert CANARY in unescape(found.text)
        assert "RED-1" not in client.get(place).text
        assert "No advisory fits" in client.get(place, params={"text": "valve"}).text
        one = client.get(f"{place}/{node.items['advisory']}")
        assert CANARY not in one.text
        for words in ("CVE-2026-1234", "Install 2.0.", "Not signed", "9.8", "pkg:npm/pump@1.0"):
            assert words in one.text
        kept = client.get(f"{place}/{node.items['advisory']}/document")
        assert kept.content == RAW
        assert kept.headers["content-disposition"].startswith("attachment")
        assert client.get(f"{place}/999999").status_code == 404
    with node.browser("handler") as client:
        assert "RED-1" in client.get(place).text


def test_an_organisation_registers_what_it_runs_and_reads_what_concerns_it(node: Node) -> None:
    place = f"{ADVISORIES}/products"
    with node.browser("officer") as client:
        refused = post(client, f"{place}/add", {"purl": "npm/pump", "note": CANARY}, place)
        assert refused.status_code == 400
        assert 'id="f-purl-error"' in refused.text
        assert CANARY in unescape(refused.text)
        assert post(client, f"{place}/add", {"purl": "pkg:npm/pump@1.0"}, place).status_code == 303
        concerned = text_of(client.get(f"{ADVISORIES}/concerns"))
        assert "this very version" in concerned
        assert "Advisories on what you run" in client.get("/").text
        other = {"purl": "pkg:npm/valve", "org": str(node.orgs["Bank ISAC"])}
        assert post(client, f"{place}/add", other, place).status_code == 403
    with node.browser("handler") as client:
        assert "Zuidmark Police" in text_of(client.get(f"{ADVISORIES}/concerns"))
        assert "Advisories on what you run" not in client.get("/").text
    with node.browser("reader") as client:
        for path in ("products", "concerns", f"catalogue/{node.items['advisory']}"):
            page = text_of(client.get(f"{ADVISORIES}/{path}"))
            assert "Zuidmark Police" not in page
            assert "this very version" not in page
        assert post(client, f"{place}/add", {"purl": "pkg:npm/a"}, place).status_code == 403


def test_a_bill_is_uploaded_and_taken_out(node: Node) -> None:
    place = f"{ADVISORIES}/products"
    bill = {"bomFormat": "CycloneDX", "components": [{"name": "x", "purl": "pkg:npm/pump@1.0"}]}
    with node.browser("officer") as client:
        refused = upload(client, {"called": "Hall"}, b"{}")
        assert refused.status_code == 400
        assert 'id="f-file-error"' in refused.text
        assert upload(client, {"called": "Hall"}, json.dumps(bill).encode()).status_code == 303
        assert "Hall" in client.get(place).text
        with node.database.system() as session:
            number = session.value("SELECT id FROM inventory_bill")
        post(client, f"{place}/bills/{number}/remove", {}, place)
        assert "Hall" not in client.get(place).text


def test_letters_are_asked_for_and_stopped(node: Node) -> None:
    place = f"{ADVISORIES}/concerns"
    with node.browser("officer") as client:
        assert post(client, f"{place}/letters", {"wanted": "1"}, place).status_code == 303
        assert "Stop the letters" in client.get(place).text
        post(client, f"{place}/letters", {"wanted": "0"}, place)
        assert "Send me letters" in client.get(place).text


def test_sources_are_added_paused_and_removed_by_site_admins_alone(node: Node) -> None:
    place = f"{ADVISORIES}/sources"
    with node.browser("handler") as client:
        assert client.get(place).status_code == 403
    with node.browser("admin") as client:
        wrong = post(client, place, {"name": "X", "url": "ftp://x", "kind": "rolie",
                                     "audience": "own"}, place)  # fmt: skip
        assert wrong.status_code == 400
        assert 'id="f-url-error"' in wrong.text
        given = {"name": "ACME", "url": "vendor.example", "kind": "provider", "audience": "own",
                 "every_minutes": "0", "headers": "Authorization: secret"}  # fmt: skip
        assert post(client, place, given, place).status_code == 303
        page = client.get(place).text
        assert "vendor.example" in page
        assert "secret" not in page
        with node.database.system() as session:
            number = session.value("SELECT id FROM catalogue_source")
        for act, said in (("pause", "Paused"), ("resume", "only when asked"), ("replay", "ACME"),
                          ("fetch", "ACME")):  # fmt: skip
            assert post(client, f"{place}/{number}/{act}", {}, place).status_code == 303
            assert said in client.get(place).text
        assert post(client, f"{place}/{number}/eat", {}, place).status_code == 400
        post(client, f"{place}/{number}/remove", {}, place)
        assert "ACME" not in client.get(place).text
