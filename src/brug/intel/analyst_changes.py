# SPDX-License-Identifier: EUPL-1.2
"""Adding, changing, taking back notes, opinions and relationships; taking in what others send.

What one is about need not be here yet: a partner may send an opinion before the note it is
about. It is then its own organisation's alone until that arrives (35_analyst.sql).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal, LiteralString
from uuid import uuid4

from brug.directory.capturing import capture
from brug.formats.misp import analyst as form
from brug.formats.misp.analyst_inside import Hanging
from brug.intel import analyst, blocklists
from brug.intel.levels import GroupRefused, group_id
from brug.model.analyst import KIND_NAMES, AnalystData, Kind, NewAnalystData
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, Invalid
from brug.model.event import SHARING_GROUP, Refusal
from brug.store import audit, settings
from brug.store.session import Session

NOT_UNIQUE = "The UUID provided is not unique"
_SEQUENCES: tuple[LiteralString, ...] = (
    "SELECT nextval('analyst_note_id')", "SELECT nextval('analyst_opinion_id')",
    "SELECT nextval('analyst_relationship_id')",
)  # fmt: skip
Taken = Literal["imported", "ignored"]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _level(
    session: Session, new: NewAnalystData, stored: AnalystData | None = None
) -> tuple[int, int | None]:
    """Level and group to store. Raises GroupRefused."""
    level = new.distribution
    if level is None and stored is not None:
        return stored.distribution, stored.sharing_group_id
    if level is None:
        level = int(settings.get(session, "events.default_distribution"))
    if level != SHARING_GROUP:
        return level, None
    kept = stored.sharing_group_id if stored is not None else None
    if kept is not None and (new.group is None or new.group.id == kept):
        return level, kept
    return level, group_id(session, new.group)


def add(session: Session, new: NewAnalystData) -> AnalystData:
    """Stores a new one. Raises Refused where its UUID is taken, GroupRefused, Forbidden."""
    _require(session)
    stored = _insert(session, new)
    if stored is None:
        raise Refused({"uuid": [NOT_UNIQUE]})
    return stored


def _require(session: Session) -> None:
    principal = session.principal
    if not (principal.may("analyst_data") or principal.is_site_admin):
        raise Forbidden(f"user {principal.user_id} may not add analyst data")


def _brings(session: Session) -> bool:
    """Whether what this principal sends keeps who said it."""
    return session.principal.may("sync") or session.principal.is_site_admin


def _insert(session: Session, new: NewAnalystData) -> AnalystData | None:
    principal, foreign = session.principal, _brings(session)
    orgc = capture(session, new.orgc) if foreign and new.orgc else principal.org_id
    level, group = _level(session, new)
    created = new.created or new.modified or _now()
    number = int(session.value(_SEQUENCES[new.kind]))
    note = new.kind == Kind.Note
    done = session.execute(
        "INSERT INTO analyst_data (kind, id, uuid, object_type, object_uuid, org_id, orgc_id,"
        " user_id, authors, created, modified, distribution, sharing_group_id, locked, note,"
        " language, opinion, comment, relationship_type, related_object_uuid, related_object_type)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " %s) ON CONFLICT (uuid, org_id) DO NOTHING",
        (
            new.kind,
            number,
            new.uuid or str(uuid4()),
            new.object_type,
            new.object_uuid,
            principal.org_id,
            orgc,
            principal.user_id,
            principal.email if new.authors is None else new.authors,
            created,
            new.modified or created,
            level,
            group,
            foreign and new.locked,
            new.note,
            (new.language or "en") if note else None,
            new.opinion,
            (new.comment or "") if new.kind == Kind.Opinion else None,
            (new.relationship_type or "") if new.kind == Kind.Relationship else None,
            new.related_object_uuid,
            new.related_object_type,
        ),
    )
    if not done.rowcount:
        return None
    # Not what it says: whoever wrote it may come to see no more what it is about.
    title = f"{new.object_type} {new.object_uuid}"
    audit.record(session, "add", KIND_NAMES[new.kind], number, title)
    return analyst.find(session, new.kind, number)


def edit(session: Session, stored: AnalystData, new: NewAnalystData) -> AnalystData:
    """Stores what an edit names, of now. Raises Forbidden, GroupRefused."""
    if not analyst.may_change(session, stored):
        raise Forbidden(f"user {session.principal.user_id} may not change {stored.uuid}")
    _update(session, stored, new, _now())
    return analyst.find(session, stored.kind, stored.id)


def _update(session: Session, stored: AnalystData, new: NewAnalystData, at: datetime) -> bool:
    level, group = _level(session, new, stored)
    done = session.execute(
        "UPDATE analyst_data SET authors = coalesce(%s, authors), modified = %s,"
        " distribution = %s, sharing_group_id = %s, note = coalesce(%s, note),"
        " language = coalesce(%s, language), opinion = coalesce(%s, opinion),"
        " comment = coalesce(%s, comment), relationship_type = coalesce(%s, relationship_type),"
        " related_object_uuid = coalesce(%s, related_object_uuid),"
        " related_object_type = coalesce(%s, related_object_type) WHERE kind = %s AND id = %s",
        (
            new.authors,
            at,
            level,
            group,
            *_content(new),
            stored.kind,
            stored.id,
        ),
    )
    if done.rowcount:
        change = {"fields": sorted(new.raw)[:50]}
        audit.record(session, "edit", stored.name, stored.id, change=change)
    return bool(done.rowcount)


def _content(new: NewAnalystData) -> tuple[Any, ...]:
    """The fields that its kind has."""
    note, opinion, relation = (new.kind == kind for kind in Kind)
    return (
        new.note if note else None,
        new.language if note else None,
        new.opinion if opinion else None,
        new.comment if opinion else None,
        new.relationship_type if relation else None,
        new.related_object_uuid if relation else None,
        new.related_object_type if relation else None,
    )


def delete(session: Session, stored: AnalystData) -> None:
    """Takes one back; it is kept out from now on. Raises Forbidden."""
    if not analyst.may_change(session, stored):
        raise Forbidden(f"user {session.principal.user_id} may not delete {stored.uuid}")
    session.execute(
        "DELETE FROM analyst_data WHERE kind = %s AND id = %s", (stored.kind, stored.id)
    )
    audit.record(session, "delete", stored.name, stored.id)


# What others send -------------------------------------------------------------------------


def is_wanted(session: Session, uuid: str, modified: datetime | None) -> bool:
    """Whether one that a partner has is new here, or newer than the copy that it sent."""
    if blocklists.is_blocked(session, "analyst_data", uuid):
        return False
    stored = _held(session, uuid)
    if stored is None:
        return True
    return stored.locked and modified is not None and modified > stored.modified


def _held(session: Session, uuid: str) -> AnalystData | None:
    """The own organisation's copy."""
    row = session.one(
        analyst.SELECT + " WHERE d.uuid = %s AND d.org_id = %s", (uuid, session.principal.org_id)
    )
    return AnalystData(*row) if row is not None else None


