# SPDX-License-Identifier: EUPL-1.2
"""Taxonomies of a node's own, and deleting any: for site admins.

A taxonomy that is imported is the node's: an update of the vocabularies leaves it alone, and
does not bring back what was deleted. Deleting a taxonomy leaves its tags where they are.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import msgspec

from brug.formats import json_text
from brug.intel.vocabulary import taxonomies
from brug.intel.vocabulary.sources.taxonomies import Entry, Predicate
from brug.intel.vocabulary.sources.taxonomies import Taxonomy as Draft
from brug.intel.vocabulary.taxonomies import Taxonomy
from brug.model.errors import Invalid
from brug.store.audit import record
from brug.store.session import Session

REQUIRED = ("namespace", "description", "predicates")
MOST_WORDS = 20_000
LONGEST = 255


def drafted(raw: Mapping[str, Any]) -> Draft:
    """A taxonomy in the format of the MISP taxonomies project. Raises Invalid."""
    for name in REQUIRED:
        if not raw.get(name):
            raise Invalid(name, f"Required field '{name}' not provided.")
    try:
        draft = msgspec.convert(json_text.storable(raw), Draft, strict=False)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Invalid("taxonomy", str(error)[:200]) from error
    words: list[Predicate | Entry] = [*draft.predicates]
    words += [entry for values in draft.values for entry in values.entry]
    if len(words) > MOST_WORDS:
        raise Invalid("taxonomy", f"at most {MOST_WORDS} predicates and values")
    names = [draft.namespace, *(word.value for word in words)]
    if any(not name.strip() or len(name) > LONGEST for name in names):
        raise Invalid("taxonomy", f"names of 1 to {LONGEST} characters")
    return draft


def put(session: Session, draft: Draft) -> Taxonomy:
    """Makes a taxonomy of the node's own, or replaces the one of that namespace."""
    session.execute("DELETE FROM taxonomy_removal WHERE namespace = %s", (draft.namespace,))
    taxonomy_id = session.value(
        "INSERT INTO taxonomy (namespace, description, version, expanded, exclusive)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (namespace) DO UPDATE SET"
        " description = excluded.description, version = excluded.version,"
        " expanded = excluded.expanded, exclusive = excluded.exclusive, is_default = false,"
        " source_digest = NULL RETURNING id",
        (draft.namespace, draft.description, draft.version, draft.expanded, draft.exclusive),
    )
    session.execute("DELETE FROM taxonomy_predicate WHERE taxonomy_id = %s", (taxonomy_id,))
    for predicate in draft.predicates:
        predicate_id = session.value(
            "INSERT INTO taxonomy_predicate (taxonomy_id, value, expanded, description, colour,"
            " numerical_value, exclusive) VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (taxonomy_id, *_word(predicate), predicate.exclusive),
        )
        for entry in draft.entries(predicate.value):
            session.execute(
                "INSERT INTO taxonomy_entry (taxonomy_predicate_id, value, expanded, description,"
                " colour, numerical_value) VALUES (%s, %s, %s, %s, %s, %s)",
                (predicate_id, *_word(entry)),
            )
    record(session, "import", "Taxonomy", int(taxonomy_id), draft.namespace)
    return taxonomies.taxonomy(session, int(taxonomy_id))


def _word(word: Predicate | Entry) -> tuple[Any, ...]:
    return word.value, word.expanded, word.description, word.colour, word.numerical_value


def delete(session: Session, found: Taxonomy) -> None:
    session.execute(
        "INSERT INTO taxonomy_removal SELECT namespace FROM taxonomy"
        " WHERE id = %s AND is_default ON CONFLICT DO NOTHING",
        (found.id,),
    )
    session.execute("DELETE FROM taxonomy WHERE id = %s", (found.id,))
    record(session, "delete", "Taxonomy", found.id, found.namespace)


def normalise_tags(session: Session) -> tuple[int, int]:
    """Tags that differ from a taxonomy's only in case become that taxonomy's: how many, and
    how many items were tagged anew.
    """
    pairs = session.all(
        """
        SELECT t.id, w.name, (SELECT c.id FROM tag c WHERE c.name = w.name)
        FROM tag t JOIN (
            SELECT x.namespace || ':' || p.value || coalesce('="' || e.value || '"', '') AS name
            FROM taxonomy x JOIN taxonomy_predicate p ON p.taxonomy_id = x.id
            LEFT JOIN taxonomy_entry e ON e.taxonomy_predicate_id = p.id
        ) w ON lower(w.name) = lower(t.name) AND w.name <> t.name
        WHERE NOT EXISTS (SELECT 1 FROM tag s WHERE s.id = t.id AND s.name = w.name)
        ORDER BY t.id
        """
    )
    rows = 0
    for tag_id, name, canonical in {row[0]: row for row in pairs}.values():
        if canonical is None:
            session.execute("UPDATE tag SET name = %s WHERE id = %s", (name, tag_id))
            continue
        for table in _LINKS:
            rows += session.execute(table, {"old": tag_id, "new": canonical}).rowcount
        session.execute("DELETE FROM tag WHERE id = %s", (tag_id,))
    count = len({row[0] for row in pairs})
    record(session, "edit", "Tag", 0, "normalised", {"tags": count, "rows": rows})
    return count, rows


_LINKS: tuple[LiteralString, ...] = (
    (
        "UPDATE event_tag l SET tag_id = %(new)s WHERE tag_id = %(old)s AND NOT EXISTS ("
        " SELECT 1 FROM event_tag k WHERE k.event_id = l.event_id AND k.tag_id = %(new)s)"
    ),
    (
        "UPDATE attribute_tag l SET tag_id = %(new)s WHERE tag_id = %(old)s AND NOT EXISTS ("
        " SELECT 1 FROM attribute_tag k"
        " WHERE k.attribute_id = l.attribute_id AND k.tag_id = %(new)s)"
    ),
)
