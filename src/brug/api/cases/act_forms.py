# SPDX-License-Identifier: EUPL-1.2
"""Acts as the interface takes them, and as entries have them."""

from typing import Annotated, Any

import msgspec

from brug.cases import acts, people
from brug.cases.acts import AnyAct
from brug.cases.embargoes import stating
from brug.model.errors import Invalid
from brug.store.session import Session

MOST_ACTS = 100


class Said(acts.Said, tag="said", frozen=True, kw_only=True):
    """A message to all, or to the participants in `to`."""

    to: tuple[str, ...] = ()


class Planned(acts.Planned, tag="planned", frozen=True, kw_only=True):
    """A task; the same one again changes it. For all, or for the participants in `to`.

    Said again without `to`, what was for some stays among them.
    """

    to: tuple[str, ...] = ()


class Linked(acts.Linked, tag="linked", frozen=True, kw_only=True):
    """What has to do with the case, by UUID. For all, or for the participants in `to`.

    Said again without `to`, what was for some stays among them.
    """

    to: tuple[str, ...] = ()


class Joined(acts.Joined, tag="joined", frozen=True, kw_only=True):
    """Somebody takes part: an organisation by name, number or UUID, or one person of it, by
    `email` or number (`user`). `name` is of one that this node does not know; `participant` is
    what it is called in the case, made where it is not said.
    """

    participant: str = ""
    name: str = ""
    email: str = ""


class Embargoed(acts.Embargoed, tag="embargoed", frozen=True, kw_only=True):
    """Until when nothing may be published. With `end` it is over now; `because` says why."""

    until: str = ""
    zone: str = "UTC"
    end: bool = False


# All acts but the one that opens a case.
Act = (
    acts.Renamed | acts.Filled | acts.Recorded | Joined | acts.Left | acts.Moved | Said
    | acts.Decided | Planned | Linked | acts.Marked | Embargoed
)  # fmt: skip
Acts = Annotated[list[Act], msgspec.Meta(min_length=1, max_length=MOST_ACTS)]
_PLAIN: dict[type, type[acts.Act]] = {
    Said: acts.Said, Planned: acts.Planned, Linked: acts.Linked,
}  # fmt: skip


def plain(session: Session, act: Any) -> tuple[AnyAct, tuple[str, ...]]:
    """An act as entries have it, and whom it is for. Raises Invalid."""
    if isinstance(act, Joined):
        return _joined(session, act), ()
    if isinstance(act, Embargoed):
        return stating.stated(act.until, act.zone, act.because, end=act.end), ()
    form = _PLAIN.get(type(act))
    if form is None:
        return act, ()
    made = form(**{name: getattr(act, name) for name in form.__struct_fields__})
    return made, act.to  # type: ignore[return-value]


def _joined(session: Session, act: Joined) -> acts.Joined:
    said = {name: getattr(act, name) for name in acts.Joined.__struct_fields__}
    if act.participant and act.name and not act.email:
        return acts.Joined(**said)
    if act.email and act.user is not None:
        raise Invalid("email", "nothing, where `user` names the person", act.email)
    found = people.joining(session, act.org, act.role, name=act.name, email=act.email)
    said |= {"org": found.org, "name": found.name, "user": act.user or found.user}
    said["participant"] = act.participant or found.participant
    return acts.Joined(**said | {"node": act.node or found.node})
