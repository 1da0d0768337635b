# SPDX-License-Identifier: EUPL-1.2
"""What a search asks of scores: `includeDecayScore`, `excludeDecayed`, `decayingModel`, `score`,
`modelOverrides`, `includeFullModel`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from brug.api.misp.search.search_request import Asked
from brug.api.misp.several import from_text, texts
from brug.api.misp.vocabulary import decaying_json
from brug.intel.decay import scoring
from brug.intel.decay.decaying import Model, Score
from brug.model.errors import Invalid
from brug.store.session import Session


def are_asked(asked: Asked) -> bool:
    """Whether a search asks for scores, or for what they leave."""
    return asked.wants("includeDecayScore") or asked.wants("excludeDecayed")


def models(session: Session, asked: Asked) -> list[Model]:
    """The models that a search asks for. Raises Invalid."""
    return scoring.models(session, _wanted(asked.given))


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


def are_all_decayed(found: Sequence[Score]) -> bool:
    """Whether an attribute is worth nothing any more in all models that are about it."""
    return bool(found) and all(one.decayed for one in found)


def shown(session: Session, asked: Asked, found: Sequence[Score]) -> list[dict[str, Any]]:
    full = asked.wants("includeFullModel")
    return [decaying_json.score(session, one, full=full) for one in found]
