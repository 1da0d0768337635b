# SPDX-License-Identifier: EUPL-1.2
"""The import rules at work: every value on its way in passes here once.

The rules act in their order on the value in its normal form, each on what the one before
it made; what comes out is checked like something new. Types whose values are programs or
numbers are left alone, as in MISP. Without rules this is one look at a single row.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any

from brug.formats.misp import overlaying
from brug.intel.patterns import expressions, import_rules
from brug.intel.patterns.expressions import Part
from brug.intel.patterns.import_rules import ALL, Rule
from brug.model.attribute_types import MAX_BYTES, Checked, Refused, check, joined
from brug.model.attribute_types.record import TOO_LONG
from brug.model.event import Attribute
from brug.model.new_event import NewAttribute, NewProposal
from brug.store.session import Session

BLOCKED = "This value is blocked by a regular expression in the import filters."
UNTOUCHED = frozenset({"sigma", "float"})

Errors = dict[str, list[str]]
Incoming = NewAttribute | NewProposal


class Blocked(Refused):
    """A rule without a replacement found what it looks for."""


class Rules:
    """Compiled rules, by type."""

    def __init__(self, listed: Sequence[Rule]) -> None:
        self._listed = [(rule.type, *_compiled(rule)) for rule in listed]
        self._of: dict[str, list[tuple[Any, Sequence[Part]]]] = {}

    def of(self, kind: str) -> list[tuple[Any, Sequence[Part]]]:
        """Expression and replacement of each rule about a type."""
        found = self._of.get(kind)
        if found is None:
            found = [
                (expression, parts)
                for of, expression, parts in self._listed
                if of in {ALL, kind} and kind not in UNTOUCHED
            ]
            self._of[kind] = found
        return found

    def value(self, kind: str, value: str) -> str:
        """What becomes of a value. Raises Blocked, or Refused for one that grows too long."""
        for expression, parts in self.of(kind):
            if not parts:
                if expression.search(value) is not None:
                    raise Blocked({"value": [BLOCKED]})
                continue
            value = expressions.replaced(expression, parts, value)
            # Each rule can make it many times as long; there are many rules.
            if len(value) > MAX_BYTES:
                raise Refused({"value": [TOO_LONG]})
        return value

    def act_on(self, item: Incoming) -> None:
        """Gives an item the value that the rules make of its own. Raises Refused."""
        if not self.of(item.type):
            return
        before = joined(Checked(item.type, item.category, item.to_ids, item.value1, item.value2))
        after = self.value(item.type, before)
        if after != before:
            made = check(item.type, after, item.category, item.to_ids)
            item.value1, item.value2 = made.value1, made.value2


def _compiled(rule: Rule) -> tuple[Any, Sequence[Part]]:
    expression = expressions.compiled(rule.pattern, "regexp")
    return expression, expressions.replacement_of(rule.replacement, expression, "replacement")


_cached: dict[str, Rules] = {}
_compiling = Lock()


def rules(session: Session) -> Rules | None:
    """The rules of this node; None while there are none."""
    token = session.value("SELECT imports FROM pattern_state")
    if token is None:
        return None
    found = _cached.get(str(token))
    if found is None:
        with _compiling:
            found = Rules(import_rules.listed(session))
            while len(_cached) >= 4:
                _cached.pop(next(iter(_cached)))
            _cached[str(token)] = found
    return found


def kept_out(session: Session, items: Sequence[Incoming]) -> dict[int, Errors]:
    """Gives items the values that the rules make; by their places, why some are kept out."""
    fresh = [(place, item) for place, item in enumerate(items) if not item.ruled]
    acting = rules(session) if fresh else None
    out: dict[int, Errors] = {}
    for _, item in fresh:
        item.ruled = True
    if acting is not None:
        for place, item in fresh:
            try:
                acting.act_on(item)
            except Refused as error:
                out[place] = error.errors
    return out


def admit(session: Session, item: Incoming) -> None:
    """The same for one item. Raises Refused."""
    for errors in kept_out(session, [item]).values():
        raise Refused(errors)


def changed(session: Session, stored: Attribute, raw: Any) -> NewAttribute:
    """A stored attribute as an edit would have it. Raises Refused.

    The rules look at a value that the edit brings, not at one that it leaves.
    """
    new = overlaying.attribute_over(stored, raw)
    before = stored.type, stored.value1, stored.value2
    if (new.type, new.value1, new.value2) != before:
        admit(session, new)
    return new
