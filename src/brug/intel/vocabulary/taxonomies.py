# SPDX-License-Identifier: EUPL-1.2
"""Taxonomies: whose tags are `namespace:predicate` or `namespace:predicate="value"`."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from brug.intel.vocabulary.templates import reference
from brug.model.errors import NotFound
from brug.store.audit import record
from brug.store.session import Session


class Taxonomy(msgspec.Struct, frozen=True):
    """`total` is the number of its tags."""

    id: int
    namespace: str
    description: str
    version: int
    enabled: bool
    exclusive: bool
    required: bool
    highlighted: bool
    total: int = 0


class TaxonomyTag(msgspec.Struct, frozen=True):
    """`exclusive_predicate` is None for a tag without a value."""

    tag: str
    expanded: str
    description: str | None
    colour: str | None
    numerical_value: int | None
    exclusive_predicate: bool | None


_COLUMNS_OF_ALL = """
    SELECT t.id, t.namespace, t.description, t.version, t.enabled, t.exclusive, t.required,
           t.highlighted, count(p.id)
    FROM taxonomy t
    LEFT JOIN taxonomy_predicate p ON p.taxonomy_id = t.id
    LEFT JOIN taxonomy_entry e ON e.taxonomy_predicate_id = p.id
    GROUP BY t.id ORDER BY t.id
"""


def taxonomies(session: Session, enabled: bool | None = None) -> list[Taxonomy]:
    found = [Taxonomy(*row) for row in session.execute(_COLUMNS_OF_ALL)]
    return [one for one in found if enabled is None or one.enabled == enabled]


def taxonomy(session: Session, ref: str | int) -> Taxonomy:
    """By id or namespace; raises NotFound."""
    row = session.one(
        """
        SELECT id, namespace, description, version, enabled, exclusive, required, highlighted
        FROM taxonomy WHERE id = %(id)s OR namespace = %(name)s
        """,
        reference(ref),
    )
    if row is None:
        raise NotFound(f"no taxonomy {ref!r}")
    return Taxonomy(*row)


def tags_of(session: Session, taxonomy_id: int) -> list[TaxonomyTag]:
    """Its tags, in the publisher's order."""
    rows = session.execute(
        """
        SELECT t.namespace, p.exclusive,
               p.value, p.expanded, p.description, p.colour, p.numerical_value,
               e.value, e.expanded, e.description, e.colour, e.numerical_value
        FROM taxonomy t
        JOIN taxonomy_predicate p ON p.taxonomy_id = t.id
        LEFT JOIN taxonomy_entry e ON e.taxonomy_predicate_id = p.id
        WHERE t.id = %s ORDER BY p.id, e.id
        """,
        [taxonomy_id],
    )
    return [_tag(row[0], row[1], _Word(*row[2:7]), _Word(*row[7:])) for row in rows]


class _Word(NamedTuple):
    value: str | None
    expanded: str | None
    description: str | None
    colour: str | None
    numerical_value: int | None


def _tag(namespace: str, exclusive: bool, predicate: _Word, entry: _Word) -> TaxonomyTag:
    named = predicate.expanded or predicate.value or ""
    if entry.value is None:
        tag, expanded = f"{namespace}:{predicate.value}", named
    else:
        tag = f'{namespace}:{predicate.value}="{entry.value}"'
        expanded = f"{named}: {entry.expanded or entry.value}"
    said = predicate if entry.value is None else entry
    return TaxonomyTag(
        tag,
        expanded,
        said.description,
        said.colour,
        said.numerical_value,
        None if entry.value is None else exclusive,
    )


