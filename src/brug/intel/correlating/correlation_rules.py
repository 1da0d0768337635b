# SPDX-License-Identifier: EUPL-1.2
"""Events that are not to correlate with each other, by rules for site admins to keep.

A rule names creators, events, or texts in titles; two events that both fit one do not
correlate with each other. It acts when correlations are looked for
(`brug.intel.correlating.correlation`), so that taking it back brings everything back.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import msgspec

from brug.intel.correlating.correlation_exclusions import LONGEST, require_site_admin
from brug.model.errors import Invalid, NotFound
from brug.model.naming import number_in
from brug.store import audit
from brug.store.session import Session

SELECTORS = ("orgc_id", "event_id", "event_info")
_SELECT: LiteralString = (
    "SELECT id, uuid::text, name, comment, selector_type, selector_list, created, timestamp"
    " FROM correlation_rule"
)


class Rule(msgspec.Struct, frozen=True):
    id: int
    uuid: str
    name: str
    comment: str
    selector_type: str
    selector_list: list[str]
    created: int
    timestamp: int


def rules(session: Session) -> list[Rule]:
    return [Rule(*row) for row in session.all(_SELECT + " ORDER BY id")]


def rule(session: Session, rule_id: str) -> Rule:
    """Raises NotFound."""
    found = session.one(_SELECT + " WHERE id = %s", (number_in(rule_id),))
    if found is None:
        raise NotFound(f"no correlation rule {rule_id[:40]!r}")
    return Rule(*found)


def save_rule(session: Session, rule_id: str | None, given: dict[str, Any]) -> Rule:
    """Makes a rule, or changes one. Raises NotFound, Forbidden, Invalid."""
    require_site_admin(session)
    stored = {} if rule_id is None else msgspec.structs.asdict(rule(session, rule_id))
    fields = stored | given
    kind, listed = fields.get("selector_type"), fields.get("selector_list")
    name = str(fields.get("name") or "").strip()
    if not name or len(name) > 255 or "\0" in name:
        raise Invalid("name", "This field cannot be left blank")
    if kind not in SELECTORS:
        raise Invalid("selector_type", f"one of {', '.join(SELECTORS)}")
    if not isinstance(listed, list) or not listed or len(listed) > 1000:
        raise Invalid("selector_list", "a list of what the rule is about")
    texts = [str(one)[:LONGEST].replace("\0", "") for one in listed]
    now = int(time.time())
    row = {
        "id": stored.get("id"), "name": name, "kind": kind, "listed": texts, "now": now,
        "comment": str(fields.get("comment") or "")[:LONGEST].replace("\0", ""),
    }  # fmt: skip
    taken = session.value(
        "SELECT id FROM correlation_rule WHERE name = %(name)s AND id IS DISTINCT FROM %(id)s", row
    )
    if taken is not None:
        raise Invalid("name", "A rule of this name exists already.")
    if rule_id is None:
        found = session.value(
            "INSERT INTO correlation_rule (name, comment, selector_type, selector_list, created,"
            " timestamp) VALUES (%(name)s, %(comment)s, %(kind)s, %(listed)s, %(now)s, %(now)s)"
            " RETURNING id",
            row,
        )
    else:
        found = session.value(
            "UPDATE correlation_rule SET name = %(name)s, comment = %(comment)s,"
            " selector_type = %(kind)s, selector_list = %(listed)s, timestamp = %(now)s"
            " WHERE id = %(id)s RETURNING id",
            row,
        )
    audit.record(session, "edit" if rule_id else "add", "CorrelationRule", int(found), name)
    return rule(session, str(found))


def delete_rule(session: Session, rule_id: str) -> Rule:
    """Raises NotFound, Forbidden."""
    require_site_admin(session)
    found = rule(session, rule_id)
    session.execute("DELETE FROM correlation_rule WHERE id = %s", (found.id,))
    audit.record(session, "delete", "CorrelationRule", found.id, found.name)
    return found


class Head(msgspec.Struct, frozen=True):
    """What rules look at of an event, and what lists of hits show of it."""

    info: str
    org_id: int
    orgc_id: int
    date: str


def ruled_out(session: Session, event_id: int, others: Mapping[int, Head]) -> set[int]:
    """Which of other events fit a rule that an event fits too."""
    rules = session.all("SELECT selector_type, selector_list FROM correlation_rule")
    row = rules and session.one(
        "SELECT info, org_id, orgc_id, date::text FROM event WHERE id = %s", (event_id,)
    )
    if not row:
        return set()
    own = Head(*row)
    return {
        other
        for kind, listed in rules
        if _fits(kind, listed, event_id, own)
        for other, head in others.items()
        if _fits(kind, listed, other, head)
    }


def _fits(kind: str, listed: Sequence[str], event_id: int, head: Head) -> bool:
    if kind == "event_info":
        title = head.info.lower()
        return any(text.strip("%").lower() in title for text in listed)
    return str(event_id if kind == "event_id" else head.orgc_id) in listed
