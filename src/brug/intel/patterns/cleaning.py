# SPDX-License-Identifier: EUPL-1.2
"""The import rules over what is stored already, for site admins.

Each value is treated as if it came in now: changed, or marked as deleted, so that partners
hear of it. What the rules would make unfit for its type, or like another of its event, stays
as it is and is counted.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from brug.formats.misp import overlaying
from brug.intel import attributes
from brug.intel.attributes import Change, likeness
from brug.intel.children import Children
from brug.intel.deleting import delete_attributes
from brug.intel.finding import Claim, claim
from brug.intel.patterns.applying import Blocked, Rules, rules
from brug.intel.publishing import touch
from brug.model.attribute_types import Checked, Refused, joined
from brug.model.errors import Forbidden
from brug.model.event import Attribute
from brug.store import audit
from brug.store.session import Session

BATCH = 5_000


class Cleaned(msgspec.Struct):
    """How many attributes were changed, were deleted, and stayed although a rule acts."""

    changed: int = 0
    deleted: int = 0
    left: int = 0


def clean(session: Session) -> Cleaned:
    """Raises Forbidden."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not clean what is stored")
    done = Cleaned()
    acting = rules(session)
    if acting is None:
        return done
    for event_id, ids in sorted(_acted_on(session, acting).items()):
        _clean_event(session, claim(session, event_id), ids, acting, done)
    change = msgspec.structs.asdict(done)
    audit.record(session, "edit", "Regexp", 0, "Import rules over what is stored", change)
    return done


def _acted_on(session: Session, acting: Rules) -> dict[int, list[int]]:
    """The attributes that the rules do not leave as they are, by event."""
    found: dict[int, list[int]] = defaultdict(list)
    with session.connection.cursor(name="cleaning") as cursor:
        cursor.execute("SELECT id, event_id, type, value1, value2 FROM attribute WHERE NOT deleted")
        while some := cursor.fetchmany(BATCH):
            for attribute_id, event_id, kind, first, second in some:
                if _outcome(acting, kind, first, second) != _value(kind, first, second):
                    found[event_id].append(attribute_id)
    return found


def _value(kind: str, first: str, second: str) -> str:
    return joined(Checked(kind, "", False, first, second))


def _outcome(acting: Rules, kind: str, first: str, second: str) -> str | None:
    """What the rules make of a value; "" for what they would make too long, None: keep out."""
    try:
        return acting.value(kind, _value(kind, first, second))
    except Blocked:
        return None
    except Refused:
        return ""


def _clean_event(
    session: Session, held: Claim, ids: Sequence[int], acting: Rules, done: Cleaned
) -> None:
    children = Children(session, held)
    changes: list[Change] = []
    blocked: list[int] = []
    for stored in attributes.by_ids(session, ids):
        value = _outcome(acting, stored.type, stored.value1, stored.value2)
        if value is None:
            blocked.append(stored.id)
        elif (change := _change(session, children, stored, value)) is None:
            done.left += 1
        else:
            children.store([change], [])
            changes.append(change)
    if blocked:
        done.deleted += len(delete_attributes(session, held, blocked, hard=False))
    if changes:
        done.changed += len(changes)
        children.finish()
        touch(session, held)
        numbers = [change.stored.id for change in changes][:100]
        audit.record(session, "edit", "Attribute", numbers[0], change={"attributes": numbers})


def _change(session: Session, children: Children, stored: Attribute, value: str) -> Change | None:
    """The attribute with its new value; None where it cannot have that."""
    try:
        new = overlaying.attribute_over(stored, {"value": value})
    except Refused:
        return None
    new.ruled = True
    if not stored.object_id and likeness(new) in attributes.alike(session, stored.event_id, [new]):
        return None
    return Change(stored, new, children.level(stored, new))
