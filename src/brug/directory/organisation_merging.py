# SPDX-License-Identifier: EUPL-1.2
"""One organisation becomes part of another, for good: users, events, groups and what is seen.

The database does it (`merge_organisation`), rows and audiences in one transaction. Here is
who may, what stops it, and the texts that name an organisation: rules of servers, feeds and
blueprints, settings of signing in. The organisation that runs the node stays: another one
has to run it first (setting `node.host_org_id`); so does the one by which a partner's node signs.
Nothing is dropped to make it fit: where both hold something under one UUID it is refused, and the
UUIDs are named. What was signed keeps the old UUID, which means the other here from then on.
"""

import json
from collections.abc import Mapping
from typing import Any, LiteralString
from urllib.parse import quote, unquote

import msgspec
from psycopg.types.json import Jsonb

from brug.directory import audit, organisations
from brug.directory.organisations import Organisation
from brug.directory.refusals import Refused
from brug.model.errors import Forbidden, NotFound
from brug.store import settings
from brug.store.session import Session

SHOWN = 5
Names = Mapping[str, str]  # what the one is called, in lower case -> the other's


class Merged(msgspec.Struct, frozen=True):
    """What is left, and how many rows of which table moved there."""

    organisation: Organisation
    gone: str
    rows: dict[str, int]


_TWICE: Mapping[str, LiteralString] = {
    "event": "SELECT uuid::text FROM event WHERE org_id IN (%s, %s)",
    "attribute": "SELECT uuid::text FROM attribute WHERE org_id IN (%s, %s)",
    "object": "SELECT uuid::text FROM object WHERE org_id IN (%s, %s)",
    "object reference": "SELECT uuid::text FROM object_reference WHERE org_id IN (%s, %s)",
    "event report": "SELECT uuid::text FROM event_report WHERE org_id IN (%s, %s)",
    "sighting": "SELECT uuid::text FROM (SELECT uuid, holder_id AS org_id FROM sighting) AS s"
    " WHERE org_id IN (%s, %s)",
    "analyst data": "SELECT uuid::text FROM analyst_data WHERE org_id IN (%s, %s)",
    "cluster": "SELECT uuid::text FROM galaxy_cluster WHERE org_id IN (%s, %s)",
    "collection": "SELECT uuid::text FROM collection WHERE org_id IN (%s, %s)",
}
_AGAIN: LiteralString = " GROUP BY uuid HAVING count(DISTINCT org_id) > 1 ORDER BY 1 LIMIT 6"


def merge(session: Session, reference: int | str, into: int | str) -> Merged:
    """Raises NotFound, Forbidden, and Refused for a field `into` that does not fit."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not merge organisations")
    gone, stays = organisations.view(session, reference), _target(session, into)
    if gone.id == stays.id:
        raise Refused("into", "itself", "another organisation", stays.name)
    if gone.id == settings.get(session, "node.host_org_id"):
        expected = f"the organisation that runs this node, which is {gone.name}; it stays"
        raise Refused("into", "host", expected, stays.name)
    _refuse_node(session, gone, stays)
    _refuse_twice(session, gone, stays)
    _rename_in_settings(session, gone, stays)
    rows = session.value("SELECT merge_organisation(%s, %s)", (gone.id, stays.id))
    _rename_in_rules(session, gone, stays)
    audit.record(
        session, "merge", "Organisation", stays.id, stays.name,
        {"from": f"{gone.name} ({gone.uuid})", "from_id": gone.id, **rows},
    )  # fmt: skip
    return Merged(organisations.view(session, stays.id), gone.name, rows)


def _target(session: Session, into: int | str) -> Organisation:
    try:
        return organisations.view(session, into)
    except NotFound as error:
        raise Refused("into", "absent", "an organisation that is here", str(into)) from error


def _refuse_node(session: Session, gone: Organisation, stays: Organisation) -> None:
    """The partner's node goes on to speak under its own UUID, in all that it signs."""
    name = session.value(
        "SELECT p.name FROM partner p JOIN bridge b ON b.partner_id = p.id"
        " WHERE p.org_id = %s AND b.transport = 'native' AND b.state <> 'closed' LIMIT 1",
        (gone.id,),
    )
    if name is not None:
        expected = f"nothing as long as the bridge to {name} is open: its node is {gone.name}'s"
        raise Refused("into", "node", expected, stays.name)


