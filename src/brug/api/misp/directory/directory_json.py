# SPDX-License-Identifier: EUPL-1.2
"""Records of the directory -> the JSON that MISP's clients read.

Numbers of entities are texts, flags are booleans; the fields and their order are those of
MISP 2.5. Brug's own rights are left out.
"""

from typing import Any

from brug.directory.accounts import Account
from brug.directory.keys import Key
from brug.directory.organisations import Organisation
from brug.directory.roles import Role
from brug.directory.sharing_groups_as_misp import group, members, moment, owner, servers
from brug.directory.user_settings import UserSetting

__all__ = [
    "counted",
    "group",
    "key",
    "members",
    "moment",
    "organisation",
    "owner",
    "role",
    "servers",
    "user",
    "user_setting",
    "whole_user",
]  # fmt: skip

# MISP's permission flags in its own order.
PERMISSIONS = (
    "add", "modify", "modify_org", "publish", "delegate", "sync", "admin", "audit", "auth",
    "site_admin", "regexp_access", "tagger", "template", "sharing_group", "tag_editor", "sighting",
    "object_template", "publish_zmq", "publish_kafka", "decaying", "galaxy_editor", "warninglist",
    "view_feed_correlations", "analyst_data", "skip_otp",
)  # fmt: skip
# MISP's ladder of the first four flags: (number, word), the highest rung that holds.
_LADDER = (("publish", "3", "publish"), ("modify_org", "2", "manage_org"),
           ("modify", "1", "manage_own"), ("", "0", "read_only"))  # fmt: skip


def organisation(found: Organisation, *, creator: bool) -> dict[str, Any]:
    """As in lists and as the answer to a change; `creator`: who made it is told."""
    return {
        "id": str(found.id),
        "name": found.name,
        "date_created": moment(found.date_created),
        "date_modified": moment(found.date_modified),
        "description": found.description or None,
        "type": found.type,
        "nationality": found.nationality,
        "sector": found.sector,
        **({"created_by": str(found.created_by)} if creator else {}),
        "uuid": found.uuid,
        "contacts": found.contacts or None,
        "local": found.local,
        "restricted_to_domain": found.restricted_to_domain,
        "landingpage": found.landingpage,
    }


def counted(found: Organisation, shown: dict[str, Any], *, creator: bool) -> dict[str, Any]:
    """With the number of its users, and who made it."""
    more: dict[str, Any] = {"user_count": str(found.user_count)}
    if creator:
        more["created_by_email"] = found.created_by_email
    return shown | more


def role(found: Role) -> dict[str, Any]:
    rung = next(step for step in _LADDER if step[0] in found.rights or not step[0])
    return {
        "id": str(found.id),
        "name": found.name,
        "created": moment(found.created),
        "modified": moment(found.modified),
        **{f"perm_{name}": name in found.rights for name in PERMISSIONS},
        "default_role": found.default_role,
        "memory_limit": found.memory_limit or None,
        "max_execution_time": found.max_execution_time or None,
        "restricted_to_site_admin": found.restricted_to_site_admin,
        "enforce_rate_limit": found.enforce_rate_limit,
        "rate_limit_count": str(found.rate_limit_count),
        "permission": rung[1],
        "permission_description": rung[2],
    }


def user(found: Account) -> dict[str, Any]:
    """As in lists: without what belongs to signing in."""
    return {
        "id": str(found.id),
        "org_id": str(found.org_id),
        "server_id": "0",
        "email": found.email,
        "autoalert": found.autoalert,
        "invited_by": str(found.invited_by),
        "gpgkey": found.gpgkey,
        "certif_public": found.certif_public,
        "nids_sid": str(found.nids_sid),
        "termsaccepted": found.termsaccepted,
        "newsread": str(found.newsread),
        "role_id": str(found.role_id),
        "change_pw": found.change_pw,
        "contactalert": found.contactalert,
        "disabled": found.disabled,
        "expiration": moment(found.expiration) if found.expiration else None,
        "current_login": str(found.current_login),
        "last_login": str(found.last_login),
        "last_api_access": str(found.last_api_access),
        "force_logout": found.force_logout,
        "date_created": str(found.date_created),
        "date_modified": str(found.date_modified),
        "last_pw_change": str(found.last_pw_change),
    }


def whole_user(found: Account) -> dict[str, Any]:
    """As in views: with placeholders where MISP has secrets."""
    return {
        "id": str(found.id),
        "password": "*****",
        **user(found),
        "sub": found.subject,
        "external_auth_required": False,
        "external_auth_key": "",
        "notification_daily": found.notification_daily,
        "notification_weekly": found.notification_weekly,
        "notification_monthly": found.notification_monthly,
        "totp": None,
        "hotp_counter": None,
        "totp_is_set": "1" if found.has_otp else "0",
    }


def key(found: Key) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "uuid": found.uuid,
        "authkey_start": found.authkey_start,
        "authkey_end": found.authkey_end,
        "created": str(found.created),
        "expiration": str(found.expiration),
        "read_only": found.read_only,
        "user_id": str(found.user_id),
        "comment": found.comment,
        "allowed_ips": found.allowed_ips,
        "unique_ips": found.unique_ips,
    }


def user_setting(found: UserSetting) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "setting": found.setting,
        "value": found.value,
        "user_id": str(found.user_id),
        "timestamp": str(found.timestamp),
    }
