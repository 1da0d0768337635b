# SPDX-License-Identifier: EUPL-1.2
"""Unpacking: what was carried by hand is taken like anything that comes over a bridge.

Each message stands or falls by itself. Receipts go back the same way, in a bundle of their own;
unpacking one there tells what arrived. Unpacking a bundle again changes nothing, and one that was
made before another is not taken after it: it would bring back what was taken back since.
"""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from brug.bridges import identity, partners
from brug.bridges.bundle import packing, sealing
from brug.bridges.bundle.sealing import BadBundle
from brug.bridges.crossing import inward, late_receipts
from brug.bridges.crossing.messages import encoded
from brug.bridges.partners import BridgeRow
from brug.directory import identity_keys
from brug.formats.json_text import decode
from brug.model.errors import BrugError, Invalid
from brug.store.session import Database

# What came once and comes again after something newer of the same event.
_NOTHING_NEW = frozenset({"unchanged", "replaced"})


class Unpacked(msgspec.Struct, frozen=True):
    """What became of a bundle: how much of it was new, and how much was known here already;
    `refused` says by line why.
    """

    partner: str
    content: str
    new: int
    known: int
    refused: list[str]
    receipts: str


def unpack(database: Database, source: Path, answer: Path | None = None) -> Unpacked:
    """Takes a bundle; receipts for what was taken are written to `answer`.

    Raises BadBundle for a file that is not one for this node.
    """
    known: list[BridgeRow] = []

    def verify(key_id: str, signature: bytes, data: bytes) -> bool:
        found = _signer(database, key_id)
        if found is None or not identity.verify(found[1], signature, data):
            return False
        known.extend(found[0])
        return True

    with database.system() as session:
        now = datetime.now(UTC)
        keys = [
            identity_keys.secret_of(session, key.key_id)
            for key in identity.public_keys(session)
            if key.is_valid(now)
        ]
    with sealing.opened(source, keys, verify) as (statement, lines):
        named = [one for one in known if str(one.uuid) == statement.get("bridge")]
        if not named:
            raise BadBundle("the bundle names no bridge of whoever signed it")
        if statement.get("content") == "receipts":
            return _receipts(database, named[0], lines)
        made = _made(statement)
        _require_newest(database, named[0], made)
        done = _crossings(database, named[0], lines, answer)
        _note_taken(database, named[0], made)
        return done


def _made(statement: dict[str, Any]) -> datetime:
    try:
        made = datetime.fromisoformat(str(statement.get("made")))
    except ValueError as error:
        raise BadBundle("the bundle does not say when it was made") from error
    if made.tzinfo is None:
        raise BadBundle("the bundle says no zone of the time at which it was made")
    return made


def _require_newest(database: Database, bridge: BridgeRow, made: datetime) -> None:
    """Raises BadBundle for one that was made before another that was unpacked.

    Nothing is lost by it: whatever has no receipt is in each later bundle, too.
    """
    with database.system() as session:
        newest = session.value("SELECT made FROM bundle_taken WHERE bridge_id = %s", (bridge.id,))
    if newest is not None and made < newest:
        raise BadBundle(
            f"the bundle was made at {_told(made)} UTC, and one that was made at {_told(newest)}"
            " was unpacked already: what it holds is in that one, or was taken back since"
        )


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _note_taken(database: Database, bridge: BridgeRow, made: datetime) -> None:
    with database.system() as session:
        session.execute(
            "INSERT INTO bundle_taken AS b (bridge_id, made) VALUES (%s, %s)"
            " ON CONFLICT (bridge_id) DO UPDATE SET made = greatest(b.made, excluded.made)",
            (bridge.id, made),
        )


def _signer(database: Database, key_id: str) -> tuple[list[BridgeRow], bytes] | None:
    """The bridges of the partner who has a valid key of that name, and the key."""
    now = datetime.now(UTC)
    with database.system() as session:
        for bridge in partners.listed(session):
            for key in partners.keys_of(session, bridge.partner_id):
                if key.key_id == key_id and key.is_valid(now):
                    same = [
                        b for b in partners.listed(session) if b.partner_id == bridge.partner_id
                    ]
                    return [b for b in same if b.state in {"open", "paused"}], key.public
    return None


def _crossings(
    database: Database, bridge: BridgeRow, lines: Iterator[bytes], answer: Path | None
) -> Unpacked:
    new, known, refused = 0, 0, []
    with tempfile.TemporaryFile() as back:
        for number, line in enumerate(lines, 1):
            try:
                with database.as_user(bridge.account_id) as session:
                    said = inward.take(session, bridge, _message(line))
            except BrugError as error:
                refused.append(f"line {number}: {error}")
                continue
            if said.get("repeated") or said.get("outcome") in _NOTHING_NEW:
                known += 1
            else:
                new += 1
            back.write(encoded(said["receipt"]) + b"\n")
        if answer is not None:
            back.seek(0)
            packing.write(database, bridge, answer, back, "receipts")
    told = str(answer) if answer is not None else ""
    return Unpacked(bridge.partner, "crossings", new, known, refused, told)


def _receipts(database: Database, bridge: BridgeRow, lines: Iterator[bytes]) -> Unpacked:
    new, known, refused = 0, 0, []
    for number, line in enumerate(lines, 1):
        try:
            is_news = late_receipts.take(database, bridge, _message(line))
        except BrugError as error:
            refused.append(f"line {number}: {error}")
            continue
        new, known = new + is_news, known + (not is_news)
    return Unpacked(bridge.partner, "receipts", new, known, refused, "")


def _message(line: bytes) -> dict[str, Any]:
    found = decode(line)
    if not isinstance(found, dict):
        raise Invalid("message", "an object")
    return found
