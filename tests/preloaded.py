# SPDX-License-Identifier: EUPL-1.2
"""What the process whose forks are web servers loads, once: the whole application.

It is built here, on a database of nowhere, with its templates compiled; a fork gives it a
database and serves it. Python's collector looks at all that once, here: a fork that looks has
to copy what it shares. What `brug.app:create` does from nothing is what `brug serve` does in
tests/cli and tests/faults.
"""

import os

import granian.cli
import ioc_finder
from litestar.types import ASGIApp
from tests import hashing

from brug import app
from brug.bridges.afterwards import opening
from brug.edge import collector
from brug.edge import node as edge_node
from brug.edge.logs import configure
from brug.edge.node import Node
from brug.store import sealing
from brug.store.session import Database
from brug.web import rendering

# The finder is loaded by whoever looks into a text for the first time, for half a second.
__all__ = ["granian", "ioc_finder"]

hashing.cheapen()
# Nobody waits for what a node does at its leisure: reading its settings, noting what is opened.
edge_node.FRESH_SECONDS = opening.LATER_SECONDS = 0.5
_DATABASE = Database("host=/nowhere", size=app.THREADS)
_APPLICATION = app.build(Node(_DATABASE, app.THREADS))
_ENGLISH = rendering.environment("en")
for _name in _ENGLISH.list_templates(["html"]):
    _ENGLISH.get_template(_name)
collector.calm()


def create() -> ASGIApp:
    """The application on `$BRUG_DSN`, in place of `brug.app:create`."""
    configure()
    _DATABASE.__init__(  # type: ignore[misc]
        os.environ["BRUG_DSN"], size=app.THREADS, keys=sealing.of_environment()
    )
    return _APPLICATION
