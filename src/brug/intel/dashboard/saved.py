# SPDX-License-Identifier: EUPL-1.2
"""Boards that people keep under a name, for themselves or for others to choose.

Who is not a site admin offers one to the own organisation alone; site admins offer one to
whom they like, and say which one is for everybody who has made none.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import msgspec
from psycopg.types.json import Jsonb

from brug.formats.misp import coercion as c
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.naming import is_uuid, number_in
from brug.store import audit
from brug.store.session import Session

NAME_LENGTH = 255
LARGEST = 65_535
RIGHT = "perm_"


class Saved(msgspec.Struct, frozen=True):
    id: int
    uuid: str
    user_id: int
    name: str
    description: str
    selectable: bool
    org_id: int | None
    role_id: int | None
    right: str
    is_default: bool
    value: Any
    timestamp: int


_SELECT: LiteralString = (
    "SELECT d.id, d.uuid::text, d.user_id, d.name, d.description, d.selectable,"
    " d.restrict_to_org_id, d.restrict_to_role_id, d.restrict_to_permission_flag, d.is_default,"
    " d.value, d.timestamp FROM dashboard d"
)


def listed(session: Session, text: str = "") -> list[Saved]:
    """One's own, and those that one may choose."""
    rows = session.all(
        _SELECT + " WHERE %(text)s = ''"
        " OR strpos(lower(d.name || ' ' || d.description), lower(%(text)s)) > 0"
        " OR d.uuid::text = lower(%(text)s) ORDER BY d.id",
        {"text": text},
    )
    return [Saved(*row) for row in rows]


def view(session: Session, reference: str | int) -> Saved:
    """By number or UUID. Raises NotFound."""
    text = str(reference)
    row = session.one(
        _SELECT + " WHERE d.id = %s OR d.uuid = %s",
        (number_in(text), text if is_uuid(text) else None),
    )
    if row is None:
        raise NotFound(f"no dashboard {text[:60]!r}")
    return Saved(*row)


def default(session: Session) -> Saved | None:
    """The one for who has made none, where the session may see it."""
    row = session.one(_SELECT + " WHERE d.is_default")
    return None if row is None else Saved(*row)


def editable(session: Session, reference: str | int) -> Saved:
    """One's own; any for site admins. Raises NotFound."""
    found = view(session, reference)
    if found.user_id != session.principal.user_id and not session.principal.is_site_admin:
        raise NotFound(f"dashboard {found.id} is another's")
    return found


def drafted(session: Session, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of one, as far as this person may say it. Raises Invalid."""
    said: dict[str, Any] = {}
    if raw.get("name") is not None:
        said["name"] = c.text("name", raw["name"]).strip()
        if not said["name"] or len(said["name"]) > NAME_LENGTH:
            raise Invalid("name", f"a name of at most {NAME_LENGTH} characters", said["name"])
    if raw.get("description") is not None:
        said["description"] = c.text("description", raw["description"])[:10_000]
    if raw.get("selectable") is not None:
        said["selectable"] = c.flag("selectable", raw["selectable"])
    return said | _offered(session, raw) if session.principal.is_site_admin else said


def _offered(session: Session, raw: Mapping[str, Any]) -> dict[str, Any]:
    """To whom it is offered. Raises Invalid."""
    said: dict[str, Any] = {}
    if raw.get("default") is not None:
        said["is_default"] = c.flag("default", raw["default"])
    for field, query in _NAMED.items():
        if (number := c.integer(field, raw.get(field))) is not None:
            if number and session.value(query, (number,)) is None:
                raise Invalid(field, "the number of one that is there, or 0", str(number))
            said[field] = number or None
    if raw.get("restrict_to_permission_flag") is not None:
        field = "restrict_to_permission_flag"
        flag = c.text(field, raw[field]).strip()
        if flag not in {"", "0"} and not flag.startswith(RIGHT):
            raise Invalid(field, "a permission flag such as perm_add, or 0", flag)
        said[field] = "" if flag == "0" else flag.removeprefix(RIGHT)[:60]
    return said


_NAMED: dict[str, LiteralString] = {
    "restrict_to_org_id": "SELECT id FROM organisation WHERE id = %s",
    "restrict_to_role_id": "SELECT id FROM role WHERE id = %s",
}


def add(session: Session, said: Mapping[str, Any], value: Any) -> Saved:
    """Keeps a board under a name. Raises Invalid."""
    if not said.get("name"):
        raise Invalid("name", "a name")
    principal = session.principal
    made = session.value(
        "INSERT INTO dashboard (user_id, name, description, selectable, restrict_to_org_id, value)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        (
            principal.user_id,
            said["name"],
            said.get("description", ""),
            said.get("selectable", False),
            None if principal.is_site_admin else principal.org_id,
            Jsonb(value),
        ),
    )
    _offer(session, int(made), said)
    audit.record(session, "add", "Dashboard", int(made), said["name"])
    return view(session, int(made))


def edit(session: Session, found: Saved, said: Mapping[str, Any], value: Any = None) -> Saved:
    """Changes one that is editable; its board where one is given."""
    if value is not None and len(msgspec.json.encode(value)) > LARGEST:
        raise Invalid("value", f"at most {LARGEST} bytes")
    session.execute(
        "UPDATE dashboard SET name = coalesce(%(name)s, name),"
        " description = coalesce(%(description)s, description),"
        " selectable = coalesce(%(selectable)s, selectable), value = coalesce(%(value)s, value),"
        " timestamp = extract(epoch FROM now()) WHERE id = %(id)s",
        {"name": None, "description": None, "selectable": None, **said, "id": found.id}
        | {"value": None if value is None else Jsonb(value)},
    )
    _offer(session, found.id, said)
    change = {"fields": sorted([*said, *(["value"] if value is not None else [])])}
    audit.record(session, "edit", "Dashboard", found.id, found.name, change)
    return view(session, found.id)


_OFFERS: dict[str, LiteralString] = {
    "restrict_to_org_id": "UPDATE dashboard SET restrict_to_org_id = %s WHERE id = %s",
    "restrict_to_role_id": "UPDATE dashboard SET restrict_to_role_id = %s WHERE id = %s",
    "restrict_to_permission_flag": "UPDATE dashboard SET restrict_to_permission_flag = %s"
    " WHERE id = %s",
    "is_default": "UPDATE dashboard SET is_default = %s WHERE id = %s",
}


def _offer(session: Session, dashboard_id: int, said: Mapping[str, Any]) -> None:
    """To whom it is offered; `drafted` lets only site admins say it."""
    given = {field: value for field, value in said.items() if field in _OFFERS}
    if given and not session.principal.is_site_admin:
        raise Forbidden("only site admins say to whom a dashboard is offered")
    if given.get("is_default"):
        session.execute("UPDATE dashboard SET is_default = false WHERE is_default")
    for field, value in given.items():
        session.execute(_OFFERS[field], (value, dashboard_id))


def delete(session: Session, found: Saved) -> None:
    """Removes one that is editable; boards that were made from it stay."""
    session.execute("DELETE FROM dashboard WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Dashboard", found.id, found.name)