def take(session: Session, new: NewAnalystData) -> Taken:
    """Stores one that comes along with something: new, or newer than what is stored.

    Raises GroupRefused, Forbidden.
    """
    _require(session)
    if new.uuid and blocklists.is_blocked(session, "analyst_data", new.uuid):
        return "ignored"
    stored = _held(session, new.uuid) if new.uuid else None
    if stored is None:
        return "imported" if _insert(session, new) is not None else "ignored"
    if new.kind != stored.kind or not _is_newer(new, stored):
        return "ignored"
    changeable = analyst.may_change(session, stored) or (_brings(session) and stored.locked)
    if changeable and _update(session, stored, new, new.modified or _now()):
        return "imported"
    return "ignored"


def _is_newer(new: NewAnalystData, stored: AnalystData) -> bool:
    if new.modified is not None:
        return new.modified > stored.modified
    kept = (
        stored.note, stored.language, stored.opinion, stored.comment, stored.relationship_type,
        stored.related_object_uuid, stored.related_object_type,
    )  # fmt: skip
    return any(
        sent is not None and sent != known for sent, known in zip(_content(new), kept, strict=True)
    )


def take_inside(session: Session, items: Iterable[Hanging]) -> list[Refusal]:
    """Stores what hung in an event's document; what was refused, with its place there."""
    refused: list[Refusal] = []
    principal = session.principal
    may = principal.may("analyst_data") or principal.is_site_admin
    for place, kind, about, raw in items if may else ():
        try:
            take(session, form.read(kind, raw, about))
        except Refused as error:
            refused.append(Refusal(place, error.errors, raw))
        except (Invalid, GroupRefused) as error:
            refused.append(Refusal(place, {error.field: [error.public]}, raw))
    return refused
