# SPDX-License-Identifier: EUPL-1.2
"""Nodes behind real web servers, each at an address of its own, and bridges between them."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.listening import free_port, listening

from brug.bridges import connecting, partners
from brug.bridges.partners import BridgeRow
from brug.directory.node import create_node
from brug.store import settings
from brug.store.session import Database

ADMIN = 1


class Served:
    """A node: its database as this process reaches it, and its address."""

    def __init__(self, name: str, database: Database, url: str, key: str) -> None:
        self.name = name
        self.database = database
        self.url = url
        self.key = key

    def bridge(self, partner: str) -> BridgeRow:
        with self.database.system() as session:
            return partners.view(session, partner)

    def string(self, partner: str) -> str:
        """The authentication string that this side shows."""
        with self.database.system() as session:
            found = session.value(
                "SELECT authentication_string FROM channel WHERE bridge_id = %s",
                (partners.view(session, partner).id,),
            )
        return str(found)


@contextmanager
def node(name: str, dsn: str) -> Iterator[Served]:
    """A new node of an organisation, served until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Database(dsn, size=6) as database:
        with database.system() as session:
            made = create_node(
                session, name, f"admin@{name.rsplit(maxsplit=1)[-1].lower()}.example", url
            )
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
        with listening(dsn, port):
            yield Served(name, database, url, made.api_key)


def connect(one: Served, other: Served) -> tuple[BridgeRow, BridgeRow]:
    """A bridge that is open at both sides: `one` invites, `other` accepts, people compare."""
    with one.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, other.name)
    connecting.accept(other.database, ADMIN, invited.document, one.name)
    for here, there in ((one, other), (other, one)):
        with here.database.as_user(ADMIN) as session:
            bridge = partners.view(session, there.name)
            connecting.confirm(session, bridge, there.string(here.name))
    return one.bridge(other.name), other.bridge(one.name)
