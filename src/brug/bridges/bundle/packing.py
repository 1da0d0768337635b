# SPDX-License-Identifier: EUPL-1.2
"""Packing: everything that a bridge has to carry, decided as for any other way, into one file.

What is packed counts as sent; it is received when the receipts have been carried back. A bundle
that is lost is packed again: whatever has no receipt yet is in the next one.
"""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from brug.bridges import identity, partners
from brug.bridges.bundle import sealing
from brug.bridges.bundle.sealing import BadBundle
from brug.bridges.crossing import carrying, outbox
from brug.bridges.crossing.messages import Written
from brug.bridges.identity import PublicKey
from brug.bridges.partners import BridgeRow
from brug.store.session import Database


class Packed(msgspec.Struct, frozen=True):
    """What is in a bundle."""

    file: str
    messages: int


def pack(database: Database, bridge: BridgeRow, target: Path) -> Packed:
    """Writes what a bridge has to carry into a new file. Raises BadBundle."""
    if bridge.transport != "file" and bridge.state != "paused":
        raise BadBundle("pause the bridge first: it carries by itself while it is open")
    with database.system() as session:
        outbox.sequence(session)
        # Whatever has no receipt may be lost with the file it was in.
        session.execute(
            "UPDATE crossing SET state = 'waiting' WHERE bridge_id = %s AND outward"
            " AND state = 'sent'",
            (bridge.id,),
        )
    with tempfile.TemporaryFile() as lines:
        count = 0

        def deliver(_: Database, __: BridgeRow, several: Sequence[Written]) -> list[None]:
            nonlocal count
            count += len(several)
            lines.writelines(one.data + b"\n" for one in several)
            return [None] * len(several)

        while carrying.one_bridge(database, bridge.id, deliver):
            pass
        lines.seek(0)
        write(database, bridge, target, lines, "crossings")
    return Packed(str(target), count)


def write(
    database: Database, bridge: BridgeRow, target: Path, lines: IO[bytes], content: str
) -> None:
    """Signs lines and writes them for the partner to read alone."""
    with database.system() as session:
        recipient = _newest(partners.keys_of(session, bridge.partner_id))

        def sign(data: bytes) -> tuple[str, bytes]:
            made = identity.sign(session, data)
            return made.key_id, made.signature

        statement: dict[str, Any] = {
            "bridge": str(bridge.uuid),
            "content": content,
            "made": datetime.now(UTC).isoformat(timespec="microseconds"),
        }
        sealing.write(target, recipient, statement, lines, sign)


def _newest(keys: Sequence[PublicKey]) -> bytes:
    now = datetime.now(UTC)
    valid = [key for key in keys if key.is_valid(now)]
    if not valid:
        raise BadBundle("no key of the partner is valid now; connect anew")
    return valid[0].public
