# SPDX-License-Identifier: EUPL-1.2
"""Changes are noted with what they follow from and get their places once committed."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from brug.bridges.crossing import outbox
from brug.directory import account_changes, organisations
from brug.directory.node import create_node
from brug.intel import publishing
from brug.intel.adding import add
from brug.intel.deleting import delete_event
from brug.intel.finding import claim
from brug.intel.intake.importing import Overrides, take_event
from brug.intel.sighting.sighting_exchange import Brought, take
from brug.model.new_event import NewAttribute, NewEvent
from brug.store.session import Database

UUIDS = (f"1b1de3ee-3d1c-4dd4-9c0a-{n:012d}" for n in range(1, 10_000))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database(database_url, size=4) as database:
        with database.system() as session:
            create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://node.example")
        yield database


@pytest.fixture
def bridged(database: Database) -> Database:
    """A node with one open bridge."""
    with database.system() as session:
        org = organisations.add(session, {"name": "CSIRT Zuidland"})
        given = {"email": "bridge@zuidland.example", "org_id": org.id, "role_id": 5}
        account = account_changes.add(session, given).account.id
        session.execute(
            "INSERT INTO partner (id, org_id, kind, name) VALUES (1, %s, 'brug', 'Zuidland')",
            (org.id,),
        )
        session.execute(
            "INSERT INTO bridge (partner_id, transport, account_id, state)"
            " VALUES (1, 'native', %s, 'open')",
            (account,),
        )
        outbox.sequence(session)
    return database


def event(published: bool = True) -> NewEvent:
    attribute = NewAttribute(next(UUIDS), "domain", "Network activity", True, "a.example", "")
    new = NewEvent(next(UUIDS), "Campaign", distribution=3, published=published)
    new.attributes.append(attribute)
    return new


def added(database: Database, new: NewEvent) -> int:
    with database.as_user(1) as session:
        return add(session, new).event_id


def placed(database: Database) -> list[tuple[Any, ...]]:
    """(event, withdrawn) in the order of their places, after a round."""
    with database.system() as session:
        outbox.sequence(session)
        return session.all("SELECT event_id, withdrawn FROM event_change ORDER BY position")


def test_nothing_is_noted_where_there_is_no_bridge(database: Database) -> None:
    added(database, event())
    assert placed(database) == []


def test_a_published_event_is_noted_and_a_draft_is_not(bridged: Database) -> None:
    first = added(bridged, event())
    added(bridged, event(published=False))
    assert placed(bridged) == [(first, False)]


def test_an_edit_alone_is_none_publishing_and_unpublishing_are(bridged: Database) -> None:
    number = added(bridged, event())
    placed(bridged)
    with bridged.system() as session:
        session.execute("INSERT INTO crossing (bridge_id, outward, kind, event_uuid, info, version,"
                        " digest, outcome, state) SELECT 1, true, 'event', uuid, '', 1, '', 'pass',"
                        " 'received' FROM event")  # fmt: skip
        before = outbox.head(session)
    with bridged.as_user(1) as session:
        publishing.touch(session, claim(session, number))
    with bridged.system() as session:
        assert outbox.sequence(session) == 0
        assert outbox.head(session) == before
    with bridged.as_user(1) as session:
        publishing.publish(session, number)
    assert placed(bridged) == [(number, False)]
    with bridged.as_user(1) as session:
        publishing.unpublish(session, number)
    assert placed(bridged) == [(number, True)]
    with bridged.as_user(1) as session:
        publishing.publish(session, number)
        delete_event(session, number)
    assert placed(bridged) == [(number, True)]


def test_importing_shares_nothing_unless_asked(bridged: Database) -> None:
    raw = {"info": "Old", "uuid": next(UUIDS), "published": True, "distribution": "3",
           "timestamp": "1700000000",
           "Attribute": [{"type": "domain", "value": "b.example"}]}  # fmt: skip
    with bridged.as_user(1) as session:
        take_event(session, dict(raw), Overrides())
    assert placed(bridged) == []
    with bridged.as_user(1) as session:
        shared = take_event(session, {**raw, "uuid": next(UUIDS)}, Overrides(share=True))
    assert placed(bridged) == [(shared.event_id, False)]


def test_a_sighting_is_noted_with_its_event(bridged: Database) -> None:
    new = event()
    number = added(bridged, new)
    placed(bridged)
    with bridged.system() as session:
        before = outbox.head(session)
    with bridged.as_user(1) as session:
        seen = Brought(next(UUIDS), str(new.attributes[0].uuid), 1_700_000_000, "sensor", 0)
        take(session, str(new.uuid), [seen])
    assert placed(bridged) == [(number, False)]
    with bridged.system() as session:
        assert outbox.head(session) == before + 1


def test_a_transaction_that_commits_late_is_never_passed_over(
    bridged: Database, database_url: str, as_role: Callable[[str, str], str]
) -> None:
    """It was noted first and committed last: its place is behind, and nobody is past it."""
    with psycopg.connect(as_role(database_url, "brug_owner")) as late:
        late.execute("INSERT INTO brug.change_pending (event_id, event_uuid) VALUES (900, %s)",
                     (next(UUIDS),))  # fmt: skip
        early = added(bridged, event())
        assert placed(bridged) == [(early, False)]
        late.commit()
    assert placed(bridged) == [(early, False), (900, False)]


def test_many_changes_of_an_event_are_one_the_last(bridged: Database) -> None:
    number = added(bridged, event())
    other = added(bridged, event())
    for _ in range(3):
        with bridged.as_user(1) as session:
            publishing.publish(session, number)
    assert placed(bridged) == [(other, False), (number, False)]
    with bridged.system() as session:
        assert session.value("SELECT count(*) FROM change_pending") == 0
