# SPDX-License-Identifier: EUPL-1.2
"""What a search asks of scores: `includeDecayScore`, `excludeDecayed`, `decayingModel`, `score`,
`modelOverrides`, `includeFullModel`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from brug.api.misp import decaying_json
from brug.api.misp.search_request import Asked
from brug.api.misp.several import from_text, texts
from brug.intel import scoring
from brug.intel.decaying import Score
from brug.intel.search import attributes
from brug.intel.search.attributes import Found, FoundTag
from brug.model.errors import Invalid
from brug.store.session import Session


def of(
    session: Session,
    asked: Asked,
    found: Sequence[Found],
    tags: Mapping[int, Sequence[FoundTag]],
) -> dict[int, list[Score]]:
    """Scores by attribute; empty where the search asks for none. Raises Invalid."""
    if not (asked.wants("includeDecayScore") or asked.wants("excludeDecayed")):
        return {}
    used = scoring.models(session, _wanted(asked.given))
    events = sorted({hit.event_id for hit in found})
    return scoring.of_hits(session, used, found, tags, attributes.tags_of_events(session, events))


def _wanted(given: Mapping[str, Any]) -> scoring.Wanted:
    keys = texts("decayingModel", given.get("decayingModel"), 100)
    overrides = from_text("modelOverrides", given.get("modelOverrides")) or {}
    if not isinstance(overrides, dict):
        raise Invalid("modelOverrides", "an object")
    try:
        threshold = float(given["score"]) if given.get("score") not in (None, "") else None
    except (TypeError, ValueError) as error:
        raise Invalid("score", "a number") from error
    return scoring.Wanted(keys, threshold, overrides)


def left_out(asked: Asked, scored: Mapping[int, Sequence[Score]], attribute_id: int) -> bool:
    """Whether an attribute is worth nothing any more in all models that are about it."""
    found = scored.get(attribute_id, ())
    return bool(found) and asked.wants("excludeDecayed") and all(s.decayed for s in found)


def shown(session: Session, asked: Asked, found: Sequence[Score]) -> list[dict[str, Any]]:
    full = asked.wants("includeFullModel")
    return [decaying_json.score(session, one, full=full) for one in found]
