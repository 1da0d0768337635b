# SPDX-License-Identifier: EUPL-1.2
"""The node that a verb works on: its folder and its database, opened and closed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from brug.cli.output import say
from brug.model.errors import BrugError
from brug.store.home import Home
from brug.store.reaching import Reached, reached
from brug.store.revision import revision_of
from brug.store.session import Database, Session


class WrongSchema(BrugError):
    """The database has another version's schema."""

    code = "schema_version"


PATIENCE = 3.0  # seconds that a verb may take to reach the database without a word


def patiently() -> Callable[[str], None]:
    """Tells of a start or stop only when it takes long: a recovery, not every verb."""
    begun = time.monotonic()

    def told(line: str) -> None:
        if time.monotonic() - begun > PATIENCE:
            say(line)

    return told


@contextmanager
def opened(home: Home) -> Iterator[Database]:
    """The node's database as applications reach it; sessions begin from there."""
    with reached(home, patiently()) as node:
        _require_schema(node)
        with Database(node.dsn(), 4, "brug command", home.keys) as database:
            yield database


def _require_schema(node: Reached) -> None:
    found, wanted = revision_of(node.dsn("brug_owner"))
    if found != wanted:
        raise WrongSchema(
            f"the database has schema {found}, this version wants {wanted}; `brug upgrade` mends it"
        )


@contextmanager
def supervised(home: Home) -> Iterator[str]:
    """The address of the node's database for as long as this process serves it."""
    with reached(home, say, supervise=True) as node:
        _require_schema(node)
        yield node.dsn()


@contextmanager
def acting(home: Home) -> Iterator[Session]:
    """One transaction of whoever holds the node's folder: all of it may be seen and changed."""
    with opened(home) as database, database.system() as session:
        yield session
