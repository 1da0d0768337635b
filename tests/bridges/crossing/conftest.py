# SPDX-License-Identifier: EUPL-1.2
"""Two served nodes with an agreement, and what a round of each side's threads does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.bridges.crossing.three_nodes import Node, Nodes, Three
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN, Served

from brug.bridges import agreements
from brug.bridges.crossing import carrier, carrying, outbox, rows
from brug.bridges.crossing.rows import Crossing
from brug.intel.adding import add
from brug.model.new_event import NewAttribute, NewEvent, NewTag


def agree(one: Served, other: Served, **terms: Any) -> None:
    """A new version of the agreement, proposed by `one` and accepted by `other`."""
    with one.database.system() as session:
        own = session.value("SELECT uuid::text FROM organisation WHERE id = 1")
    given = {
        "senders": sorted([own, str(one.bridge(other.name).org_uuid)]),
        "our_country": "NL", "their_country": "BE",
        "purposes": ["cyber-defence", "incident-response"],
        "personal_data": {"regime": "gdpr", "handling": "share", "transfer": {"tool": "eea"}},
        "legal_basis": "GDPR art. 6(1)(e)", "document": "Memorandum 2026-1",
        "valid_from": datetime.now(UTC) - timedelta(minutes=1), **terms,
    }  # fmt: skip
    with one.database.as_user(ADMIN) as session:
        wanted = agreements.draft(session, one.bridge(other.name), given)
        proposed = agreements.propose(session, one.bridge(other.name), wanted)
        signed = agreements.signature_of(session, proposed)
    assert signed is not None
    with other.database.system() as session:
        bridge = other.bridge(one.name)
        agreements.take(session, bridge, proposed.document, signed.key_id, signed.signature)
    with other.database.as_user(ADMIN) as session:
        taken = agreements.view(session, bridge.id, proposed.version)
        accepted = agreements.accept(session, taken)
        answer = agreements.signature_of(session, accepted)
    assert answer is not None
    with one.database.system() as session:
        agreements.take(
            session, one.bridge(other.name), proposed.document, answer.key_id, answer.signature
        )


def all_agree(three: Three) -> None:
    made = Triangle(three)
    made.agree(three[0], three[1])
    made.agree(three[0], three[2])
    made.agree(three[1], three[2])


@pytest.fixture(scope="session")
def nodes_that_agreed(nodes: Nodes) -> Iterator[Nodes]:
    """Agreeing takes many rounds, which are the same each time."""
    made = nodes.after("agreed", all_agree)
    yield made
    made.drop()


@pytest.fixture
def triangle(nodes_that_agreed: Nodes) -> Iterator[Triangle]:
    """Each of three has agreed with each other that everything but RED crosses."""
    with nodes_that_agreed.fresh() as three:
        yield Triangle(three)


@pytest.fixture
def agreed(connected: tuple[Served, Served]) -> tuple[Served, Served]:
    """A bridge with an agreement under which all but RED crosses."""
    one, other = connected
    agree(one, other)
    return one, other


def carry(node: Served) -> None:
    """What the node's threads do, until nothing is left to do."""
    for _ in range(50):
        with node.database.system() as session:
            placed = outbox.sequence(session)
        if not carrying.carry(node.database, carrier.deliver) and not placed:
            return
    raise AssertionError("there is always something left")


def new_event(*values: tuple[str, str], tag: str = "tlp:green", level: int = 3) -> NewEvent:
    """A published event of (type, value)s."""
    new = NewEvent(None, "Campaign of Noordland", distribution=level, published=True)
    new.tags.append(NewTag(tag))
    for kind, value in values:
        category = "Targeting data" if kind == "target-user" else "Network activity"
        new.attributes.append(NewAttribute(None, kind, category, True, value, ""))
    return new


def added(node: Served | Node, new: NewEvent) -> str:
    """Its UUID."""
    with node.database.as_user(ADMIN) as session:
        return add(session, new).uuid


def crossings(node: Served, uuid: str) -> list[Crossing]:
    """The newest first."""
    with node.database.system() as session:
        return rows.listed(session, event_uuid=uuid)


def stored(node: Served, uuid: str) -> dict[str, Any] | None:
    """What a node holds of an event."""
    with node.database.system() as session:
        row = session.one(
            "SELECT e.id, e.info, e.distribution, e.published, e.locked, e.timestamp, o.name"
            " FROM event e JOIN organisation o ON o.id = e.orgc_id WHERE e.uuid = %s",
            (uuid,),
        )
        if row is None:
            return None
        names = ("id", "info", "distribution", "published", "locked", "timestamp", "creator")
        values = session.all(
            "SELECT type, value1 FROM attribute WHERE event_id = %s AND NOT deleted ORDER BY id",
            (row[0],),
        )
    return dict(zip(names, row, strict=True)) | {"values": values}