def colours(session: Session, names: Sequence[str]) -> dict[str, str]:
    """The published colour of those of these tags that have one."""
    parsed = [(name, tag) for name in names if (tag := parse(name)).predicate]
    if not parsed:
        return {}
    rows = session.execute(
        """
        SELECT given.name, coalesce(e.colour, p.colour)
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
            AS given (name, namespace, predicate, value)
        JOIN taxonomy t ON lower(t.namespace) = given.namespace
        JOIN taxonomy_predicate p ON p.taxonomy_id = t.id AND lower(p.value) = given.predicate
        LEFT JOIN taxonomy_entry e
            ON e.taxonomy_predicate_id = p.id AND lower(e.value) = given.value
        WHERE (e.id IS NOT NULL) = (given.value IS NOT NULL)
          AND coalesce(e.colour, p.colour) IS NOT NULL
        """,
        [
            [name for name, _ in parsed],
            [tag.namespace for _, tag in parsed],
            [tag.predicate for _, tag in parsed],
            [tag.value for _, tag in parsed],
        ],
    )
    return dict(rows.fetchall())


_SWITCHES = {
    "enabled": "UPDATE taxonomy SET enabled = %s WHERE id = %s RETURNING namespace",
    "required": "UPDATE taxonomy SET required = %s WHERE id = %s RETURNING namespace",
    "highlighted": "UPDATE taxonomy SET highlighted = %s WHERE id = %s RETURNING namespace",
}


def switch(session: Session, taxonomy_id: int, which: str, on: bool) -> bool:
    """Sets `enabled`, `required` or `highlighted`; False if there is no such taxonomy."""
    namespace = session.value(_SWITCHES[which], [on, taxonomy_id])
    if namespace is not None:
        record(session, "edit", "Taxonomy", taxonomy_id, namespace, {which: on})
    return namespace is not None


class MachineTag(msgspec.Struct, frozen=True):
    """A tag's parts, in lower case; `predicate` is empty if it is not of this form, and
    `value` None if it has none.
    """

    name: str
    namespace: str
    predicate: str
    value: str | None


def parse(name: str) -> MachineTag:
    folded = name.strip().lower()
    namespace, colon, rest = folded.partition(":")
    if not colon:
        return MachineTag(folded, "", "", None)
    predicate, equals, value = rest.partition("=")
    return MachineTag(folded, namespace, predicate, value.strip('"') if equals else None)


class Exclusive(msgspec.Struct, frozen=True):
    """What excludes: taxonomies that allow one tag of theirs, predicates that allow one value.

    All in lower case. It holds whether a taxonomy is enabled or not.
    """

    namespaces: frozenset[str]
    predicates: frozenset[tuple[str, str]]

    def conflict(self, existing: Iterable[str], new: str) -> str | None:
        """Which of the tags on an item forbids the new one, or None."""
        added = parse(new)
        whole = added.namespace in self.namespaces
        one_value = (added.namespace, added.predicate) in self.predicates
        for name in _rivals(added, existing):
            if whole or (one_value and parse(name).predicate == added.predicate):
                return name
        return None


def _rivals(added: MachineTag, existing: Iterable[str]) -> list[str]:
    """Other tags of the same namespace; none for what is no machine tag."""
    if not added.predicate:
        return []
    parsed = [(parse(name), name) for name in existing]
    return [
        name for tag, name in parsed if tag.namespace == added.namespace and tag.name != added.name
    ]


def exclusive(session: Session, names: Iterable[str]) -> Exclusive:
    """What excludes among the taxonomies of some tags."""
    rows = session.all(
        """
        SELECT lower(t.namespace), t.exclusive, lower(p.value), p.exclusive
        FROM taxonomy t LEFT JOIN taxonomy_predicate p ON p.taxonomy_id = t.id AND p.exclusive
        WHERE lower(t.namespace) = ANY (%s)
        """,
        (sorted({parse(name).namespace for name in names}),),
    )
    return Exclusive(
        frozenset(row[0] for row in rows if row[1]),
        frozenset((row[0], row[2]) for row in rows if row[3]),
    )


def exclusive_conflict(session: Session, existing: Iterable[str], new: str) -> str | None:
    """Which of the tags on an item forbids the new one, or None."""
    rivals = _rivals(parse(new), existing)
    return exclusive(session, [new]).conflict(rivals, new) if rivals else None
