# SPDX-License-Identifier: EUPL-1.2
"""The addresses that are told: whose they are, of what they hear, whether they answer.

A hook is a person's, or an organisation's: then whoever administers the organisation and works
on cases looks after it. Address and secret are sealed; the secret is shown once.
"""

from collections.abc import Collection
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from psycopg.types.json import Jsonb

from brug.cases.hooks.noting import EVENTS
from brug.cases.refusing import Refused
from brug.edge import outgoing
from brug.formats import webhooks
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.words import N_
from brug.store import audit, settings
from brug.store.session import Session

MOST = 20
LONGEST_NAME, LONGEST_URL = 100, 2000
KEPT = 50  # deliveries of a hook that are listed
_URL, _SECRET = "case hook url ", "case hook secret "


class Hook(msgspec.Struct, frozen=True):
    """What its owner knows of one. `host` and path tell addresses apart; queries hold secrets."""

    id: int
    name: str
    url: str
    events: list[str]
    is_of_org: bool
    made: datetime
    paused: datetime | None
    why: str
    failing: datetime | None
    waiting: int


class Sent(msgspec.Struct, frozen=True):
    """One attempt. `status` is what the other side answered, 0 where it did not."""

    at: datetime
    message: str
    event: str
    number: str
    tries: int
    status: int
    said: str


_COLUMNS = (
    "h.id, h.uuid::text, h.name, h.url, h.events, h.user_id IS NULL, h.made, h.paused, h.why,"
    " h.failing, (SELECT count(*) FROM case_hook_due d WHERE d.hook_id = h.id)"
)


def listed(session: Session) -> list[Hook]:
    """The principal's own, and those of its organisation where it looks after them."""
    rows = session.all("SELECT " + _COLUMNS + " FROM case_hook h ORDER BY h.id")
    return [_read(session, row) for row in rows]


def find(session: Session, which: str) -> Hook:
    """Raises NotFound."""
    row = None
    if which.isascii() and which.isdecimal() and len(which) < 10:
        row = session.one("SELECT " + _COLUMNS + " FROM case_hook h WHERE h.id = %s", (int(which),))
    if row is None:
        raise NotFound(f"no webhook {which[:20]}")
    return _read(session, row)


def _read(session: Session, row: tuple[object, ...]) -> Hook:
    number, uuid, name, sealed, *rest = row
    url = session.seal.open(sealed, f"{_URL}{uuid}")  # type: ignore[arg-type]
    return Hook(number, name, url, *rest)  # type: ignore[arg-type]


def add(
    session: Session, url: str, events: Collection[str], name: str = "", *, of_org: bool = False
) -> tuple[Hook, str]:
    """With its secret, which nobody is told again. Raises Invalid, Forbidden, Conflict."""
    me = session.principal
    if me.read_only or (of_org and not may_for_org(session)):
        raise Forbidden(f"{me.email} may not look after webhooks of {me.org_name}")
    url, name = require_url(session, url), name.strip()
    if len(name) > LONGEST_NAME or not (name.isprintable() or not name):
        raise Invalid("name", f"a text of at most {LONGEST_NAME} characters", name)
    chosen = [one for one in EVENTS if one in events]
    if not chosen or set(events) - set(EVENTS):
        raise Invalid("events", f"some of {', '.join(EVENTS)}", ", ".join(sorted(events)))
    if len(listed(session)) >= MOST:
        raise Refused(N_("No more than %(most)s webhooks are kept."), most=MOST)
    uuid, secret = str(uuid4()), webhooks.make_secret()
    made = session.value(
        "INSERT INTO case_hook (uuid, user_id, org_id, name, url, secret, events)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            uuid,
            None if of_org else me.user_id,
            me.org_id,
            name,
            session.seal.close(url, f"{_URL}{uuid}"),
            session.seal.close(secret, f"{_SECRET}{uuid}"),
            chosen,
        ),
    )
    host = urlsplit(url).hostname or ""
    audit.record(session, "add", "Webhook", made, name, {"host": host, "events": chosen})
    return find(session, str(made)), secret


