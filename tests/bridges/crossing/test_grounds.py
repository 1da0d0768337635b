# SPDX-License-Identifier: EUPL-1.2
"""What decides beside events and agreements: what crossed is decided anew where it changes."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import grounds
from brug.bridges.gate import personal_types
from brug.store import settings

Two = tuple[Served, Served]


@pytest.fixture
def noticed(agreed: Two) -> Iterator[Two]:
    """Personal data is dropped, and the grounds are known; what a test corrected is gone after."""
    agree(
        *agreed, personal_data={"regime": "gdpr", "handling": "drop", "transfer": {"tool": "eea"}}
    )
    grounds.notice(agreed[0].database)
    yield agreed
    with agreed[0].database.system() as session:
        settings.set_value(session, "bridges.default_purpose", "cyber-defence")


def correct(node: Served, kind: str, cls: str, since: date | None = None) -> None:
    with node.database.as_user(ADMIN) as session:
        personal_types.correct(session, kind, cls, "Judgement of the court of Noordland", since)


def test_a_type_that_identifies_people_now_is_left_out_of_what_crossed(noticed: Two) -> None:
    one, _ = noticed
    uuid = added(one, new_event(("domain", "stays-grounds.example"), ("mutex", "person-now")))
    carry(one)
    (before,) = crossings(one, uuid)
    assert (before.outcome, before.passed) == ("pass", 2)
    assert not grounds.notice(one.database)
    correct(one, "mutex", "high")
    assert grounds.notice(one.database)
    assert not grounds.notice(one.database)
    carry(one)
    after, replaced = crossings(one, uuid)
    assert (after.outcome, after.passed, after.dropped) == ("redact", 1, 1)
    assert (after.state, replaced.state) == ("received", "replaced")
    correct(one, "mutex", "low")
    assert grounds.notice(one.database)


def test_what_is_decided_as_before_is_not_sent_again(noticed: Two) -> None:
    one, _ = noticed
    uuid = added(one, new_event(("domain", "same-grounds.example")))
    carry(one)
    correct(one, "named pipe", "high")
    assert grounds.notice(one.database)
    carry(one)
    assert len(crossings(one, uuid)) == 1


def test_a_correction_of_a_later_day_counts_from_that_day(noticed: Two) -> None:
    one, _ = noticed
    correct(one, "mutex", "high", date.today() + timedelta(days=30))  # noqa: DTZ011 — a day
    assert not grounds.notice(one.database)
    correct(one, "mutex", "low", date.today())  # noqa: DTZ011 — as above
    assert grounds.notice(one.database)


def test_another_default_purpose_decides_anew(noticed: Two) -> None:
    one, _ = noticed
    uuid = added(one, new_event(("domain", "purpose-grounds.example")))
    carry(one)
    with one.database.system() as session:
        settings.set_value(session, "bridges.default_purpose", "diplomacy")
    assert grounds.notice(one.database)
    carry(one)
    newest = next(c for c in crossings(one, uuid) if c.kind == "event")
    assert (newest.outcome, newest.state) == ("refuse", "refused")
    assert [c.kind for c in crossings(one, uuid)].count("withdrawal") == 1
