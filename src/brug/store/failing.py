# SPDX-License-Identifier: EUPL-1.2
"""What an error of the database means to whoever asked; its own words stay in the log.

Says nothing of data that does not fit a column: that is an input which should have been
refused by name, so it stays unforeseen and is seen as such.
"""

import select

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool

from brug.model.errors import BrugError, Conflict, Forbidden, Unavailable


class TooSlow(Unavailable):
    """The database was given its time and needed more, or waited for others too long."""

    code = "too_slow"
    public = "This took too long. Ask for less, or try again later."


class NoRoom(Unavailable):
    """The disk is full: whatever was to be written is not there, and what was, is."""

    code = "no_room"
    public = "The disk of this node is full, and nothing was stored. Try again once there is room."


class Crossed(Conflict):
    """Another request was quicker with the same key, or took what this one builds on."""

    code = "crossed"
    public = "Somebody else has just changed this. Look at it again and repeat what is missing."


_TOO_SLOW = (errors.QueryCanceled, errors.LockNotAvailable, errors.IdleInTransactionSessionTimeout)
_CROSSED = (errors.IntegrityError, errors.DeadlockDetected, errors.SerializationFailure)


def meaning(error: psycopg.Error) -> BrugError | None:
    """The error to raise instead, or None for what nobody foresaw."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, _TOO_SLOW):
        return TooSlow(text)
    if isinstance(error, _CROSSED):
        return Crossed(text)
    if isinstance(error, errors.InsufficientPrivilege):
        return Forbidden(text)
    if isinstance(error, errors.DiskFull):
        return NoRoom(text)
    if isinstance(error, psycopg.OperationalError):
        return Unavailable(text)
    return None


def check_if_told(connection: psycopg.Connection[object]) -> None:
    """Raises where the connection is gone.

    An idle server says nothing, so what can be read is its farewell: looking costs a
    microsecond, and only then is it asked.
    """
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    if looking.poll(0):
        ConnectionPool.check_connection(connection)
