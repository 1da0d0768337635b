# SPDX-License-Identifier: EUPL-1.2
"""Own advisories by script: begun, put, checked, kept back by an embargo, released."""

from typing import Any

import msgspec
import pytest
from tests.api.cases.conftest import Reply, World
from tests.api.cases.test_rubbish import placed

from brug.cases import keeping
from brug.cases.acts import Embargoed
from brug.store import settings

FIELDS = {"summary": "A packet stops it.", "products": ["Pump 3"], "cve": ["CVE-2026-0042"]}
BASE = "/brug/v1/advisories"


@pytest.fixture(scope="module")
def number(world: World) -> str:
    with world.database.system() as session:
        settings.set_value(session, "advisories.namespace", "https://csirt.example")
        settings.set_value(session, "node.url", "https://csirt.example")
    with world.database.as_user(world.ids["site_admin"]) as session:
        made = keeping.open_case(session, "disclosure", "Pump stops", FIELDS)
    return made.number


def ask(world: World, method: str, path: str, body: Any = None, who: str = "site_admin") -> Reply:
    return world.asked_within(who, method, path, body)


def begun(world: World, number: str) -> Any:
    reply = ask(world, "POST", f"/brug/v1/cases/{number}/advisories", {"tlp": "clear"})
    assert reply.status == 201, reply.raw
    return reply.body


def test_from_a_case_to_a_release(world: World, number: str) -> None:
    made = begun(world, number)
    name, document = made["advisory"]["id"], made["document"]
    assert made["findings"] == made["obstacles"] == []
    document["document"]["title"] = "Pumps stop"
    trial = ask(world, "PUT", f"{BASE}/{name}", {"document": document, "is_trial": True})
    assert trial.body == {"id": name, "version": None, "findings": []}
    kept = ask(world, "PUT", f"{BASE}/{name}", {"document": document, "summary": "Title"})
    assert kept.body["version"] == "0.2.0"
    stale = ask(world, "PUT", f"{BASE}/{name}", {"document": document})
    assert (stale.status, stale.body["code"]) == (409, "advisory_outdated")
    assert stale.body["field"].startswith("document.tracking.")
    done = ask(world, "POST", f"{BASE}/{name}/release", {"summary": "First"})
    assert done.status == 201
    assert done.body["url"].startswith("https://csirt.example/csaf/white/")
    assert ask(world, "GET", f"{BASE}/{name}").body["advisory"]["version"] == "1.0.0"
    listed = ask(world, "GET", f"/brug/v1/cases/{number}/advisories").body["advisories"]
    assert [one["status"] for one in listed if one["id"] == name] == ["final"]
    assert ask(world, "GET", BASE, who="lead").body == {"advisories": []}
    assert ask(world, "GET", f"{BASE}/{name}", who="lead").status == 404


def test_findings_and_an_embargo_keep_it_back(world: World, number: str) -> None:
    made = begun(world, number)
    name, document = made["advisory"]["id"], made["document"]
    with world.database.as_user(world.ids["site_admin"]) as session:
        keeping.act(session, number, Embargoed(until="2190-01-01T00:00:00Z", zone="UTC"))
    assert ask(world, "GET", f"{BASE}/{name}").body["obstacles"][0]["kind"] == "embargo"
    refused = ask(world, "POST", f"{BASE}/{name}/release", {"summary": "x"})
    assert (refused.status, refused.body["code"]) == (409, "blocked")
    with world.database.as_user(world.ids["site_admin"]) as session:
        keeping.act(session, number, Embargoed(until="", zone="UTC"))
    document["document"]["lang"] = "xx-rubbish"
    kept = ask(world, "PUT", f"{BASE}/{name}", {"document": document})
    assert [one["test"] for one in kept.body["findings"]] == ["6.1.12"]
    refused = ask(world, "POST", f"{BASE}/{name}/release", {"summary": "x"})
    assert (refused.status, refused.body["code"]) == (409, "advisory_not_valid")


def test_a_document_begins_one_under_its_own_id_once(world: World, number: str) -> None:
    made = begun(world, number)
    again = ask(
        world, "POST", f"/brug/v1/cases/{number}/advisories", {"document": made["document"]}
    )
    assert again.status == 400
    made["document"]["document"]["tracking"]["id"] = "OURS/2026#7"
    path = f"/brug/v1/cases/{number}/advisories"
    new = ask(world, "POST", path, {"document": made["document"]})
    assert new.status == 201
    assert ask(world, "GET", f"{BASE}/OURS%2F2026%237").status == 200


def test_anything_in_any_place_is_no_error_of_ours(world: World, number: str) -> None:
    made = begun(world, number)
    path = f"{BASE}/{made['advisory']['id']}"
    small = made["document"] | {"vulnerabilities": []}
    small["document"] = {"title": "x", "tracking": {"id": "x"}}
    before = ask(world, "GET", path).raw
    for body in placed({"document": small, "summary": "x", "step": "major", "is_trial": False}):
        if isinstance(body, dict) and body.get("is_trial") is True:
            continue
        reply = ask(world, "PUT", path, _encoded(body))
        assert reply.status in {400, 409}, (body, reply.raw)
    for body in placed({"summary": "", "status": "final", "step": "major"}):
        given = body | {"summary": ""} if isinstance(body, dict) else body
        reply = ask(world, "POST", f"{path}/release", _encoded(given))
        assert reply.status == 400, (given, reply.raw)
    for body in placed({"tlp": "pink"}):
        if body != {}:
            reply = ask(world, "POST", f"/brug/v1/cases/{number}/advisories", _encoded(body))
            assert reply.status == 400, (body, reply.raw)
    assert ask(world, "GET", path).raw == before


def _encoded(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError):
        return b'{"document": {"a": "\\ud800"}}'
