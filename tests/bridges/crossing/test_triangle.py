# SPDX-License-Identifier: EUPL-1.2
"""Three nodes: one gives a second all of it and a third a redacted copy; the two are connected."""

from collections.abc import Iterator

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served, connect, node
from tests.conftest import copied

from brug.bridges.crossing import removing
from brug.store.server import EmbeddedServer

PERSON = ("target-user", "jan.jansen")
HANDLED = {"regime": "gdpr", "handling": "pseudonymise", "transfer": {"tool": "eea"}}


@pytest.fixture(scope="module")
def westerland(embedded: EmbeddedServer, template: str) -> Iterator[Served]:
    with copied(embedded, template) as dsn, node("CERT Westerland", dsn) as served:
        yield served


Three = tuple[Served, Served, Served]


@pytest.fixture(scope="module")
def triangle(connected: tuple[Served, Served], westerland: Served) -> Three:
    """Noordland gives Zuidmark all and Westerland pseudonyms; Zuidmark and Westerland agree too."""
    one, whole = connected
    agree(one, whole)
    connect(one, westerland)
    agree(one, westerland, personal_data=HANDLED)
    connect(whole, westerland)
    agree(whole, westerland)
    return one, whole, westerland


def person_of(served: Served, uuid: str) -> list[tuple[str, str]]:
    there = stored(served, uuid)
    assert there
    return [value for value in there["values"] if value[0] != "domain"]


def test_each_gets_its_own_copy_and_a_pseudonym_is_nobody_elses(triangle: Three) -> None:
    one, whole, redacted = triangle
    new = new_event(("domain", "bank-login.example"), PERSON)
    new.attributes[1].to_ids = False
    uuid = added(one, new)
    carry(one)
    assert person_of(whole, uuid) == [PERSON]
    (sent,) = [crossing for crossing in crossings(one, uuid) if crossing.partner == whole.name]
    assert ("tool_holds", 1) in {(said["code"], said.get("count")) for said in sent.reasons}
    ((kind, value),) = person_of(redacted, uuid)
    assert kind == "text"
    assert "jan" not in value
    # What the two would send each other: the creator brings it to both, so nothing changes.
    carry(whole)
    carry(redacted)
    assert person_of(whole, uuid) == [PERSON]
    assert value not in str(stored(whole, uuid))
    for served in (whole, redacted):
        assert [c.state for c in crossings(served, uuid) if c.outward and c.state == "failed"] == []


def test_a_fuller_copy_of_the_same_version_replaces_the_redacted_one(triangle: Three) -> None:
    one, _, third = triangle
    new = new_event(("domain", "fuller.example"), PERSON)
    new.attributes[1].to_ids = False
    uuid = added(one, new)
    carry(one)
    assert person_of(third, uuid) != [PERSON]
    before = stored(third, uuid)
    agree(one, third)
    with one.database.system() as session:
        session.execute("UPDATE bridge_progress SET carried = 0")
    carry(one)
    after = stored(third, uuid)
    assert before
    assert after
    assert person_of(third, uuid) == [PERSON]
    assert after["timestamp"] == before["timestamp"]
    with third.database.as_user(ADMIN) as session:
        tags = session.all(
            "SELECT g.name FROM event_tag t JOIN tag g ON g.id = t.tag_id WHERE t.event_id = %s",
            (after["id"],),
        )
    assert ("brug:redacted",) not in tags


def test_a_redacted_copy_never_replaces_a_fuller_one(triangle: Three) -> None:
    one, _, third = triangle
    agree(one, third)
    new = new_event(("domain", "first-all.example"), PERSON)
    new.attributes[1].to_ids = False
    uuid = added(one, new)
    carry(one)
    assert person_of(third, uuid) == [PERSON]
    agree(one, third, personal_data=HANDLED)
    with one.database.system() as session:
        session.execute("UPDATE bridge_progress SET carried = 0")
    carry(one)
    assert PERSON in person_of(third, uuid)


def test_who_takes_its_own_copy_back_takes_nobody_elses(triangle: Three) -> None:
    one, whole, third = triangle
    agree(whole, third, personal_data=HANDLED)
    uuid = added(one, new_event(("domain", "brought-twice.example")))
    carry(one)
    carry(whole)
    (passed_on,) = [c for c in crossings(whole, uuid) if c.outward and c.kind == "event"]
    assert passed_on.receipt
    assert passed_on.receipt["statement"]["outcome"] == "kept"
    with whole.database.as_user(whole.bridge(one.name).account_id) as session:
        removing.remove(session, uuid)
    carry(whole)
    taken_back, *_ = crossings(whole, uuid)
    assert (taken_back.kind, taken_back.state) == ("withdrawal", "received")
    assert taken_back.receipt
    assert taken_back.receipt["statement"]["outcome"] == "unknown"
    assert stored(third, uuid)
