# SPDX-License-Identifier: EUPL-1.2
"""CVE numbers and records on the page of a disclosure."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from msgspec import structs
from tests.formats.cve.test_record import ORG, faults
from tests.web import casework
from tests.web.casework import do, seen, text_of
from tests.web.node import CANARY, Node, post, token_in

from brug.cases import cve, keeping
from brug.cases.acts import Filled, Joined, Recorded
from brug.formats.cve.record import Affected, Source, lacking
from brug.store import settings
from brug.web.cases.cve import WANTED

FIELDS = {
    "summary": "It stops. " + CANARY, "cwe": ["CWE-79"], "cve": ["CVE-2026-0042"],
    "products": ["cpe:2.3:a:dijk:pump:3:*:*:*:*:*:*:*", "pkg:npm/dijk/pump@3"],
    "fixed_versions": ["pkg:npm/dijk/pump@4"], "references": ["https://dijk.example/a"],
    "cvss_31": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "credit": "Anna", "credits": ["analyst: Bert", "reporter: Carla"],
}  # fmt: skip


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    with node.database.system() as session:
        host = session.value("SELECT id FROM organisation WHERE name = 'Bank ISAC'")
        settings.set_value(session, "node.host_org_id", host)
        settings.set_value(session, "cve.org_id", ORG)
    return node


def disclosure(node: Node, **fields: Any) -> str:
    with node.database.as_user(node.ids["handler"]) as session:
        return keeping.open_case(session, "disclosure", "Pump stops", FIELDS | fields).number


def sent(client: httpx.Client, case: str, **fields: str) -> httpx.Response:
    place = f"/cases/{case}/cve"
    return post(client, place, fields, place)


def test_a_record_is_whole_fits_the_schema_and_names_whom_it_may(node: Node) -> None:
    number = disclosure(node)
    at = "2026-11-20T08:00:00Z"
    do(node, number, Recorded(fact="public_disclosure_at", at=at, zone="UTC"))
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}/cve")
        assert "has all that it must have" in text_of(page)
        got = client.get(f"/cases/{number}/cve/CVE-2026-0042")
        assert got.headers["content-disposition"].startswith("attachment")
        record = got.json()
        assert faults(record) == []
        cna = record["containers"]["cna"]
        assert cna["datePublic"] == at
        by_vendor = {one["product"]: one for one in cna["affected"]}
        assert by_vendor["pump"]["vendor"] == "dijk"
        assert [one["status"] for one in by_vendor["pump"]["versions"]] == [
            "affected", "unaffected",
        ]  # fmt: skip
        assert [one["value"] for one in cna["credits"]] == ["Anna", "Bert", "Carla"]
        do(node, number, Filled(fields={"no_credit": True}))
        cna = client.get(f"/cases/{number}/cve/CVE-2026-0042").json()["containers"]["cna"]
        assert [one["value"] for one in cna["credits"]] == ["Bert"]
        assert client.get(f"/cases/{number}/cve/CVE-2026-9999").status_code == 400


def test_what_is_fixed_is_never_said_to_be_affected(node: Node) -> None:
    """Also where products have names alone, and of two numbers the one in use is meant."""
    number = disclosure(
        node, products=["Pump 3"], fixed_versions=["Pump 4"],
        cve_reservations=["CVE-2026-0041 rejected", "CVE-2026-0042 reserved"],
    )  # fmt: skip
    with node.database.as_user(node.ids["handler"]) as session:
        made = cve.made(session, number)
    assert made.number == "CVE-2026-0042"
    said = made.record["containers"]["cna"]["affected"]
    assert {one["product"]: one["defaultStatus"] for one in said} == {
        "Pump 3": "affected", "Pump 4": "unaffected",
    }  # fmt: skip


def test_a_fixed_version_alone_is_one_of_the_product(node: Node) -> None:
    number = disclosure(node, products=["pkg:npm/dijk/pump@3"], fixed_versions=["3.1"])
    with node.database.as_user(node.ids["handler"]) as session:
        (said,) = cve.made(session, number).record["containers"]["cna"]["affected"]
    assert said["product"] == "pump"
    assert [(one["version"], one["status"]) for one in said["versions"]] == [
        ("3", "affected"), ("3.1", "unaffected"),
    ]  # fmt: skip


def test_states_of_numbers_and_what_is_missing(node: Node) -> None:
    number = disclosure(node, products=["Pump"], references=None)
    with node.browser("handler") as client:
        said = text_of(client.get(f"/cases/{number}/cve"))
        assert "vendor of Pump" in said
        assert "a public reference" in said
        for fields, status in (
            ({"number": "CVE-2026-12345", "state": "reserved", "cna": "Dijk"}, 303),
            ({"number": "CVE-2026-12345", "state": "published"}, 303),
            ({"number": "CVE-2026-12345", "state": "reserved"}, 409),
            ({"number": "CVE-2026-0042", "state": "rejected"}, 303),
            ({"number": "CVE-1990-0001", "state": "reserved"}, 400), ({"number": "x"}, 400),
            ({"number": "CVE-2026-0777", "state": "lost"}, 400),
        ):  # fmt: skip
            assert sent(client, number, **fields).status_code == status, fields
        rejected = client.get(f"/cases/{number}/cve/CVE-2026-0042").json()
        assert rejected["cveMetadata"]["state"] == "REJECTED"
        assert faults(rejected) == []
    case = seen(node, number)
    assert case.fields["cve"] == ["CVE-2026-12345"]
    assert case.fields["cve_reservations"] == [
        "CVE-2026-12345 published Dijk", "CVE-2026-0042 rejected",
    ]  # fmt: skip


def test_what_a_record_lacks_is_said_in_the_readers_language(node: Node) -> None:
    bare = Source(number="CVE-2026-0042", org_id="")
    of_none = Affected(vendor="a", product="b", status="unaffected")
    said = {
        one.what for one in (*lacking(bare), *lacking(structs.replace(bare, affected=(of_none,))))
    }
    assert said == set(WANTED)
    number = disclosure(node, references=[], products=["pump"])
    with node.browser("handler") as client:
        post(client, "/preferences", {"language": "nl", "next": "/"})
        shown = text_of(client.get(f"/cases/{number}/cve"))
        post(client, "/preferences", {"language": "en", "next": "/"})
    assert "een openbare verwijzing" in shown
    assert "de leverancier van pump" in shown


def test_numbers_reserved_ahead_are_imported_and_taken_in_order(node: Node) -> None:
    number = disclosure(node, cve=None)
    place = f"/cases/{number}/cve"
    with node.browser("handler") as client:
        assert sent(client, number, do="take").status_code == 409
        got = client.post(
            place,
            data={"_csrf_token": token_in(client.get(place).text), "cna": "Dijk"},
            files={"file": ("ids.txt", b"CVE-2026-20001 CVE-2026-9001 CVE-2026-9001")},
        )
        assert got.status_code == 303
        assert "2 are free" in text_of(client.get(place))
        assert sent(client, number, do="take").status_code == 303
        assert "1 is free" in text_of(client.get(place))
    assert seen(node, number).fields["cve_reservations"] == ["CVE-2026-9001 reserved Dijk"]
    police = casework.org_uuid(node, "Zuidmark Police")
    part = "33333333-3333-4333-8333-333333333333"
    with node.browser("officer") as client:
        assert client.get(place).status_code == 404
        do(node, number, Joined(participant=part, org=police, name="Police", role="observer"))
        page = text_of(client.get(place))
        assert "free" not in page
        assert sent(client, number, do="take").status_code == 403
        assert sent(client, number, number="CVE-2026-0001", state="reserved").status_code == 403


def test_another_kind_has_none(node: Node) -> None:
    with node.browser("handler") as client:
        assert client.get(f"/cases/{casework.opened(node)}/cve").status_code == 400
