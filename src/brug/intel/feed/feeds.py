# SPDX-License-Identifier: EUPL-1.2
"""Records of feeds: where published indicators lie, and what becomes of them when fetched.

Site admins keep them; others see those that are open for look-ups, without the headers
that are sent along (they may hold a key of the provider's, so they are sealed). Who sets a
feed up is who brings what it holds. Fetching and caching is `brug.bridges.feeds`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, LiteralString

import msgspec

from brug.directory import fields
from brug.directory.refusals import Refused
from brug.intel.feed import feed_jobs
from brug.intel.feed.default_feeds import DEFAULTS
from brug.intel.feed.feed_fields import CHECKS, NO_RULES, source_fits
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.model.naming import number_in
from brug.store import audit, settings
from brug.store.session import Session


class Feed(msgspec.Struct, frozen=True):
    """One record; `sealed_headers` is opened for site admins alone."""

    id: int
    name: str
    provider: str
    url: str
    rules: str | None
    enabled: bool
    distribution: int
    sharing_group_id: int
    tag_id: int
    is_default: bool
    source_format: str
    fixed_event: bool
    delta_merge: bool
    event_id: int
    publish: bool
    override_ids: bool
    settings: str
    input_source: str
    delete_local_file: bool
    lookup_visible: bool
    sealed_headers: bytes | None
    caching_enabled: bool
    force_to_ids: bool
    orgc_id: int
    tag_collection_id: int
    every_minutes: int
    retention_days: int
    account_id: int | None


_SELECT: LiteralString = (
    "SELECT id, name, provider, url, rules, enabled, distribution, sharing_group_id, tag_id,"
    " is_default, source_format, fixed_event, delta_merge, event_id, publish, override_ids,"
    " settings, input_source, delete_local_file, lookup_visible, sealed_headers,"
    " caching_enabled, force_to_ids, orgc_id, tag_collection_id, every_minutes,"
    " retention_days, account_id FROM feed "
)


def listed(session: Session) -> list[Feed]:
    """All that the session sees."""
    return [Feed(*row) for row in session.all(_SELECT + "ORDER BY id")]


def view(session: Session, reference: int | str) -> Feed:
    """By id; raises NotFound."""
    wanted = str(reference).strip()
    row = session.one(_SELECT + "WHERE id = %s", (number_in(wanted),))
    if row is None:
        raise NotFound(f"no feed {wanted[:40]!r}")
    return Feed(*row)


def named(session: Session, reference: str) -> Feed:
    """By id, or by a name that one feed alone has. Raises NotFound, Conflict."""
    wanted = reference.strip()
    if number_in(wanted) is not None:
        return view(session, wanted)
    rows = session.all(_SELECT + "WHERE lower(name) = lower(%s)", (wanted.replace("\0", ""),))
    if len(rows) > 1:
        numbers = ", ".join(str(row[0]) for row in rows)
        raise Conflict(f"several feeds are called {wanted[:60]!r}: name one by its id ({numbers})")
    if not rows:
        raise NotFound(f"no feed {wanted[:60]!r}")
    return Feed(*rows[0])


def _purpose(feed_id: int) -> str:
    return f"feed {feed_id}"


def headers_of(session: Session, feed: Feed) -> str | None:
    """What is sent along, for whoever fetches; nothing for those who may not know."""
    if feed.sealed_headers is None or not session.principal.is_site_admin:
        return None
    return headers_to_send(session, feed)


def headers_to_send(session: Session, feed: Feed) -> str:
    """The same for the one request that they are for, whoever caused it."""
    if feed.sealed_headers is None:
        return ""
    return session.seal.open(bytes(feed.sealed_headers), _purpose(feed.id))


def _require_site_admin(session: Session) -> None:
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change feeds")


def add(session: Session, given: Mapping[str, Any]) -> Feed:
    """Raises Refused by field; name, provider and url are needed."""
    _require_site_admin(session)
    # What is wrong with a file of the node is not its address.
    fields.checked({"input_source": CHECKS["input_source"]}, given)
    row = fields.checked(CHECKS, given)
    for needed in ("name", "provider", "url"):
        if not row.get(needed):
            raise Refused(needed, "empty", f"a {needed}")
    source_fits(row["url"], row.get("input_source", "network"), _folders(session))
    headers = row.pop("headers", None)
    added = fields.insert(session, "feed", row | _setter(session))
    _seal(session, added, headers)
    feed_jobs.reschedule(session, added)
    audit.record(session, "add", "Feed", added, row["name"], {"url": row["url"]})
    return view(session, added)


def _folders(session: Session) -> list[str]:
    return list(settings.get(session, "feeds.local_folders"))


def _setter(session: Session) -> dict[str, int]:
    """Whose account a feed works with from now on; the system has none."""
    return {"account_id": session.principal.user_id} if session.principal.user_id else {}


def _seal(session: Session, feed_id: int, headers: str | None) -> None:
    if headers is None:
        return
    sealed = session.seal.close(headers, _purpose(feed_id)) if headers else None
    session.execute("UPDATE feed SET sealed_headers = %s WHERE id = %s", (sealed, feed_id))


def edit(session: Session, reference: int | str, given: Mapping[str, Any]) -> Feed:
    """Changes what is given. Raises NotFound, Refused."""
    _require_site_admin(session)
    found = view(session, reference)
    row = fields.checked(CHECKS, given)
    headers = row.pop("headers", None)
    if found.rules is None:
        row.setdefault("rules", NO_RULES)
    if "url" in row or "input_source" in row:
        source = row.get("input_source", found.input_source)
        source_fits(row.get("url", found.url), source, _folders(session))
    fields.update(session, "feed", found.id, row | _setter(session))
    _seal(session, found.id, headers)
    if _reads_otherwise(found, row) or headers is not None:
        feed_jobs.forget_copies(session, found.id)
    feed_jobs.reschedule(session, found.id)
    changed = sorted([*row, *(["headers"] if headers is not None else [])])
    audit.record(session, "edit", "Feed", found.id, found.name, {"fields": changed})
    return view(session, found.id)


_READING = ("url", "input_source", "source_format", "rules", "settings", "event_id", "fixed_event",
            "delta_merge", "override_ids", "force_to_ids")  # fmt: skip


def _reads_otherwise(found: Feed, row: Mapping[str, Any]) -> bool:
    """Whether what was read before would be read otherwise now."""
    return any(name in row and row[name] != getattr(found, name) for name in _READING)


def delete(session: Session, reference: int | str) -> Feed:
    """Removes one. Raises NotFound."""
    _require_site_admin(session)
    found = view(session, reference)
    session.execute("DELETE FROM feed WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Feed", found.id, found.name)
    return found


def switch(session: Session, several: Iterable[int], column: str, *, on: bool) -> int:
    """Turns `enabled` or `caching_enabled` of several feeds on or off; how many there were."""
    _require_site_admin(session)
    if column not in {"enabled", "caching_enabled"}:
        raise Refused("feed", "type", "enabled or caching_enabled", column)
    known = {one.id for one in listed(session)}
    wanted = [feed_id for feed_id in several if feed_id in known]
    for feed_id in wanted:
        edit(session, feed_id, {column: on})
    return len(wanted)


def load_defaults(session: Session) -> int:
    """Adds the feeds that the node knows by itself, switched off; how many were new."""
    known = {one.url.rstrip("/") for one in listed(session)}
    new = [one for one in DEFAULTS if one["url"].rstrip("/") not in known]
    for one in new:
        made = add(session, one)
        session.execute("UPDATE feed SET is_default = true WHERE id = %s", (made.id,))
    return len(new)
