# SPDX-License-Identifier: EUPL-1.2
"""The OpenPGP keys that mail to the node is encrypted to: made by the node, the secrets sealed.

There is one as soon as the node takes mail in. Another replaces it before it ends, when the node's
addresses change, and when somebody asks for one; those before it still open what comes late, until
a site admin destroys them. What signs documents is another key (`node_keys`).
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from brug.formats import openpgp_mail
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.store import audit, settings
from brug.store.session import Session

VALID = timedelta(days=2 * 365)
# Whoever keeps a key for its last months learns of the next one in time.
BEFORE_ITS_END = timedelta(days=90)
_PURPOSE = "mail_key "


class NoAddress(Conflict):
    """A key for mail was to be made, and there is no address that it would be for."""

    public = "This node takes no mail: neither mail.inbound_address nor mail.from is set."


class IsCurrent(Conflict):
    """The key that people encrypt to now was to be destroyed."""

    public = "People encrypt to this key: make a new one first."


class Key(msgspec.Struct, frozen=True):
    """`is_current`: letters and directories name it; `opens`: the secret is still here."""

    fingerprint: str
    text: str
    addresses: list[str]
    made: datetime
    expires: datetime
    opens: bool
    is_current: bool = False


_COLUMNS = "fingerprint, public, addresses, made, expires, sealed IS NOT NULL"


def stored(session: Session) -> list[Key]:
    """All of them, the newest first; of this and the following the session is the system's."""
    rows = session.all("SELECT " + _COLUMNS + " FROM mail_key ORDER BY id DESC")
    keys = [Key(*row) for row in rows]
    now: datetime = session.value("SELECT now()")
    newest = next((one for one in keys if one.opens and one.expires > now), None)
    return [msgspec.structs.replace(one, is_current=one is newest) for one in keys]


def current(session: Session) -> Key | None:
    """The one that people shall encrypt to now."""
    return next((one for one in stored(session) if one.is_current), None)


def ensure(session: Session) -> Key | None:
    """The same, made where there is none that fits; nothing where no mail is taken in."""
    values = settings.all_settings(session)
    addresses = _addresses(values)
    if not values["mail.inbound"] or not addresses:
        return None
    if (known := _fitting(session, addresses)) is not None:
        return known
    # Whoever makes one at the same moment waits, and finds it made.
    session.execute("LOCK TABLE mail_key IN SHARE ROW EXCLUSIVE MODE")
    return _fitting(session, addresses) or make(session)


def _fitting(session: Session, addresses: list[str]) -> Key | None:
    known = current(session)
    if known is None or known.addresses != addresses:
        return None
    now: datetime = session.value("SELECT now()")
    return known if known.expires - now >= BEFORE_ITS_END else None


def make(session: Session) -> Key:
    """A new key, current from now on. Raises Conflict where the node has no address."""
    values = settings.all_settings(session)
    addresses = _addresses(values)
    if not addresses:
        raise NoAddress("neither mail.inbound_address nor mail.from is set")
    secret, public = openpgp_mail.new_key(
        values["node.title"], addresses, int(VALID.total_seconds())
    )
    sealed = session.seal.close(b64encode(secret).decode(), _PURPOSE + public.fingerprint)
    number = session.value(
        "INSERT INTO mail_key (fingerprint, public, addresses, sealed, expires)"
        " VALUES (%s, %s, %s, %s, now() + %s) RETURNING id",
        (public.fingerprint, public.text, addresses, sealed, VALID),
    )
    audit.record(session, "add", "MailKey", int(number), public.fingerprint)
    return next(one for one in stored(session) if one.fingerprint == public.fingerprint)


def secrets(session: Session) -> list[bytes]:
    """Those that open what comes, the newest first. Raises Unavailable."""
    rows = session.all(
        "SELECT fingerprint, sealed FROM mail_key WHERE sealed IS NOT NULL ORDER BY id DESC"
    )
    return [b64decode(session.seal.open(sealed, _PURPOSE + name)) for name, sealed in rows]


def replace(session: Session) -> Key:
    """A new key, by a site admin. Raises Forbidden, Conflict."""
    _require_admin(session)
    with session.as_system():
        return make(session)


def listed(session: Session) -> list[Key]:
    """All of them, for site admins. Raises Forbidden."""
    _require_admin(session, writes=False)
    with session.as_system():
        return stored(session)


def destroy(session: Session, fingerprint: str) -> Key:
    """What is encrypted to it opens no more, by a site admin; never the one that is current.

    Raises Forbidden, NotFound, Conflict.
    """
    _require_admin(session)
    wanted = "".join(fingerprint.split()).upper()
    with session.as_system():
        found = next((one for one in stored(session) if one.fingerprint == wanted), None)
        if found is None or not found.opens:
            raise NotFound("no such key opens mail here")
        if found.is_current:
            raise IsCurrent("people encrypt to this key: make a new one first")
        number = session.value(
            "UPDATE mail_key SET sealed = NULL WHERE fingerprint = %s RETURNING id", (wanted,)
        )
        audit.record(session, "delete", "MailKey", int(number), wanted)
    return msgspec.structs.replace(found, opens=False)


def _require_admin(session: Session, *, writes: bool = True) -> None:
    me = session.principal
    if not me.is_site_admin or (writes and me.read_only):
        raise Forbidden("keys for mail are the site admins'")


def _addresses(values: Mapping[str, Any]) -> list[str]:
    """Where answers go first, and where letters come from."""
    both = (values["mail.inbound_address"], values["mail.from"])
    return list(dict.fromkeys(one for one in both if one))
