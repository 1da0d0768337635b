# SPDX-License-Identifier: EUPL-1.2
"""Blueprints of sharing groups: executing one makes its group hold whom its rules name."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.directory import audit, blueprint_rules, fields, organisations, sharing_group_changes
from brug.directory.blueprint_rules import matching
from brug.directory.organisations import Organisation
from brug.directory.refusals import Refused
from brug.directory.sharing_groups import view as group_of
from brug.formats import json_text
from brug.model.errors import Forbidden, NotFound
from brug.store.session import Session


class Blueprint(msgspec.Struct, frozen=True):
    """Rules, and the group that they fill once executed."""

    id: int
    uuid: str
    name: str
    timestamp: int
    user_id: int
    org_id: int
    org_name: str
    org_uuid: str
    group_id: int | None
    group_name: str | None
    rules: dict[str, Any]


class Outcome(msgspec.Struct, frozen=True):
    """What executing did: a group made, organisations taken in and out."""

    made: bool
    added: int
    removed: int


_SELECT = (
    "SELECT b.id, b.uuid::text, b.name, b.timestamp, b.user_id, b.org_id, o.name, o.uuid::text,"
    " g.id, g.name, b.rules FROM sharing_group_blueprint b JOIN organisation o ON o.id = b.org_id"
    " LEFT JOIN sharing_group g ON g.id = b.sharing_group_id"
)


def listed(session: Session) -> list[Blueprint]:
    """Those of one's organisation; all for site admins."""
    return [Blueprint(*row) for row in session.all(_SELECT + " ORDER BY b.id")]


def view(session: Session, reference: str) -> Blueprint:
    """By id or UUID. Raises NotFound."""
    row = "\x00" not in reference and session.one(
        _SELECT + " WHERE b.id::text = %(key)s OR b.uuid::text = lower(%(key)s)",
        {"key": reference},
    )
    if not row:
        raise NotFound(f"no blueprint {reference!r}")
    return Blueprint(*row)


def add(session: Session, given: Mapping[str, Any]) -> Blueprint:
    """Raises Refused, Forbidden."""
    _require_editor(session)
    name, rules = _checked(given)
    if not name or rules is None:
        raise Refused("rules" if name else "name", "empty", "a name, and rules")
    made = session.value(
        "INSERT INTO sharing_group_blueprint (uuid, name, user_id, org_id, rules)"
        " VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (str(uuid.uuid4()), name, session.principal.user_id, session.principal.org_id,
         Jsonb(rules)),
    )  # fmt: skip
    audit.record(session, "add", "SharingGroupBlueprint", made, name, {"rules": rules})
    return view(session, str(made))


def edit(session: Session, reference: str, given: Mapping[str, Any]) -> Blueprint:
    """Changes what is given. Raises NotFound, Refused, Forbidden."""
    _require_editor(session)
    found = view(session, reference)
    name, rules = _checked(given)
    session.execute(
        "UPDATE sharing_group_blueprint SET name = %s, rules = %s, timestamp = %s WHERE id = %s",
        (name or found.name, Jsonb(rules or found.rules), int(time.time()), found.id),
    )
    changed = {"name": name, "rules": rules}
    audit.record(session, "edit", "SharingGroupBlueprint", found.id, found.name, changed)
    return view(session, str(found.id))


def delete(session: Session, reference: str) -> Blueprint:
    """Its group stays. Raises NotFound, Forbidden."""
    _require_editor(session)
    found = view(session, reference)
    session.execute("DELETE FROM sharing_group_blueprint WHERE id = %s", (found.id,))
    audit.record(session, "delete", "SharingGroupBlueprint", found.id, found.name)
    return found


def detach(session: Session, reference: str) -> Blueprint:
    """Its group is nobody's blueprint from now on. Raises NotFound, Forbidden."""
    _require_editor(session)
    found = view(session, reference)
    session.execute(
        "UPDATE sharing_group_blueprint SET sharing_group_id = NULL WHERE id = %s", (found.id,)
    )
    audit.record(session, "detach", "SharingGroupBlueprint", found.id, found.name)
    return found


def named(session: Session, found: Blueprint) -> list[Organisation]:
    """Whom its rules name now, as far as the asker sees them."""
    wanted = matching(session, found.rules)
    return [one for one in organisations.listed(session) if one.id in wanted]


def execute(session: Session, reference: str) -> Outcome:
    """Makes the group if there is none, and its members those whom the rules name.

    The owner of the group stays its owner, named or not. Raises NotFound, Forbidden.
    """
    _require_editor(session)
    found = view(session, reference)
    group_id, made = found.group_id, False
    if group_id is None:
        group_id, made = _new_group(session, found), True
    group = sharing_group_changes.editable(session, group_id)
    wanted = matching(session, found.rules)
    held = {member.org_id for member in group.members}
    for org_id in sorted(wanted - held):
        sharing_group_changes.add_organisation(session, group_id, org_id)
    for org_id in sorted(held - wanted):
        sharing_group_changes.remove_organisation(session, group_id, org_id)
    audit.record(session, "execute", "SharingGroupBlueprint", found.id, found.name)
    return Outcome(made, len(wanted - held), len(held - wanted))


def _new_group(session: Session, found: Blueprint) -> int:
    given = {"name": found.name, "description": f"Filled by the blueprint {found.name}"}
    owner = found.org_id if session.principal.is_site_admin else None
    made = sharing_group_changes.add(session, given, owner)
    sharing_group_changes.add_this_node(session, made.id, all_orgs=False)
    session.execute(
        "UPDATE sharing_group_blueprint SET sharing_group_id = %s WHERE id = %s",
        (made.id, found.id),
    )
    return group_of(session, made.id).id


def _checked(given: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    name = ""
    if given.get("name") is not None:
        name = fields.text(255, empty=False)("name", given["name"])
    rules = given.get("rules")
    if isinstance(rules, str):
        try:
            rules = json_text.decode_nested(rules)
        except json_text.Malformed as error:
            raise Refused("rules", "json", "JSON", rules[:100]) from error
    if rules is not None:
        blueprint_rules.check(rules)
    return name, rules


def _require_editor(session: Session) -> None:
    if not session.principal.may("sharing_group") and not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not make sharing groups")
