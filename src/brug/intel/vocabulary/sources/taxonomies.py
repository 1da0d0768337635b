# SPDX-License-Identifier: EUPL-1.2
"""Taxonomies (the MISP taxonomies project): namespace, predicates, and their values."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from brug.intel.vocabulary.sources import files, rows

# Switched on when first installed; a publisher's update never switches anything.
ENABLED_AT_FIRST = {
    "tlp": "the marking that the gate, exports and publishing obey",
    "PAP": "what may be done with an indicator; exports and blocking rules obey it",
}


Number = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]  # as the tables hold them


class Entry(msgspec.Struct):
    value: str
    expanded: str | None = None
    description: str | None = None
    colour: str | None = None
    numerical_value: Number | None = None


class Predicate(msgspec.Struct):
    value: str
    expanded: str | None = None
    description: str | None = None
    colour: str | None = None
    exclusive: bool = False
    numerical_value: Number | None = None


class Values(msgspec.Struct):
    predicate: str
    entry: list[Entry]


class Taxonomy(msgspec.Struct):
    namespace: str
    predicates: list[Predicate]
    description: str = ""
    version: Number = 1
    expanded: str | None = None
    exclusive: bool = False
    values: list[Values] = []

    def entries(self, predicate: str) -> Iterator[Entry]:
        for values in self.values:
            if values.predicate == predicate:
                yield from values.entry


_TAXONOMY = msgspec.json.Decoder(Taxonomy)
_WORD = ("value", "expanded", "description", "colour", "numerical_value")


def install(connection: rows.Connection) -> int:
    """The number of taxonomies that are new or changed; what a node switched stays switched."""
    known = dict(
        connection.execute(
            "SELECT namespace, source_digest FROM taxonomy WHERE is_default"
        ).fetchall()
    )
    removed = {row[0] for row in connection.execute("SELECT namespace FROM taxonomy_removal")}
    changed: dict[int, Taxonomy] = {}
    for file in files.read("taxonomies", "*/machinetag.json"):
        taxonomy = file.decode(_TAXONOMY)
        if taxonomy.namespace in removed or known.get(taxonomy.namespace) == file.digest:
            continue
        taxonomy_id = _put(connection, taxonomy, file.digest)
        if taxonomy_id is not None:
            changed[taxonomy_id] = taxonomy
    fill(connection, changed)
    return len(changed)


def _put(connection: rows.Connection, taxonomy: Taxonomy, digest: bytes) -> int | None:
    """None where the node has a taxonomy of its own by that name; it stays."""
    row = connection.execute(
        """
        INSERT INTO taxonomy (namespace, description, version, expanded, exclusive, enabled,
                              is_default, source_digest)
        VALUES (%s, %s, %s, %s, %s, %s, true, %s)
        ON CONFLICT (namespace) DO UPDATE SET
            description = excluded.description, version = excluded.version,
            expanded = excluded.expanded, exclusive = excluded.exclusive,
            source_digest = excluded.source_digest
        WHERE taxonomy.is_default
        RETURNING id
        """,
        [
            taxonomy.namespace,
            taxonomy.description,
            taxonomy.version,
            taxonomy.expanded,
            taxonomy.exclusive,
            taxonomy.namespace in ENABLED_AT_FIRST,
            digest,
        ],
    ).fetchone()
    return row[0] if row else None


def fill(connection: rows.Connection, changed: dict[int, Taxonomy]) -> None:
    """Replaces predicates and values of these taxonomies, by id."""
    connection.execute(
        "DELETE FROM taxonomy_predicate WHERE taxonomy_id = ANY(%s)", [list(changed)]
    )
    rows.copy(
        connection,
        "taxonomy_predicate",
        ("taxonomy_id", *_WORD, "exclusive"),
        (
            (taxonomy_id, *_word(predicate), predicate.exclusive)
            for taxonomy_id, taxonomy in changed.items()
            for predicate in taxonomy.predicates
        ),
    )
    predicates = connection.execute(
        "SELECT id, taxonomy_id, value FROM taxonomy_predicate WHERE taxonomy_id = ANY(%s)"
        " ORDER BY id",
        [list(changed)],
    ).fetchall()
    rows.copy(
        connection,
        "taxonomy_entry",
        ("taxonomy_predicate_id", *_WORD),
        (
            (predicate_id, *_word(entry))
            for predicate_id, taxonomy_id, value in predicates
            for entry in changed[taxonomy_id].entries(value)
        ),
    )


def _word(word: Predicate | Entry) -> tuple[Any, ...]:
    return word.value, word.expanded, word.description, word.colour, word.numerical_value
