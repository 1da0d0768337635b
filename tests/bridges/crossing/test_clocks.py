# SPDX-License-Identifier: EUPL-1.2
"""Clocks that differ: of the node that sends, of the one that answers, and of what people edit."""

import time
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from tests.bridges.crossing.conftest import added, new_event
from tests.bridges.crossing.triangles import Triangle, held

from brug.bridges.native import client


def set_clock(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """What the node that speaks holds for the time; who answers has the right one."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    monkeypatch.setattr(client, "datetime", Clock)


@pytest.mark.parametrize("seconds", [-200, -1, 1, 20])
def test_a_clock_that_is_a_little_off_is_no_matter(
    triangle: Triangle, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    one, other, _ = triangle.three
    uuid = added(one, new_event(("domain", "a.example")))
    set_clock(monkeypatch, timedelta(seconds=seconds))
    triangle.work(one)
    assert held(other, uuid)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_far_off_is_told_and_nothing_is_lost(
    triangle: Triangle, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    one, other, _ = triangle.three
    uuid = added(one, new_event(("domain", "b.example")))
    with monkeypatch.context() as wrong:
        set_clock(wrong, timedelta(hours=hours))
        one.work(triangle.wire, [other])
    assert other.copy(uuid) is None
    with one.database.system() as session:
        problems = session.all("SELECT problem FROM bridge_progress")
    assert all("do the clocks of both nodes agree?" in row[0] for row in problems)
    triangle.work()
    assert held(other, uuid)


def test_what_was_edited_by_a_clock_that_ran_ahead_is_edited_again_by_the_right_one(
    triangle: Triangle, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = triangle.three
    now = time.time()
    with monkeypatch.context() as wrong:
        wrong.setattr(time, "time", lambda: now + 86_400)
        uuid = added(one, new_event(("domain", "c.example")))
        triangle.work(one)
    (item,) = held(other, uuid).items
    for value in ("d.example", "e.example"):
        one.edit(uuid, info=value, Attribute=[{"uuid": item, "value": value}], published=True)
        triangle.work(one)
        there = held(other, uuid)
        assert (there.info, there.items[item].value) == (value, value)
    with one.database.system() as session:
        made = session.value("SELECT timestamp FROM event WHERE uuid = %s", (uuid,))
    assert datetime.fromtimestamp(made, UTC) > datetime.now(UTC)
