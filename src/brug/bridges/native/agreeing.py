# SPDX-License-Identifier: EUPL-1.2
"""Agreements over the native protocol: each side tells what it signed, once.

    {"kind": "agreement", "document": {...}, "key_id": "...", "signature": "..."}

The signature is over the canonical bytes of the document. The answer says the digest of what
was taken, and with which signature the other side has accepted the same version, if it has.
"""

from hashlib import sha256
from typing import Any

from brug.bridges import agreements, identity
from brug.bridges.agreements import Agreement
from brug.bridges.native import client
from brug.bridges.partners import BridgeRow
from brug.formats import json_text
from brug.formats.canonical import canonical
from brug.model.errors import BrugError, Invalid
from brug.store.session import Database, Session

KIND = "agreement"


def taken(session: Session, bridge: BridgeRow, message: dict[str, Any]) -> dict[str, Any]:
    """The handler: takes what the partner signed. Raises Invalid and Forbidden."""
    document = canonical(_object(message.get("document")))
    key_id = message.get("key_id")
    if not isinstance(key_id, str):
        raise Invalid("key_id", "the id of the key that signed")
    signature = identity.in_bytes(message.get("signature"), "signature", 64)
    found = agreements.take(session, bridge, document, key_id, signature)
    said: dict[str, Any] = {
        "kind": KIND, "version": found.version, "digest": identity.in_text(found.digest),
    }  # fmt: skip
    if (ours := agreements.signature_of(session, found)) is not None:
        said["accepted"] = _signed(ours)
        _note(session, found.id)
    return said


def carry(database: Database, bridge: BridgeRow) -> int:
    """Tells the partner of each version that we signed and it was not told of; how many.

    One that the partner refuses is not told again: the reason is kept. Raises what `send`
    does where the partner does not answer.
    """
    with database.system() as session:
        due = _due(session, bridge)
        messages = [(one, _message(session, one)) for one in due]
    for one, message in messages:
        try:
            reply = client.send(database, bridge, canonical(message)).document
        except client.PartnerRefused as error:
            if not error.signed or error.answered >= 500 or error.reason == "bridge_not_open":
                raise
            with database.system() as session:
                _note(session, one.id, str(error))
            continue
        with database.system() as session:
            _heard(session, bridge, one, reply)
    return len(messages)


def due(session: Session, bridge: BridgeRow) -> list[dict[str, Any]]:
    """The messages that tell of them, for a partner that fetches them."""
    return [_message(session, one) for one in _due(session, bridge)]


def heard(session: Session, bridge: BridgeRow, reply: dict[str, Any]) -> None:
    """What such a partner says to one. Raises Invalid."""
    for one in _due(session, bridge):
        if reply.get("digest") == identity.in_text(sha256(one.document).digest()):
            _heard(session, bridge, one, reply)
            return


def _due(session: Session, bridge: BridgeRow) -> list[Agreement]:
    told = {
        row[0]
        for row in session.all(
            "SELECT t.agreement_id FROM agreement_told t JOIN agreement a ON a.id = t.agreement_id"
            " WHERE a.bridge_id = %s",
            (bridge.id,),
        )
    }
    found = agreements.history(session, bridge.id)
    return [one for one in reversed(found) if one.ours is not None and one.id not in told]


def _message(session: Session, one: Agreement) -> dict[str, Any]:
    signed = agreements.signature_of(session, one)
    if signed is None:
        raise BrugError(f"version {one.version} was accepted without a signature")
    document = json_text.decode(one.document)
    return {"kind": KIND, "document": document, **_signed(signed)}


def _heard(session: Session, bridge: BridgeRow, one: Agreement, reply: Any) -> None:
    """The partner has it; it may have accepted it before."""
    if not isinstance(reply, dict) or reply.get("digest") != identity.in_text(
        sha256(one.document).digest()
    ):
        raise Invalid("digest", "that of the agreement that was told")
    _note(session, one.id)
    accepted = reply.get("accepted")
    if accepted is not None:
        said = _object(accepted, "accepted")
        signature = identity.in_bytes(said.get("signature"), "accepted.signature", 64)
        agreements.take(session, bridge, one.document, str(said.get("key_id")), signature)


def _note(session: Session, agreement_id: int, problem: str = "") -> None:
    session.execute(
        "INSERT INTO agreement_told (agreement_id, problem) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (agreement_id, problem[:1000]),
    )


def _signed(by: identity.Signature) -> dict[str, str]:
    return {"key_id": by.key_id, "signature": identity.in_text(by.signature)}


def _object(value: Any, field: str = "document") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(field, "an object")
    return value
