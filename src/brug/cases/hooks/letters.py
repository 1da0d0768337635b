# SPDX-License-Identifier: EUPL-1.2
"""What goes out to an address, and whether it may: asked when it goes, of what there is then."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from brug.cases.hooks import keeping
from brug.cases.kinds import KINDS
from brug.directory import routes
from brug.directory.routes import Route
from brug.edge.outgoing import Limits
from brug.model.errors import Unauthenticated
from brug.model.languages import DEFAULT
from brug.store import settings
from brug.store.session import Database, Session

SECONDS = 10.0  # for an answer
_ANSWER_BYTES = 64 * 1024


class Due(msgspec.Struct, frozen=True):
    """The oldest message that waits for an address."""

    id: int
    hook_id: int
    user_id: int | None
    org_id: int
    case_id: int | None
    entry: str | None
    event: str
    message: str
    details: dict[str, Any]
    tries: int
    made: datetime


class Letter(msgspec.Struct, frozen=True):
    """Ready to go. `number` is the case's."""

    url: str
    secret: str
    body: bytes
    number: str
    route: Route
    limits: Limits


def letter_of(database: Database, one: Due) -> Letter | None:
    """None where the receiver has no part in it, or not any more."""
    about = _about(database, one)
    if about is None:
        return None
    number, uuid, kind, language = about
    with database.system() as session:
        url, secret = keeping.secrets_of(session, one.hook_id)
        node = str(settings.get(session, "node.url")).rstrip("/")
        networks = tuple(settings.get(session, "outgoing.private_networks"))
        route = routes.of_node(session, url)
    data: dict[str, Any] = {"node": node}
    if number:
        data |= {
            "case": number, "uuid": uuid, "kind": kind if kind in KINDS else "",
            "link": f"{node}/cases/{number}",
        }  # fmt: skip
    if one.entry:
        data["entry"] = one.entry
    data |= {name: _said(value, language) for name, value in one.details.items()}
    at = one.made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = msgspec.json.encode({"type": f"case.{one.event}", "timestamp": at, "data": data})
    limits = Limits(seconds=SECONDS, body_bytes=_ANSWER_BYTES, networks=networks)
    return Letter(url, secret, body, number, route, limits)


class _About(NamedTuple):
    """The case, and in which language its receiver reads."""

    number: str
    uuid: str
    kind: str
    language: str


def _said(value: Any, language: str) -> Any:
    """What is said in several languages is told in one."""
    return value.get(language, value[DEFAULT]) if isinstance(value, dict) else value


def _about(database: Database, one: Due) -> _About | None:
    """If the receiver sees the case and the entry now."""
    if one.case_id is None:
        return _About("", "", "", DEFAULT)
    if one.user_id is None:
        with database.system() as session:
            return _seen_by_org(session, one)
    try:
        with database.as_user(one.user_id) as session:
            if session.principal.is_closed:
                return None
            return _seen(session, one)
    except Unauthenticated:
        return None


def _seen(session: Session, one: Due) -> _About | None:
    """In the receiver's session."""
    row = session.one(
        "SELECT number, uuid::text, kind FROM case_file WHERE id = %s AND (%s::uuid IS NULL"
        " OR EXISTS (SELECT 1 FROM case_entry WHERE uuid = %s::uuid))",
        (one.case_id, one.entry, one.entry),
    )
    return None if row is None else _About(row[0], row[1], row[2], session.principal.language)


def _seen_by_org(session: Session, one: Due) -> _About | None:
    """By the audiences that decide for its people, too."""
    row = session.one(
        "SELECT number, uuid::text, kind FROM case_file WHERE id = %s"
        " AND organisation_reads_case(%s, id, %s::uuid)",
        (one.case_id, one.org_id, one.entry),
    )
    return None if row is None else _About(row[0], row[1], row[2], DEFAULT)
