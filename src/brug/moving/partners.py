# SPDX-License-Identifier: EUPL-1.2
"""Records of servers and feeds. The keys of servers do not come through the interface."""

import json
from typing import Any

from brug.directory import fields, server_fields
from brug.directory.organisation_merging import renamed
from brug.directory.server_fields import PULL_RULES, PUSH_RULES
from brug.intel.feed import feed_fields, feeds
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
    wanted = {n: v for n, v in raw.items() if n in server_fields.CHECKS and v not in (None, "")}
    wanted = {"pull_rules": PULL_RULES, "push_rules": PUSH_RULES} | wanted
    wanted |= {"remote_org_id": remote, "push": False, "pull": False}
    wanted.pop("authkey", None)
    row = fields.checked(server_fields.CHECKS, wanted)
    if not at.source.move.keeps_ids:
        row["push_rules"] = _with_numbers_of_here(at, row["push_rules"])
    row |= {
        "org_id": org,
        "priority": at.session.value("SELECT coalesce(max(priority), 0) + 1 FROM server"),
    }
    placed(at, "server", raw, row)
    ways = [way for way in ("push", "pull") if raw.get(way) is True]
    at.source.report.remarks.append(
        f"server {raw.get('name')}: enter its key, then switch {' and '.join(ways) or 'it'} on"
    )
    if raw.get("cert_file") or raw.get("client_cert_file"):
        at.source.report.remarks.append(
            f"server {raw.get('name')}: give it its certificates again, they do not come along"
        )
    return True


def _with_numbers_of_here(at: At, rules: str) -> str:
    """What goes out is chosen by numbers of tags and organisations. Raises Invalid."""
    numbers = {
        "tags": at.numbers.all_of("tag"), "orgs": at.numbers.all_of("organisation"),
    }  # fmt: skip
    read = json.loads(rules)
    for name, known in numbers.items():
        for one in _named(read.get(name)):
            if one.isdecimal() and one not in known:
                raise Invalid("push_rules", f"{name} that came along", one)
    return json.dumps(renamed(read, numbers), separators=(",", ":"))


def _named(rules: Any) -> list[str]:
    """Everything that stands in lists and objects, however deep."""
    inner = rules.values() if isinstance(rules, dict) else rules
    if isinstance(rules, dict | list):
        return [one for part in inner for one in _named(part)]
    return [] if rules is None else [str(rules)]


def feed(at: At, raw: Raw) -> bool:
    if is_here(at, "feed", raw):
        return True
    known = at.session.value(
        "SELECT id FROM feed WHERE url = %s AND source_format = %s",
        (str(raw.get("url")), str(raw.get("source_format"))),
    )
    wanted: Raw = {n: v for n, v in raw.items() if n in feed_fields.CHECKS and v not in (None, "")}
    for name, kind in (("sharing_group_id", "sharing_group"), ("tag_id", "tag"),
                       ("orgc_id", "organisation"),
                       ("tag_collection_id", "tag_collection")):  # fmt: skip
        remote = raw.get(name)
        wanted[name] = number_in(at, kind, remote)
        if str(remote or 0) != "0" and not wanted[name]:
            # Without its tag or group what it fetches would be marked or seen otherwise.
            raise Invalid(name, f"a {kind.replace('_', ' ')} that came along", str(remote))
    wanted["distribution"] = int(str(raw.get("distribution") or 0))
    event_id = str(raw.get("event_id") or 0)
    kept = at.source.move.keeps_ids and event_id.isdecimal()
    wanted["event_id"] = int(event_id) if kept else 0
    if known is not None:
        if at.source.move.keeps_ids:
            feeds.edit(at.session, known, wanted)
        note(at.session, at.source.move, "feed", raw["id"], known)
        return True
    headers = wanted.pop("headers", None)
    row = fields.checked(feed_fields.CHECKS, wanted)
    added = placed(at, "feed", raw, row)
    if headers:
        feeds.edit(at.session, added, {"headers": headers})
    return True
