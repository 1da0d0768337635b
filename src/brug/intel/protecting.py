# SPDX-License-Identifier: EUPL-1.2
"""Protected events: whoever brings one must sign it with a key that the event lists.

The creator's organisation (or a site admin) protects an event and lists keys. A new event
is checked against the keys that it brings, a known one against those that are stored, so
that no update can replace the signers without one of them.
"""

import base64
import binascii
import time
from collections.abc import Iterable, Sequence
from typing import LiteralString
from uuid import uuid4

import msgspec

from brug.formats import openpgp_signing as openpgp
from brug.intel.finding import Claim, claim_named
from brug.intel.publishing import touch
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.model.naming import number_in
from brug.model.new_event import NewEvent, NewKey
from brug.store import audit
from brug.store.session import Session


class SigningKey(msgspec.Struct, frozen=True):
    """A key whose signatures a protected event accepts."""

    id: int
    uuid: str
    event_id: int
    type: str
    timestamp: int
    key_data: str
    revoked: bool
    fingerprint: str


class NotSigned(Conflict):
    """A protected event came without a valid signature by one of its keys."""

    code = "not_signed"
    status = 405
    public = "Protected event failed signature validation."


class KeyListed(Conflict):
    """The event lists this key already."""

    code = "key_listed"
    public = "This key is already assigned to the target."


_SELECT: LiteralString = (
    "SELECT id, uuid::text, event_id, type, timestamp, key_data, revoked, fingerprint"
    " FROM cryptographic_key "
)


def of_event(session: Session, event_id: int) -> list[SigningKey]:
    """The keys that an event lists."""
    rows = session.all(_SELECT + "WHERE event_id = %s ORDER BY id", (event_id,))
    return [SigningKey(*row) for row in rows]


def listed(session: Session) -> list[SigningKey]:
    """The keys of all events that the session sees."""
    return [SigningKey(*row) for row in session.all(_SELECT + "ORDER BY id")]


def view(session: Session, key_id: str) -> SigningKey:
    """One key. Raises NotFound."""
    row = session.one(_SELECT + "WHERE id = %s", (number_in(key_id),))
    if row is None:
        raise NotFound(f"no cryptographic key {key_id[:40]!r}")
    return SigningKey(*row)


def claim_own(session: Session, key: str | int) -> Claim:
    """The right to say who signs an event. Raises NotFound, Forbidden."""
    held = claim_named(session, key)
    principal = session.principal
    if not principal.is_site_admin and held.orgc_id != principal.org_id:
        raise Forbidden(f"{principal.email} did not create event {held.event_id}")
    return held


def set_protected(session: Session, key: str | int, *, on: bool) -> int:
    """Protects an event or takes that back; its id. Raises NotFound, Forbidden."""
    held = claim_own(session, key)
    session.execute("UPDATE event SET protected = %s WHERE id = %s", (on, held.event_id))
    touch(session, held)
    audit.record(session, "protect" if on else "unprotect", "Event", held.event_id)
    return held.event_id


def add_key(session: Session, event_key: str, text: str) -> SigningKey:
    """Lists a key with an event. Raises NotFound, Forbidden, Invalid, KeyListed."""
    held = claim_own(session, event_key)
    public = openpgp.read_signer(text)
    if any(one.fingerprint == public.fingerprint for one in of_event(session, held.event_id)):
        raise KeyListed(f"{public.fingerprint} is listed")
    _insert(session, held, [NewKey(None, public.text, public.fingerprint)])
    touch(session, held)
    added = next(
        one for one in of_event(session, held.event_id) if one.fingerprint == public.fingerprint
    )
    audit.record(session, "add", "CryptographicKey", added.id, public.fingerprint)
    return added


def remove_key(session: Session, key_id: str) -> SigningKey:
    """Takes a key off its event. Raises NotFound, Forbidden."""
    found = view(session, key_id)
    held = claim_own(session, found.event_id)
    session.execute("DELETE FROM cryptographic_key WHERE id = %s", (found.id,))
    touch(session, held)
    audit.record(session, "delete", "CryptographicKey", found.id, found.fingerprint)
    return found


def take_keys(session: Session, held: Claim, new: Sequence[NewKey]) -> None:
    """The keys that came with a claimed event are its keys from now on; none says nothing."""
    if not new:
        return
    session.execute(
        "DELETE FROM cryptographic_key WHERE event_id = %s AND NOT fingerprint = ANY (%s)",
        (held.event_id, [one.fingerprint for one in new]),
    )
    _insert(session, held, new)


def _insert(session: Session, held: Claim, new: Iterable[NewKey]) -> None:
    for one in new:
        session.execute(
            "INSERT INTO cryptographic_key (uuid, event_id, key_data, fingerprint, revoked,"
            " timestamp) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (event_id, fingerprint)"
            " DO UPDATE SET revoked = cryptographic_key.revoked OR excluded.revoked",
            (
                one.uuid or str(uuid4()), held.event_id, one.text, one.fingerprint, one.revoked,
                int(time.time()),
            ),
        )  # fmt: skip


def require_signature(texts: Iterable[str], raw: bytes, header: str) -> None:
    """Raises NotSigned unless one of the keys signed the body, in Base64 in `header`."""
    try:
        signature = base64.b64decode(header, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotSigned("the signature is no Base64") from error
    data = openpgp.without_whitespace(raw)
    if not signature or not any(openpgp.verifies(text, data, signature) for text in texts):
        raise NotSigned("none of the event's keys signed what came")


def is_protected(session: Session, event_id: int) -> bool:
    """Whether a visible event is protected."""
    return bool(session.value("SELECT protected FROM event WHERE id = %s", (event_id,)))


def check_new(new: NewEvent, raw: bytes, header: str) -> None:
    """Raises NotSigned where a protected event comes unsigned by a key that it lists."""
    if new.protected:
        require_signature([one.text for one in new.keys if not one.revoked], raw, header)


def check_known(session: Session, event_id: int, new: NewEvent, raw: bytes, header: str) -> None:
    """The same for a change of a known event, by the keys that are stored."""
    if not is_protected(session, event_id):
        check_new(new, raw, header)
        return
    stored = of_event(session, event_id)
    require_signature([one.key_data for one in stored if not one.revoked], raw, header)
