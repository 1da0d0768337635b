# SPDX-License-Identifier: EUPL-1.2
"""What a node remembers of the other node of a native bridge while they talk."""

from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from brug.bridges import identity
from brug.formats.canonical import canonical
from brug.model.errors import NotFound
from brug.store.session import Session

FETCHING = timedelta(minutes=10)  # since the partner last did so


class Channel(msgspec.Struct, frozen=True):
    """One row for each native bridge."""

    bridge_id: int
    authentication_string: str
    confirmed: datetime | None
    version: int
    told_key: str
    told: str
    heard: datetime | None
    answered: datetime | None
    collects: bool
    cursor: int | None
    missed_since: datetime | None
    words_missed_since: datetime | None
    collected: datetime | None

    @property
    def was_restored(self) -> bool:
        """Whether this node has yet to ask for what it forgot."""
        return self.missed_since is not None or self.words_missed_since is not None

    def is_fetching(self, now: datetime) -> bool:
        """Whether the partner fetches what is for it, and is not to be reached."""
        return self.collected is not None and self.collected > now - FETCHING


_SELECT = (
    "SELECT bridge_id, authentication_string, confirmed, version, told_key, told, heard, answered,"
    " collects, cursor, missed_since, words_missed_since, collected FROM channel"
)


def of(session: Session, bridge_id: int) -> Channel:
    """Raises NotFound where the bridge is not a native one."""
    row = session.one(_SELECT + " WHERE bridge_id = %s", (bridge_id,))
    if row is None:
        raise NotFound(f"bridge {bridge_id} is not a native one")
    return Channel(*row)


def all_of(session: Session) -> dict[int, Channel]:
    """By the bridge's id."""
    return {row[0]: Channel(*row) for row in session.all(_SELECT)}


def what_is_told(session: Session) -> str:
    """A digest of all that partners are told of our keys."""
    keys = [identity.as_document(key) for key in identity.public_keys(session)]
    return identity.in_text(sha256(canonical(keys)).digest())


def was_told(session: Session, bridge_id: int, told: str, held: str | None) -> None:
    """Notes what the partner was told, and which of our keys it holds since."""
    session.execute(
        "UPDATE channel SET told = %s, told_key = coalesce(%s, told_key) WHERE bridge_id = %s",
        (told, held, bridge_id),
    )


def agreed(session: Session, bridge_id: int, version: int) -> None:
    """Notes the version of the protocol; it never goes down."""
    session.execute(
        "UPDATE channel SET version = greatest(version, %s) WHERE bridge_id = %s",
        (version, bridge_id),
    )


def answered(session: Session, bridge_id: int) -> None:
    """Notes, once a minute at most, that the partner answered."""
    session.execute(
        "UPDATE channel SET answered = now() WHERE bridge_id = %s"
        " AND (answered IS NULL OR answered < now() - interval '1 minute')",
        (bridge_id,),
    )


def heard(session: Session, bridge_id: int) -> None:
    """The same of a message that came; whoever speaks is there again, and waits no longer."""
    session.execute(
        "UPDATE channel SET heard = now() WHERE bridge_id = %s"
        " AND (heard IS NULL OR heard < now() - interval '1 minute')",
        (bridge_id,),
    )
    session.execute(
        "UPDATE bridge_progress SET next_attempt = '-infinity'"
        " WHERE bridge_id = %s AND next_attempt > now()",
        (bridge_id,),
    )