def may_for_org(session: Session) -> bool:
    return session.principal.may("admin") and session.principal.may("case")


def require_url(session: Session, url: str) -> str:
    """https; or http to a network that whoever runs the node allows by name. Raises Invalid."""
    url = url.strip()
    expected = "an https address, without user and password, of at most 2000 characters"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid("url", expected, url) from error
    fine = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not fine or not host or parts.username or parts.password or parts.fragment:
        raise Invalid("url", expected, url)
    networks = settings.get(session, "outgoing.private_networks")
    try:
        address = ip_address(host)
    except ValueError:
        address = None
    if address is not None and not outgoing.is_allowed(address, networks):
        raise Invalid("url", "an address that this node may ask (outgoing.private_networks)", url)
    is_near = address is not None and not outgoing.is_allowed(address, ())
    if parts.scheme != "https" and not (parts.scheme == "http" and is_near):
        raise Invalid("url", expected, url)
    return url


def remove(session: Session, which: str) -> None:
    """And all that it was still to be told. Raises NotFound."""
    hook = find(session, which)
    _require_writing(session)
    session.execute("DELETE FROM case_hook WHERE id = %s", (hook.id,))
    audit.record(session, "delete", "Webhook", hook.id, hook.name)


def pause(session: Session, which: str) -> None:
    """It is told nothing until it is resumed, and what happens meanwhile not at all."""
    hook = find(session, which)
    _require_writing(session)
    session.execute(
        "UPDATE case_hook SET paused = now(), why = 'asked' WHERE id = %s AND paused IS NULL",
        (hook.id,),
    )
    session.execute("DELETE FROM case_hook_due WHERE hook_id = %s", (hook.id,))
    audit.record(session, "edit", "Webhook", hook.id, hook.name, {"paused": True})


def resume(session: Session, which: str) -> None:
    """From now on. Raises NotFound."""
    hook = find(session, which)
    _require_writing(session)
    session.execute(
        "UPDATE case_hook SET paused = NULL, why = '', failing = NULL, next = now() WHERE id = %s",
        (hook.id,),
    )
    audit.record(session, "edit", "Webhook", hook.id, hook.name, {"paused": False})


def try_out(session: Session, which: str) -> None:
    """Has it told something that did not happen. Raises NotFound, Conflict."""
    hook = find(session, which)
    _require_writing(session)
    if hook.paused:
        raise Refused(N_("Webhook %(number)s is paused: let it go on first."), number=hook.id)
    session.execute(
        "INSERT INTO case_hook_due (hook_id, event, details) VALUES (%s, 'test', %s)",
        (hook.id, Jsonb({})),
    )
    # Whoever mended what failed asks now, and not when it would be tried again by itself.
    session.execute("UPDATE case_hook SET next = now() WHERE id = %s", (hook.id,))


def sent(session: Session, which: str) -> list[Sent]:
    """The last attempts, the newest first. Raises NotFound."""
    rows = session.all(
        "SELECT at, message::text, event, number, tries, status, said FROM case_hook_sent"
        " WHERE hook_id = %s ORDER BY id DESC LIMIT %s",
        (find(session, which).id, KEPT),
    )
    return [Sent(*row) for row in rows]


def secrets_of(session: Session, hook_id: int) -> tuple[str, str]:
    """Address and secret, to send with."""
    row = session.one("SELECT uuid::text, url, secret FROM case_hook WHERE id = %s", (hook_id,))
    if row is None:
        raise NotFound(f"no webhook {hook_id}")
    uuid, url, secret = row
    return session.seal.open(url, f"{_URL}{uuid}"), session.seal.open(secret, f"{_SECRET}{uuid}")


def _require_writing(session: Session) -> None:
    if session.principal.read_only:
        raise Forbidden("the key reads only")
