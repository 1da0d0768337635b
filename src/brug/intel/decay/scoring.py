# SPDX-License-Identifier: EUPL-1.2
"""The scores of what a search finds, by the models that are used or that it names."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from brug.intel.decay import decaying
from brug.intel.decay.decaying import Carried, Model, Score
from brug.intel.decay.decaying_changes import checked_parameters
from brug.model.errors import Invalid
from brug.store.session import Session


class Wanted(msgspec.Struct, frozen=True):
    """`models`: by id, or those that are used; `threshold` and `overrides` for this search."""

    models: Sequence[str] = ()
    threshold: float | None = None
    overrides: Mapping[str, Any] = {}


def models(session: Session, wanted: Wanted) -> list[Model]:
    """The models of a search; those that it names score attributes of any type.

    Raises Invalid for parameters that none may have.
    """
    every = decaying.every(session)
    if wanted.models:
        named = [model for model in every if str(model.id) in wanted.models]
        found = [msgspec.structs.replace(model, of_any_type=True) for model in named]
    else:
        found = [model for model in every if model.enabled]
    return [_overridden(model, wanted) for model in found]


def _overridden(model: Model, wanted: Wanted) -> Model:
    changed = dict(wanted.overrides)
    if wanted.threshold is not None:
        changed["threshold"] = wanted.threshold
    if not changed:
        return model
    unknown = changed.keys() - model.parameters.keys()
    if unknown:
        raise Invalid("modelOverrides", f"parameters of a model, not {min(unknown)[:60]}")
    parameters = checked_parameters({**model.parameters, **changed})
    return msgspec.structs.replace(model, parameters=parameters)


class Scored(Protocol):
    """What is scored: an attribute, in a search's result or in its event."""

    @property
    def id(self) -> int: ...
    @property
    def event_id(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def timestamp(self) -> int: ...


class Weighed(Protocol):
    """A tag, as far as scores go."""

    @property
    def name(self) -> str: ...
    @property
    def numerical_value(self) -> int | None: ...


def scores(
    session: Session,
    used: Sequence[Model],
    found: Sequence[Scored],
    tags: Mapping[int, Sequence[Weighed]],
    event_tags: Mapping[int, Sequence[Weighed]],
) -> dict[int, list[Score]]:
    """Scores by attribute: of those that a model is about, empty lists for others.

    `tags` and `event_tags` are what attributes and their events carry, by id.
    """
    if not used:
        return {one.id: [] for one in found}
    seen = decaying.seen_last(session, [one.id for one in found])
    carried = {t.name: t for group in (*tags.values(), *event_tags.values()) for t in group}
    unsaid = [name for name, tag in carried.items() if tag.numerical_value is None]
    numbers = decaying.numbers_of(session, unsaid) if unsaid else {}

    def worth(tag: Weighed) -> Carried:
        own = tag.numerical_value
        return Carried(tag.name, numbers.get(tag.name) if own is None else own)

    scored = {}
    for hit in found:
        own = [worth(tag) for tag in tags.get(hit.id, ())]
        # What an attribute says of itself goes before what its event says.
        said = {_kind(tag.name) for tag in own}
        of_event = [worth(tag) for tag in event_tags.get(hit.event_id, ())]
        every = own + [tag for tag in of_event if _kind(tag.name) not in said]
        last = max(hit.timestamp, seen.get(hit.id, 0))
        scored[hit.id] = decaying.scores(used, hit.type, last, every)
    return scored


def _kind(name: str) -> str:
    return name.partition("=")[0]
