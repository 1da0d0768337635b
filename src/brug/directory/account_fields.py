# SPDX-License-Identifier: EUPL-1.2
"""Which fields of a user who may change, and what each takes.

Three tables: what people change about themselves, what an administrator of their
organisation changes, what a site admin changes. A field that is in none is never written.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from brug.directory import fields, moments
from brug.directory.refusals import Refused
from brug.formats import openpgp
from brug.model.errors import Invalid

LANGUAGES = ("en", "nl")
THEMES = ("auto", "light", "dark")


def _one_of(choices: tuple[str, ...]) -> fields.Check:
    def check(field: str, value: Any) -> Any:
        if value not in choices:
            raise Refused(field, "choice", f"one of {', '.join(choices)}", str(value))
        return value

    return check


def _timezone(field: str, value: Any) -> str | None:
    if not value:
        return None
    if value not in available_timezones():
        raise Refused(field, "timezone", "a time zone such as Europe/Amsterdam", str(value))
    return str(value)


def _armoured(begin: str, reason: str) -> fields.Check:
    size = fields.text(65_535)

    def check(field: str, value: Any) -> str:
        text = str(size(field, value)).strip()
        if text and not text.startswith(begin):
            raise Refused(field, reason, f"text that begins with {begin}", text)
        return text

    return check


def gpgkey(field: str, value: Any) -> str:
    """A key that mail can be encrypted to now; "" for none."""
    text = str(fields.text(openpgp.LARGEST)(field, value)).strip()
    try:
        if text:
            openpgp.read(text)
    except Invalid as error:
        raise Refused(field, "gpgkey", error.expected) from error
    return text


def _expiration(field: str, value: Any) -> datetime | None:
    found = moments.seconds(field, value)
    return datetime.fromtimestamp(found, UTC) if found else None


OWN: Mapping[str, fields.Check] = {
    "autoalert": fields.flag,
    "contactalert": fields.flag,
    "gpgkey": gpgkey,
    "certif_public": _armoured("-----BEGIN CERTIFICATE-----", "certif_public"),
    "nids_sid": fields.number(0, 2**31 - 1),
    "termsaccepted": fields.flag,
    "newsread": fields.number(0, 2**31 - 1),
    "notification_daily": fields.flag,
    "notification_weekly": fields.flag,
    "notification_monthly": fields.flag,
    "language": _one_of(LANGUAGES),
    "theme": _one_of(THEMES),
    "timezone": _timezone,
}
_number = fields.number(1, 2**31 - 1)
ADMINISTRATORS: Mapping[str, fields.Check] = {
    **OWN,
    "email": fields.email,
    "role_id": _number,
    "change_pw": fields.flag,
    "disabled": fields.flag,
    "expiration": _expiration,
    "force_logout": fields.flag,
}
SITE_ADMINS: Mapping[str, fields.Check] = {
    **ADMINISTRATORS,
    "org_id": _number,
    "monitored": fields.flag,
}
