# SPDX-License-Identifier: EUPL-1.2
"""An authority over the interface: takes in, answers, and refuses rubbish by name."""

from base64 import b64encode
from typing import Any

import pytest
from tests.api.cases.conftest import Reply, World
from tests.api.cases.test_rubbish import RUBBISH, encoded
from tests.cases.authority.conftest import told

BODIES: dict[str, dict[str, Any]] = {
    "/received": {
        "data": b64encode(told(summary="Never taken")).decode(), "at": "2026-11-26T10:00",
        "zone": "UTC", "channel": "by mail", "into": "", "org": "", "role": "authority",
    },
    "/acknowledged": {"at": "2026-11-26T10:00", "zone": "UTC", "of": ""},
    "/feedback": {"text": "x", "guidance": "", "police": "", "at": "", "zone": "UTC", "of": ""},
    "/asked": {"until": "2190-01-01T00:00", "zone": "UTC", "text": "", "of": ""},
    "/forwarded": {
        "countries": ["BE"], "fields": ["sector"], "title": "x", "text": "y", "with_name": False,
        "of": "",
    },
}  # fmt: skip


def post(world: World, rest: str, body: Any) -> Reply:
    where = "" if rest == "/received" else f"/cases/{world.number}"
    return world.asked_within("peer", "POST", f"/brug/v1{where}{rest}", body)


def test_a_notification_is_taken_in_answered_and_counted(world: World) -> None:
    data = b64encode(told(summary="Over the interface")).decode()
    made = post(world, "/received", {"data": data, "at": "2026-11-26T22:00", "role": "csirt"})
    assert made.status == 201
    queue = world.asked_within("peer", "GET", "/brug/v1/received").body["received"]
    (row,) = [one for one in queue if one["number"] == made.body["number"]]
    assert row["feedback"]["strict"].startswith("2026-11-27T22:00")
    place = f"/brug/v1/cases/{row['number']}/feedback"
    done = world.asked_within("peer", "POST", place, {"text": "Thank you"})
    assert [one["entry"]["act"]["what"] for one in done.body["entries"]] == ["said", "recorded"]
    assert post(world, "/received", {"data": data}).body["code"] == "received_before"
    for query, count in (
        ("over=true", 0),
        ("all=true", len(queue)),
        ("over=true&all=true", len(queue)),
    ):
        found = world.asked_within("peer", "GET", f"/brug/v1/received?{query}").body["received"]
        assert len(found) == count
    summed = world.asked_within("peer", "GET", "/brug/v1/received/summary?period=2026-Q4").body
    assert summed["format"] == "brug-summary-1"
    assert world.asked_within("never", "GET", "/brug/v1/received").body == {"received": []}


@pytest.mark.parametrize(
    ("rest", "name"), [(rest, name) for rest, body in BODIES.items() for name in body]
)
def test_rubbish_is_refused_by_name_and_nothing_is_written(
    world: World, rest: str, name: str
) -> None:
    free = {"channel", "of", "text", "title", "police", "guidance", "at", "into", "org"}

    def written() -> int:
        with world.database.system() as session:
            return int(session.value("SELECT count(*) FROM case_entry"))

    for value in RUBBISH:
        if name in free and isinstance(value, str) and value not in {"", "\0", "\ud800"}:
            continue  # a text like any other, which would be written
        before = written()
        got = post(world, rest, encoded(BODIES[rest] | {name: value}))
        if name in free and isinstance(value, str):
            assert got.status < 500, (value, got.raw)
        else:
            assert 400 <= got.status < 500, (value, got.raw)
        if got.status >= 400:
            assert written() == before
            assert set(got.body) == {"code", "message", "field"}
