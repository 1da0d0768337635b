# SPDX-License-Identifier: EUPL-1.2
"""The outbox of mail: a cause commits with the change that it follows from, or not at all.

Nothing is sent here, and nothing is notified: the sender (`brug.mail`) looks by itself
(docs/decisions/0007-mail-outbox.md). Where no mail is set up nothing is kept either, so
that setting it up does not send a year's alerts.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from psycopg.types.json import Jsonb

from brug.store import settings
from brug.store.session import Session

Kind = Literal[
    "alert",
    "contact",
    "proposal",
    "delegation",
    "password",
    "text",
    "registration",
    "summary",
    "clock",
    "glass",
    "held_mail",
    "advisory",
]


def is_set_up(session: Session) -> bool:
    """Whether mail can leave the node."""
    values = settings.all_settings(session)
    return bool(values["mail.host"] and values["mail.from"]) and not values["mail.off"]


def put(
    session: Session,
    kind: Kind,
    *,
    event_id: int | None = None,
    user_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Notes that mail is due; False where none is set up."""
    if not is_set_up(session):
        return False
    session.execute(
        "INSERT INTO mail_cause (kind, event_id, user_id, details) VALUES (%s, %s, %s, %s)",
        (kind, event_id, user_id, Jsonb(dict(details or {}))),
    )
    return True


def put_each(
    session: Session, kind: Kind, several: Sequence[tuple[int, Mapping[str, Any]]]
) -> None:
    """Notes mail to several users, each with its details, as `put` does."""
    if is_set_up(session):
        rows = [{"user_id": user_id, "details": details} for user_id, details in several]
        session.execute(
            "INSERT INTO mail_cause (kind, user_id, details) SELECT %s, n.*"
            " FROM jsonb_to_recordset(%s) AS n (user_id int, details jsonb)",
            (kind, Jsonb(rows)),
        )


def put_once(session: Session, kind: Kind, once: str, details: Mapping[str, Any]) -> bool:
    """As `put`, unless the same was noted before; for the system alone."""
    if not is_set_up(session):
        return False
    made = session.execute(
        "INSERT INTO mail_cause (kind, once, details) VALUES (%s, %s, %s)"
        " ON CONFLICT (once) DO NOTHING",
        (kind, once, Jsonb(dict(details))),
    )
    return made.rowcount == 1
