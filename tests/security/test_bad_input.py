# SPDX-License-Identifier: EUPL-1.2
"""What no client should send, to every route: refused by name or taken by MISP's leniency.

Never a 500; nothing changes unless the answer says so.
"""

import gzip
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.drawing import base_path, body_for, named, paths, usual_method
from tests.security.furnishing import raw_event
from tests.security.kinds import OURS
from tests.security.order import endpoints
from tests.security.samples import Form
from tests.security.stored import Rows
from tests.thorough import share

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint

listed.load()

# What finds the most goes everywhere (the first of each two; of values half to one place of a body
# and half to the next), the rest each to some places.
# Values as JSON, since half of them could not be written by an encoder.
FIRST_VALUES = (
    "null", "{}", "1e400", "1" * 400, r'"nul\u0000inside"', r'"\ud800"', "[[[[[]]]]]",
)  # fmt: skip
VALUES = (
    "true", "[]", '""', '" "', "-1", "0", "1.5", "1e308", "-1e400",
    "2147483648", "9223372036854775808", '"99999999999999999999"', '"-1"', '"1e400"',
    r'"\udc00\ud800"', '"\u202etxt.exe"', '"\ufeff\u200b"',
    '"0000-00-00"', '"0000-01-01T00:00:00Z"', '"10000-01-01"', '"9999-12-31T23:59:59.999999Z"',
    '"-0001-01-01"', '"infinity"', '"NaN"', '[null,{},[{"a":1}]]', '{"a":{"b":[1]}}',
    '"\'; DROP TABLE event; --"', '"%"', '"!%s&&"', r'"\\"', '"\u0661\u0662"',
    '"' + "x" * 70_000 + '"',
    '"00000000-0000-0000-0000-000000000000"', '{"OR":[null],"NOT":{},"AND":"x"}', '["!",null,1]',
)  # fmt: skip
FIRST_SEGMENTS = ("99999999999999999999", "2147483648", "%00", "%ff%fe")
SEGMENTS = (
    "0", "-1", "1.5", "9223372036854775808",
    "%ed%a0%80", "'", "%27%20OR%201=1--", "%", "%25", "..", "..%2f..%2fetc%2fpasswd", "me", "null",
    "a:b", "id:", ":x", "page:-1", "limit:-1", "limit:99999999999999999999", "page:x", "sort:id'",
    "order:id%20desc;--", "direction:sideways", "%d9%a1", "%c2%b2", "x" * 3000, "1/2/3/4/5/6",
    "00000000-0000-0000-0000-000000000000", "all", "true", "value:%ff", "uuid:%00", "scope:'",
)  # fmt: skip
FIRST_DOCUMENTS = (
    b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[null]", b'{"\\u0000":1}',
    b'{"\\ud800":"\\ud800"}',
)  # fmt: skip
DOCUMENTS = (
    b"[", b"nonsense", b'{"a":}', b'{"a":1,}', b'{"a":"\xff"}', b'"', b"\x00",
    b'{"a":NaN}', b'{"a":Infinity}', b'{"a":' * 50_000, b"1", b'"text"',
    b"[]", b"[[]]", b'[{"id":1},null,"x"]', b'{"request":null}', b'{"request":[]}',
    b'{"Event":null}', b'{"Event":[]}', b'{"Event":"x"}', b'{"response":[{"Event":[]}]}', b"{}",
    b'{"a":1,"a":2}', b"\xef\xbb\xbf{}", b" ",
)  # fmt: skip
FORMS = (
    b"data[Event][info]=x&data[Event]=y", b"data[=1", b"a[b][c]=1&a=2&a[b]=3", b"%ff=%00",
    b"data", b"&&&=&", b"data[a]" + b"[b]" * 5000 + b"=1", b"\xff\xfe=\x00",
)  # fmt: skip
NO_JSON = ("", "text/xml", "application/json; charset=utf-16", "multipart/form-data")
DEEP = tuple(
    start + b"[" * depth + b"]" * depth + end
    for depth in (400, 900, 950)
    for start, end in ((b"", b""), (b'{"Event":{"info":', b"}}"), (b'{"value":', b"}"))
)


def address(endpoint: Endpoint, arena: Arena) -> str:
    """With an item of ours, where the endpoint takes one."""
    bare, *others = paths(endpoint, arena.items[OURS])
    takes_none = endpoint.action.lower().removeprefix("admin_") in {"index", "restsearch"}
    takes_none |= (endpoint.controller, endpoint.action) in {("events", "add"), ("tags", "add")}
    return bare if takes_none or not others else others[0]


def body_of(endpoint: Endpoint, arena: Arena, number: int) -> Any:
    """What of the endpoint's body is JSON."""
    body = body_for(endpoint, arena.items[OURS], number)
    return {} if isinstance(body, Form) else body


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a document something could be replaced: every level of it."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from spots(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from spots(inner, (*path, index))


def replaced(value: Any, path: tuple[Any, ...], by: str) -> Any:
    if not path:
        return msgspec.Raw(by.encode("utf-8", "surrogatepass"))
    if isinstance(value, dict):
        return {k: replaced(v, path[1:], by) if k == path[0] else v for k, v in value.items()}
    return [replaced(v, path[1:], by) if i == path[0] else v for i, v in enumerate(value)]


def unchanged_unless_told(before: Rows, arena: Arena, answers: list[int]) -> None:
    if all(status != 200 for status in answers):
        # Refused items are kept with their reason, so that they can be replayed.
        after = {key: row for key, row in arena.rows().items() if key[0] != "refusal"}
        assert after == {key: row for key, row in before.items() if key[0] != "refusal"}


