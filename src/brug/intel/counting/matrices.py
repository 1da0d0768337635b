# SPDX-License-Identifier: EUPL-1.2
"""A galaxy as a matrix of its kill chains: which clusters stand in which phase, and how often
events and attributes that the session sees carry each.
"""

from typing import LiteralString

from brug.intel.context import ATTACK
from brug.intel.search import events
from brug.intel.search.filters import Filters
from brug.intel.vocabulary import clusters, galaxies
from brug.intel.vocabulary.clusters import Cluster
from brug.intel.vocabulary.galaxies import Galaxy
from brug.model.errors import BrugError
from brug.store.session import Session

Matrix = dict[str, dict[str, list[Cluster]]]
_SCORES: LiteralString = (
    ") SELECT g.name, count(*) FROM ("
    " SELECT t.tag_id FROM event_tag t JOIN chosen ON chosen.id = t.event_id"
    " UNION ALL SELECT t.tag_id FROM attribute_tag t JOIN chosen ON chosen.id = t.event_id"
    " JOIN attribute a ON a.id = t.attribute_id AND NOT a.deleted) AS x"
    " JOIN tag g ON g.id = x.tag_id"
    " JOIN galaxy_cluster c ON c.tag_key = lower(g.name) AND NOT c.deleted"
    " WHERE c.galaxy_id = %s GROUP BY g.name ORDER BY 2 DESC, 1"
)


class NoMatrix(BrugError):
    """A galaxy has no order of phases."""

    code = "no_matrix"
    status = 405
    public = "Galaxy cannot be represented as a matrix"


def galaxy(session: Session, ref: str | int | None = None) -> Galaxy:
    """The galaxy of a matrix, or that of ATT&CK's techniques. Raises NotFound, NoMatrix."""
    found = galaxies.galaxy(session, ref or ATTACK)
    if found.kill_chain_order is None:
        raise NoMatrix(f"galaxy {found.id}")
    return found


def scores(session: Session, of: Galaxy, filters: Filters) -> dict[str, int]:
    """By tag, on how many of some events and their attributes the galaxy's clusters are."""
    chosen = events.selected(session, filters)
    rows = session.all("WITH chosen AS (" + chosen.text + _SCORES, (*chosen.params, of.id))
    return {str(name): int(count) for name, count in rows}


def matrix(session: Session, of: Galaxy, weight: dict[str, int]) -> Matrix:
    """Clusters by kill chain and phase: those with most weight first, then by name."""
    found = clusters.clusters(session, of.id)
    clusters.complete(session, found)
    made: Matrix = {}
    for one in sorted(found, key=lambda one: (-weight.get(one.tag_name, 0), one.value)):
        for place in one.meta.get("kill_chain", []):
            chain, _, phase = place.partition(":")
            made.setdefault(chain, {}).setdefault(phase, []).append(one)
    return made
