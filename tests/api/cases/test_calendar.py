# SPDX-License-Identifier: EUPL-1.2
"""What ends when, told to programs in parts."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.api.cases.conftest import World

from brug.cases.acts import Planned

V1 = "/brug/v1"


def test_what_ends_is_told_in_parts_that_lead_on(world: World) -> None:
    several = [datetime(2035, 1, 1 + n // 2, n, tzinfo=UTC) for n in range(5)]
    for n, at in enumerate(several):
        task = Planned(task=str(uuid4()), title=f"Task {n}", due=f"{at:%Y-%m-%dT%H:%M:%SZ}")
        world.act("lead", task, [world.parts["officer"]] if n == 3 else [])
    span = "since=2035-01-01&until=2035-02-01"
    for who, expected in (("officer", [0, 1, 2, 3, 4]), ("peer", [0, 1, 2, 4])):
        whole = world.ask(who, "GET", f"{V1}/calendar?{span}").body
        assert [one["says"] for one in whole["items"]] == [f"Task {n}" for n in expected]
        assert (whole["is_cut"], whole["next"], whole["is_broken"]) == (False, "", False)
        found, after = [], ""
        while True:
            part = world.ask(who, "GET", f"{V1}/calendar?{span}&limit=2&after={after}").body
            found += part["items"]
            after = part["next"]
            assert part["is_cut"] is bool(after)
            assert len(part["items"]) == 2 or not after
            if not after:
                break
        assert found == whole["items"]
    assert world.ask("never", "GET", f"{V1}/calendar?{span}&limit=1").body["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=501", "limit"), ("limit=x", "limit"), ("after=x", "after"),
     ("after=1~9999999999", "after")],
)  # fmt: skip
def test_a_part_that_is_none_is_refused(world: World, query: str, field: str) -> None:
    reply = world.ask("lead", "GET", f"{V1}/calendar?{query}")
    assert (reply.status, reply.body["field"]) == (400, field)
