# SPDX-License-Identifier: EUPL-1.2
"""What a letter is made of: why it goes out, to whom, and what it says."""

from typing import Any

import msgspec

from brug.mail.passing import Passing
from brug.mail.words import say
from brug.store import settings
from brug.store.session import Session


class Cause(msgspec.Struct, frozen=True):
    """A row of the outbox."""

    id: int
    kind: str
    by_user: int
    event_id: int | None
    user_id: int | None
    details: dict[str, Any]


class Content(msgspec.Struct, frozen=True):
    """What one recipient reads. `about_event`: the rules on the content of events hold."""

    subject: str
    text: str
    about_event: bool = False
    reply_to: str = ""


class Reader(msgspec.Struct, frozen=True):
    """The recipient, as far as a letter depends on it."""

    id: int
    email: str
    language: str
    gpgkey: str
    org_id: int = 0
    passing: Passing | None = None  # asked before what an event says; None: rights decide

    def say(self, text: str, **parts: object) -> str:
        return say(self.language, text, **parts)


def node_name(session: Session) -> str:
    return str(settings.get(session, "node.title"))


def address(session: Session, path: str) -> str:
    """A link to a page of this node."""
    return str(settings.get(session, "node.url")).rstrip("/") + path
