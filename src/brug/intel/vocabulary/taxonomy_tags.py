# SPDX-License-Identifier: EUPL-1.2
"""The tags that exist of a taxonomy: as far as the reader may see them; making, hiding them."""

from collections.abc import Sequence

import msgspec

from brug.intel.label import tags
from brug.intel.vocabulary.taxonomies import Taxonomy, tags_of
from brug.model.new_event import NewTag
from brug.store.audit import record
from brug.store.session import Session


class Predicate(msgspec.Struct, frozen=True):
    """The predicate of a taxonomy that a tag is made of."""

    id: int
    taxonomy_id: int
    value: str
    expanded: str | None
    colour: str | None
    description: str | None
    exclusive: bool
    numerical_value: int | None


def predicates(session: Session, names: Sequence[str]) -> dict[str, Predicate]:
    """By tag, of those tags that a taxonomy knows."""
    rows = session.execute(
        """
        SELECT g.name, p.id, p.taxonomy_id, p.value, p.expanded, p.colour, p.description,
               p.exclusive, p.numerical_value
        FROM unnest(%s::text[]) AS g (name)
        JOIN taxonomy x ON lower(x.namespace) = lower(split_part(g.name, ':', 1))
        JOIN taxonomy_predicate p ON p.taxonomy_id = x.id
        LEFT JOIN taxonomy_entry e ON e.taxonomy_predicate_id = p.id
        WHERE lower(g.name)
            = lower(x.namespace || ':' || p.value || coalesce('="' || e.value || '"', ''))
        """,
        [list(names)],
    )
    return {name: Predicate(*fields) for name, *fields in rows}


def counts_by_taxonomy(session: Session) -> dict[int, int]:
    """How many of each taxonomy's tags exist for this reader."""
    rows = session.execute(
        """
        SELECT x.id, count(*)
        FROM tag g
        JOIN taxonomy x ON lower(x.namespace) = lower(split_part(g.name, ':', 1))
        JOIN taxonomy_predicate p ON p.taxonomy_id = x.id
        LEFT JOIN taxonomy_entry e ON e.taxonomy_predicate_id = p.id
        WHERE lower(g.name)
            = lower(x.namespace || ':' || p.value || coalesce('="' || e.value || '"', ''))
        GROUP BY x.id
        """
    )
    return dict(rows.fetchall())


def uses(session: Session, tag_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many events and attributes carry each tag, of those that the reader sees."""
    rows = session.execute(
        """
        SELECT wanted.id,
               (SELECT count(DISTINCT event_id) FROM event_tag WHERE tag_id = wanted.id),
               (SELECT count(DISTINCT attribute_id) FROM attribute_tag WHERE tag_id = wanted.id)
        FROM unnest(%s::int[]) AS wanted (id)
        """,
        [list(tag_ids)],
    )
    return {tag_id: (events, attributes) for tag_id, events, attributes in rows}


def make(session: Session, taxonomy: Taxonomy, names: Sequence[str] | None = None) -> int:
    """Makes its tags, or those named, and shows hidden ones; answers how many it touched."""
    chosen = [
        tag for tag in tags_of(session, taxonomy.id) if names is None or tag.tag in set(names)
    ]
    made = tags.intern(
        session, [NewTag(name=tag.tag, colour=tag.colour) for tag in chosen], listed=True
    )
    numbers = [(made[tag.tag], tag.numerical_value) for tag in chosen if tag.tag in made]
    session.execute(
        """
        UPDATE tag SET hide_tag = false, numerical_value = given.number
        FROM unnest(%s::int[], %s::int[]) AS given (id, number) WHERE tag.id = given.id
        """,
        [[tag_id for tag_id, _ in numbers], [number for _, number in numbers]],
    )
    record(session, "add", "Tag", 0, taxonomy.namespace, {"tags": len(numbers)})
    return len(numbers)


def hide(session: Session, taxonomy: Taxonomy, hidden: bool) -> int:
    """Hides its tags from choosing, or shows them again; what carries them keeps them."""
    names = [tag.tag for tag in tags_of(session, taxonomy.id)]
    changed = session.execute(
        """
        UPDATE tag SET hide_tag = %s FROM unnest(%s::text[]) AS given (name)
        WHERE tag.name = given.name
        """,
        [hidden, names],
    )
    record(session, "edit", "Tag", 0, taxonomy.namespace, {"hide_tag": hidden})
    return changed.rowcount
