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
from brug.intel.patterns import allowed, import_rules
from brug.model.errors import Invalid
from brug.model.value_key import fold, key
from brug.moving import collected, partners, switches
from brug.moving.at import At, is_here, number_in, placed
from brug.moving.client import Refused
from brug.moving.numbers import Numbers
from brug.moving.taking import Source, guarded, name_of, unwrapped

Raw = dict[str, Any]


# What MISP calls what stands on a list; the fields begin with it.
_BLOCKED: Mapping[blocklists.List, str] = {
    "event": "event", "organisation": "org", "cluster": "cluster", "analyst_data": "analyst_data",
    "sighting": "org",
}  # fmt: skip


def _blocked(of: blocklists.List, at: At, raw: Raw) -> bool:
    prefix = _BLOCKED[of]
    blocklists.add(
        at.session,
        of,
        [str(raw.get(f"{prefix}_uuid") or "")],
        info=str(raw.get(f"{prefix}_name" if prefix == "org" else f"{prefix}_info") or ""),
        comment=str(raw.get("comment") or ""),
        orgc=str(raw.get(f"{prefix}_orgc") or ""),
    )
    return True


def _user_setting(at: At, raw: Raw) -> bool:
    owner = at.numbers.of("account", raw.get("user_id"))
    if owner is None:
        raise Invalid("user_id", "a user who came along")
    name = str(raw.get("setting"))
    known = not at.source.move.keeps_ids and at.session.value(
        "SELECT 1 FROM user_setting WHERE user_id = %s AND name = %s", (owner, name)
    )
    if not known:
        user_settings.put(at.session, owner, name, raw.get("value"))
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


def _allowed(at: At, raw: Raw) -> bool:
    """Also events that come later hold what it fits; only exports leave it out."""
    pattern = c.text("name", raw.get("name"))
    if all(one.pattern != pattern.strip() for one in allowed.listed(at.session)):
        allowed.add(at.session, pattern)
    return True


def _import_rule(at: At, raw: Raw) -> bool:
    """Acts on what comes in from now on; what is moved stays as it was."""
    fields = (c.text(name, raw.get(name)) for name in ("regexp", "replacement", "type"))
    pattern, replacement, kind = fields
    known = {(one.pattern, one.replacement, one.type) for one in import_rules.listed(at.session)}
    if (pattern.strip(), replacement, kind) not in known:
        import_rules.add(at.session, pattern, replacement, [kind])
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
    Kind(
        "tag collection", "/tag_collections/index", "TagCollection", collected.tag_collection
    ),
    Kind("collection", "/collections/index", "Collection", collected.collection),
    Kind("decaying model", "/decayingModel/index", "DecayingModel", collected.decaying_model),
    Kind(
        "correlation rule", "/correlationRules/index", "CorrelationRule",
        collected.correlation_rule,
    ),
    Kind("event template", "/templates/index", "Template", collected.event_template),
    Kind("dashboard", "/dashboards/listTemplates", "Dashboard", collected.dashboard),
    Kind("server", "/servers/index", "Server", partners.server),
    Kind("feed", "/feeds/index", "Feed", partners.feed),
    Kind(
        "blueprint", "/sharing_group_blueprints/index", "SharingGroupBlueprint", _blueprint
    ),
    Kind(
        "value that does not correlate", "/correlation_exclusions/index",
        "CorrelationExclusion", _exclusion,
    ),
    Kind("allowed value", "/allowedlists/index", "Allowedlist", _allowed),
    Kind("import rule", "/regexp/index", "Regexp", _import_rule),
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
    Kind(
        "blocked note or opinion", "/analyst_data_blocklists/index", "AnalystDataBlocklist",
        partial(_blocked, "analyst_data"),
    ),
    Kind(
        "blocked reporter", "/sighting_blocklists/index", "SightingBlocklist",
        partial(_blocked, "sighting"),
    ),
)  # fmt: skip


def take_lists(source: Source) -> None:
    """Every kind of the table; what is there already is set to what it is there."""
    for kind in KINDS:
        try:
            items = [
                _with_lists(item, kind.wrapped)
                for page in source.misp.pages(kind.path)
                for item in page
            ]
        except Refused as error:
            source.report.remarks.append(f"{kind.name}: not asked for ({error})")
            continue
        _take(source, kind, items)


def _with_lists(item: Any, name: str) -> Raw:
    """The item with the lists that stand beside it, such as the tags of a collection."""
    beside = (
        {k: v for k, v in item.items() if isinstance(v, list)} if isinstance(item, dict) else {}
    )
    return beside | unwrapped(item, name)


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
