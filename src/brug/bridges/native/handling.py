# SPDX-License-Identifier: EUPL-1.2
"""What is done with a message that came over a bridge: by its kind, one or a batch.

Handlers of `HANDLERS` run in the session of the bridge's account, so that what a partner
brings is stored under the rule that holds for whoever synchronises. Those of `OWN` concern
the bridge itself (keys, agreements, proofs), run as the system and come one at a time. Of a
batch each message stands or falls by itself.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import psycopg

from brug.bridges.partners import BridgeRow
from brug.formats.misp import bare
from brug.model.errors import BrugError, Forbidden, Invalid, TooLarge
from brug.store.failing import NoRoom, meaning
from brug.store.session import Database, Session

Handler = Callable[[Session, BridgeRow, dict[str, Any]], dict[str, Any]]
HANDLERS: dict[str, Handler] = {}
# Kinds of which each message of a batch is a transaction: people here work on what it is of, and
# wait for one of them and not for all.
SINGLY: set[str] = set()
OWN: dict[str, Handler] = {}
# What does a whole batch, in its order, and has each message that it does not know done by
# what it is given last.
Batch = Callable[
    [Session, BridgeRow, list[Any], Callable[[Any], dict[str, Any]]], list[dict[str, Any]]
]
BATCHES: list[Batch] = []  # one at most

# Those that begin sessions of their own; they come one at a time, too.
WHOLE: dict[str, Callable[[Database, BridgeRow, dict[str, Any]], dict[str, Any]]] = {}

BATCH = 1000
# What is also taken while a bridge is paused: it must not miss that a key is revoked.
_ALWAYS = frozenset({"keys", "ping"})


class NotOpen(Forbidden):
    """The bridge is there, and nothing crosses it now."""

    code = "bridge_not_open"

    def __init__(self, state: str) -> None:
        super().__init__(f"the bridge is not open at this side ({state})")
        self.public = f"bridge: expected to be open at this side (it is {state})"


def handle(database: Database, bridge: BridgeRow, content: bytes) -> Any:
    """The answer to a body: an object for one message, a list for a batch."""
    found = bare.decode(content)
    if not isinstance(found, list):
        return handle_one(database, bridge, found)
    if len(found) > BATCH:
        raise TooLarge("The batch", BATCH, "fixed by the protocol")
    _require_open(bridge, "batch")
    with database.as_user(bridge.account_id) as session:
        one = partial(_apart, session, bridge)
        if BATCHES:
            return BATCHES[0](session, bridge, found, one)
        return [one(message) for message in found]


def handle_one(database: Database, bridge: BridgeRow, message: Any) -> dict[str, Any]:
    """Raises Invalid for an unknown kind, and what the handler raises."""
    kind = _kind(message, (*OWN, *WHOLE, *HANDLERS))
    _require_open(bridge, kind)
    if kind in WHOLE:
        return WHOLE[kind](database, bridge, message)
    if kind in OWN:
        with database.system() as session:
            return OWN[kind](session, bridge, message)
    with database.as_user(bridge.account_id) as session:
        return HANDLERS[kind](session, bridge, message)


def _apart(session: Session, bridge: BridgeRow, message: Any) -> dict[str, Any]:
    """One of a batch: what it wrote is taken back where it fails."""
    try:
        kind = _kind(message, tuple(HANDLERS))
        with session.connection.transaction():
            answer = HANDLERS[kind](session, bridge, bare.with_documents(message))
        if kind in SINGLY:
            session.commit()
    except NoRoom:
        raise  # none of the others fares better
    except BrugError as error:
        return {"error": said(error)}
    except psycopg.Error as error:
        known = meaning(error)
        if known is None or session.connection.broken or isinstance(known, NoRoom):
            raise
        return {"error": said(known)}
    else:
        return answer


def said(error: BrugError) -> Mapping[str, str]:
    """An error as the other side may read it."""
    return {"code": error.code, "message": error.public}


def _kind(message: Any, known: tuple[str, ...]) -> str:
    kind = message.get("kind") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in known:
        raise Invalid("kind", f"one of {', '.join(sorted(known))}", str(kind))
    return kind


def _require_open(bridge: BridgeRow, kind: str) -> None:
    if bridge.state != "open" and not (bridge.state == "paused" and kind in _ALWAYS):
        raise NotOpen(bridge.state)
