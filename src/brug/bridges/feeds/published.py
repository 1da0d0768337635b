# SPDX-License-Identifier: EUPL-1.2
"""Records of published feeds: a stored search, its form, and who may fetch it.

A feed for a partner belongs to a bridge: it holds what the bridge's account sees and its
agreement lets through, and is fetched with a token that is told once. A feed for anyone has
no token, or one that keeps strangers out all the same.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges import partners
from brug.bridges.feeds import holding
from brug.directory import fields
from brug.directory.refusals import Refused
from brug.intel.search import filters
from brug.intel.search.filters import Filters
from brug.model.errors import Invalid, NotFound
from brug.store import audit
from brug.store.session import Session, hash_of_key

FORMATS = ("misp", "csv", "values", "rpz")
# A name is a part of an address, beside the actions of MISP's interface: none has a hyphen.
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_TOKEN_BYTES = 32


class Published(msgspec.Struct, frozen=True):
    """One record; whom it is for is its bridge's partner, or anyone."""

    id: int
    name: str
    format: str
    filters: dict[str, Any]
    account_id: int | None
    bridge_id: int | None
    has_token: bool
    token_start: str
    enabled: bool
    made: datetime
    version: str
    built: datetime | None
    changed: datetime | None
    asked: datetime | None
    events: int
    attributes: int
    left_out: dict[str, int]
    held: int  # events for this reader, in any feed of theirs, that wait for a person here
    problem: str
    partner: str
    audience: str  # the organisation that it is for

    @property
    def for_anyone(self) -> bool:
        return self.bridge_id is None


_SELECT: LiteralString = (
    "SELECT f.id, f.name, f.format, f.filters, f.account_id, f.bridge_id,"
    " f.token_hash IS NOT NULL, f.token_start, f.enabled, f.made, f.version, f.built, f.changed,"
    " f.asked, f.events, f.attributes, f.left_out,"
    " (SELECT count(*) FROM crossing c WHERE c.bridge_id = f.bridge_id AND c.state = 'held'),"
    " f.problem, coalesce(p.name, ''),"
    " coalesce(o.name, '') FROM published_feed f LEFT JOIN bridge b ON b.id = f.bridge_id"
    " LEFT JOIN partner p ON p.id = b.partner_id LEFT JOIN organisation o ON o.id = p.org_id "
)


def listed(session: Session) -> list[Published]:
    """All that the session sees, by name."""
    return [Published(*row) for row in session.all(_SELECT + "ORDER BY f.name")]


def view(session: Session, reference: int | str) -> Published:
    """By id or name. Raises NotFound."""
    wanted = str(reference).strip()
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else None
    row = session.one(_SELECT + "WHERE f.id = %s OR f.name = %s", (number, wanted[:100]))
    if row is None:
        raise NotFound(f"no published feed {wanted[:60]!r}")
    return Published(*row)


def at_address(session: Session, segment: str, token: str) -> Published | None:
    """The feed that a segment of an address names: a token, or a name with its token."""
    if not segment.isascii() or len(segment) > 200 or "\0" in segment + token:
        return None
    row = session.one(
        _SELECT + "WHERE f.enabled AND (f.token_hash = %(segment)s OR (f.name = %(name)s"
        " AND (f.token_hash IS NULL OR f.token_hash = %(token)s)))",
        {
            "segment": hash_of_key(segment), "name": segment,
            "token": hash_of_key(token.removeprefix("Bearer ").strip()),
        },
    )  # fmt: skip
    return None if row is None else Published(*row)


