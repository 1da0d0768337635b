# SPDX-License-Identifier: EUPL-1.2
"""A partner that takes the connection and says nothing: the others are served as ever."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.bridges.crossing.conftest import added, agree, new_event, stored
from tests.bridges.served import ADMIN, Served
from tests.bridges.stranger import Stranger

from brug.bridges import identity, partners
from brug.bridges.crossing import outbox
from brug.bridges.crossing.carrier import Carrier
from brug.bridges.native import keeping_up
from brug.bridges.partners import BridgeRow
from brug.store.sealing import VARIABLE
from brug.store.server import EmbeddedServer

Two = tuple[Served, Served]
LONG = 20.0


@contextmanager
def silence(one: Served, name: str) -> Iterator[tuple[BridgeRow, socket.socket]]:
    """A further partner, whose address takes connections and never answers."""
    with one.database.as_user(ADMIN) as session:
        silent, _ = Stranger(name).connected(session, name)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with one.database.system() as session:
            session.execute("UPDATE partner SET url = %s WHERE id = %s", (url, silent.partner_id))
        yield silent, listening
    with one.database.as_user(ADMIN) as session:
        partners.close(session, silent)


def test_the_keeper_keeps_up_with_the_others(connected: Two) -> None:
    one, other = connected
    with one.database.system() as session:
        new = identity.rotate(session, timedelta(days=2)).key_id
    keeper = keeping_up.KeepingUp()
    with silence(one, "CERT Stil") as (silent, listening):
        assert keeper(one.database) == 0.0, "a round does not wait"
        with other.database.system() as session:
            known = partners.keys_of(session, partners.view(session, one.name).partner_id)
        assert new in {key.key_id for key in known}
        assert not keeper._each.begin(silent.id, lambda: None), "it is waited for still"
        listening.accept()[0].close()
        assert keeper._each.finish(LONG)
    assert silent.id in keeper._failed


def test_the_carrier_carries_to_the_others(connected: Two, embedded: EmbeddedServer) -> None:
    one, other = connected
    agree(one, other)
    with silence(one, "CERT Stom") as (silent, listening):
        with one.database.system() as session:
            name = session.value("SELECT current_database()")
            # First in turn, with something that stands.
            session.execute(
                "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, info, version, digest,"
                " outcome, state) VALUES (%s, true, 'recall', gen_random_uuid(), '', 1, '', 'pass',"
                " 'waiting')",
                (silent.id,),
            )
        with Carrier(embedded.dsn("brug_app", name), Path(os.environ[VARIABLE])):
            connection = listening.accept()[0]
            uuid = added(one, new_event(("domain", "meanwhile.example")))
            with one.database.system() as session:
                outbox.sequence(session)
            until = time.monotonic() + LONG
            while stored(other, uuid) is None:
                assert time.monotonic() < until
                time.sleep(0.05)
            with one.database.system() as session:
                waits = "SELECT leased_until > now() FROM bridge_progress WHERE bridge_id = %s"
                assert session.value(waits, (silent.id,)), "it is waited for still"
            connection.close()
