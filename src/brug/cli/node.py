# SPDX-License-Identifier: EUPL-1.2
"""The node that a verb works on: its folder and its database, opened and closed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from brug.cli.output import say
from brug.model.errors import BrugError
from brug.store.home import Home
from brug.store.reaching import Reached, reached
from brug.store.revision import Revision, revision_of
from brug.store.session import Database, Session


class WrongSchema(BrugError):
    """The database has another version's schema."""

    code = "schema_version"


def lacking(revision: Revision) -> tuple[str, str]:
    """What is wrong with a schema that is not this version's, and what to do about it."""
    if revision.is_other_build:
        return (
            f"schema {revision.found} of another build, from before the first release",
            "`brug upgrade` cannot mend it: run that build, or make a new node",
        )
    return f"schema {revision.found}, this version wants {revision.wanted}", "`brug upgrade`"


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
    require_schema(revision_of(node.dsn("brug_owner")))


def require_schema(revision: Revision) -> None:
    """Raises WrongSchema."""
    if not revision.is_current:
        found, remedy = lacking(revision)
        mends = " mends it" if remedy == "`brug upgrade`" else ""
        raise WrongSchema(f"the database has {found}; {remedy}{mends}")


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
