# SPDX-License-Identifier: EUPL-1.2
"""What senders are told of what they sent: opened, used; never more than agreed."""

import time
from datetime import UTC, datetime

import httpx
import pytest
from tests.bridges.afterwards.conftest import attribute_of
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served
from tests.listening import NO_TLS
from tests.waiting_for import until

from brug.bridges.afterwards import opening, reporting, telling, tracing
from brug.bridges.afterwards.opening import Openings
from brug.bridges.afterwards.tracing import Trace
from brug.bridges.crossing import recalls
from brug.intel.sighting.sighting_exchange import Brought, take
from brug.store import settings

Two = tuple[Served, Served]
BOTH = {"opened": True, "used": True}


def crossed(two: Two, value: str) -> str:
    uuid = added(two[0], new_event(("domain", value)))
    carry(two[0])
    return uuid


def trace(node: Served, uuid: str) -> Trace:
    with node.database.as_user(ADMIN) as session:
        (found,) = tracing.of_event(session, uuid)
    return found


def opened(node: Served, uuid: str) -> object:
    with node.database.system() as session:
        return session.value("SELECT opened FROM kept_here WHERE event_uuid = %s", (uuid,))


def open_here(node: Served, uuid: str) -> None:
    """As a user of the node does, once the process writes it."""
    there = stored(node, uuid)
    assert there
    openings = Openings(node.database)
    with node.database.as_user(ADMIN) as session:
        openings.note(there["id"], session.principal)
    openings.close()


def see(node: Served, uuid: str, value: str, number: int, kind: int = 0) -> None:
    sighting = f"5c1f1c8e-7d3c-4bb3-8a6b-{time.monotonic_ns() % 10**12:012d}"
    with node.database.as_user(ADMIN) as session:
        take(session, uuid, [Brought(sighting, attribute_of(node, uuid, value), number, "", kind)])


def test_opening_by_page_or_interface_is_noted_as_a_day_and_a_list_is_none(agreed: Two) -> None:
    _, other = agreed
    agree(*agreed, tells=BOTH)
    seen, listed = crossed(agreed, "seen.example"), crossed(agreed, "listed.example")
    headers = {"Authorization": other.key, "Accept": "application/json"}
    body = {"uuid": listed, "returnFormat": "json"}
    httpx.post(
        f"{other.url}/events/restSearch", json=body, headers=headers, verify=NO_TLS
    ).raise_for_status()
    httpx.get(f"{other.url}/events/view/{seen}", headers=headers, verify=NO_TLS).raise_for_status()
    assert until(lambda: opened(other, seen)) == datetime.now(UTC).date()
    assert opened(other, listed) is None


def test_it_is_told_a_day_later_only_where_agreed_and_only_once(agreed: Two) -> None:
    one, other = agreed
    agree(*agreed, tells={"opened": False, "used": False})
    uuid = crossed(agreed, "told.example")
    open_here(other, uuid)
    yesterday(other, uuid)
    assert reporting.report(other.database, today=False) == []
    agree(*agreed, tells=BOTH)
    carry(one)
    open_here(other, uuid)
    (told,) = reporting.report(other.database, today=False)
    assert (told.partner, told.opened) == (one.name, 1)
    assert reporting.report(other.database, today=False) == []
    carry(other)
    found = trace(one, uuid)
    assert found.opened == datetime.now(UTC).date()
    assert found.used is None
    said = [c for c in crossings(one, uuid) if c.kind == "opened"]
    assert len(said) == 1
    assert "user" not in str(said[0].receipt)


def yesterday(node: Served, uuid: str) -> None:
    with node.database.system() as session:
        session.execute("UPDATE kept_here SET opened = opened - 1 WHERE event_uuid = %s", (uuid,))


def test_what_was_opened_today_waits_for_tomorrow(agreed: Two) -> None:
    agree(*agreed, tells=BOTH)
    uuid = crossed(agreed, "today.example")
    open_here(agreed[1], uuid)
    assert reporting.report(agreed[1].database, today=False) == []
    (told,) = reporting.report(agreed[1].database, today=True)
    assert told.opened >= 1
    assert [c.kind for c in crossings(agreed[1], uuid)] == ["opened", "event"]


def test_the_senders_own_accounts_and_partners_open_nothing(agreed: Two) -> None:
    one, other = agreed
    uuid = crossed(agreed, "not-opened.example")
    there = stored(other, uuid)
    assert there
    bridge = other.bridge(one.name)
    with other.database.system() as session:
        assert opening.store(session, [(there["id"], bridge.org_id)]) == 0
    assert opened(other, uuid) is None


def test_events_of_ones_own_are_nobodys_to_be_told_of(agreed: Two) -> None:
    one, _ = agreed
    uuid = crossed(agreed, "own.example")
    open_here(one, uuid)
    assert opened(one, uuid) is None


def test_detections_are_counted_and_told_where_agreement_and_setting_say_so(agreed: Two) -> None:
    one, other = agreed
    agree(*agreed, tells=BOTH)
    uuid = crossed(agreed, "used.example")
    see(other, uuid, "used.example", 1_790_000_000)
    see(other, uuid, "used.example", 1_790_000_100)
    see(other, uuid, "used.example", 1_790_000_200, kind=1)
    assert reporting.report(other.database, today=False) == []
    with other.database.system() as session:
        settings.set_value(session, "bridges.tells_used", value=True)
    try:
        (told,) = reporting.report(other.database, today=False)
        assert told.used == 1
        assert reporting.report(other.database, today=False) == []
        carry(other)
        carry(one)
        assert trace(one, uuid).used == 2
        see(other, uuid, "used.example", 1_790_000_300)
        reporting.report(other.database, today=False)
        carry(other)
        assert trace(one, uuid).used == 3
    finally:
        with other.database.system() as session:
            settings.set_value(session, "bridges.tells_used", value=False)


@pytest.mark.parametrize("kind", ["opened", "used"])
def test_who_agreed_not_to_know_does_not_get_to_know(agreed: Two, kind: telling.Told) -> None:
    one, other = agreed
    agree(*agreed, tells={"opened": False, "used": False})
    uuid = crossed(agreed, f"unknown-{kind}.example")
    with other.database.system() as session:
        telling.tell(session, other.bridge(one.name), kind, uuid, {"opened": True, "count": 1})
    carry(other)
    said = crossings(other, uuid)[0]
    assert (said.kind, said.state) == (kind, "failed")
    found = trace(one, uuid)
    assert (found.opened, found.used) == (None, None)


def test_a_recall_is_followed_from_asking_to_its_confirmation(agreed: Two) -> None:
    one, other = agreed
    uuid = crossed(agreed, "traced.example")
    with one.database.as_user(ADMIN) as session:
        recalls.ask(session, one.bridge(other.name), uuid, "it names a victim")
    carry(one)
    waits = trace(one, uuid)
    assert waits.sent
    assert waits.recalled
    assert (waits.recall, waits.recall_confirmed) == ("asked", None)
    with other.database.as_user(ADMIN) as session:
        (asked,) = [r for r in recalls.asked(session) if r.event_uuid == uuid]
        recalls.follow(session, asked.id, keep=False, because="as asked")
    carry(other)
    done = trace(one, uuid)
    assert (done.state, done.recall) == ("recalled", "recalled")
    assert done.recall_confirmed
