# SPDX-License-Identifier: EUPL-1.2
"""What the agreement with a server's side says of an event that is about to be pushed.

A server without an agreement is pushed to by MISP's own rules alone, those of levels and
those of its record; its page says so.
"""

from typing import Any

import msgspec

from brug.directory.servers import Server
from brug.store.session import Session

Json = dict[str, Any]


class Judged(msgspec.Struct, frozen=True):
    """What goes, if anything, and why not all of it."""

    document: Json | None
    reason: str = ""


def judge(session: Session, server: Server, document: Json) -> Judged:
    """The event as it may go to the server, and what was said of it."""
    _ = session, server
    return Judged(document)
