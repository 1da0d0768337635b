# SPDX-License-Identifier: EUPL-1.2
"""Two nodes with a bridge: everything crosses once, and then one change among all of it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from benchmarks.adding import copy_rate, indexed
from benchmarks.data import attributes
from benchmarks.figures import Figure
from benchmarks.node import ServedNode, served
from brug.bridges import agreements, connecting, partners
from brug.bridges.partners import BridgeRow
from brug.store import settings
from brug.store.home import Home
from brug.store.session import Database

EVENTS, EACH = 1000, 100
PATIENCE = 1800.0


class Side:
    """A node, as this process reaches its database."""

    def __init__(self, node: ServedNode, database: Database, name: str) -> None:
        self.node, self.database, self.name = node, database, name
        with database.system() as session:
            settings.set_value(session, "node.url", f"http://127.0.0.1:{node.port}")
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])

    def bridge(self) -> BridgeRow:
        with self.database.system() as session:
            return partners.listed(session)[0]

    def string(self) -> str:
        with self.database.system() as session:
            return str(session.value("SELECT authentication_string FROM channel"))

    def count(self, query: str) -> int:
        with self.database.system() as session:
            return int(session.connection.execute(query.encode()).fetchone()[0])  # type: ignore[index]


@contextmanager
def side(name: str) -> Iterator[Side]:
    with served() as node, Database(node.server.dsn(), keys=Home(node.folder).keys) as database:
        with database.system() as session:
            session.execute("UPDATE organisation SET name = %s WHERE id = 1", (name,))
        yield Side(node, database, name)


def measure(_: ServedNode, __: int) -> Iterator[Figure]:
    """On two nodes of its own."""
    with side("Bench North") as one, side("Bench South") as other:
        _fill(one)
        indexed(one.node)
        connect(one, other)
        begun = time.perf_counter()
        _wait(one, "SELECT count(*) FROM crossing WHERE state = 'received'", EVENTS)
        seconds = time.perf_counter() - begun
        there = other.count("SELECT count(*) FROM attribute")
        if there != EVENTS * EACH:
            raise RuntimeError(f"{there} attributes arrived of {EVENTS * EACH}")
        indexed(other.node)
        rate, bare = there / seconds, copy_rate(other.node, 50)
        yield Figure(
            f"full synchronisation of {EVENTS:,} events, {there:,} attributes",
            f"{rate:,.0f} attributes/s",
            f"COPY {bare:,.0f} rows/s",
            rate / bare,
            ">= 0.3",
            rate / bare >= 0.3,
        )
        yield _one_change(one, other)


def _fill(one: Side) -> None:
    client = one.node.client()
    for number in range(EVENTS):
        event = {
            "info": f"Campaign {number}", "distribution": 3, "published": True,
            "Tag": [{"name": "tlp:green"}], "Attribute": list(attributes(number, EACH)),
        }  # fmt: skip
        client.send("POST", "/events/add", json.dumps({"Event": event}))


def connect(one: Side, other: Side) -> None:
    """Invited, accepted, compared, agreed; from then on everything crosses."""
    with one.database.as_user(1) as session:
        invited = connecting.invite(session, other.name)
    connecting.accept(other.database, 1, invited.document, one.name)
    own, theirs = one.string(), other.string()
    with other.database.as_user(1) as session:
        connecting.confirm(session, other.bridge(), own)
    given = {
        "our_country": "NL", "their_country": "BE", "purposes": ["cyber-defence"],
        "legal_basis": "GDPR art. 6(1)(e)", "document": "Bench",
        "personal_data": {"regime": "gdpr", "handling": "share", "transfer": {"tool": "eea"}},
        "senders": sorted([str(one.bridge().org_uuid), str(other.bridge().org_uuid)]),
        "valid_from": datetime.now(UTC) - timedelta(minutes=1),
    }  # fmt: skip
    with one.database.as_user(1) as session:
        bridge = one.bridge()
        made = agreements.propose(session, bridge, agreements.draft(session, bridge, given))
    _accept(one, other, made.document, made.version)
    with other.database.as_user(1) as session:
        agreements.accept(session, agreements.history(session, other.bridge().id)[0])
    _accept(other, one, made.document, made.version)
    with one.database.as_user(1) as session:
        connecting.confirm(session, one.bridge(), theirs)


def _accept(signer: Side, taker: Side, document: bytes, version: int) -> None:
    """One side learns that the other has signed."""
    with signer.database.as_user(1) as session:
        held = agreements.view(session, signer.bridge().id, version)
        signed = agreements.signature_of(session, held)
    if signed is None:
        raise RuntimeError("not signed")
    with taker.database.as_user(1) as session:
        agreements.take(session, taker.bridge(), document, signed.key_id, signed.signature)


def _one_change(one: Side, other: Side) -> Figure:
    with one.database.system() as session:
        uuid = session.value("SELECT uuid::text FROM event ORDER BY id LIMIT 1")
    client = one.node.client()
    client.send("POST", f"/events/edit/{uuid}", {"info": "Changed"})
    begun = time.perf_counter()
    client.send("POST", f"/events/publish/{uuid}")
    _wait(other, f"SELECT count(*) FROM event WHERE info = 'Changed' AND uuid = '{uuid}'", 1)
    seconds = time.perf_counter() - begun
    return Figure(
        f"one changed event among {EVENTS * EACH:,} attributes",
        f"crosses within {seconds:.2f} s of publishing", "", None, "< 2 s", seconds < 2,
    )  # fmt: skip


def _wait(side: Side, query: str, wanted: int) -> None:
    until = time.perf_counter() + PATIENCE
    while side.count(query) < wanted:
        if time.perf_counter() > until:
            raise RuntimeError(f"{query}: {side.count(query)} of {wanted}")
        time.sleep(0.1)
