# SPDX-License-Identifier: EUPL-1.2
"""Enough attributes for plans to matter: 30,000 in 300 events of two organisations."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec
import psycopg
import pytest
from tests.conftest import copied

from brug.directory import account_changes, organisations
from brug.directory.node import create_node
from brug.model.value_key import key
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database, Session

EVENTS, EACH = 300, 100
HOT = "hot.example"


class Stored(msgspec.Struct):
    database: Database
    reader: int
    admin: int
    owner: str
    event_id: int
    event_uuid: str
    attribute_uuid: str


def value_of(number: int) -> str:
    """Every tenth is the same."""
    return HOT if number % 10 == 0 else f"name{number}.example"


def _events(session: Session, org_id: int) -> tuple[int, str]:
    """Every third event is for its own organisation alone."""
    own = session.value("SELECT intern_audience(false, %s, '{}')", (org_id,))
    everyone = session.value("SELECT intern_audience(true, 0, '{}')")
    session.execute(
        "INSERT INTO event (uuid, org_id, orgc_id, info, distribution, timestamp, date, published,"
        " audience) SELECT gen_random_uuid(), %s, %s, 'event ' || n, 1, 1700000000 + n,"
        " '2024-01-01'::date + n, n %% 2 = 0, CASE WHEN n %% 3 = 0 THEN %s::int ELSE %s::int END"
        " FROM generate_series(1, %s) AS n",
        (org_id, org_id, own, everyone, EVENTS),
    )
    row = session.one("SELECT id, uuid::text FROM event ORDER BY id OFFSET 9 LIMIT 1")
    assert row is not None
    return int(row[0]), str(row[1])


def _attributes(session: Session) -> str:
    values = [value_of(number) for number in range(EVENTS * EACH)]
    known = str(uuid4())
    session.execute(
        "INSERT INTO attribute (uuid, event_id, org_id, audience, key1, timestamp, distribution,"
        " to_ids, parts, type, category, value1)"
        " SELECT CASE WHEN n = 1 THEN %s::uuid ELSE gen_random_uuid() END, e.id, e.org_id,"
        " e.audience, v.key, 1700000000, 5, n %% 2 = 0, 1, 'domain', 'Network activity', v.value"
        " FROM unnest(%s::text[], %s::bigint[]) WITH ORDINALITY AS v (value, key, n)"
        " JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM event) AS e"
        " ON e.place = 1 + (v.n - 1) / %s ORDER BY n",
        (known, values, [key(value) for value in values], EACH),
    )
    session.execute("INSERT INTO value_batch (first_id, last_id) SELECT min(id), max(id)"
                    " FROM attribute")  # fmt: skip
    session.execute("SELECT index_values(1)")
    session.execute("INSERT INTO tag (name, colour) VALUES ('few', '#000000')")
    session.execute(
        "INSERT INTO event_tag (event_id, tag_id, audience)"
        " SELECT e.id, t.id, e.audience FROM event e, tag t WHERE e.info = 'event 7'"
    )
    return known


@pytest.fixture(scope="session")
def stored(embedded: EmbeddedServer, template: str) -> Iterator[Stored]:
    """Analysed, with the planner's own settings."""
    with copied(embedded, template) as url, Database(url, size=2) as database:
        with database.system() as session:
            create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://node.example")
            org = organisations.add(session, {"name": "Noordland Bank"}).id
            reader = account_changes.add(
                session, {"email": "reader@people.example", "org_id": org, "role_id": 3}
            ).account.id
            event_id, event_uuid = _events(session, 1)
            attribute_uuid = _attributes(session)
            name = session.value("SELECT current_database()")
        owner = embedded.dsn(SUPERUSER, name)
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("ANALYZE")
        yield Stored(database, reader, 1, owner, event_id, event_uuid, attribute_uuid)
