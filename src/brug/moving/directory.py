# SPDX-License-Identifier: EUPL-1.2
"""Organisations, roles, users and tags as a MISP answers them -> rows here.

Secrets do not come through the interface: no password, no key. An account that the node has
already, by its address, keeps its password, its rights and what closes it; one that came
along is closed here as soon as it is closed there.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from brug.directory import roles
from brug.formats.misp import coercion as c
from brug.model.errors import Invalid
from brug.moving.numbers import Numbers
from brug.moving.placing import Place, Row, number

Raw = Mapping[str, Any]
# A role with MISP's highest right keeps those that Brug adds.
OWN_RIGHTS = frozenset(roles.OWN_RIGHTS)


def moment(value: Any) -> datetime | None:
    """A time as MISP writes it ("2026-11-24 11:35:18", UTC); None for none."""
    if not isinstance(value, str) or value.startswith("0000") or not value.strip():
        return None
    try:
        return datetime.fromisoformat(value.strip()).replace(tzinfo=UTC)
    except ValueError:
        return None


def text(raw: Raw, name: str) -> str:
    return c.text(name, raw.get(name))


def flag(raw: Raw, name: str) -> bool:
    return c.flag(name, raw.get(name))


def _count(raw: Raw, name: str) -> int:
    return c.seconds(name, raw.get(name)) or 0


def organisation(place: Place, raw: Raw, *, host: bool) -> int:
    """`host`: it is the one that runs the other side; the node's own host becomes it."""
    uuid = c.uuid("uuid", raw.get("uuid")) or str(uuid4())
    name = text(raw, "name")
    if not name:
        raise Invalid("name", "a name")
    session = place.session
    found = session.value("SELECT id FROM organisation WHERE uuid = %s", (uuid,))
    if found is None and host and place.move.keeps_ids:
        found = session.value(
            "SELECT o.id FROM organisation o JOIN setting s ON s.name = 'node.host_org_id'"
            " AND (s.value #>> '{}')::int = o.id WHERE lower(o.name) = lower(%s)",
            (name,),
        )
    if session.value(
        "SELECT 1 FROM organisation WHERE name = %s AND id IS DISTINCT FROM %s", (name, found)
    ):
        name = f"{name} ({uuid[:8]})"
    domains = raw.get("restricted_to_domain")
    row: Row = {
        "uuid": uuid,
        "name": name,
        "description": text(raw, "description"),
        "type": text(raw, "type"),
        "nationality": text(raw, "nationality"),
        "sector": text(raw, "sector"),
        "contacts": text(raw, "contacts"),
        "local": flag(raw, "local"),
        "restricted_to_domain": Jsonb(domains) if isinstance(domains, list) and domains else None,
        "landingpage": c.text("landingpage", raw.get("landingpage")) or None,
        "created_by": (c.integer("created_by", raw.get("created_by")) or 0)
        if place.move.keeps_ids
        else 0,
    }
    for field in ("date_created", "date_modified"):
        if (at := moment(raw.get(field))) is not None:
            row[field] = at
    keep = frozenset() if place.move.keeps_ids else frozenset({"local", "created_by"})
    return place.put(number(raw), row, found, keep)


def role(place: Place, raw: Raw) -> int:
    """Its rights, and Brug's own where it has all of MISP's."""
    name = text(raw, "name")
    if not name:
        raise Invalid("name", "a name")
    rights = {
        flag.removeprefix("perm_")
        for flag, value in raw.items()
        if flag.startswith("perm_") and c.flag(flag, value)
    }
    if "site_admin" in rights:
        rights |= OWN_RIGHTS
    stored = place.session.one("SELECT id, rights FROM role WHERE name = %s", (name,))
    found = None if stored is None else int(stored[0])
    row: Row = {
        "name": name,
        "rights": sorted(rights),
        "default_role": flag(raw, "default_role") or flag(raw, "default"),
        "memory_limit": text(raw, "memory_limit"),
        "max_execution_time": text(raw, "max_execution_time"),
        "restricted_to_site_admin": flag(raw, "restricted_to_site_admin"),
        "enforce_rate_limit": flag(raw, "enforce_rate_limit"),
        "rate_limit_count": c.integer("rate_limit_count", raw.get("rate_limit_count")) or 0,
    }
    if not place.move.keeps_ids:
        row["default_role"] = False  # of a node in use
    elif row["default_role"]:
        place.session.execute("UPDATE role SET default_role = false WHERE default_role")
    if stored is not None and not place.follows(number(raw), found):
        _tell_other_rights(place, name, rights, set(stored[1]))
    return place.put(number(raw), row, found)


