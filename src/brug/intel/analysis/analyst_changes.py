# SPDX-License-Identifier: EUPL-1.2
"""Adding, changing, taking back notes, opinions and relationships.

What one is about need not be here yet: a partner may send an opinion before the note it is
about. It is then its own organisation's alone until that arrives (35_analyst.sql). Taking in
what others send is `analyst_taking`.
"""

from datetime import UTC, datetime
from typing import Any, Literal, LiteralString
from uuid import uuid4

from brug.directory.capturing import capture
from brug.intel.analysis import analyst
from brug.intel.levels import group_id
from brug.model.analyst import KIND_NAMES, AnalystData, Kind, NewAnalystData
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden
from brug.model.event import SHARING_GROUP
from brug.store import audit, settings
from brug.store.session import Session

NOT_UNIQUE = "The UUID provided is not unique"
_SEQUENCES: tuple[LiteralString, ...] = (
    "SELECT nextval('analyst_note_id')", "SELECT nextval('analyst_opinion_id')",
    "SELECT nextval('analyst_relationship_id')",
)  # fmt: skip
Taken = Literal["imported", "ignored"]


def now() -> datetime:
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
    require_right(session)
    stored = insert(session, new)
    if stored is None:
        raise Refused({"uuid": [NOT_UNIQUE]})
    return stored


def require_right(session: Session) -> None:
    """Raises Forbidden."""
    principal = session.principal
    if not (principal.may("analyst_data") or principal.is_site_admin):
        raise Forbidden(f"user {principal.user_id} may not add analyst data")


def brings(session: Session) -> bool:
    """Whether what this principal sends keeps who said it."""
    return session.principal.may("sync") or session.principal.is_site_admin


def insert(session: Session, new: NewAnalystData) -> AnalystData | None:
    """Stores a new one; None where its UUID is taken. Raises GroupRefused."""
    principal, foreign = session.principal, brings(session)
    orgc = capture(session, new.orgc) if foreign and new.orgc else principal.org_id
    level, group = _level(session, new)
    created = new.created or new.modified or now()
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
    update(session, stored, new, now())
    return analyst.find(session, stored.kind, stored.id)


def update(session: Session, stored: AnalystData, new: NewAnalystData, at: datetime) -> bool:
    """Stores what is said anew, as of `at`; whether the session could. Raises GroupRefused."""
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
            *content(new),
            stored.kind,
            stored.id,
        ),
    )
    if done.rowcount:
        change = {"fields": sorted(new.raw)[:50]}
        audit.record(session, "edit", stored.name, stored.id, change=change)
    return bool(done.rowcount)


def content(new: NewAnalystData) -> tuple[Any, ...]:
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
