# SPDX-License-Identifier: EUPL-1.2
"""Rules for values on their way in: a regular expression and what stands in its place.

MISP's import regexp. A rule is of one attribute type or of all; one that has nothing to put
in its place keeps the value out. As in MISP, the same expression with the same replacement
for several types is a row for each, and they are changed together.
"""

from collections.abc import Iterable, Sequence

import msgspec

from brug.intel.patterns import expressions
from brug.intel.patterns.allowed import require_right
from brug.model.attribute_types import TYPES, Refused
from brug.model.errors import NotFound
from brug.model.naming import number_in
from brug.store import audit
from brug.store.session import Session

ALL = "ALL"
LONGEST_REPLACEMENT = 1000
NO_TYPES = f"Expected {ALL}, or types of attributes"
KNOWN = "This rule exists already."


class Rule(msgspec.Struct, frozen=True):
    id: int
    pattern: str
    replacement: str
    type: str


def listed(session: Session) -> list[Rule]:
    """In the order in which they act."""
    rows = session.all("SELECT id, pattern, replacement, type FROM import_rule ORDER BY id")
    return [Rule(*row) for row in rows]


def find(session: Session, number: str) -> Rule:
    """Raises NotFound."""
    row = session.one(
        "SELECT id, pattern, replacement, type FROM import_rule WHERE id = %s",
        (number_in(number),),
    )
    if row is None:
        raise NotFound(f"no import rule {number[:40]!r}")
    return Rule(*row)


def alike(session: Session, rule: Rule) -> list[Rule]:
    """The rows of the same expression and replacement, for whatever types."""
    rows = session.all(
        "SELECT id, pattern, replacement, type FROM import_rule"
        " WHERE pattern = %s AND replacement = %s ORDER BY id",
        (rule.pattern, rule.replacement),
    )
    return [Rule(*row) for row in rows]


def add(session: Session, pattern: str, replacement: str, types: Iterable[str]) -> list[Rule]:
    """One rule for each type. Raises Forbidden, Refused."""
    require_right(session)
    pattern, types = pattern.strip(), _types(types)
    _check(pattern, replacement)
    made = [_insert(session, pattern, replacement, kind) for kind in types]
    added = [rule for rule in made if rule is not None]
    if not added:
        raise Refused({"regexp": [KNOWN]})
    return added


def edit(
    session: Session,
    number: str,
    pattern: str | None,
    replacement: str | None,
    types: Iterable[str] | None,
) -> list[Rule]:
    """Changes a rule for all of its types, or for which. Raises NotFound, Forbidden, Refused."""
    require_right(session)
    found = find(session, number)
    rows = alike(session, found)
    new = found.pattern if pattern is None else pattern.strip()
    instead = found.replacement if replacement is None else replacement
    wanted = [row.type for row in rows] if types is None else _types(types)
    _check(new, instead)
    moved = (new, instead) != (found.pattern, found.replacement)
    for row in rows:
        if row.type not in wanted:
            _delete(session, row)
        elif moved:
            _change(session, row, new, instead)
    for kind in wanted:
        _insert(session, new, instead, kind)
    return alike(session, Rule(0, new, instead, ""))


def remove(session: Session, number: str) -> Rule:
    """Raises NotFound, Forbidden."""
    require_right(session)
    found = find(session, number)
    _delete(session, found)
    return found


def _insert(session: Session, pattern: str, replacement: str, kind: str) -> Rule | None:
    made = session.value(
        "INSERT INTO import_rule (pattern, replacement, type) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (pattern, replacement, kind),
    )
    if made is None:
        return None
    rule = Rule(int(made), pattern, replacement, kind)
    audit.record(session, "add", "Regexp", rule.id, pattern, _shown(rule))
    return rule


def _change(session: Session, row: Rule, pattern: str, replacement: str) -> None:
    known = session.value(
        "SELECT 1 FROM import_rule WHERE pattern = %s AND replacement = %s AND type = %s",
        (pattern, replacement, row.type),
    )
    if known is not None:
        _delete(session, row)
        return
    session.execute(
        "UPDATE import_rule SET pattern = %s, replacement = %s WHERE id = %s",
        (pattern, replacement, row.id),
    )
    change = {"regexp": [row.pattern, pattern], "replacement": [row.replacement, replacement]}
    audit.record(session, "edit", "Regexp", row.id, pattern, change)


def _delete(session: Session, row: Rule) -> None:
    session.execute("DELETE FROM import_rule WHERE id = %s", (row.id,))
    audit.record(session, "delete", "Regexp", row.id, row.pattern, _shown(row))


def _shown(rule: Rule) -> dict[str, str]:
    return {"regexp": rule.pattern, "replacement": rule.replacement, "type": rule.type}


def _check(pattern: str, replacement: str) -> None:
    expression = expressions.compiled(pattern, "regexp")
    if len(replacement) > LONGEST_REPLACEMENT or "\0" in replacement:
        said = f"Expected at most {LONGEST_REPLACEMENT} characters, none of them NUL"
        raise Refused({"replacement": [said]})
    try:
        replacement.encode()
    except UnicodeEncodeError as error:
        raise Refused({"replacement": ["Expected valid Unicode"]}) from error
    expressions.replacement_of(replacement, expression, "replacement")


def _types(types: Iterable[str]) -> Sequence[str]:
    """Types once each; `ALL` stands for every one. Raises Refused."""
    given = list(dict.fromkeys(one.strip() for one in types if one.strip()))
    if not given:
        raise Refused({"type": [NO_TYPES]})
    if any(one.upper() == ALL for one in given):
        return [ALL]
    unknown = [one for one in given if one not in TYPES]
    if unknown:
        raise Refused({"type": [f"{NO_TYPES}; {unknown[0][:60]!r} is none"]})
    return given
