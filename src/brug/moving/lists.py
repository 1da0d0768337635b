# SPDX-License-Identifier: EUPL-1.2
"""What stands beside events and their directory: a table of kinds, each with its list there.

A list that the other side does not give (403, 404, 405, 500 of a stock MISP) is a remark,
not an end. Switches are compared by name, since numbers of vocabularies mean nothing here.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
from psycopg.types.json import Jsonb

from brug.directory import blueprint_rules, user_settings
from brug.formats.misp import coercion as c
from brug.intel import blocklists
from brug.model.errors import Invalid, NotFound
from brug.model.value_key import fold, key
from brug.moving import partners, switches
from brug.moving.at import At, is_here, number_in, placed
from brug.moving.client import Refused
from brug.moving.numbers import Numbers
from brug.moving.taking import Source, guarded, name_of, unwrapped
from brug.store import settings
from brug.store.session import Session
from brug.store.settings_table import BY_MISP_NAME

Raw = dict[str, Any]


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


def _user_setting(at: At, raw: Raw) -> bool:
    owner = at.numbers.of("account", raw.get("user_id"))
    if owner is None:
        raise Invalid("user_id", "a user who came along")
    user_settings.put(at.session, owner, str(raw.get("setting")), raw.get("value"))
    return True


def _blueprint(at: At, raw: Raw) -> bool:
    """Rules that fill a sharing group; who may change them stays who it was."""
    if is_here(at, "sharing_group_blueprint", raw):
        return True
    org = at.numbers.of("organisation", raw.get("org_id"))
    if org is None:
        raise Invalid("org_id", "an organisation that came along")
    rules = raw.get("rules")
    rules = msgspec.json.decode(rules) if isinstance(rules, str) else rules
    blueprint_rules.check(rules)
    row = {
        "uuid": c.uuid("uuid", raw.get("uuid")) or str(uuid4()),
        "name": str(raw.get("name") or ""),
        "user_id": number_in(at, "account", raw.get("user_id")),
        "org_id": org,
        "sharing_group_id": at.numbers.of("sharing_group", raw.get("sharing_group_id")),
        "rules": Jsonb(rules),
        "timestamp": c.seconds("timestamp", raw.get("timestamp")) or 0,
    }
    placed(at, "sharing_group_blueprint", raw, row)
    return True


def _exclusion(at: At, raw: Raw) -> bool:
    value = c.text("value", raw.get("value"))
    at.session.execute(
        "INSERT INTO correlation_exclusion (value, key, comment) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (value, key(fold(value)), c.text("comment", raw.get("comment"))),
    )
    return True


class Kind(msgspec.Struct, frozen=True):
    """A list there, and what is done with each of its items; False: nothing to do."""

    name: str
    path: str
    wrapped: str
    take: Callable[[At, Raw], bool]
    is_switch: bool = False  # of something that is here already


KINDS = (
    Kind("taxonomy in use", "/taxonomies/index", "Taxonomy", switches.taxonomy, is_switch=True),
    Kind(
        "warninglist in use", "/warninglists/index", "Warninglist", switches.warninglist,
        is_switch=True,
    ),
    Kind(
        "noticelist in use", "/noticelists/index", "Noticelist", switches.noticelist,
        is_switch=True,
    ),
    Kind("galaxy out of use", "/galaxies/index", "Galaxy", switches.galaxy, is_switch=True),
    Kind("server", "/servers/index", "Server", partners.server),
    Kind("feed", "/feeds/index", "Feed", partners.feed),
    Kind(
        "blueprint", "/sharing_group_blueprints/index", "SharingGroupBlueprint", _blueprint
    ),
    Kind(
        "value that does not correlate", "/correlation_exclusions/index",
        "CorrelationExclusion", _exclusion,
    ),
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
