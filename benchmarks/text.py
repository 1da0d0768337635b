# SPDX-License-Identifier: EUPL-1.2
"""Substring search under the row policies, beside the same query without them; and what
relates to hot values. On rows made in the database: 10,000 audiences, so that readers
differ.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, LiteralString

import psycopg

from benchmarks.figures import Figure
from benchmarks.node import ServedNode, served
from brug.intel.correlating.correlation import of_attributes
from brug.model.event import Attribute
from brug.model.value_key import fold, key
from brug.store.session import Database

AUDIENCES = 10_000
FIRST_ORG = 1_000
HOT = 50
REPEATS = 15

_BARE = """
WITH known AS MATERIALIZED (SELECT key FROM value_text WHERE folded LIKE %(pattern)s)
SELECT a.id FROM known k JOIN attribute a ON a.key1 = k.key
UNION SELECT a.id FROM known k JOIN attribute a ON a.key2 = k.key
"""


_FILL: tuple[LiteralString, ...] = (
    """INSERT INTO organisation (id, uuid, name) VALUES (999, gen_random_uuid(), 'Broad')""",
    """INSERT INTO organisation (id, uuid, name)
       SELECT %(first)s + i, gen_random_uuid(), 'Org ' || i
       FROM generate_series(0, %(audiences)s - 1) AS i""",
    """INSERT INTO account (id, email, org_id, role_id) VALUES
       (998, 'narrow@org.example', %(first)s, 3), (999, 'broad@org.example', 999, 3)""",
    """INSERT INTO sharing_group (id, uuid, name, organisation_uuid, org_id)
       SELECT %(first)s + i, gen_random_uuid(), 'G' || i, gen_random_uuid(), %(first)s + i
       FROM generate_series(0, %(audiences)s - 1) AS i""",
    """INSERT INTO sharing_group_org (sharing_group_id, org_id)
       SELECT %(first)s + i, 999 FROM generate_series(0, %(audiences)s - 1) AS i""",
    """INSERT INTO audience (id, owner, groups)
       SELECT %(first)s + i, %(first)s + i, ARRAY[%(first)s + i]
       FROM generate_series(0, %(audiences)s - 1) AS i""",
    """INSERT INTO event (id, uuid, org_id, orgc_id, info, distribution, timestamp, audience)
       SELECT %(first)s + i, gen_random_uuid(), %(first)s + i, %(first)s + i, 'E' || i, 4,
              1700000000, %(first)s + i
       FROM generate_series(0, %(audiences)s - 1) AS i""",
    """INSERT INTO attribute (uuid, event_id, org_id, audience, key1, parts, timestamp,
              distribution, to_ids, type, category, value1)
       SELECT gen_random_uuid(), a, a, a, hashtextextended(v, 0), 1, 1700000000, 5, true,
              'domain', 'Network activity', v
       FROM (SELECT %(first)s + i %% %(audiences)s AS a, md5(i::text) || '.example.com' AS v
             FROM generate_series(1, %(rows)s) AS i) AS made""",
    """INSERT INTO value_text SELECT DISTINCT ON (key1) key1, value1 FROM attribute""",
    """VACUUM (ANALYZE)""",
)


def measure(_: ServedNode, rows: int) -> Iterator[Figure]:
    """Substring search and hot values at `rows` attributes."""
    with served() as node:
        _fill(node, rows)
        with Database(node.server.dsn(), size=2) as database:
            yield from _substring(node, database, rows)
            yield from _hot(database)


def _fill(node: ServedNode, rows: int) -> None:
    """One organisation an audience; org 999 is in all of them by groups of its own."""
    with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
        for statement in _FILL:
            connection.execute(
                statement, {"first": FIRST_ORG, "audiences": AUDIENCES, "rows": rows}
            )
        for number in range(HOT):
            value = f"hot{number}.example.com"
            connection.execute(
                "INSERT INTO attribute (uuid, event_id, org_id, audience, key1, parts, timestamp,"
                " distribution, to_ids, type, category, value1)"
                " SELECT gen_random_uuid(), 1001 + i %% 5000, 1001 + i %% 5000, 1001 + i %% 5000,"
                " %s, 1, 1700000000, 5, true, 'domain', 'Network activity', %s"
                " FROM generate_series(1, 100000 / %s) AS i",
                (key(fold(value)), value, HOT),
            )
        connection.execute("VACUUM (ANALYZE) attribute")


def _median(ask: Callable[[], Any]) -> float:
    """Milliseconds; the first call warms up."""
    ask()
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _substring(node: ServedNode, database: Database, rows: int) -> Iterator[Figure]:
    with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
        pattern = "%c0ffe%"
        bare = _median(lambda: connection.execute(_BARE, {"pattern": pattern}).fetchall())
    for name, user in (("narrow", 998), ("broad", 999)):
        with database.as_user(user) as session:
            ask = partial(session.all, "SELECT * FROM search_values(%s, false)", ([pattern],))
            asked = _median(ask)
        yield Figure(
            f"substring at {rows:,}, {name} reader",
            f"{asked:.1f} ms",
            f"without policies {bare:.1f} ms",
            asked / bare,
            "<= 5",
            asked <= 5 * bare,
        )


def _hot(database: Database) -> Iterator[Figure]:
    """An event of 50 values that 2,000 others hold each, for readers of all and of none."""
    wanted = []
    for number in range(HOT):
        value = f"hot{number}.example.com"
        one = Attribute(
            number, "", 1, 0, 1, "domain", "Network activity", value, "", True, 0, 5, None, "",
            False, False, None, None, None,
        )  # fmt: skip
        one.key1 = key(fold(value))
        wanted.append(one)
    for name, user in (("none", 998), ("all", 999)):
        with database.as_user(user) as session:
            asked = _median(partial(of_attributes, session, wanted, [1]))
        yield Figure(
            f"50 hot values, a reader who sees {name} of 100,000 hits",
            f"{asked:.1f} ms",
            "",
            None,
            "< 100 ms",
            asked < 100,
        )
