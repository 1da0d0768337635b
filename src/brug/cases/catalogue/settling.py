# SPDX-License-Identifier: EUPL-1.2
"""Holding the catalogue against what is run: what is new on either side, and nothing else.

Whatever waits is marked in its row, so that a round which dies is done again. Rounds run in the
system's session, in small transactions; of two sides that come in at once, the later round sees
both. Who is concerned is told once for each version of an advisory.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.cases.catalogue import inventory, matching
from brug.cases.catalogue.matching import Item, Match
from brug.cases.catalogue.statements import Statement
from brug.store import outbox
from brug.store.session import Database, Session

ADVISORIES, PRODUCTS = 50, 200
MOST_LETTERS = 3  # of one round to one reader
_decoder = msgspec.msgpack.Decoder(list[Statement])
Pair = tuple[int, int]  # advisory and product


def settle(database: Database, most: int = 10_000) -> int:
    """Does what waits, or some of it; how many advisories and products were looked at."""
    done = 0
    while done < most:
        with database.system() as session:
            some = _advisories(session) + _products(session)
        if not some:
            break
        done += some
    return done


def _advisories(session: Session) -> int:
    numbers = _taken(
        session,
        "SELECT id FROM catalogue_advisory WHERE pending ORDER BY id LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        ADVISORIES,
    )
    if not numbers:
        return 0
    session.execute("DELETE FROM catalogue_match WHERE advisory_id = ANY (%s)", (numbers,))
    rows = session.all(
        "SELECT k.advisory_id, p.id, k.said FROM catalogue_key k"
        " JOIN inventory_product p ON p.keys @> ARRAY[k.key] WHERE k.advisory_id = ANY (%s)",
        (numbers,),
    )
    _match(session, rows)
    session.execute("UPDATE catalogue_advisory SET pending = false WHERE id = ANY (%s)", (numbers,))
    return len(numbers)


def _products(session: Session) -> int:
    numbers = _taken(
        session,
        "SELECT id FROM inventory_product WHERE pending ORDER BY id LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        PRODUCTS,
    )
    if not numbers:
        return 0
    session.execute("DELETE FROM catalogue_match WHERE product_id = ANY (%s)", (numbers,))
    rows = session.all(
        "SELECT k.advisory_id, p.id, k.said FROM inventory_product p"
        " JOIN catalogue_key k ON k.key = ANY (p.keys) WHERE p.id = ANY (%s)",
        (numbers,),
    )
    _match(session, rows)
    session.execute("UPDATE inventory_product SET pending = false WHERE id = ANY (%s)", (numbers,))
    return len(numbers)


def _taken(session: Session, query: Any, most: int) -> list[int]:
    return [row[0] for row in session.all(query, (most,))]


def _match(session: Session, rows: Iterable[tuple[int, int, bytes]]) -> None:
    """Compares each pair once, by all that is said under any of the keys that both have."""
    said: dict[Pair, list[bytes]] = {}
    for advisory, product, raw in rows:
        said.setdefault((advisory, product), []).append(bytes(raw))
    items = inventory.items(session, list({product for _, product in said}))
    read: dict[bytes, list[Statement]] = {}
    found: list[tuple[int, int, int, Match]] = []
    for (advisory, product), several in said.items():
        org_id, item = items[product]
        match = _compared(item, several, read)
        if match is not None:
            found.append((advisory, product, org_id, match))
    if found:
        _store(session, found)
        _warn(session, found)


def _compared(
    item: Item, several: Sequence[bytes], read: dict[bytes, list[Statement]]
) -> Match | None:
    statements: list[Statement] = []
    for raw in several:
        if raw not in read:
            read[raw] = _decoder.decode(raw)
        statements += read[raw]
    return matching.matched(item, dict.fromkeys(statements))


def _store(session: Session, found: Sequence[tuple[int, int, int, Match]]) -> None:
    with session.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO catalogue_match (advisory_id, product_id, org_id, outcome, certainty,"
            " by_what, statement, why, vulnerabilities)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (advisory_id, product_id) DO UPDATE SET outcome = excluded.outcome,"
            " certainty = excluded.certainty, by_what = excluded.by_what,"
            " statement = excluded.statement, why = excluded.why,"
            " vulnerabilities = excluded.vulnerabilities, at = now()",
            [
                (
                    advisory, product, org_id, one.outcome, one.certainty, one.by,
                    one.statement[:1000], one.why, Jsonb(one.vulnerabilities),
                )
                for advisory, product, org_id, one in found
            ],
        )  # fmt: skip


def _warn(session: Session, found: Sequence[tuple[int, int, int, Match]]) -> None:
    """A letter for each who asked for them, of the organisations that see the advisory.

    What is withdrawn, or said of other names that only sound alike, wakes nobody.
    """
    pairs = {
        (advisory, org_id)
        for advisory, _, org_id, one in found
        if one.outcome == "affected" and not (one.certainty == "maybe" and one.by == "name")
    }
    if not pairs:
        return
    rows = session.all(
        "INSERT INTO catalogue_warned (org_id, namespace, tracking_id, version)"
        " SELECT DISTINCT w.org_id, a.namespace, a.tracking_id, a.version"
        " FROM unnest(%s::int[], %s::int[]) AS w (advisory_id, org_id)"
        " JOIN catalogue_advisory a ON a.id = w.advisory_id"
        " WHERE a.withdrawn = '' AND is_in_audience(a.audience, w.org_id)"
        " ON CONFLICT DO NOTHING RETURNING org_id, namespace, tracking_id, version",
        ([one for one, _ in pairs], [org for _, org in pairs]),
    )
    told: dict[int, list[dict[str, Any]]] = {}
    for org_id, *named in rows:
        said = dict(zip(("namespace", "tracking_id", "version"), named, strict=True))
        told.setdefault(org_id, []).append(said)
    for org_id, several in told.items():
        # A whole bill of materials may be concerned by hundreds: that is one letter.
        letters = several if len(several) <= MOST_LETTERS else [{"count": len(several)}]
        for (user_id,) in session.all(
            "SELECT w.account_id FROM catalogue_wish w JOIN account a ON a.id = w.account_id"
            " WHERE a.org_id = %s AND NOT a.disabled ORDER BY 1",
            (org_id,),
        ):
            for details in letters:
                outbox.put(session, "advisory", user_id=user_id, details=details)