def _tell_other_rights(place: Place, name: str, there: set[str], here: set[str]) -> None:
    """A node in use has its own idea of what a role may, and whoever comes gets that."""
    for more, side in ((here - there - OWN_RIGHTS, "here"), (there - here - OWN_RIGHTS, "there")):
        if more:
            said = ", ".join(sorted(more))
            place.remarks.append(f"role {name}: may {said} {side} and not on the other side")


_FLAGS = (
    "autoalert", "contactalert", "termsaccepted", "change_pw", "disabled", "force_logout",
    "notification_daily", "notification_weekly", "notification_monthly",
)  # fmt: skip
_COUNTS = (
    "newsread", "current_login", "last_login", "last_api_access", "last_pw_change",
    "date_created", "date_modified",
)  # fmt: skip
_OF_THE_NODE = frozenset(
    {"role_id", "org_id", "disabled", "expiration", "change_pw", "force_logout", "email"}
)


def account(place: Place, raw: Raw, numbers: Numbers) -> int:
    """A user without password; raises Invalid where organisation or role did not come."""
    email = text(raw, "email")
    if "@" not in email:
        raise Invalid("email", "an e-mail address", email)
    org, in_role = (
        numbers.of("organisation", raw.get("org_id")),
        numbers.of("role", raw.get("role_id")),
    )
    if org is None or in_role is None:
        raise Invalid("org_id and role_id", "an organisation and a role that came along", email)
    row: Row = {
        "email": email,
        "org_id": org,
        "role_id": in_role,
        "gpgkey": text(raw, "gpgkey"),
        "certif_public": text(raw, "certif_public"),
        "nids_sid": c.integer("nids_sid", raw.get("nids_sid")) or 4_000_000,
        "expiration": moment(raw.get("expiration")),
        "invited_by": (c.integer("invited_by", raw.get("invited_by")) or 0)
        if place.move.keeps_ids
        else 0,
    }
    row |= {name: flag(raw, name) for name in _FLAGS if name in raw}
    row |= {name: _count(raw, name) for name in _COUNTS if raw.get(name) is not None}
    found = place.session.value("SELECT id FROM account WHERE lower(email) = lower(%s)", (email,))
    came = place.came(number(raw))
    placed = place.put(number(raw), row, found, _OF_THE_NODE)
    if came and row.get("disabled"):  # closed there since; what was closed here stays closed
        place.session.execute("UPDATE account SET disabled = true WHERE id = %s", (placed,))
    numbers.emails[email.lower()] = placed
    return placed


def tag(place: Place, raw: Raw, numbers: Numbers) -> int:
    """A tag with its colour, and who may attach it."""
    name = text(raw, "name")
    if not name:
        raise Invalid("name", "a name")
    row: Row = {
        "name": name,
        "colour": text(raw, "colour") or "#000000",
        "exportable": c.flag("exportable", raw.get("exportable"), default=True),
        "org_id": _restriction(raw, "org_id", "organisation", numbers),
        "user_id": _restriction(raw, "user_id", "account", numbers),
        "hide_tag": flag(raw, "hide_tag"),
        "numerical_value": c.integer("numerical_value", raw.get("numerical_value"), -(2**31)),
        "is_galaxy": flag(raw, "is_galaxy"),
        "is_custom_galaxy": flag(raw, "is_custom_galaxy"),
        "local_only": flag(raw, "local_only"),
        "listed": True,
    }
    found = place.session.value("SELECT id FROM tag WHERE name = %s", (name,))
    return place.put(number(raw), row, found)


def _restriction(raw: Raw, field: str, kind: str, numbers: Numbers) -> int:
    """Who alone may attach it: 0 for everybody, nobody where that one did not come along."""
    wanted = raw.get(field)
    if wanted in (None, 0, "0", ""):
        return 0
    found = numbers.of(kind, wanted)
    return found if found is not None else -1
