# SPDX-License-Identifier: EUPL-1.2
"""Statements that get less time than a session has, since nobody waits long for their answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import QueryCanceled

from brug.store.failing import TooSlow
from brug.store.session import Session


@contextmanager
def briefly(session: Session, seconds: float) -> Iterator[None]:
    """Gives each statement of the block so many seconds.

    Raises TooSlow, and takes back what the block did; the transaction goes on.
    """
    try:
        with session.connection.transaction():
            before = str(session.value("SELECT current_setting('statement_timeout')"))
            _allow(session, f"{int(seconds * 1000)}ms")
            yield
            _allow(session, before)
    except QueryCanceled as error:
        raise TooSlow(str(error)) from error


def _allow(session: Session, time: str) -> None:
    session.execute("SELECT set_config('statement_timeout', %s, true)", (time,))
