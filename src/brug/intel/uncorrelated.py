# SPDX-License-Identifier: EUPL-1.2
"""Values and events that are not to correlate: exclusions and rules, for site admins to keep.

An exclusion is a value, or begins or ends with `%` for anything. A rule names creators,
events, or texts in titles; two events that both fit one do not correlate with each other.
Both act when correlations are looked for (`brug.intel.correlation`), so that taking one
back brings everything back.
"""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.value_key import fold, key
from brug.store import audit
from brug.store.session import Session

LONGEST = 2000
SELECTORS = ("orgc_id", "event_id", "event_info")


class Exclusion(msgspec.Struct, frozen=True):
    id: int
    value: str
    comment: str | None


class Known(Conflict):
    """The value is excluded already."""

    code = "excluded_already"
    public = "Value is already in the exclusion list."


def exclusions(session: Session) -> list[Exclusion]:
    rows = session.all(
        "SELECT id, value, nullif(comment, '') FROM correlation_exclusion ORDER BY id"
    )
    return [Exclusion(*row) for row in rows]


def exclusion(session: Session, exclusion_id: str) -> Exclusion:
    """Raises NotFound."""
    row = session.one(
        "SELECT id, value, nullif(comment, '') FROM correlation_exclusion WHERE id = %s",
        (_number(exclusion_id),),
    )
    if row is None:
        raise NotFound(f"no correlation exclusion {exclusion_id[:40]!r}")
    return Exclusion(*row)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def exclude(session: Session, value: str, comment: str) -> Exclusion:
    """Raises Forbidden, Invalid, Known."""
    _require(session)
    value = value.strip()
    if not value.strip("%") or len(value) > LONGEST or "\0" in value:
        raise Invalid("value", f"a value of at most {LONGEST} characters")
    found = session.value(
        "INSERT INTO correlation_exclusion (value, key, comment) VALUES (%s, %s, %s)"
        " ON CONFLICT (value) DO NOTHING RETURNING id",
        (value, key(fold(value)), comment[:LONGEST]),
    )
    if found is None:
        raise Known(f"{value[:60]!r} is excluded already")
    audit.record(session, "add", "CorrelationExclusion", int(found), value)
    return Exclusion(int(found), value, comment or None)


def comment_on(session: Session, exclusion_id: str, comment: str) -> Exclusion:
    """Changes why a value is excluded. Raises NotFound, Forbidden."""
    _require(session)
    found = exclusion(session, exclusion_id)
    session.execute(
        "UPDATE correlation_exclusion SET comment = %s WHERE id = %s",
        (comment[:LONGEST], found.id),
    )
    audit.record(session, "edit", "CorrelationExclusion", found.id, found.value)
    return Exclusion(found.id, found.value, comment or None)


def include_again(session: Session, exclusion_id: str) -> Exclusion:
    """Takes an exclusion back. Raises NotFound, Forbidden."""
    _require(session)
    found = exclusion(session, exclusion_id)
    session.execute("DELETE FROM correlation_exclusion WHERE id = %s", (found.id,))
    audit.record(session, "delete", "CorrelationExclusion", found.id, found.value)
    return found


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
    rows = session.all(
        "SELECT id, uuid::text, name, comment, selector_type, selector_list, created, timestamp"
        " FROM correlation_rule ORDER BY id"
    )
    return [Rule(*row) for row in rows]


def rule(session: Session, rule_id: str) -> Rule:
    """Raises NotFound."""
    found = [one for one in rules(session) if one.id == _number(rule_id)]
    if not found:
        raise NotFound(f"no correlation rule {rule_id[:40]!r}")
    return found[0]


def save_rule(session: Session, rule_id: str | None, given: dict[str, Any]) -> Rule:
    """Makes a rule, or changes one. Raises NotFound, Forbidden, Invalid."""
    _require(session)
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
    _require(session)
    found = rule(session, rule_id)
    session.execute("DELETE FROM correlation_rule WHERE id = %s", (found.id,))
    audit.record(session, "delete", "CorrelationRule", found.id, found.name)
    return found


def _require(session: Session) -> None:
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change what correlates")


class Frequent(msgspec.Struct, frozen=True):
    """A value with how often it is held, as last counted."""

    id: int
    value: str
    occurrences: int
    excluded: bool


LISTED = 200


def count_frequent(session: Session) -> int:
    """Counts which values most attributes hold; how many are listed. Raises Forbidden."""
    _require(session)
    session.execute("DELETE FROM frequent_value")
    session.execute(
        "INSERT INTO frequent_value (key, value, occurrences)"
        " SELECT t.key1, (SELECT a.value1 FROM attribute a WHERE a.key1 = t.key1 LIMIT 1), t.n"
        " FROM (SELECT key1, count(*) AS n FROM attribute WHERE parts & 1 <> 0 AND NOT deleted"
        "   GROUP BY key1 HAVING count(*) > 1 ORDER BY n DESC LIMIT %s) AS t",
        (LISTED,),
    )
    return int(session.value("SELECT count(*) FROM frequent_value"))


def frequent(session: Session, at_least: int = 2) -> Sequence[Frequent]:
    """The most frequent values, as last counted; none for anyone but site admins."""
    rows = session.all(
        "SELECT row_number() OVER (ORDER BY f.occurrences DESC, f.value), f.value, f.occurrences,"
        " EXISTS (SELECT 1 FROM correlation_exclusion x WHERE x.key = f.key)"
        " FROM frequent_value f WHERE f.occurrences >= %s ORDER BY 1",
        (at_least,),
    )
    return [Frequent(*row) for row in rows]
