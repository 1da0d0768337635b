# SPDX-License-Identifier: EUPL-1.2
"""Values that are not to correlate, for site admins to keep.

An exclusion is a value, or begins or ends with `%` for anything. It acts when correlations
are looked for (`brug.intel.correlating.correlation`), so that
taking it back brings everything back.
"""

from collections.abc import Mapping

import msgspec

from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.naming import number_in
from brug.model.value_key import fold, key
from brug.store import audit
from brug.store.rows import array
from brug.store.session import Session

LONGEST = 2000


def require_site_admin(session: Session) -> None:
    """Raises Forbidden."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change what correlates")


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
        (number_in(exclusion_id),),
    )
    if row is None:
        raise NotFound(f"no correlation exclusion {exclusion_id[:40]!r}")
    return Exclusion(*row)


def exclude(session: Session, value: str, comment: str) -> Exclusion:
    """Raises Forbidden, Invalid, Known."""
    require_site_admin(session)
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
    require_site_admin(session)
    found = exclusion(session, exclusion_id)
    session.execute(
        "UPDATE correlation_exclusion SET comment = %s WHERE id = %s",
        (comment[:LONGEST], found.id),
    )
    audit.record(session, "edit", "CorrelationExclusion", found.id, found.value)
    return Exclusion(found.id, found.value, comment or None)


def include_again(session: Session, exclusion_id: str) -> Exclusion:
    """Takes an exclusion back. Raises NotFound, Forbidden."""
    require_site_admin(session)
    found = exclusion(session, exclusion_id)
    session.execute("DELETE FROM correlation_exclusion WHERE id = %s", (found.id,))
    audit.record(session, "delete", "CorrelationExclusion", found.id, found.value)
    return found


def excluded(session: Session, values: Mapping[int, str]) -> set[int]:
    """Which keys stand for values that are excluded; `values`: folded values by their keys."""
    rows = session.all(
        "SELECT key, CASE WHEN left(value, 1) = '%%' OR right(value, 1) = '%%' THEN value END"
        " FROM correlation_exclusion"
        " WHERE key = ANY (%s::bigint[]) OR left(value, 1) = '%%' OR right(value, 1) = '%%'",
        (array(list(values)),),
    )
    whole = {k for k, pattern in rows if pattern is None}
    patterns = [fold(pattern) for _, pattern in rows if pattern is not None]
    if not patterns:
        return whole
    return whole | {k for k, v in values.items() if any(_is_like(v, p) for p in patterns)}


def _is_like(value: str, pattern: str) -> bool:
    """Whether a value fits a pattern with `%` at one end or both."""
    core = pattern.strip("%")
    if pattern.startswith("%"):
        return core in value if pattern.endswith("%") else value.endswith(core)
    return value.startswith(core)
