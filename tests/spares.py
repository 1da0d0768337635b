# SPDX-License-Identifier: EUPL-1.2
"""What tests of a folder work on, one after another: a copy of a database that is put back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from tests.conftest import copied
from tests.putting_back import Spare, put_back_of

from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database


@contextmanager
def spare(
    server: EmbeddedServer, template: str, made: Callable[[Database, str], Any]
) -> Iterator[Spare]:
    """`made` is given a new copy and its address; what it makes there, each test finds."""

    def make(until: ExitStack) -> tuple[Any, Callable[[], bool]]:
        dsn = until.enter_context(copied(server, template))
        database = until.enter_context(Database(dsn))
        name = str(conninfo_to_dict(dsn)["dbname"])
        return made(database, dsn), put_back_of(until, server.dsn(SUPERUSER, name))

    several = Spare(make)
    try:
        yield several
    finally:
        several.close()


@contextmanager
def lent(several: Spare) -> Iterator[Any]:
    """For one test."""
    try:
        yield several.take()
    finally:
        several.give_back()
