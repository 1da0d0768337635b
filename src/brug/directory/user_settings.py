# SPDX-License-Identifier: EUPL-1.2
"""What users set for themselves, under MISP's names. Kept for clients; Brug reads few."""

from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.directory import audit
from brug.directory.refusals import Refused
from brug.formats import json_text
from brug.model.errors import Forbidden, NotFound
from brug.store.session import Session

# Names that MISP 2.5 takes; True: site admins only.
NAMES = {
    "publish_alert_filter": False, "dashboard_access": True, "dashboard": False,
    "homepage": False, "default_restsearch_parameters": False,
    "tag_numerical_value_override": False, "event_index_hide_columns": False,
    "periodic_notification_filters": False,
}  # fmt: skip
LARGEST = 65_535


class UserSetting(msgspec.Struct, frozen=True):
    id: int
    setting: str
    value: Any
    user_id: int
    timestamp: int


_SELECT = "SELECT id, name, value, user_id, changed FROM user_setting"


def listed(session: Session, user_id: int | None = None) -> list[UserSetting]:
    """One's own; an administrator's users'; all for site admins."""
    found = session.all(
        _SELECT + " WHERE (%(user)s::int IS NULL OR user_id = %(user)s) ORDER BY id",
        {"user": user_id},
    )
    return [UserSetting(*row) for row in found]


def view(session: Session, setting_id: int) -> UserSetting:
    row = session.one(_SELECT + " WHERE id = %s", (setting_id,))
    if row is None:
        raise NotFound(f"no user setting {setting_id}")
    return UserSetting(*row)


def named(session: Session, user_id: int, name: str) -> UserSetting:
    row = session.one(_SELECT + " WHERE user_id = %s AND name = %s", (user_id, name))
    if row is None:
        raise NotFound(f"no setting {name!r} of user {user_id}")
    return UserSetting(*row)


def put(session: Session, user_id: int, name: str, value: Any) -> UserSetting:
    """Raises Refused for a name that is not known or a value that is no JSON or too long."""
    if name not in NAMES:
        raise Refused("setting", "unknown", f"one of {', '.join(NAMES)}", name)
    if NAMES[name] and not session.principal.is_site_admin:
        raise Forbidden(f"{name} is for site admins")
    try:
        read = json_text.decode_nested if isinstance(value, str) else json_text.storable
        value = read(value)
    except json_text.Malformed as error:
        raise Refused("value", "json", "JSON", str(value)) from error
    if len(msgspec.json.encode(value)) > LARGEST:
        raise Refused("value", "long", f"JSON of at most {LARGEST} bytes")
    _require(session, user_id)
    session.execute(
        "INSERT INTO user_setting (user_id, name, value) VALUES (%s, %s, %s)"
        " ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value,"
        " changed = excluded.changed",
        (user_id, name, Jsonb(value)),
    )
    audit.record(session, "edit", "UserSetting", user_id, name)
    return named(session, user_id, name)


def remove(session: Session, setting: UserSetting) -> None:
    _require(session, setting.user_id)
    session.execute("DELETE FROM user_setting WHERE id = %s", (setting.id,))
    audit.record(session, "delete", "UserSetting", setting.user_id, setting.setting)


def _require(session: Session, user_id: int) -> None:
    if session.principal.is_site_admin:
        return
    if not session.value("SELECT may_act_for(%s)", (user_id,)):
        raise NotFound(f"no account {user_id} to set anything for")