def _refuse_twice(session: Session, gone: Organisation, stays: Organisation) -> None:
    for kind, query in _TWICE.items():
        found = [row[0] for row in session.all(query + _AGAIN, (gone.id, stays.id))]
        if found:
            more = " and more" if len(found) > SHOWN else ""
            named = f"{', '.join(found[:SHOWN])}{more}"
            expected = f"an organisation that does not hold the same; delete one {kind} of {named}"
            raise Refused("into", "twice", expected, stays.name)


def _rename_in_settings(session: Session, gone: Organisation, stays: Organisation) -> None:
    """Who signs in by a group of the merged organisation gets into the other."""
    names = {gone.name, gone.uuid, str(gone.id)}
    if settings.get(session, "sign_in.oidc_organisation") in names:
        settings.set_value(session, "sign_in.oidc_organisation", stays.uuid)
    rows = settings.get(session, "sign_in.oidc_groups")
    renamed = [_renamed_row(row, names, stays) for row in rows]
    if renamed != rows:
        settings.set_value(session, "sign_in.oidc_groups", renamed)


def _renamed_row(row: str, names: set[str], stays: Organisation) -> str:
    left, colon, organisation = row.rpartition(":")
    return f"{left}:{quote(stays.uuid)}" if colon and unquote(organisation) in names else row


_RULES: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "push_rules": (
        "SELECT id, push_rules FROM server", "UPDATE server SET push_rules = %s WHERE id = %s",
    ),
    "pull_rules": (
        "SELECT id, pull_rules FROM server", "UPDATE server SET pull_rules = %s WHERE id = %s",
    ),
    "feed": (
        "SELECT id, rules FROM feed WHERE rules <> ''", "UPDATE feed SET rules = %s WHERE id = %s",
    ),
}  # fmt: skip


_FILTERS: tuple[tuple[LiteralString, LiteralString], ...] = (
    ("SELECT id, filters FROM bridge", "UPDATE bridge SET filters = %s WHERE id = %s"),
    ("SELECT id, filters FROM mail_choice", "UPDATE mail_choice SET filters = %s WHERE id = %s"),
    (
        "SELECT id, filters FROM published_feed",
        "UPDATE published_feed SET filters = %s WHERE id = %s",
    ),
)


def _rename_in_rules(session: Session, gone: Organisation, stays: Organisation) -> None:
    """A rule that kept the one's events back keeps the other's back."""
    number = {str(gone.id): str(stays.id)}
    uuid, name = {gone.uuid: stays.uuid}, {gone.name.lower(): stays.name}
    for kind, (query, update) in _RULES.items():
        # In what is asked of another node numbers are that node's.
        wanted = {"orgs": {**(number if kind == "push_rules" else {}), **uuid, **name}}
        for item, text in session.all(query):
            rules = json.loads(text)
            if (changed := renamed(rules, wanted)) != rules:
                session.execute(update, (json.dumps(changed, separators=(",", ":")), item))
    for query, update in _FILTERS:
        wanted = {"org": {**number, **uuid, **name}, "orgs": {**uuid, **name}}
        for item, filters in session.all(query):
            if (changed := renamed(filters, wanted)) != filters:
                session.execute(update, (Jsonb(changed), item))
    wanted = {"org_id": number, "org_uuid": uuid, "org_name": name}
    for item, rules in session.all("SELECT id, rules FROM sharing_group_blueprint"):
        if (changed := renamed(rules, wanted)) != rules:
            session.execute(
                "UPDATE sharing_group_blueprint SET rules = %s WHERE id = %s",
                (Jsonb(changed), item),
            )


def renamed(rules: Any, wanted: Mapping[str, Names], names: Names | None = None) -> Any:
    """The rules with other names for what stands below the fields of `wanted`."""
    if isinstance(rules, dict):
        return {key: renamed(inner, wanted, wanted.get(key, names)) for key, inner in rules.items()}
    if isinstance(rules, list):
        return [renamed(inner, wanted, names) for inner in rules]
    if isinstance(rules, str) and rules.startswith("!"):  # what is not wanted
        return "!" + str(renamed(rules[1:], wanted, names))
    found = None if isinstance(rules, bool) else (names or {}).get(str(rules).strip().lower())
    return rules if found is None else int(found) if isinstance(rules, int) else found
