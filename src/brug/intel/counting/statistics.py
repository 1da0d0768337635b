# SPDX-License-Identifier: EUPL-1.2
"""Counts of what the session sees: attributes by type or category, tags by events."""

from typing import LiteralString

from brug.store.session import Session

_BY: dict[str, LiteralString] = {
    "type": "SELECT type, count(*) FROM attribute WHERE NOT deleted GROUP BY type ORDER BY type",
    "category": "SELECT category, count(*) FROM attribute WHERE NOT deleted"
    " GROUP BY category ORDER BY category",
}
BY = frozenset(_BY)


def attributes(session: Session, by: str) -> dict[str, int]:
    """How many attributes there are of each type or category. Raises KeyError."""
    return {name: int(number) for name, number in session.all(_BY[by])}


def tags(session: Session) -> dict[str, int]:
    """On how many events each tag is, the commonest first."""
    rows = session.all(
        "SELECT t.name, x.number FROM (SELECT tag_id, count(*) AS number FROM event_tag"
        " GROUP BY tag_id) AS x JOIN tag t ON t.id = x.tag_id ORDER BY x.number DESC, t.name"
    )
    return {name: int(number) for name, number in rows}


def taxonomies(session: Session) -> dict[str, int]:
    """On how many events the tags of each taxonomy are that the node has enabled."""
    rows = session.all(
        "SELECT n.namespace, count(*) FROM event_tag x JOIN tag t ON t.id = x.tag_id"
        " JOIN taxonomy n ON n.enabled AND starts_with(t.name, n.namespace || ':')"
        " GROUP BY n.namespace ORDER BY 2 DESC, 1"
    )
    return {name: int(number) for name, number in rows}


def percentages(counts: dict[str, int]) -> dict[str, str]:
    """Shares of the whole, with at most three decimals, as MISP writes them."""
    total = sum(counts.values()) or 1
    return {name: f"{round(100 * n / total, 3):g}%" for name, n in counts.items()}
