# SPDX-License-Identifier: EUPL-1.2
"""Bookmarks: links that a user keeps, or shows to everyone of the organisation."""

from typing import Any, LiteralString
from urllib.parse import urlsplit

import msgspec

from brug.directory.refusals import Refused
from brug.model.errors import Forbidden, NotFound
from brug.store import audit
from brug.store.session import Session

LONGEST = 2048


class Bookmark(msgspec.Struct, frozen=True):
    id: int
    user_id: int
    org_id: int
    name: str
    url: str
    comment: str
    exposed_to_org: bool


_SELECT: LiteralString = (
    "SELECT id, user_id, org_id, name, url, comment, exposed_to_org FROM bookmark"
)


def listed(session: Session) -> list[Bookmark]:
    """One's own, and what others of the organisation show; of site admins no more either."""
    mine = session.principal
    rows = session.all(
        _SELECT + " WHERE user_id = %s OR (org_id = %s AND exposed_to_org) ORDER BY id",
        (mine.user_id, mine.org_id),
    )
    return [Bookmark(*row) for row in rows]


def find(session: Session, key: str) -> Bookmark:
    """By number, of those that are listed. Raises NotFound."""
    found = [one for one in listed(session) if str(one.id) == key.strip()]
    if not found:
        raise NotFound(f"bookmark {key[:20]!r} is absent or hidden")
    return found[0]


def _own(session: Session, key: str) -> Bookmark:
    found = find(session, key)
    if found.user_id != session.principal.user_id:
        raise Forbidden(f"bookmark {found.id} is of user {found.user_id}")
    return found


def _text(raw: dict[str, Any], name: str, default: str) -> str:
    value = raw.get(name, default)
    if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
        raise Refused(name, "type", f"a text of at most {LONGEST} characters")
    return value


def _address(url: str) -> str:
    """Only what a browser opens as a page; never a script. Raises Refused."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine or any(ord(letter) <= 32 for letter in url):
        raise Refused("url", "url", "an address that begins with http:// or https://")
    return url


def _read(raw: dict[str, Any], before: Bookmark | None) -> tuple[str, str, str, bool]:
    name = _text(raw, "name", before.name if before else "")
    if not name.strip():
        raise Refused("name", "empty", "something written")
    url = _address(_text(raw, "url", before.url if before else ""))
    shown = raw.get("exposed_to_org", before.exposed_to_org if before else False)
    comment = _text(raw, "comment", before.comment if before else "")
    return name, url, comment, str(shown).lower() in {"1", "true"}


def add(session: Session, raw: dict[str, Any]) -> Bookmark:
    """A new one of one's own. Raises Refused."""
    fields = _read(raw, None)
    number = session.value(
        "INSERT INTO bookmark (user_id, org_id, name, url, comment, exposed_to_org)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        (session.principal.user_id, session.principal.org_id, *fields),
    )
    audit.record(session, "add", "Bookmark", int(number), fields[0])
    return find(session, str(number))


def edit(session: Session, key: str, raw: dict[str, Any]) -> Bookmark:
    """Changes one of one's own. Raises NotFound, Forbidden, Refused."""
    found = _own(session, key)
    session.execute(
        "UPDATE bookmark SET name = %s, url = %s, comment = %s, exposed_to_org = %s WHERE id = %s",
        (*_read(raw, found), found.id),
    )
    audit.record(session, "edit", "Bookmark", found.id, found.name)
    return find(session, str(found.id))


def delete(session: Session, key: str) -> Bookmark:
    """Removes one of one's own. Raises NotFound, Forbidden."""
    found = _own(session, key)
    session.execute("DELETE FROM bookmark WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Bookmark", found.id, found.name)
    return found
