# SPDX-License-Identifier: EUPL-1.2
"""Partners that are reached by mail: the bridge, its contacts, and how often they hear.

What may go there is agreed like with any partner (`brug bridge agreement`) and accepted on
paper. The bridge's account belongs to the partner's organisation and reads nothing else than
that may; nobody signs in as it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar, get_args

import msgspec

from brug.bridges import one_sided, partners
from brug.bridges.crossing import asking
from brug.bridges.gate import keys
from brug.bridges.partners import BridgeRow
from brug.directory import fields, organisations
from brug.directory.account_fields import gpgkey
from brug.directory.refusals import Refused
from brug.formats import openpgp
from brug.model.errors import Conflict, Invalid, NotFound
from brug.store import audit, settings
from brug.store.session import Session

Frequency = Literal["immediately", "daily", "weekly", "monthly"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
LANGUAGES: tuple[str, ...] = ("en", "nl")
MOST_CONTACTS = 50


class Mailbox(msgspec.Struct, frozen=True):
    """How a bridge by mail is set. What was published before `since` goes by hand only."""

    bridge_id: int
    frequency: Frequency
    since: datetime
    next_digest: datetime | None


class Contact(msgspec.Struct, frozen=True):
    """Somebody at the partner; `problem` is why the last letter was not taken."""

    id: int
    email: str
    gpgkey: str
    language: str
    problem: str

    @property
    def has_usable_key(self) -> bool:
        return keys.is_usable(self.gpgkey)


class Handed(msgspec.Struct, frozen=True):
    """That a contact has a letter, and what was too large for it: "no_files", "bare" or ""."""

    email: str
    at: datetime
    left_out: str


def next_digest(frequency: Frequency, after: datetime) -> datetime | None:
    """Midnight in UTC: of a day, of Monday, of the first. None where nothing is gathered."""
    day = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if frequency == "daily":
        return day + timedelta(days=1)
    if frequency == "weekly":
        return day + timedelta(days=7 - day.weekday())
    if frequency == "monthly":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None


def view(session: Session, bridge: BridgeRow) -> Mailbox:
    """Raises NotFound where the bridge is none of mail."""
    row = session.one(
        "SELECT bridge_id, frequency, since, nullif(next_digest, 'infinity') FROM mail_bridge"
        " WHERE bridge_id = %s",
        (bridge.id,),
    )
    if row is None:
        raise NotFound(f"bridge {bridge.id} does not go by mail")
    return Mailbox(*row)


def contacts(session: Session, bridge_id: int) -> list[Contact]:
    rows = session.all(
        "SELECT id, email, gpgkey, language, problem FROM mail_contact WHERE bridge_id = %s"
        " ORDER BY lower(email)",
        (bridge_id,),
    )
    return [Contact(*row) for row in rows]


def handed(session: Session, crossing_id: int) -> list[Handed]:
    """Who has the letter of a crossing, the first first."""
    rows = session.all(
        "SELECT c.email, h.at, h.left_out FROM mail_handed h"
        " JOIN mail_contact c ON c.id = h.contact_id WHERE h.crossing_id = %s ORDER BY h.at, c.id",
        (crossing_id,),
    )
    return [Handed(*row) for row in rows]


def last_letters(session: Session) -> dict[int, datetime]:
    """By bridge when a letter was last handed to the mail server, whatever it was about."""
    with session.as_system():
        rows = session.all(
            "SELECT c.bridge_id, max(h.at) FROM mail_handed h"
            " JOIN mail_contact c ON c.id = h.contact_id GROUP BY c.bridge_id"
        )
    return dict(rows)


def add(session: Session, organisation: int | str, given: Mapping[str, Any]) -> BridgeRow:
    """The bridge by mail to an organisation, open; made where there is none.

    `given` may say `name`, `relation`, `frequency` and `since`. Nothing goes before there are a
    contact and an agreement in force. Raises NotFound, Refused, Conflict, Forbidden.
    """
    partners.require_admin(session)
    org = organisations.view(session, organisation)
    relation = str(given.get("relation") or "community")
    one_sided.check(session, org, relation)
    frequency = _among("frequency", str(given.get("frequency") or "immediately"), FREQUENCIES)
    name = fields.text(255)("name", given.get("name") or "").strip() or org.name
    since = _since(given.get("since"))
    known = session.one(
        "SELECT b.id, b.state FROM bridge b JOIN partner p ON p.id = b.partner_id"
        " WHERE p.org_id = %s AND b.transport = 'mail' ORDER BY b.id LIMIT 1",
        (org.id,),
    )
    if known is not None and known[1] != "closed":
        raise Conflict(f"there is a bridge by mail to {org.name}: {known[0]}")
    if known is None:
        bridge_id = one_sided.make(session, org, "mail", name, relation)
    else:
        bridge_id = int(known[0])
        session.execute("UPDATE bridge SET state = 'open' WHERE id = %s", (bridge_id,))
    digest = next_digest(frequency, datetime.now(UTC))
    session.execute(
        "INSERT INTO mail_bridge (bridge_id, frequency, since, next_digest)"
        " VALUES (%s, %s, %s, coalesce(%s::timestamptz, 'infinity'))"
        " ON CONFLICT (bridge_id) DO UPDATE SET frequency = excluded.frequency,"
        " since = excluded.since, next_digest = excluded.next_digest",
        (bridge_id, frequency, since, digest),
    )
    change = {"transport": "mail", "frequency": frequency, "since": since.isoformat()}
    made = partners.view(session, bridge_id)
    audit.record(session, "add", "Bridge", bridge_id, made.partner, change)
    return made


def change(session: Session, bridge: BridgeRow, given: Mapping[str, Any]) -> Mailbox:
    """Sets `frequency` and `since`, as far as given. Raises Refused, NotFound, Forbidden."""
    partners.require_admin(session)
    known = view(session, bridge)
    frequency, since, digest = known.frequency, known.since, known.next_digest
    if given.get("frequency") is not None:
        frequency = _among("frequency", str(given["frequency"]), FREQUENCIES)
    if frequency != known.frequency:
        digest = next_digest(frequency, datetime.now(UTC))
    if given.get("since") is not None:
        since = _since(given["since"])
    session.execute(
        "UPDATE mail_bridge SET frequency = %s, since = %s,"
        " next_digest = coalesce(%s::timestamptz, 'infinity') WHERE bridge_id = %s",
        (frequency, since, digest, bridge.id),
    )
    said: dict[str, list[str]] = {
        "frequency": [known.frequency, frequency],
        "since": [known.since.isoformat(), since.isoformat()],
    }
    changed = {name: both for name, both in said.items() if both[0] != both[1]}
    audit.record(session, "edit", "Bridge", bridge.id, bridge.partner, changed)
    if since < known.since:
        _look_again(session, bridge)
    return view(session, bridge)


def put_contact(session: Session, bridge: BridgeRow, given: Mapping[str, Any]) -> Contact:
    """Adds a contact, or changes the one with this address.

    `gpgkey` and `language` stay as they are where they are not given. The contact's own key may
    come revoked or expired: nothing is encrypted to it from then on. Everything is decided
    anew, as what has to be encrypted may go from now on, or may not any more. Raises Refused,
    NotFound, Forbidden.
    """
    partners.require_admin(session)
    view(session, bridge)
    email = fields.mail_address("email", given.get("email"))
    key, language = given.get("gpgkey"), given.get("language")
    if language is not None:
        language = _among("language", str(language), LANGUAGES)
    known = [one for one in contacts(session, bridge.id) if one.email.lower() == email.lower()]
    if key is not None and not (known and openpgp.is_ended(str(key), known[0].gpgkey)):
        key = gpgkey("gpgkey", key)
    if not known and len(contacts(session, bridge.id)) >= MOST_CONTACTS:
        raise Refused("email", "many", f"at most {MOST_CONTACTS} contacts", email)
    standard = settings.get(session, "node.language")
    session.execute(
        "INSERT INTO mail_contact AS c (bridge_id, email, gpgkey, language)"
        " VALUES (%(bridge)s, %(email)s, coalesce(%(key)s, ''), coalesce(%(language)s, %(std)s))"
        " ON CONFLICT (bridge_id, lower(email)) DO UPDATE SET"
        " gpgkey = coalesce(%(key)s, c.gpgkey), language = coalesce(%(language)s, c.language),"
        " problem = ''",
        {"bridge": bridge.id, "email": email, "key": key, "language": language, "std": standard},
    )
    said = {"contact": email, "key": bool(key) if key is not None else "as it was"}
    audit.record(session, "edit", "Bridge", bridge.id, bridge.partner, said)
    _look_again(session, bridge)
    with session.as_system():
        asking.try_now(session, bridge.id)
    return contact(session, bridge, email)


def contact(session: Session, bridge: BridgeRow, email: str) -> Contact:
    """Raises NotFound."""
    for one in contacts(session, bridge.id):
        if one.email.lower() == email.strip().lower():
            return one
    raise NotFound(f"no contact {email[:200]!r} of bridge {bridge.id}")


def drop_contact(session: Session, bridge: BridgeRow, email: str) -> Contact:
    """Raises NotFound, Forbidden."""
    partners.require_admin(session)
    found = contact(session, bridge, email)
    session.execute("DELETE FROM mail_contact WHERE id = %s", (found.id,))
    audit.record(session, "edit", "Bridge", bridge.id, bridge.partner, {"dropped": found.email})
    _look_again(session, bridge)
    return found


def _look_again(session: Session, bridge: BridgeRow) -> None:
    with session.as_system():
        asking.look_again(session, bridge.id)


Choice = TypeVar("Choice", bound=str)


def _among(field: str, value: str, choices: tuple[Choice, ...]) -> Choice:
    for one in choices:
        if one == value:
            return one
    raise Refused(field, "choice", "one of " + ", ".join(choices), value)


def _since(given: Any) -> datetime:
    """A time, or the first moment of a day in UTC; now if nothing is said."""
    if not given:
        return datetime.now(UTC)
    try:
        found = given if isinstance(given, datetime) else datetime.fromisoformat(str(given).strip())
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("since", "a day such as 2026-01-31", str(given)) from error
    if not 1970 <= found.year < 2100:
        raise Invalid("since", "a day from 1970 to 2099", str(given))
    return found
