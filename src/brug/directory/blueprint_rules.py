# SPDX-License-Identifier: EUPL-1.2
"""Rules that name organisations: `{"OR": {"org_nationality": ["Netherlands"]}}`.

`OR`, `AND` and `NOT` hold conditions and each other. A condition names a field and values:
`org_id`, `org_uuid`, `org_name`, `org_nationality`, `org_sector`, `org_type`, or
`sharing_group_id` and `sharing_group_uuid` for whoever is in such a group. Several conditions
without an operator all hold. Only organisations and groups that the asker sees count.
Source of the form: MISP's sharing-group blueprints.
"""

from collections.abc import Iterable, Mapping
from typing import Any, LiteralString

from brug.directory import fields
from brug.directory.refusals import Refused
from brug.store.session import Session

FIELDS: Mapping[str, LiteralString] = {
    "org_id": "SELECT id FROM organisation WHERE id::text = ANY (%s)",
    "org_uuid": "SELECT id FROM organisation WHERE uuid::text = ANY (%s)",
    "org_name": "SELECT id FROM organisation WHERE lower(name) = ANY (%s)",
    "org_nationality": "SELECT id FROM organisation WHERE lower(nationality) = ANY (%s)",
    "org_sector": "SELECT id FROM organisation WHERE lower(sector) = ANY (%s)",
    "org_type": "SELECT id FROM organisation WHERE lower(type) = ANY (%s)",
    "sharing_group_id": "SELECT org_id FROM sharing_group_org"
    " WHERE sharing_group_id::text = ANY (%s)",
    "sharing_group_uuid": "SELECT m.org_id FROM sharing_group_org m"
    " JOIN sharing_group g ON g.id = m.sharing_group_id WHERE g.uuid::text = ANY (%s)",
}
OPERATORS = ("OR", "AND", "NOT")
DEEPEST = 10
_TEXT = fields.text(255)
MOST_VALUES = 1000


def check(rules: Any, depth: int = 0) -> None:
    """Raises Refused, naming what does not fit."""
    if depth > DEEPEST:
        raise Refused("rules", "deep", f"at most {DEEPEST} operators within one another")
    if not isinstance(rules, dict) or not rules:
        raise Refused("rules", "type", "an object of operators and conditions", str(rules))
    for name, inner in rules.items():
        if name in OPERATORS:
            check(inner, depth + 1)
        elif name in FIELDS:
            _values(name, inner)
        else:
            expected = f"one of {', '.join((*OPERATORS, *FIELDS))}"
            raise Refused("rules", "unknown", expected, name)


def _values(name: str, given: Any) -> list[str]:
    several = given if isinstance(given, list) else [given]
    if len(several) > MOST_VALUES:
        raise Refused("rules", "many", f"at most {MOST_VALUES} values", name)
    return [_value(name, one).strip().lower() for one in several]


def _value(name: str, one: Any) -> str:
    if isinstance(one, int) and not isinstance(one, bool):
        return str(one)
    if not isinstance(one, str):
        raise Refused("rules", "type", "texts or numbers", name)
    return str(_TEXT("rules", one))


def matching(session: Session, rules: Mapping[str, Any]) -> set[int]:
    """The organisations that checked rules name, by id."""
    return _all(session, rules)


def _each(session: Session, rules: Mapping[str, Any]) -> Iterable[set[int]]:
    for name, inner in rules.items():
        if name == "OR":
            yield set().union(*_each(session, inner))
        elif name == "AND":
            yield _all(session, inner)
        elif name == "NOT":
            everyone = {int(row[0]) for row in session.all("SELECT id FROM organisation")}
            yield everyone.difference(*_each(session, inner))
        else:
            found = session.all(FIELDS[name], (_values(name, inner),))
            yield {int(row[0]) for row in found}


def _all(session: Session, rules: Mapping[str, Any]) -> set[int]:
    found = list(_each(session, rules))
    return found[0].intersection(*found[1:])
