# SPDX-License-Identifier: EUPL-1.2
"""The facts of an event on its way over a bridge: the gate's only part that reads the database.

The event is what the partner's session saw, in MISP's core format. What a node knows beside
it is asked here: tags that stay local but mark all the same, warninglists, decay, permissions
of the source, its own corrections to the table of personal types.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from brug.bridges.gate import keys, known, permissions, personal_types
from brug.bridges.gate.collecting import Beside, Ends, collected
from brug.bridges.gate.facts import Facts
from brug.bridges.gate.parts import uuid_of
from brug.directory import organisations
from brug.store import settings
from brug.store.session import Session

Document = dict[str, Any]


class Facing(Protocol):
    """A bridge, as far as the gate goes."""

    @property
    def id(self) -> int: ...
    @property
    def uuid(self) -> Any: ...
    @property
    def transport(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def org_uuid(self) -> Any: ...


def facts_of(
    session: Session,
    event: Document,
    bridge: Facing,
    said: Document | None = None,
    *,
    released_by: tuple[int, ...] = (),
    encrypted: bool | None = None,
) -> Facts:
    """The facts of an event; with `said`, of what was said of it (sightings, proposals, notes)
    on its way back to the partner that made or brought the event.

    `released_by` are the people who released exactly this version. Unless it is said, what
    goes by mail is `encrypted` where all contacts of the bridge have a valid key.
    """
    return facts_of_several(
        session, [(event, said)], bridge, released_by=released_by, encrypted=encrypted
    )[0]


def facts_of_several(
    session: Session,
    asked: Sequence[tuple[Document, Document | None]],
    bridge: Facing,
    *,
    released_by: tuple[int, ...] = (),
    encrypted: bool | None = None,
) -> list[Facts]:
    """The same of several events on their way, each with what was said of it or None."""
    host = organisations.view(session, settings.get(session, "node.host_org_id"))
    ends = Ends(
        host.uuid, str(bridge.org_uuid).lower(), bridge.transport, bridge.relation,
        settings.get(session, "bridges.default_purpose"),
        bridge.transport != "mail" or keys.all_hold(session, bridge.id)
        if encrypted is None else encrypted,
    )  # fmt: skip
    besides = _beside(session, [event for event, _ in asked])
    return [
        collected(event, ends, found, said, released_by=released_by)
        for (event, said), found in zip(asked, besides, strict=True)
    ]


def _beside(session: Session, events: Sequence[Document]) -> list[Beside]:
    allowed = permissions.of_events(session, known.uuids(events))
    types = personal_types.classes(session)
    return [
        Beside(tags, good, expired, allowed.get(uuid_of(event), {}), types)
        for event, tags, good, expired in zip(
            events,
            known.tags(session, events),
            known.known_good(session, events),
            known.expired(session, events),
            strict=True,
        )
    ]
