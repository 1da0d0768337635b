# SPDX-License-Identifier: EUPL-1.2
"""A taxonomy in the format of the MISP taxonomies project (machinetag.json)."""

from typing import Any

from brug.intel.vocabulary.taxonomies import Taxonomy
from brug.store.session import Session

_WORD = ("value", "expanded", "colour", "description", "numerical_value")


def export(session: Session, taxonomy: Taxonomy) -> dict[str, Any]:
    predicates: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    for number, exclusive, *word in session.execute(
        """
        SELECT id, exclusive, value, expanded, colour, description, numerical_value
        FROM taxonomy_predicate WHERE taxonomy_id = %s ORDER BY id
        """,
        [taxonomy.id],
    ).fetchall():
        predicate = _said(word)
        predicates.append(predicate | ({"exclusive": True} if exclusive else {}))
        entries = session.all(
            "SELECT value, expanded, colour, description, numerical_value"
            " FROM taxonomy_entry WHERE taxonomy_predicate_id = %s ORDER BY id",
            [number],
        )
        if entries:
            values.append(
                {"predicate": predicate["value"], "entry": [_said(entry) for entry in entries]}
            )
    return {
        "namespace": taxonomy.namespace,
        "description": taxonomy.description,
        "version": taxonomy.version,
        "exclusive": taxonomy.exclusive,
        "predicates": predicates,
    } | ({"values": values} if values else {})


def _said(word: Any) -> dict[str, Any]:
    return {name: value for name, value in zip(_WORD, word, strict=True) if value not in {None, ""}}
