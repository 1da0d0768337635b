# SPDX-License-Identifier: EUPL-1.2
"""What stands beside events and their directory: a table of kinds, each with its list there.

A list that the other side does not give (403, 404, 405, 500 of a stock MISP) is a remark,
not an end. Switches are compared by name, since numbers of vocabularies mean nothing here.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, LiteralString

import msgspec

from brug.directory import fields, server_fields, user_settings
from brug.intel import blocklists, feed_fields, feeds
from brug.intel.vocabulary import noticelists, taxonomies, warninglists
from brug.model.errors import Invalid, NotFound
from brug.moving.client import Refused
from brug.moving.numbers import Numbers, note
from brug.moving.taking import Source, guarded, name_of, unwrapped
from brug.store import settings
from brug.store.session import Session
from brug.store.settings_table import BY_MISP_NAME

Raw = dict[str, Any]


class At(msgspec.Struct):
    """Where an item is taken in."""

    source: Source
    session: Session
    numbers: Numbers


def _taxonomy(at: At, raw: Raw) -> bool:
    namespace = str(raw.get("namespace", ""))
    switches = [s for s in ("enabled", "required", "highlighted") if raw.get(s) is True]
    if not switches:
        return False
    found = at.session.value(
        "SELECT id FROM taxonomy WHERE lower(namespace) = lower(%s)", (namespace,)
    )
    if found is None:
        raise Invalid("namespace", "a taxonomy that this node has (brug upgrade installs them)")
    for which in switches:
        taxonomies.switch(at.session, found, which, True)
    return True


def _warninglist(at: At, raw: Raw) -> bool:
    if raw.get("enabled") is not True:
        return False
    found = at.session.value(
        "SELECT id FROM warninglist WHERE name = %s ORDER BY id LIMIT 1", (str(raw.get("name")),)
    )
    if found is None:
        found = _own_warninglist(at, raw)
    chosen = warninglists.warninglist(at.session, int(found))
    warninglists.set_enabled(at.session, chosen, True)
    return True


def _own_warninglist(at: At, raw: Raw) -> int:
    """One that the other side made itself, with its entries."""
    whole = unwrapped(at.source.misp.get(f"/warninglists/view/{raw['id']}"), "Warninglist")
    entries = [
        warninglists.Entry(str(e.get("value", "")), e.get("comment") or None)
        for e in whole.get("WarninglistEntry") or []
        if isinstance(e, dict)
    ]
    draft = warninglists.Draft(
        name=str(raw.get("name")),
        kind=str(raw.get("type")),
        description=str(raw.get("description") or ""),
        category=str(raw.get("category") or "false_positive"),
        types=[t.strip() for t in str(raw.get("valid_attributes") or "ALL").split(",")],
        entries=entries,
    )
    return warninglists.add(at.session, draft).id


def _noticelist(at: At, raw: Raw) -> bool:
    if raw.get("enabled") is not True:
        return False
    found = noticelists.noticelist(at.session, str(raw.get("name")))
    noticelists.set_enabled(at.session, found, True)
    return True


def _galaxy(at: At, raw: Raw) -> bool:
    if raw.get("enabled") is not False:
        return False
    at.session.execute(
        "UPDATE galaxy SET enabled = false WHERE uuid::text = lower(%s)", (str(raw.get("uuid")),)
    )
    return True


def _blocked(of: blocklists.List, at: At, raw: Raw) -> bool:
    prefixes = {"organisation": "org", "cluster": "cluster", "event": "event"}
    prefix = prefixes.get(of, of)
    uuid = str(raw.get(f"{prefix}_uuid") or "")
    name = {"event": "event_info", "organisation": "org_name", "cluster": "cluster_info"}.get(of)
    orgc = {"event": "event_orgc", "cluster": "cluster_orgc"}.get(of)
    blocklists.add(
        at.session,
        of,
        [uuid],
        info=str(raw.get(name or "") or ""),
        comment=str(raw.get("comment") or ""),
        orgc=str(raw.get(orgc or "") or ""),
    )
    return True


def _number_in(at: At, kind: str, value: Any) -> int:
    return at.numbers.of(kind, value) or 0


def _server(at: At, raw: Raw) -> bool:
    """Without its key, which no interface tells, and so with everything switched off."""
    if _here(at, "server", raw):
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
        "sealed_key": b"",
        "priority": at.session.value("SELECT coalesce(max(priority), 0) + 1 FROM server"),
    }
    _placed(at, "server", raw, row)
    ways = [way for way in ("push", "pull") if raw.get(way) is True]
    at.source.report.remarks.append(
        f"server {raw.get('name')}: enter its key, then switch {' and '.join(ways) or 'it'} on"
    )
    return True


def _feed(at: At, raw: Raw) -> bool:
    if _here(at, "feed", raw):
        return True
    known = at.session.value(
        "SELECT id FROM feed WHERE url = %s AND source_format = %s",
        (str(raw.get("url")), str(raw.get("source_format"))),
    )
    wanted: Raw = {n: v for n, v in raw.items() if n in feed_fields.CHECKS and v not in (None, "")}
    for name, kind in (("sharing_group_id", "sharing_group"), ("tag_id", "tag"),
                       ("orgc_id", "organisation")):  # fmt: skip
        wanted[name] = _number_in(at, kind, raw.get(name))
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
    added = _placed(at, "feed", raw, row)
    if headers:
        feeds.edit(at.session, added, {"headers": headers})
    return True


def _here(at: At, kind: str, raw: Raw) -> bool:
    """Whether a former run took it."""
    return bool(
        at.session.value(
            "SELECT 1 FROM moved WHERE moving_id = %s AND kind = %s AND remote = %s",
            (at.source.move.id, kind, str(raw.get("id"))),
        )
    )


_TAKEN: Mapping[str, LiteralString] = {
    "server": "SELECT 1 FROM server WHERE id = %s",
    "feed": "SELECT 1 FROM feed WHERE id = %s",
}


def _placed(at: At, kind: str, raw: Raw, row: Raw) -> int:
    """Under its own number where numbers are kept and nobody has it."""
    number = int(str(raw.get("id")))
    if at.source.move.keeps_ids and not at.session.value(_TAKEN[kind], (number,)):
        row = {"id": number} | row
        at.session.execute("SELECT number_behind(%s, %s)", (kind, number))
    added = fields.insert(at.session, kind, row)
    note(at.session, at.source.move, kind, number, added)
    return added


def _user_setting(at: At, raw: Raw) -> bool:
    owner = at.numbers.of("account", raw.get("user_id"))
    if owner is None:
        raise Invalid("user_id", "a user who came along")
    user_settings.put(at.session, owner, str(raw.get("setting")), raw.get("value"))
    return True


class Kind(msgspec.Struct, frozen=True):
    """A list there, and what is done with each of its items; False: nothing to do."""

    name: str
    path: str
    wrapped: str
    take: Callable[[At, Raw], bool]


KINDS = (
    Kind("taxonomy in use", "/taxonomies/index", "Taxonomy", _taxonomy),
    Kind("warninglist in use", "/warninglists/index", "Warninglist", _warninglist),
    Kind("noticelist in use", "/noticelists/index", "Noticelist", _noticelist),
    Kind("galaxy out of use", "/galaxies/index", "Galaxy", _galaxy),
    Kind("server", "/servers/index", "Server", _server),
    Kind("feed", "/feeds/index", "Feed", _feed),
    Kind("user setting", "/user_settings/index", "UserSetting", _user_setting),
    Kind("blocked event", "/event_blocklists/index", "EventBlocklist", partial(_blocked, "event")),
    Kind(
        "blocked organisation", "/org_blocklists/index", "OrgBlocklist",
        partial(_blocked, "organisation"),
    ),
    Kind(
        "blocked cluster", "/galaxy_cluster_blocklists/index", "GalaxyClusterBlocklist",
        partial(_blocked, "cluster"),
    ),
)  # fmt: skip


def take_lists(source: Source) -> None:
    """Every kind of the table; what is there already is set to what it is there."""
    for kind in KINDS:
        try:
            items = [
                unwrapped(item, kind.wrapped)
                for page in source.misp.pages(kind.path)
                for item in page
            ]
        except Refused as error:
            source.report.remarks.append(f"{kind.name}: not asked for ({error})")
            continue
        _take(source, kind, items)


def _take(source: Source, kind: Kind, items: list[Raw]) -> None:
    with source.database.as_user(source.user_id) as session:
        at = At(source, session, Numbers(session, source.move))
        for done, item in enumerate(items):
            source.told(kind.name, done, len(items))
            said: list[bool] = []
            name = f"{kind.name} {name_of(item)}"
            act = partial(_note_taken, kind, at, item, said)
            if not guarded(source.report, session, name, act):
                source.report.count(kind.name, there=1)
            elif said[0]:
                source.report.count(kind.name, there=1, here=1)


def _note_taken(kind: Kind, at: At, item: Raw, said: list[bool]) -> None:
    said.append(kind.take(at, item))


# What an installation is called and where, is its own; secrets do not come through.
_NOT_MOVED = frozenset({"node.url", "node.uuid", "node.host_org_id"})


def take_settings(source: Source, there: Mapping[str, Any]) -> None:
    """Settings that mean something here, by MISP's names."""
    with source.database.as_user(source.user_id) as session:
        for name, value in sorted(there.items()):
            meant = BY_MISP_NAME.get(name)
            if meant is None or meant.name in _NOT_MOVED or meant.kind == "secret":
                continue
            if value is None or value == "":
                continue
            source.report.count("setting", there=1)
            act = partial(_set, session, meant.name, value)
            if guarded(source.report, session, f"setting {name}", act):
                source.report.count("setting", here=1)


def _set(session: Session, name: str, value: Any) -> None:
    try:
        settings.set_value(session, name, value)
    except NotFound as error:
        raise Invalid(name, "a setting of this node") from error
