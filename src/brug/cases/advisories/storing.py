# SPDX-License-Identifier: EUPL-1.2
"""Own advisories as they are stored: a sealed draft, and beside it what was released of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from brug.cases import files
from brug.formats.csaf import names
from brug.formats.csaf.reading import read
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.csaf.writing import to_bytes
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.store import settings
from brug.store.session import Session

_PURPOSE = "advisory "


class Own(msgspec.Struct, frozen=True):
    """An advisory: of which case, whether a draft waits, and what was released last."""

    id: int
    tracking_id: str
    case_id: int
    case: str
    has_draft: bool
    changed: datetime
    version: str | None = None
    status: str | None = None
    label: str | None = None
    released: datetime | None = None
    title: str | None = None
    path: str | None = None


class Past(msgspec.Struct, frozen=True):
    """One release of an advisory."""

    version: str
    status: str
    label: str
    path: str
    summary: str
    released: datetime
    sha256: str
    is_current: bool


class NameTaken(Conflict):
    """Another advisory has this id, or one that makes the same file name."""

    code = "advisory_name_taken"

    def __init__(self, tracking_id: str, file_name: str) -> None:
        self.public = f"/document/tracking/id: another advisory has {tracking_id} or {file_name}"
        super().__init__(self.public)


_SELECT = (
    "SELECT a.id, a.tracking_id, a.case_id, f.number, a.draft IS NOT NULL, a.changed, r.version,"
    " r.status, r.label, r.released, r.title, r.path FROM advisory a"
    " JOIN case_file f ON f.id = a.case_id"
    " LEFT JOIN advisory_release r ON r.advisory_id = a.id AND r.is_current"
)


def require_author(session: Session) -> None:
    """Raises Forbidden unless the principal is of the host and may work on cases."""
    me = session.principal
    if me.read_only or not me.may("case") or not me.is_host:
        raise Forbidden(f"{me.email} may not write advisories of the host")


def listed(session: Session, case_id: int | None = None) -> list[Own]:
    """Those that the session may edit, the last changed first."""
    rows = session.all(
        _SELECT + " WHERE %(case)s::int IS NULL OR a.case_id = %(case)s"
        " ORDER BY a.changed DESC, a.id DESC",
        {"case": case_id},
    )
    return [_own(row) for row in rows]


def of_case(session: Session, case_id: int, number: int) -> Own:
    """One of a case, by its number here. Raises NotFound."""
    row = session.one(_SELECT + " WHERE a.case_id = %s AND a.id = %s", (case_id, number))
    if row is None:
        raise NotFound(f"no own advisory {number} of case {case_id}")
    return _own(row)


def past(session: Session, own: Own) -> list[Past]:
    """What was released of it, the newest first."""
    rows = session.all(
        "SELECT version, status, label, path, summary, released, sha256, is_current"
        " FROM advisory_release WHERE advisory_id = %s ORDER BY number DESC",
        (own.id,),
    )
    return [Past(*row) for row in rows]


def released(session: Session, own: Own, version: str) -> bytes:
    """The very bytes of a release. Raises NotFound."""
    raw = session.value(
        "SELECT raw FROM advisory_release WHERE advisory_id = %s AND version = %s",
        (own.id, version.replace("\0", "")),
    )
    if raw is None:
        raise NotFound(f"no release {version[:40]} of {own.tracking_id}")
    return bytes(raw)


def find(session: Session, tracking_id: str) -> Own:
    """Raises NotFound."""
    if "\0" in tracking_id:
        raise NotFound("no advisory has such an id")
    row = session.one(_SELECT + " WHERE a.tracking_id = %s", (tracking_id,))
    if row is None:
        raise NotFound(f"no own advisory {tracking_id[:60]}")
    return _own(row)


def _own(row: Sequence[Any]) -> Own:
    return Own(*row)


def lock(session: Session, own: Own) -> Own:
    """The same, while nobody else changes it."""
    session.execute("SELECT 1 FROM advisory WHERE id = %s FOR UPDATE", (own.id,))
    return find(session, own.tracking_id)


def next_id(session: Session) -> str:
    """As in ADV-2026-0001: one sequence for each year, whatever it begins with."""
    prefix = str(settings.get(session, "advisories.prefix"))
    with session.as_system():
        return str(session.value("SELECT next_case_number('advisory', %s)", (prefix,)))


def add(session: Session, case: files.File, advisory: Advisory) -> Own:
    """A new one, with its draft. Raises NameTaken."""
    tracking_id = advisory.document.tracking.id
    file_name = names.file_name(tracking_id)
    made = session.value(
        "INSERT INTO advisory (tracking_id, file_name, case_id, draft) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (tracking_id, file_name, case.id, _sealed(session, advisory)),
    )
    if made is None:
        raise NameTaken(tracking_id, file_name)
    return find(session, tracking_id)


def keep(session: Session, own: Own, advisory: Advisory | None) -> None:
    """The draft as it is now; None where all of it is released."""
    sealed = None if advisory is None else _sealed(session, advisory)
    session.execute(
        "UPDATE advisory SET draft = %s, changed = now() WHERE id = %s", (sealed, own.id)
    )


def newest(session: Session, own: Own) -> Advisory:
    """The draft, or else what was released last: what the next change begins from."""
    row = session.one(
        "SELECT a.draft, r.raw FROM advisory a LEFT JOIN advisory_release r"
        " ON r.advisory_id = a.id AND r.is_current WHERE a.id = %s",
        (own.id,),
    )
    if row is None:
        raise NotFound(f"no own advisory {own.tracking_id}")
    draft, raw = row
    if draft is not None:
        raw = session.seal.open_bytes(draft, _PURPOSE + own.tracking_id)
    return read(bytes(raw)).advisory


def _sealed(session: Session, advisory: Advisory) -> bytes:
    purpose = _PURPOSE + advisory.document.tracking.id
    return session.seal.close_bytes(to_bytes(advisory), purpose)
