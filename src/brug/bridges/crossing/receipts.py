# SPDX-License-Identifier: EUPL-1.2
"""Receipts: the receiver's signed statement that a crossing arrived and was stored.

A receipt is a document, not a matter of the connection: it names the bridge, the item, its
version and the digest of the bytes that arrived, and holds on its own.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import identity, partners
from brug.bridges.crossing.messages import Message, Written
from brug.bridges.identity import Signer
from brug.bridges.partners import BridgeRow
from brug.formats.canonical import canonical
from brug.model.errors import BrugError
from brug.store.session import Database

_WHAT = "brug-receipt/1"


class Later(msgspec.Struct, frozen=True):
    """There was no room for a message this time."""


class InPart(msgspec.Struct, frozen=True):
    """A receipt of a message of which the partner did not take all, and what it left out."""

    receipt: dict[str, Any]
    left_out: str


# What became of a message: the partner's receipt, None where the way brings none back at once,
# or why the partner did not take it.
Result = dict[str, Any] | InPart | BrugError | Later | None

_MOST_NAMED = 5


class NoReceipt(BrugError):
    """The partner's answer is none that proves the arrival."""

    code = "no_receipt"
    status = 502
    public = "The partner's answer holds no valid receipt."


def made(
    signer: Signer, bridge: BridgeRow, message: Message, digest: bytes, outcome: str, at: datetime
) -> dict[str, Any]:
    """The signed statement over a message that is stored.

    `digest` is of the message as it came, before it was read.
    """
    statement = {
        "what": _WHAT,
        "bridge": str(bridge.uuid),
        "kind": message["kind"],
        "event": message["event_uuid"],
        "version": message["version"],
        "digest": digest.hex(),
        "outcome": outcome,
        "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    signature = b64encode(signer.sign(canonical(statement))).decode()
    return {"statement": statement, "key": signer.key_id, "signature": signature}


def of_answers(
    database: Database, bridge: BridgeRow, several: Sequence[Written], answers: Any
) -> list[Result]:
    """Of each message its receipt, or why there is none. Raises NoReceipt for no list of them."""
    if not isinstance(answers, list) or len(answers) != len(several):
        raise NoReceipt("the answer is no list of as many answers as there were messages")
    with database.system() as session:
        keys = partners.keys_of(session, bridge.partner_id)
    now = datetime.now(UTC)
    valid = {key.key_id: key.public for key in keys if key.is_valid(now)}
    found: list[Result] = []
    for written, answer in zip(several, answers, strict=True):
        try:
            receipt = _checked(bridge, written, answer, valid)
        except NoReceipt as error:
            found.append(error)
        else:
            left_out = _left_out(answer.get("refused"))
            found.append(InPart(receipt, left_out) if left_out else receipt)
    return found


def _left_out(refused: Any) -> str:
    """The parts that the partner says it did not take, and why; empty where it took all."""
    parts = [one for one in refused if isinstance(one, dict)] if isinstance(refused, list) else []
    if not parts:
        return ""
    named = "; ".join(
        f"{str(one.get('place'))[:100]} ({_why(one.get('errors'))})" for one in parts[:_MOST_NAMED]
    )
    more = f"; and {len(parts) - _MOST_NAMED} more" if len(parts) > _MOST_NAMED else ""
    text = f"The partner did not take: {named}{more}".replace("\0", "")
    return text.encode("utf-8", "replace").decode()  # halves of characters cannot be stored


def _why(errors: Any) -> str:
    if not isinstance(errors, dict):
        return "no reason given"
    return ", ".join(
        f"{name}: {' '.join(map(str, said)) if isinstance(said, list) else said}"[:200]
        for name, said in list(errors.items())[:3]
    )


def _checked(
    bridge: BridgeRow, written: Written, answer: Any, keys: Mapping[str, bytes]
) -> dict[str, Any]:
    """The receipt of an answer. Raises NoReceipt where it is not one of this message."""
    if not isinstance(answer, dict):
        raise NoReceipt("the answer is no object")
    receipt = answer.get("receipt")
    if not isinstance(receipt, dict) or not isinstance(receipt.get("statement"), dict):
        raise NoReceipt(f"the answer holds no receipt: {str(answer.get('error'))[:300]}")
    said = receipt["statement"]
    message = written.message
    expected = {
        "what": _WHAT,
        "bridge": str(bridge.uuid),
        "kind": message["kind"],
        "event": message["event_uuid"],
        "version": message["version"],
        "digest": written.digest.hex(),
    }
    other = sorted(name for name, value in expected.items() if said.get(name) != value)
    if other:
        raise NoReceipt(f"the receipt is of another message: {', '.join(other)} differ")
    if not is_signed(receipt, keys):
        raise NoReceipt("the receipt is not signed by a valid key of the partner")
    return receipt


def is_signed(receipt: dict[str, Any], keys: Mapping[str, bytes]) -> bool:
    """Whether one of some keys, by their ids, signed the statement."""
    try:
        signature = b64decode(str(receipt.get("signature")), validate=True)
        data = canonical(receipt["statement"])
    except (Base64Error, ValueError):
        return False
    public = keys.get(str(receipt.get("key")))
    return public is not None and identity.verify(public, signature, data)
