# SPDX-License-Identifier: EUPL-1.2
"""Values that are not to leave the node in exports, by regular expressions.

MISP's allowed list: what fits one of its expressions is no indicator, and is left out of
whatever a search gives out, in any format; it stays in its event and is found there.
"""

from collections.abc import Callable
from threading import Lock

import msgspec

from brug.intel.patterns import expressions
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, NotFound
from brug.model.naming import number_in
from brug.store import audit
from brug.store.session import Session

TAKEN = "A similar name already exists."
Fits = Callable[[str], bool]


class Allowed(msgspec.Struct, frozen=True):
    id: int
    pattern: str


def require_right(session: Session) -> None:
    """Raises Forbidden."""
    if not session.principal.may("regexp_access"):
        raise Forbidden(f"{session.principal.email} may not change regular expressions")


def listed(session: Session) -> list[Allowed]:
    rows = session.all("SELECT id, pattern FROM allowed_pattern ORDER BY pattern, id")
    return [Allowed(*row) for row in rows]


def find(session: Session, number: str) -> Allowed:
    """Raises NotFound."""
    row = session.one("SELECT id, pattern FROM allowed_pattern WHERE id = %s", (number_in(number),))
    if row is None:
        raise NotFound(f"no allowed pattern {number[:40]!r}")
    return Allowed(*row)


def add(session: Session, pattern: str) -> Allowed:
    """Raises Forbidden, Refused."""
    require_right(session)
    pattern = _checked(session, pattern, None)
    made = session.value(
        "INSERT INTO allowed_pattern (pattern) VALUES (%s) RETURNING id", (pattern,)
    )
    audit.record(session, "add", "Allowedlist", int(made), pattern)
    return Allowed(int(made), pattern)


def edit(session: Session, number: str, pattern: str) -> Allowed:
    """Raises NotFound, Forbidden, Refused."""
    require_right(session)
    found = find(session, number)
    pattern = _checked(session, pattern, found.id)
    session.execute("UPDATE allowed_pattern SET pattern = %s WHERE id = %s", (pattern, found.id))
    change = {"name": [found.pattern, pattern]}
    audit.record(session, "edit", "Allowedlist", found.id, pattern, change)
    return Allowed(found.id, pattern)


def remove(session: Session, number: str) -> Allowed:
    """Raises NotFound, Forbidden."""
    require_right(session)
    found = find(session, number)
    session.execute("DELETE FROM allowed_pattern WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Allowedlist", found.id, found.pattern)
    return found


def _checked(session: Session, pattern: str, number: int | None) -> str:
    pattern = pattern.strip()
    expressions.compiled(pattern, "name")
    taken = session.value(
        "SELECT 1 FROM allowed_pattern WHERE pattern = %s AND id IS DISTINCT FROM %s",
        (pattern, number),
    )
    if taken is not None:
        raise Refused({"name": [TAKEN]})
    return pattern


# What was compiled, by the token of the patterns; an entry is never wrong, only no longer
# asked for.
_compiled: dict[str, Fits] = {}
_compiling = Lock()


def fits(session: Session) -> Fits | None:
    """Whether a value is allowed, as a function; None while the list is empty."""
    token = session.value("SELECT allowed FROM pattern_state")
    if token is None:
        return None
    found = _compiled.get(str(token))
    if found is None:
        with _compiling:
            found = expressions.any_of(one.pattern for one in listed(session))
            while len(_compiled) >= 4:
                _compiled.pop(next(iter(_compiled)))
            _compiled[str(token)] = found
    return found
