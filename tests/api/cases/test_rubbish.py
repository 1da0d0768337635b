# SPDX-License-Identifier: EUPL-1.2
"""Whatever comes in, in whatever place: an answer that says what is wrong, and nothing written."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.api.cases.conftest import World
from tests.thorough import share

from brug.api.cases.table import ROUTES, Route

pytestmark = pytest.mark.usefixtures("quiet")

TIME = {"at": "2026-11-20T08:00:00Z", "zone": "UTC"}
ACTS: dict[str, dict[str, Any]] = {
    "renamed": {"title": "x"},
    "filled": {"fields": {"summary": "x", "countries": ["NL"], "sector": "energy"}},
    "recorded": {"fact": "aware_at", "source": "x", "of": "", **TIME},
    "joined": {
        "participant": str(uuid4()), "org": str(uuid4()), "name": "x", "role": "csirt", "user": 1,
    },
    "left": {"participant": str(uuid4())},
    "moved": {"machine": "phase", "trigger": "contain", "leaves": "detection", "of": ""},
    "said": {"text": "x", "to": []},
    "decided": {"question": "x", "outcome": "y"},
    "planned": {
        "task": str(uuid4()), "title": "x", "assignee": "", "due": TIME["at"], "is_done": False,
        "to": [],
    },
    "linked": {"kind": "event", "uuid": str(uuid4()), "title": "x", "is_undone": False, "to": []},
    "marked": {"tlp": "amber", "pap": "red"},
    "embargoed": {"until": TIME["at"], "zone": "UTC"},
}  # fmt: skip
DEEP = {"a": {"b": [{"c": [[[[[["d"]]]]]]}]}}
RUBBISH: list[Any] = [
    None, True, 0, -1, 2**31, 2**63, 2**64, 10**400, 1.5, 1e308, "", " ", "x", "\0", "a\0b",
    "\ud800", "\U0010ffff", "٣", "x" * 60_000, "9999-12-31T23:59:60Z", "0000-00-00T00:00:00Z",
    "../../etc", "{}", "' OR 1=1 --", "%00", [], [[]], [None], ["\0"], ["\ud800"], {}, DEEP,
    {"\0": "\0"}, {"\ud800": 1}, str(uuid4()).upper(), [str(uuid4())] * 2000,
]  # fmt: skip


def placed(value: Any, parts: int = 1, of: str = "") -> Iterator[Any]:
    """The value with each piece of rubbish in each of its places; or one in so many of the pieces
    in each place, which between them have all."""
    yield from share(RUBBISH, of, parts)
    if isinstance(value, dict):
        for name, inner in value.items():
            for one in placed(inner, parts, f"{of} {name}"):
                yield value | {name: one}
            yield {key: v for key, v in value.items() if key != name}
            yield value | {name + "\0": inner}
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            for one in placed(inner, parts, f"{of} {number}"):
                yield [*value[:number], one, *value[number + 1 :]]


def encoded(value: Any) -> bytes:
    """With halves of surrogate pairs and numbers of any length, as others' JSON has them."""
    return json.dumps(value).encode()


def reads(world: World) -> list[Any]:
    with world.database.system() as session:
        return session.all("SELECT count(*), max(number) FROM case_entry")


@pytest.mark.parametrize("what", sorted(ACTS))
def test_an_act_with_anything_in_any_place_is_no_error_of_ours(world: World, what: str) -> None:
    act = {"what": what, "because": "x", **ACTS[what]}
    path = f"/brug/v1/cases/{world.number}/acts"
    bodies = list(placed(act, 3, what))
    # Whoever is not in the case is told the same whatever is sent.
    asked = [("lead", body) for body in bodies] + [
        ("never", body) for body in share(bodies, what, 4)
    ]
    before = reads(world)
    for who, body in asked:
        if isinstance(body, dict) and body.get("participant") == act.get("participant", ""):
            body = body | {"participant": str(uuid4())}  # noqa: PLW2901 — each joins anew
        reply = world.asked_within(who, "POST", path, encoded(body))
        assert reply.status < 500, (who, body, reply.raw)
        now = reads(world)
        if reply.status >= 400:
            assert set(reply.body) == {"code", "message", "field"}
            assert now == before
        before = now
        assert who == "lead" or reply.status in {400, 404}


