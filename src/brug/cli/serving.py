# SPDX-License-Identifier: EUPL-1.2
"""`brug serve`: the database's supervisor, the web server's workers and the jobs of a node."""

import os
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from granian import Granian
from granian.constants import Interfaces

from brug.bridges.afterwards.working import Afterwards
from brug.bridges.crossing.carrier import Carrier
from brug.bridges.feeds.working import Fetcher
from brug.bridges.ledger import Sequencer
from brug.bridges.mail.governing import governing
from brug.bridges.mail.working import Poster
from brug.bridges.misp import working as servers
from brug.bridges.native.keeping_up import Keeper
from brug.cases.catalogue.sources.working import Watcher
from brug.cases.hooks.sending import Hooks
from brug.cases.persons.fetching import MailFetcher
from brug.cases.persons.posting import PersonsPoster
from brug.cases.working import CaseWorker
from brug.cli.jobs import Jobs
from brug.cli.node import supervised
from brug.cli.output import say
from brug.edge import collector
from brug.intel.search.indexing import Indexer
from brug.mail.sender import Sender
from brug.model.errors import BrugError
from brug.store.home import Home
from brug.store.repeating import Repeating
from brug.store.sealing import VARIABLE

TARGET = "brug.app:create"
GRACE_SECONDS = 10  # for requests that are being answered when the node is told to stop


class PortInUse(BrugError):
    """Somebody listens there already."""

    code = "port_in_use"


def require_free(host: str, port: int) -> None:
    """The workers share their port, so the kernel would let a second node share it too."""
    try:
        with socket.create_server((host, port), family=_family(host)):
            pass
    except OSError as error:
        text = f"cannot listen on {host} port {port}: {error.strerror}; choose another --port"
        raise PortInUse(text) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _end_when_told() -> None:
    """In a new worker: until it has prepared its own way of stopping, it ends at once.

    It begins as a copy of this process, and so with handlers that note in vain, in the copy,
    that this process is to stop: a worker told so while it loads would be waited for.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells all; the supervisor decides


def _threads(dsn: str, home: Home) -> list[Repeating]:
    """All that is seen to beside the web server, each by itself where it waits for others."""
    keys = home.keys
    carrier = Carrier(dsn, keys)
    return [
        Indexer(dsn),
        Sender(dsn, keys, governing),
        # Two, so that one long feed holds up no other.
        Fetcher(dsn, keys),
        Fetcher(dsn, keys),
        *servers.several(dsn, keys),
        carrier,
        Sequencer(dsn, home, [carrier.place_changes]),
        Poster(dsn, keys),
        Keeper(dsn, keys),
        Afterwards(dsn, keys),
        CaseWorker(dsn, keys),
        Hooks(dsn, keys),
        Watcher(dsn, keys),
        PersonsPoster(dsn, keys),
        MailFetcher(dsn, keys),
    ]


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")] = 1,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key, PEM.")] = None,
) -> None:
    """Run the node until it is told to stop."""
    require_free(host, port)
    collector.calm()
    with supervised(context.obj) as dsn, Jobs(dsn, partial(_threads, dsn, context.obj)):
        os.environ["BRUG_DSN"] = dsn
        os.environ[VARIABLE] = str(context.obj.keys)
        os.register_at_fork(after_in_child=_end_when_told)
        say(f"brug: serving on {'https' if tls_cert else 'http'}://{host}:{port}")
        Granian(
            TARGET,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            workers=workers,
            respawn_failed_workers=True,
            respawn_interval=1,
            workers_kill_timeout=GRACE_SECONDS,
            factory=True,
            ssl_cert=tls_cert,
            ssl_key=tls_key,
            log_access=False,
            websockets=False,
        ).serve()
