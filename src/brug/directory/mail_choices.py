# SPDX-License-Identifier: EUPL-1.2
"""Which mail about events is wanted: filters of a user, and of an organisation for its people.

An event has to pass both. An organisation may also say how often its people get mail at most:
who asked for more gets none of that. Filters narrow what rights allow, and never widen it.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec
from psycopg.types.json import Jsonb

from brug.directory import accounts, audit, organisations
from brug.directory.refusals import Refused
from brug.model import tlp
from brug.model.attribute_types import TYPES
from brug.model.errors import Forbidden
from brug.store.session import Session

Frequency = Literal["immediately", "daily", "weekly", "monthly"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
LISTS = ("tags", "orgs", "types")
MOST_NAMES, LONGEST_NAME = 100, 255
_TYPES = frozenset(name.lower() for name in TYPES)


class Choice(msgspec.Struct, frozen=True):
    """`frequencies` are an organisation's; None: whatever its people ask for."""

    filters: dict[str, Any] = {}
    frequencies: list[str] | None = None


def of_user(session: Session, user_id: int) -> Choice:
    """What somebody chose; nothing where that is nobody's business here."""
    return _found(session, "SELECT filters, NULL FROM mail_choice WHERE user_id = %s", user_id)


def of_organisation(session: Session, org_id: int) -> Choice:
    return _found(session, "SELECT filters, frequencies FROM mail_choice WHERE org_id = %s", org_id)


def _found(session: Session, query: Any, key: int) -> Choice:
    row = session.one(query, (key,))
    return Choice(*row) if row else Choice()


def set_own(session: Session, given: Mapping[str, Any]) -> Choice:
    """Filters of whoever asks. Raises Refused."""
    return set_for_user(session, session.principal.user_id, given)


def set_for_user(session: Session, user_id: int, given: Mapping[str, Any]) -> Choice:
    """Raises Refused; NotFound and Forbidden for whom one does not administer."""
    account = accounts.view(session, user_id)
    me = session.principal
    if user_id != me.user_id and not me.is_site_admin:
        raise Forbidden(f"{me.email} may not choose for {account.email}")
    filters = checked(given)
    session.execute(
        "INSERT INTO mail_choice (user_id, filters) VALUES (%s, %s)"
        " ON CONFLICT (user_id) DO UPDATE SET filters = excluded.filters",
        (user_id, Jsonb(filters)),
    )
    audit.record(session, "edit", "User", user_id, account.email, {"mail": filters})
    return of_user(session, user_id)


def set_for_organisation(
    session: Session, org_id: int, given: Mapping[str, Any], frequencies: list[str] | None
) -> Choice:
    """For the people of an organisation. Raises Refused, NotFound, Forbidden."""
    me = session.principal
    org = organisations.view(session, org_id)
    if not (me.is_site_admin or (me.may("admin") and me.org_id == org.id)):
        raise Forbidden(f"{me.email} may not choose for {org.name}")
    filters = checked(given)
    if frequencies is not None:
        wrong = sorted(set(frequencies) - set(FREQUENCIES))
        if wrong:
            raise Refused("frequencies", "choice", "some of " + ", ".join(FREQUENCIES), wrong[0])
        frequencies = [one for one in FREQUENCIES if one in frequencies]
    if frequencies == list(FREQUENCIES):
        frequencies = None
    session.execute(
        "INSERT INTO mail_choice (org_id, filters, frequencies) VALUES (%s, %s, %s)"
        " ON CONFLICT (org_id) DO UPDATE SET filters = excluded.filters,"
        " frequencies = excluded.frequencies",
        (org.id, Jsonb(filters), frequencies),
    )
    change = {"mail": filters, "frequencies": frequencies}
    audit.record(session, "edit", "Organisation", org.id, org.name, change)
    return of_organisation(session, org.id)


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Filters as they are stored. Raises Refused, naming the field."""
    unknown = sorted(set(given) - {*LISTS, "threat_level", "tlp"})
    if unknown:
        raise Refused(unknown[0], "unknown", "one of tags, orgs, types, threat_level, tlp")
    found: dict[str, Any] = {}
    for name in LISTS:
        names = given.get(name) or []
        if not isinstance(names, list) or len(names) > MOST_NAMES:
            reason = "many" if isinstance(names, list) else "type"
            raise Refused(name, reason, f"a list of at most {MOST_NAMES} names", str(names))
        kept = [_name(name, one) for one in names]
        if kept:
            found[name] = kept
    level = given.get("threat_level")
    if level is not None and level != "":
        if isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= 3:
            raise Refused("threat_level", "range", "1 (high), 2 (medium) or 3 (low)", str(level))
        found["threat_level"] = level
    label = given.get("tlp")
    if label:
        if label not in tlp.LABELS:
            raise Refused("tlp", "choice", f"one of {', '.join(tlp.LABELS)}", str(label))
        found["tlp"] = label
    return found


def _name(field: str, value: Any) -> str:
    expected = f"names of 1 to {LONGEST_NAME} characters"
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        reason = "long" if isinstance(value, str) else "type"
        raise Refused(field, reason, expected, str(value))
    if not value.strip("! "):
        raise Refused(field, "empty", expected, value)
    if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in value):
        raise Refused(field, "characters", "no control characters")
    if field == "types" and value.strip("! ").lower() not in _TYPES:
        raise Refused(field, "types", "types of attributes", value)
    return value.strip()