def search_of(feed_format: str, given: Mapping[str, Any]) -> tuple[Filters, Filters]:
    """The events of a feed, and the attributes in them. Raises Invalid, naming the parameter."""
    of_events = filters.read("events", given)
    of_attributes = filters.read("attributes", given)
    unknown = (
        of_events.ignored
        if feed_format == "misp"
        else set(of_events.ignored) & set(of_attributes.ignored)
    )
    if unknown:
        name = min(unknown)
        raise Invalid("filters", "parameters of a search", name)
    if of_events.deleted is not None:
        raise Invalid("filters", "no deleted items in a feed", "deleted")
    return of_events, of_attributes


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if "name" in given:
        name = str(given["name"]).strip()
        if not _NAME.fullmatch(name) or len(name) > 60:
            expected = "small letters and digits with a hyphen between, such as public-indicators"
            raise Refused("name", "name", expected, name)
        row["name"] = name
    if "format" in given:
        if given["format"] not in FORMATS:
            raise Refused("format", "choice", "one of " + ", ".join(FORMATS), str(given["format"]))
        row["format"] = given["format"]
    if "enabled" in given:
        row["enabled"] = fields.flag("enabled", given["enabled"])
    return row


def add(session: Session, given: Mapping[str, Any]) -> tuple[Published, str]:
    """Publishes a feed, and its token if it has one, which is told once.

    `bridge_id` names for whom; without one it is for anyone, with a token if `token` asks for
    it. Raises Refused by field, NotFound, Forbidden.
    """
    partners.require_admin(session)
    row = _checked({"format": "misp", "name": "", **given})
    search = dict(given.get("filters") or {})
    search_of(row["format"], search)
    bridge_id = given.get("bridge_id")
    if bridge_id is None:
        row["account_id"] = session.principal.user_id
    else:
        bridge = partners.view(session, bridge_id)
        row["account_id"], row["bridge_id"] = bridge.account_id, bridge.id
    if session.one("SELECT 1 FROM published_feed WHERE name = %s", (row["name"],)):
        raise Refused("name", "taken", "a name that no other feed has", row["name"])
    token = (
        secrets.token_urlsafe(_TOKEN_BYTES) if bridge_id is not None or given.get("token") else ""
    )
    if token:
        row |= {"token_hash": hash_of_key(token), "token_start": token[:4]}
    added = fields.insert(session, "published_feed", row | {"filters": Jsonb(search)})
    told = {"format": row["format"], "bridge": bridge_id, "filters": search}
    audit.record(session, "add", "PublishedFeed", added, row["name"], told)
    return view(session, added), token


def edit(session: Session, reference: int | str, given: Mapping[str, Any]) -> Published:
    """Changes name, format, filters or whether it is on. Raises Refused, NotFound, Forbidden."""
    partners.require_admin(session)
    found = view(session, reference)
    row = _checked(given)
    search = dict(given["filters"] or {}) if "filters" in given else found.filters
    search_of(row.get("format", found.format), search)
    taken = session.value("SELECT id FROM published_feed WHERE name = %s", (row.get("name"),))
    if taken not in {None, found.id}:
        raise Refused("name", "taken", "a name that no other feed has", row["name"])
    fields.update(
        session, "published_feed", found.id, row | {"filters": Jsonb(search), "built": None}
    )
    _end_waiting(session, found)
    audit.record(session, "edit", "PublishedFeed", found.id, found.name,
                 {"fields": sorted(given), "filters": search})  # fmt: skip
    return view(session, found.id)


def _end_waiting(session: Session, feed: Published) -> None:
    """A feed that is off or gone keeps nothing waiting for a person."""
    if feed.bridge_id is not None:
        with session.as_system():
            holding.end(session, feed.bridge_id)


def new_token(session: Session, reference: int | str) -> tuple[Published, str]:
    """Another token; the one before it opens nothing any more."""
    partners.require_admin(session)
    found = view(session, reference)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = {"token_hash": hash_of_key(token), "token_start": token[:4]}
    fields.update(session, "published_feed", found.id, row)
    audit.record(session, "edit", "PublishedFeed", found.id, found.name, {"fields": ["token"]})
    return view(session, found.id), token


def delete(session: Session, reference: int | str) -> Published:
    """Takes a feed away; what was fetched of it stays where it is."""
    partners.require_admin(session)
    found = view(session, reference)
    session.execute("DELETE FROM published_feed WHERE id = %s", (found.id,))
    _end_waiting(session, found)
    audit.record(session, "delete", "PublishedFeed", found.id, found.name)
    return found
