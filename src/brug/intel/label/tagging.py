# SPDX-License-Identifier: EUPL-1.2
"""Attaching tags to events and attributes that are there, and taking them off.

A global tag is part of what the event says: whoever may change the event may attach one.
A local tag is this node's: those who may change the event, and the host's taggers.
"""

import time
from typing import Literal, LiteralString

import msgspec

from brug.intel.finding import Claim, claim
from brug.intel.label.taglist import ListedTag, usable
from brug.intel.publishing import touch
from brug.intel.vocabulary.taxonomies import exclusive_conflict
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.store import audit
from brug.store.session import Session

Kind = Literal["event", "attribute"]


class Target(msgspec.Struct, frozen=True):
    """What is tagged: an event, or an attribute of it."""

    kind: Kind
    event_id: int
    item_id: int


class AlreadyAttached(Conflict):
    """The item carries the tag."""

    code = "tag_attached"


class NotAttached(Conflict):
    """The item does not carry the tag."""

    code = "tag_not_attached"


class Exclusive(Conflict):
    """The taxonomy allows no second tag of this kind."""

    code = "tag_exclusive"
    public = "Tag is not allowed due to taxonomy exclusivity settings"


class LocalOnly(Conflict):
    """A tag for this node only cannot be attached globally."""

    code = "tag_local_only"
    public = "This tag can only be attached locally."


class KeptForOthers(Forbidden):
    """A tag that one organisation, or one user, alone may set."""

    code = "tag_kept"

    def __init__(self, tag: ListedTag, org_id: int) -> None:
        super().__init__(f"{tag.name} is kept for another organisation or user")
        whom = "user" if tag.org_id in {0, org_id} else "organisation"
        self.public = f"Invalid Tag. This tag can only be set by a fixed {whom}."


def carried(session: Session, target: Target) -> dict[str, bool]:
    """The names of the tags that the session sees on an item, and whether each is local."""
    if target.kind == "event":
        rows = session.all(
            "SELECT t.name, e.local FROM event_tag e JOIN tag t ON t.id = e.tag_id"
            " WHERE e.event_id = %s",
            (target.item_id,),
        )
    else:
        rows = session.all(
            "SELECT t.name, a.local FROM attribute_tag a JOIN tag t ON t.id = a.tag_id"
            " WHERE a.attribute_id = %s",
            (target.item_id,),
        )
    return {str(name): bool(local) for name, local in rows}


def attach(
    session: Session,
    target: Target,
    tag: ListedTag,
    *,
    local: bool = False,
    relationship: str | None = None,
    exclusive: bool = True,
) -> None:
    """Attaches a tag. Raises KeptForOthers, Forbidden, AlreadyAttached, Exclusive, LocalOnly."""
    if not usable(session, tag):
        raise KeptForOthers(tag, session.principal.org_id)
    held = _right(session, target, local=local)
    names = carried(session, target)
    if tag.name in names:
        raise AlreadyAttached(f"{target} carries {tag.name}")
    if tag.local_only and not local:
        raise LocalOnly(f"{tag.name} is for this node only")
    if exclusive and exclusive_conflict(session, names, tag.name):
        raise Exclusive(f"{tag.name} on {target}")
    _insert(session, target, tag.id, local=local, relationship=relationship)
    _note(session, held, target, local=local)
    audit.record(
        session, "tag", target.kind.capitalize(), target.item_id, tag.name, {"local": local}
    )


def detach(session: Session, target: Target, tag: ListedTag) -> bool:
    """Takes a tag off; whether it was a local one. Raises Forbidden, NotAttached."""
    local = carried(session, target).get(tag.name)
    held = _right(session, target, local=bool(local))
    if local is None:
        raise NotAttached(f"{target} does not carry {tag.name}")
    if target.kind == "event":
        session.execute(
            "DELETE FROM event_tag WHERE event_id = %s AND tag_id = %s", (target.item_id, tag.id)
        )
    else:
        session.execute(
            "DELETE FROM attribute_tag WHERE attribute_id = %s AND tag_id = %s",
            (target.item_id, tag.id),
        )
    _note(session, held, target, local=local)
    audit.record(session, "remove_tag", target.kind.capitalize(), target.item_id, tag.name)
    return local


_LINKS: dict[Kind, LiteralString] = {
    "event": "SELECT event_id, event_id, local FROM event_tag WHERE id = %s",
    "attribute": "SELECT event_id, attribute_id, local FROM attribute_tag WHERE id = %s",
}
_RELATE: dict[Kind, LiteralString] = {
    "event": "UPDATE event_tag SET relationship_type = %s WHERE id = %s",
    "attribute": "UPDATE attribute_tag SET relationship_type = %s WHERE id = %s",
}


def relate(session: Session, kind: Kind, link_id: int, relationship: str | None) -> None:
    """Changes how an attached tag relates to its item. Raises NotFound, Forbidden."""
    row = session.one(_LINKS[kind], (link_id,))
    if row is None:
        raise NotFound(f"no tag {link_id} on an {kind}")
    target, local = Target(kind, row[0], row[1]), bool(row[2])
    held = _right(session, target, local=False)
    session.execute(_RELATE[kind], (relationship, link_id))
    _note(session, held, target, local=local)
    audit.record(
        session, "edit", kind.capitalize(), target.item_id, "", {"relationship": relationship}
    )


def _right(session: Session, target: Target, *, local: bool) -> Claim | None:
    """The claim that a change of tags needs; none for a local tag by the host's taggers."""
    principal = session.principal
    if not principal.may("tagger"):
        raise Forbidden(f"user {principal.user_id} may not tag")
    if local and principal.is_host:
        return None
    return claim(session, target.event_id)


def _insert(
    session: Session, target: Target, tag_id: int, *, local: bool, relationship: str | None
) -> None:
    if target.kind == "event":
        session.execute(
            "INSERT INTO event_tag (event_id, tag_id, local, relationship_type, audience)"
            " SELECT id, %s, %s, %s, audience FROM event WHERE id = %s ON CONFLICT DO NOTHING",
            (tag_id, local, relationship, target.item_id),
        )
    else:
        session.execute(
            "INSERT INTO attribute_tag (event_id, attribute_id, tag_id, local,"
            " relationship_type, audience)"
            " SELECT event_id, id, %s, %s, %s, audience FROM attribute WHERE id = %s"
            " ON CONFLICT DO NOTHING",
            (tag_id, local, relationship, target.item_id),
        )


def _note(session: Session, held: Claim | None, target: Target, *, local: bool) -> None:
    """A global tag on the event makes it a draft again; one on an attribute renews times only."""
    if local or held is None:
        return
    if target.kind == "attribute":
        session.execute(
            "UPDATE attribute SET timestamp = %s WHERE id = %s AND event_id = %s",
            (int(time.time()), target.item_id, held.event_id),
        )
    touch(session, held, unpublish=target.kind == "event")
