# SPDX-License-Identifier: EUPL-1.2
"""A whole case as JSON, what ends when, secret addresses and webhooks."""

import zipfile
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.api.cases.conftest import SECRET, World

from brug.cases.acts import Planned, Recorded
from brug.edge import exports

V1 = "/brug/v1"


def test_an_export_holds_the_signed_entries_beside_what_they_make(world: World) -> None:
    told = world.ask("officer", "GET", f"{V1}/cases/{world.number}/export").body
    shown = world.ask("officer", "GET", f"{V1}/cases/{world.number}").body
    assert told["form"] == "brug-case-export/1"
    assert told["case"] == {name: shown[name] for name in told["case"]}
    keys = {(one["node"], one["key_id"]): one["public"] for one in told["keys"]}
    for one in told["entries"]:
        public = keys[told["node"]["uuid"], one["key_id"]]
        Ed25519PublicKey.from_public_bytes(b64decode(public)).verify(
            b64decode(one["signature"]), one["entry"].encode()
        )
    assert SECRET in str(told)
    assert SECRET not in str(world.ask("peer", "GET", f"{V1}/cases/{world.number}/export").body)


def test_an_archive_is_the_file_that_pages_and_verbs_make(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.place()
    path = f"{V1}/cases/{world.number}/export/archive"
    for most in (exports.IN_MEMORY, 1000):  # what is long comes in pieces
        monkeypatch.setattr(exports, "IN_MEMORY", most)
        told = world.ask("officer", "GET", path, None, **{"accept-language": "nl"})
        assert told.status == 200
        assert told.headers["content-type"] == "application/zip"
        assert told.headers["content-disposition"].startswith(
            f'attachment; filename="{world.number}.zip"'
        )
        assert told.headers["x-content-type-options"] == "nosniff"
        assert told.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert told.headers["cache-control"] == "no-store"
        assert told.headers["content-language"] == "nl"
        assert told.headers["content-length"] == str(len(told.raw))
        with zipfile.ZipFile(BytesIO(told.raw)) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert {"case.pdf", "case.json", "manifest.json"} < set(names)
            assert SECRET.encode() in archive.read("case.json")
    assert sum(name.startswith("documents/") for name in names) == 2
    with zipfile.ZipFile(BytesIO(world.ask("peer", "GET", path).raw)) as archive:
        assert SECRET.encode() not in archive.read("case.json")
        assert sum(name.startswith("documents/") for name in archive.namelist()) == 1
    head = world.ask("officer", "HEAD", path)
    assert (head.status, head.raw) == (200, b"")
    with world.database.system() as session:
        forms = session.all("SELECT payload ->> 'form' FROM ledger_entry WHERE kind = 'case-export'"
                            " ORDER BY number DESC LIMIT 4")  # fmt: skip
    assert forms == [("zip",)] * 4


def test_an_archive_is_within_the_limits_of_the_node(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.place()
    monkeypatch.setattr(exports, "IN_MEMORY", 1000)
    limited = exports.Exports(lambda: 1, lambda: 1000)
    told = world.asked_within(
        "officer", "GET", f"{V1}/cases/{world.number}/export/archive", exports=limited
    )
    assert (told.status, told.body["code"]) == (413, "too_large")
    limited.enter()
    told = world.asked_within(
        "officer", "GET", f"{V1}/cases/{world.number}/export/archive", exports=limited
    )
    assert (told.status, told.body["code"]) == (503, "exports_busy")


def test_what_ends_is_listed_for_whoever_takes_part(world: World) -> None:
    due = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    task = "8b1f7fc1-e0f3-434c-bba4-b1c5329f398c"
    world.act("lead", Planned(task=task, title="Image it", due=due))
    found = world.ask("officer", "GET", f"{V1}/calendar").body
    assert [(one["what"], one["says"]) for one in found["items"]] == [("task", "Image it")]
    assert world.ask("never", "GET", f"{V1}/calendar").body["items"] == []


def test_laws_are_named_in_the_language_that_is_asked_for(world: World) -> None:
    aware = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.act("lead", Recorded(fact="aware_at", at=aware, zone="UTC", of=world.parts["officer"]))
    for language, law in (("nl", "Richtlijn"), ("en", "Directive")):
        more = {"accept-language": language}
        got = world.ask("officer", "GET", f"{V1}/calendar", None, **more)
        assert got.headers["content-language"] == language
        rules = {one["rule"]: one["source"] for one in got.body["items"]}
        assert rules["nis2-early-warning"] == f"{law} (EU) 2022/2555 (NIS2) 23(4)(a)"


@pytest.mark.parametrize(
    "query",
    ["since=x", "until=x", "until=1999-01-01", "since=2026-01-01&until=2029-01-01", "x=1",
     "since=2026-13-01", "since=%00", "since=0001-01-01&until=0001-01-02"],
)  # fmt: skip
def test_a_span_that_is_none_is_refused(world: World, query: str) -> None:
    reply = world.ask("lead", "GET", f"{V1}/calendar?{query}")
    assert reply.status == 400
    assert reply.body["field"]


def test_an_address_and_a_webhook_are_told_once_and_taken_back(world: World) -> None:
    asked: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        ("/calendar/addresses", "addresses", {"name": "phone"}, "address"),
        ("/hooks", "hooks", {"url": "https://hooks.example/x"}, "secret"),
    )
    for place, several, body, once in asked:
        made = world.ask("lead", "POST", V1 + place, body)
        assert made.status == 201
        assert made.body[once]
        number = made.body["id"]
        listed = world.ask("lead", "GET", V1 + place).body[several]
        assert {one["id"]: one[once] for one in listed}[number] == ""
        assert number not in {
            one["id"] for one in world.ask("officer", "GET", V1 + place).body[several]
        }
        assert world.ask("officer", "DELETE", f"{V1}{place}/{number}").status == 404
        assert world.ask("lead", "DELETE", f"{V1}{place}/{number}").status == 200
        assert world.ask("lead", "DELETE", f"{V1}{place}/{number}").status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://a.example"}, "url"),
        ({"url": "https://a.example", "events": []}, "events"),
        ({"url": "https://a.example", "events": ["x"]}, "events"),
        ({"url": "https://a.example", "name": "x" * 200}, "name"),
        ({"url": "https://a.example", "more": 1}, "more"),
    ],
)
def test_a_webhook_that_does_not_fit_is_refused(
    world: World, body: dict[str, Any], field: str
) -> None:
    reply = world.ask("lead", "POST", f"{V1}/hooks", body)
    assert (reply.status, reply.body["field"]) == (400, field)