def test_a_case_of_anything_is_no_error_of_ours(world: World) -> None:
    opening = {"kind": "incident", "title": "x", "fields": {"summary": "x", "countries": ["NL"]}}
    for body in placed(opening, 2, "a case"):
        reply = world.asked_within("officer", "POST", "/brug/v1/cases", encoded(body))
        assert reply.status in {201, 400}, (body, reply.raw)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff", b"nul", b'{"what":' * 50_000, b"[" * 200_000, b'{"a":1e999}',
        b'{"what":"said","text":"' + b"x" * 900_000 + b'"}', b"1" * 100_000,
        b'{"what":"said","text":NaN}', b'\xef\xbb\xbf{"what":"said","text":"x"}', b"\0",
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_json_is_refused(world: World, body: bytes) -> None:
    before = reads(world)
    for path in ("/brug/v1/cases", f"/brug/v1/cases/{world.number}/acts"):
        reply = world.ask("lead", "POST", path, body)
        assert reply.status == 400, reply.raw
    assert reads(world) == before


def test_ten_megabytes_are_refused_or_read_and_answered(world: World) -> None:
    act = msgspec.json.encode({"what": "said", "text": "x" * 10_000_000})
    path = f"/brug/v1/cases/{world.number}/acts"
    assert world.ask("lead", "POST", path, act).status in {400, 413}
    assert world.ask("stranger", "POST", path, act).status == 403
    assert world.ask("lead", "GET", f"/brug/v1/cases?text={'x' * 10_000}").status < 500


def test_other_types_and_packings_are_refused(world: World) -> None:
    act = msgspec.json.encode({"what": "said", "text": "x"})
    path = f"/brug/v1/cases/{world.number}/acts"
    for name, value in (
        ("content-type", "text/plain"),
        ("content-type", ""),
        ("content-encoding", "br"),
    ):
        reply = world.ask("lead", "POST", path, act, **{name: value})
        assert (reply.status, reply.body["code"]) == (415, "wrong_type")
    assert world.ask("lead", "POST", path, act, **{"content-encoding": "gzip"}).status == 400
    assert world.ask("lead", "GET", f"/brug/v1/cases/{world.number}", act).status == 400


@pytest.mark.parametrize(
    "name",
    [
        "%00", "%FF", "%ED%A0%80", "0", "-1", "99999999999999999999", "INC-2026-9999", "..",
        "%2e%2e", "%C4%B0NC-2026-0001", "'", "x" * 3000, "٣", "1e3", " 1", "%2F",
    ],
)  # fmt: skip
def test_a_case_of_any_name_is_there_or_not(world: World, name: str) -> None:
    for rest in ("", "/clocks", "/entries"):
        for who in ("lead", "never"):
            reply = world.asked_within(who, "GET", f"/brug/v1/cases/{name}{rest}")
            assert reply.status in {200, 404}, reply.raw
            if who == "never":
                assert reply.status == 404


OF_ADMINS = ("/brug/v1/sources/", "/brug/v1/source-refusals/")  # others are refused anyway
WITH_PLACES = [one for one in ROUTES if "{" in one.path and one.method == "GET"]


@pytest.mark.parametrize("route", WITH_PLACES, ids=lambda one: one.path)
def test_whatever_stands_in_any_place_of_an_address(world: World, route: Route) -> None:
    places = [place for place in route.path.split("/") if place.startswith("{")]
    for wrong in places:
        for name in ("%00", "x%00", "%FF", "-1", "9" * 5000, "%D9%A3", "%2F", "x" * 3000):
            path = route.path.replace(wrong, name).replace("{case}", world.number)
            who = "site_admin" if route.path.startswith(OF_ADMINS) else "lead"
            reply = world.ask(who, "GET", re.sub(r"\{\w+\}", "1", path))
            assert reply.status in {400, 404}, (path[:200], reply.raw)
