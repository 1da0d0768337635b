# SPDX-License-Identifier: EUPL-1.2
"""Documents as JSON: in, out, for some, taken back, and whatever else comes in."""

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import pytest
from tests.api.cases.conftest import World
from tests.api.cases.test_rubbish import encoded, placed, reads

CONTENT = bytes(range(256)) * 5000


def place(world: World) -> str:
    return f"/brug/v1/cases/{world.number}/documents"


def attached(world: World, name: str, content: bytes = CONTENT, **more: Any) -> Any:
    body = {"name": name, "data": b64encode(content).decode(), **more}
    reply = world.ask("lead", "POST", place(world), body)
    assert reply.status == 201, reply.raw
    return reply.body["entry"]["act"]


def test_what_goes_in_comes_out(world: World) -> None:
    act = attached(world, "disk.img", media_type="application/x-disk")
    assert (act["size"], act["sha256"]) == (len(CONTENT), sha256(CONTENT).hexdigest())
    for name in ("disk.img", act["document"]):
        reply = world.ask("officer", "GET", f"{place(world)}/{name}")
        assert b64decode(reply.body["data"]) == CONTENT
        assert reply.headers["content-type"] == "application/json"
    listed = world.ask("peer", "GET", place(world)).body["documents"]
    (one,) = (one for one in listed if one["name"] == "disk.img")
    assert one["is_here"]
    assert one["said_type"] == "application/x-disk"
    told = world.ask("peer", "GET", f"/brug/v1/cases/{world.number}").body["documents"]
    assert act["document"] in {one["document"] for one in told}


def test_malware_is_boxed(world: World) -> None:
    act = attached(world, "evil.exe", b"MZ evil", is_malware=True)
    assert (act["name"], act["sample"]) == ("evil.exe.zip", sha256(b"MZ evil").hexdigest())


def test_a_document_for_some_is_absent_for_others(world: World) -> None:
    act = attached(world, "narrow.txt", b"x", to=[world.parts["officer"]])
    assert world.ask("officer", "GET", f"{place(world)}/narrow.txt").status == 200
    for name in ("narrow.txt", act["document"]):
        assert world.ask("peer", "GET", f"{place(world)}/{name}").status == 404


def test_what_was_taken_back_is_gone(world: World) -> None:
    act = attached(world, "mistake.txt", b"x")
    one = f"{place(world)}/{act['document']}"
    assert world.ask("peer", "DELETE", one).status == 403
    assert world.ask("lead", "DELETE", one).body["entry"]["act"]["is_undone"]
    reply = world.ask("officer", "GET", one)
    assert (reply.status, reply.body["code"]) == (409, "taken_back")
    assert world.ask("lead", "DELETE", one).status == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"data": "x"}, "data"), ({"data": "a b="}, "data"), ({"data": 5}, "data"),
        ({"name": "../x"}, "name"), ({"name": None}, "name"), ({"media_type": "x"}, "said_type"),
        ({"sealed_for": ["Anna"]}, "sealed_for"), ({"to": ["nobody"]}, "to"),
        ({"size": 1}, "size"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(world: World, change: dict[str, Any], field: str) -> None:
    before = reads(world)
    body = {"name": "a.txt", "data": "aGVsbG8="} | change
    reply = world.ask("lead", "POST", place(world), body)
    assert (reply.status, reply.body["field"]) == (400, field)
    assert reads(world) == before


def test_anything_in_any_place_is_no_error_of_ours(world: World) -> None:
    body = {
        "name": "a.txt", "data": "aGVsbG8=", "media_type": "text/plain", "is_malware": False,
        "sealed_for": [], "because": "x", "to": [],
    }  # fmt: skip
    for one in placed(body):
        before = reads(world)
        reply = world.asked_within("lead", "POST", place(world), encoded(one))
        assert reply.status < 500, (one, reply.raw)
        if reply.status >= 400:
            assert set(reply.body) == {"code", "message", "field"}
            assert reads(world) == before


@pytest.mark.parametrize("name", ["%00", "%FF", "%ED%A0%80", "..", "'", "x" * 3000, "%2F", "٤"])
def test_a_document_of_any_name_is_there_or_not(world: World, name: str) -> None:
    for method in ("GET", "DELETE"):
        for who in ("lead", "never"):
            reply = world.asked_within(who, method, f"{place(world)}/{name}")
            assert reply.status == 404, reply.raw
