# SPDX-License-Identifier: EUPL-1.2
"""Records of servers and feeds. The keys of servers do not come through the interface."""

from typing import Any

from brug.directory import fields, server_fields
from brug.intel import feed_fields, feeds
from brug.model.errors import Invalid
from brug.moving.at import At, is_here, number_in, placed
from brug.moving.numbers import note

Raw = dict[str, Any]


def server(at: At, raw: Raw) -> bool:
    """Without its key, which no interface tells, and so with everything switched off."""
    if is_here(at, "server", raw):
        return True
    remote = at.numbers.of("organisation", raw.get("remote_org_id"))
    org = at.numbers.of("organisation", raw.get("org_id"))
    if remote is None or org is None:
        raise Invalid("remote_org_id", "an organisation that came along")
    wanted = {n: v for n, v in raw.items() if n in server_fields.CHECKS and v is not None}
    wanted |= {"remote_org_id": remote, "push": False, "pull": False}
    wanted.pop("authkey", None)
    row = fields.checked(server_fields.CHECKS, wanted)
    row |= {
        "org_id": org,
        "priority": at.session.value("SELECT coalesce(max(priority), 0) + 1 FROM server"),
    }
    placed(at, "server", raw, row)
    ways = [way for way in ("push", "pull") if raw.get(way) is True]
    at.source.report.remarks.append(
        f"server {raw.get('name')}: enter its key, then switch {' and '.join(ways) or 'it'} on"
    )
    return True


def feed(at: At, raw: Raw) -> bool:
    if is_here(at, "feed", raw):
        return True
    known = at.session.value(
        "SELECT id FROM feed WHERE url = %s AND source_format = %s",
        (str(raw.get("url")), str(raw.get("source_format"))),
    )
    wanted: Raw = {n: v for n, v in raw.items() if n in feed_fields.CHECKS and v not in (None, "")}
    for name, kind in (("sharing_group_id", "sharing_group"), ("tag_id", "tag"),
                       ("orgc_id", "organisation")):  # fmt: skip
        wanted[name] = number_in(at, kind, raw.get(name))
    wanted["distribution"] = int(str(raw.get("distribution") or 0))
    event_id = str(raw.get("event_id") or 0)
    kept = at.source.move.keeps_ids and event_id.isdecimal()
    wanted["event_id"] = int(event_id) if kept else 0
    wanted.pop("tag_collection_id", None)
    if known is not None:
        feeds.edit(at.session, known, wanted)
        note(at.session, at.source.move, "feed", raw["id"], known)
        return True
    headers = wanted.pop("headers", None)
    row = fields.checked(feed_fields.CHECKS, wanted)
    added = placed(at, "feed", raw, row)
    if headers:
        feeds.edit(at.session, added, {"headers": headers})
    return True