@pytest.fixture(scope="module")
def who() -> str:
    return "admin"


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_a_value_of_another_kind_is_refused_or_read_leniently(
    arena: Arena, endpoint: Endpoint, who: str
) -> None:
    path, method = address(endpoint, arena), usual_method(endpoint)
    body = body_of(endpoint, arena, 3)
    for place, spot in enumerate(spots(body)):
        first = share(FIRST_VALUES, named(endpoint), 2, place)
        for value in (*first, *share(VALUES, named(endpoint), 14, place)):
            arena.ask(who, Ask(method, path, msgspec.json.encode(replaced(body, spot, value))))


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_a_body_that_is_no_document_is_refused_and_leaves_nothing(
    arena: Arena, endpoint: Endpoint, who: str
) -> None:
    path, method = address(endpoint, arena), usual_method(endpoint)
    before, name = arena.at_first, named(endpoint)
    documents = (*FIRST_DOCUMENTS, *share(DOCUMENTS, name, 8), *share(DEEP, name, 4))
    answers = [arena.ask(who, Ask(method, path, body)).status for body in documents]
    answers += [
        arena.ask(who, Ask(method, path, body, "application/x-www-form-urlencoded")).status
        for body in share(FORMS, name, 4)
    ]
    answers += [
        arena.ask(who, Ask(method, path, b'{"a":1}', kind)).status
        for kind in share(NO_JSON, name, 2)
    ]
    unchanged_unless_told(before, arena, answers)


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_an_address_that_means_nothing_is_refused(
    arena: Arena, endpoint: Endpoint, who: str
) -> None:
    base = base_path(endpoint)
    body = body_of(endpoint, arena, 4)
    for place, method in enumerate(dict.fromkeys(("GET", *endpoint.methods))):
        for segment in (*FIRST_SEGMENTS, *share(SEGMENTS, named(endpoint), 10, place)):
            name, _, value = segment.partition(":")
            forms = (f"{base}/{segment}", f"{base}?{name}={value}&page={segment}")
            several = forms if segment in FIRST_SEGMENTS else share(forms, f"{base} {segment}", 2)
            for path in several:
                arena.ask(who, Ask(method, path, body))


@pytest.mark.parametrize("value", FIRST_VALUES + VALUES)
def test_an_event_with_one_bad_item_keeps_the_others(arena: Arena, value: str) -> None:
    event = raw_event("fine", None)
    every = [path for path in spots(event) if path]
    places = every if value in FIRST_VALUES else share(every, value, 5)
    before = arena.at_first
    for path in places:
        body = msgspec.json.encode(replaced(event, path, value))
        answered = arena.ask("publisher", Ask("POST", "/events/add", body))
        if answered.status != 200:
            continue
        found = answered.body["Event"]
        if path[0] in {"Attribute", "Object"} and len(path) == 3:
            kind, index = path[0], path[1]
            others = [x for i, x in enumerate(event[kind]) if i != index]
            kept = {x.get("value") or x.get("uuid") for x in found[kind]}
            assert {x.get("value") or x.get("uuid") for x in others} <= kept, (path, answered)
        counted = len(found["Attribute"]) + sum(len(o["Attribute"]) for o in found["Object"])
        assert int(found["attribute_count"]) == counted, path
        assert arena.ask("publisher", Ask("POST", f"/events/delete/{found['id']}")).status == 200
    after = arena.rows()
    kept_tables = {"event", "attribute", "object", "attachment", "event_report", "sighting"}
    assert {k: r for k, r in after.items() if k[0] in kept_tables} == {
        k: r for k, r in before.items() if k[0] in kept_tables
    }


def test_a_uuid_that_comes_twice_is_one_item_and_one_refusal(arena: Arena) -> None:
    event = raw_event("fine", None)
    same = "5f8a0f7e-0000-4000-8000-00000000beef"
    for item in (*event["Attribute"], *event["Object"], *event["EventReport"]):
        item["uuid"] = same
    answered = arena.ask("publisher", Ask("POST", "/events/add", event))
    assert answered.status == 200
    found = answered.body["Event"]
    assert [a["uuid"] for a in found["Attribute"]] == [same]
    assert [o["uuid"] for o in found["Object"]] == [same]
    assert answered.body["errors"]


def test_a_compressed_body_is_bounded_by_what_it_unpacks_to(arena: Arena) -> None:
    bomb = gzip.compress(b"[" + b"0," * 20_000_000 + b"0]")
    asked = Ask("POST", "/events/add", bomb, headers={"content-encoding": "gzip"})
    answered = arena.ask("publisher", asked)
    assert answered.status == 413
    assert b"limits.body_bytes" in answered.content
    for broken in (bomb[:50], b"\x1f\x8b", b"{}", b""):
        asked = Ask("POST", "/events/add", broken, headers={"content-encoding": "gzip"})
        assert 400 <= arena.ask("publisher", asked).status < 500


def test_a_field_that_nobody_knows_is_ignored(arena: Arena) -> None:
    event = raw_event("fine", None) | {"nobody_knows": {"deep": [1]}, "": "", "__class__": "x"}
    event["Attribute"][0] |= {"nobody_knows": "x", "": 1}
    answered = arena.ask("publisher", Ask("POST", "/events/add", event))
    assert answered.status == 200
    assert len(answered.body["Event"]["Attribute"]) == 3
