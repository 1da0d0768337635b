# SPDX-License-Identifier: EUPL-1.2
"""What is said about the events that a search finds: their tags, and what those mean.

Counted in the database, under the reader's policies; only names come out of it, however
many events there are.
"""

from collections.abc import Iterator
from typing import LiteralString

from brug.formats.context import ClusterOf, Technique, Told, Use
from brug.intel.search import events
from brug.intel.search.filters import Filters
from brug.store.session import Session

ATTACK = "mitre-attack-pattern"
BATCH = 1_000
_TAGGED: LiteralString = (
    "(SELECT t.event_id, t.tag_id FROM event_tag t WHERE t.event_id IN (SELECT id FROM chosen)"
    " UNION SELECT t.event_id, t.tag_id FROM attribute_tag t JOIN attribute a"
    " ON a.id = t.attribute_id AND NOT a.deleted WHERE t.event_id IN (SELECT id FROM chosen)) AS x"
)


def of_events(session: Session, filters: Filters) -> Told:
    """The tags on some events and their attributes, with taxonomies and clusters."""
    chosen = events.selected(session, filters)
    rows = session.all(
        "WITH chosen AS (" + chosen.text + ") SELECT g.name, g.colour, count(DISTINCT x.event_id)"
        " FROM " + _TAGGED + " JOIN tag g ON g.id = x.tag_id GROUP BY g.name, g.colour"
        " ORDER BY g.name",
        chosen.params,
    )
    uses = [Use(str(name), str(colour), int(count)) for name, colour, count in rows]
    names = [use.name for use in uses]
    return Told(
        uses, _taxonomies(session, names), _meanings(session, names), _clusters(session, names)
    )


def _taxonomies(session: Session, names: list[str]) -> dict[str, str]:
    spaces = sorted({name.partition(":")[0].lower() for name in names if ":" in name})
    rows = session.all(
        "SELECT lower(namespace), description FROM taxonomy WHERE lower(namespace) = ANY (%s)",
        (spaces,),
    )
    return {str(name): str(said) for name, said in rows}


def _meanings(session: Session, names: list[str]) -> dict[str, str]:
    """What a taxonomy says of a tag, by the tag in lower case."""
    spaces = sorted({name.partition(":")[0].lower() for name in names if ":" in name})
    rows = session.all(
        "SELECT lower(t.namespace || ':' || p.value || coalesce('=\"' || e.value || '\"', '')),"
        " coalesce(e.description, e.expanded, p.description, p.expanded, '')"
        " FROM taxonomy t JOIN taxonomy_predicate p ON p.taxonomy_id = t.id"
        " LEFT JOIN taxonomy_entry e ON e.taxonomy_predicate_id = p.id"
        " WHERE lower(t.namespace) = ANY (%(spaces)s)"
        " AND lower(t.namespace || ':' || p.value || coalesce('=\"' || e.value || '\"', ''))"
        " = ANY (%(names)s)",
        {"spaces": spaces, "names": [name.lower() for name in names]},
    )
    return {str(name): str(said) for name, said in rows}


def _clusters(session: Session, names: list[str]) -> list[ClusterOf]:
    rows = session.all(
        "SELECT c.id, c.tag_name, c.value, c.description, g.name, g.description"
        " FROM galaxy_cluster c JOIN galaxy g ON g.id = c.galaxy_id"
        " WHERE c.tag_key = ANY (%s) AND NOT c.deleted ORDER BY g.name, c.value",
        ([name.lower() for name in names if name.startswith("misp-galaxy:")],),
    )
    return [ClusterOf(*row) for row in rows]


def techniques(session: Session, filters: Filters) -> list[Technique]:
    """How many of some events speak of each technique of ATT&CK."""
    chosen = events.selected(session, filters)
    rows = session.all(
        "WITH chosen AS (" + chosen.text + ") SELECT k.value, min(c.value),"
        " count(DISTINCT x.event_id) FROM " + _TAGGED + " JOIN tag g ON g.id = x.tag_id"
        " JOIN galaxy_cluster c ON c.tag_key = lower(g.name) AND NOT c.deleted"
        " JOIN galaxy_element k ON k.galaxy_cluster_id = c.id AND k.key = 'external_id'"
        " WHERE c.type = %s GROUP BY k.value ORDER BY k.value",
        (*chosen.params, ATTACK),
    )
    return [Technique(*row) for row in rows]


def techniques_by_event(session: Session, filters: Filters) -> Iterator[tuple[str, int, list[str]]]:
    """The UUID and time of each event that speaks of techniques, and which."""
    chosen = events.selected(session, filters)
    text: LiteralString = (
        "WITH chosen AS (" + chosen.text + ") SELECT e.uuid::text, e.timestamp,"
        " array_agg(DISTINCT k.value ORDER BY k.value) FROM " + _TAGGED
        + " JOIN event e ON e.id = x.event_id JOIN tag g ON g.id = x.tag_id"
        " JOIN galaxy_cluster c ON c.tag_key = lower(g.name) AND NOT c.deleted"
        " JOIN galaxy_element k ON k.galaxy_cluster_id = c.id AND k.key = 'external_id'"
        " WHERE c.type = %s GROUP BY e.id, e.uuid, e.timestamp ORDER BY e.id"
    )  # fmt: skip
    with session.connection.cursor(name="techniques") as cursor:
        cursor.execute(text, (*chosen.params, ATTACK))
        while some := cursor.fetchmany(BATCH):
            yield from some
