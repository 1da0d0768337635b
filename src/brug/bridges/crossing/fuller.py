# SPDX-License-Identifier: EUPL-1.2
"""A redacted copy becomes fuller without the event having changed: more of it may cross by now.

What is new in it is added. Where a text was stored with something left out of it, and what comes
is the same text with something in its place, that is stored; the other way round nothing is.
"""

import re
from typing import Any, LiteralString

from brug.bridges.crossing.messages import Message
from brug.bridges.gate.hop import rows
from brug.bridges.gate.keeping_out import LEFT_OUT
from brug.intel import objects
from brug.intel.children import Children
from brug.intel.finding import claim
from brug.store.session import Session

Document = dict[str, Any]
_HOLE = re.compile(re.escape(LEFT_OUT) + r"|\[removed: [A-Za-z -]{1,40}\]")
_TEXTS: dict[LiteralString, tuple[LiteralString, ...]] = {
    "attribute": ("comment",), "object": ("comment",), "event_report": ("name", "content"),
}  # fmt: skip


def is_fuller(text: str, stored: str) -> bool:
    """Whether a stored text is this one with something left out."""
    parts = _HOLE.split(stored)
    if len(parts) == 1 or text == stored:
        return False
    first, *between, last = parts
    if not text.startswith(first):
        return False
    at = len(first)
    for part in between:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return text.endswith(last) and len(text) - len(last) >= at


def keep_fuller_title(session: Session, event_id: int, message: Message) -> None:
    """A title that is here whole stays so."""
    stored = session.value("SELECT info FROM event WHERE id = %s", (event_id,))
    if is_fuller(str(stored), str(message["event"].get("info", ""))):
        message["event"]["info"] = stored


def complete(session: Session, event_id: int, event: Document) -> None:
    """Adds to a copy what an edit passes over as no newer than what is here."""
    held = claim(session, event_id)
    children = Children(session, held)
    sent = rows(event, "Object")
    known = objects.by_uuids(session, event_id, [str(one.get("uuid")) for one in sent])
    for place, one in enumerate(sent):
        stored = known.get(str(one.get("uuid")).lower())
        if stored is None:
            continue
        audience = session.value("SELECT audience FROM object WHERE id = %s", (stored.id,))
        where = f"Object[{place}].Attribute"
        children.take_attributes(one.get("Attribute"), where, stored.id, int(audience))
    children.finish()
    items = {
        "attribute": [*rows(event, "Attribute"), *(a for o in sent for a in rows(o, "Attribute"))],
        "object": sent,
        "event_report": rows(event, "EventReport"),
    }
    for table, names in _TEXTS.items():
        for name in names:
            _fill(session, event_id, table, name, items[table])


def _fill(
    session: Session, event_id: int, table: LiteralString, name: LiteralString,
    items: list[Document],
) -> None:  # fmt: skip
    """Texts with something left out, by what came. Their times stay: nobody changed them."""
    query: LiteralString = (
        "SELECT uuid::text, " + name + " FROM " + table + " WHERE event_id = %s"
        " AND (position('[removed: ' IN " + name + ") > 0 OR position(%s IN " + name + ") > 0)"
    )
    stored = dict(session.all(query, (event_id, LEFT_OUT)))
    if not stored:
        return
    change: LiteralString = (
        "UPDATE " + table + " SET " + name + " = %s WHERE event_id = %s AND uuid = %s"
    )
    for one in items:
        uuid, text = str(one.get("uuid", "")).lower(), one.get(name)
        if uuid in stored and isinstance(text, str) and is_fuller(text, stored[uuid]):
            session.execute(change, (text, event_id, uuid))
