# SPDX-License-Identifier: EUPL-1.2
"""That something arrived: the crossing, the ledger's entry and the receipt, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import identity, ledger
from brug.bridges.crossing import receipts
from brug.bridges.crossing.messages import Message
from brug.bridges.partners import BridgeRow
from brug.store.rows import array
from brug.store.session import Session


class Arrival(msgspec.Struct, frozen=True):
    """A message that was stored, the digest of it as it came, what was done with it, and what of
    the event it took back.
    """

    message: Message
    digest: bytes
    outcome: str
    taken_back: Sequence[dict[str, str]] = ()


def record(session: Session, bridge: BridgeRow, several: Sequence[Arrival]) -> list[dict[str, Any]]:
    """Puts messages on record; their receipts."""
    titles = _titles(session, several)
    gone = {one.message["event_uuid"] for one in several} - set(titles)
    with session.as_system():
        if gone:
            titles |= _titles_before(session, bridge, gone) | _cases(session, several)
        signer = identity.signer(session)
        now = datetime.now(UTC)
        made = [
            receipts.made(signer, bridge, one.message, one.digest, one.outcome, now)
            for one in several
        ]
        payloads = [
            {
                "kind": one.message["kind"],
                "event": one.message["event_uuid"],
                "version": one.message["version"],
                "digest": one.digest.hex(),
                "outcome": one.outcome,
                **({"taken_back": len(one.taken_back)} if one.taken_back else {}),
            }
            for one in several
        ]
        entries = ledger.record_several(session, "arrival", payloads, bridge.id)
        rows = [
            (
                one.message["kind"],
                one.message["event_uuid"],
                *titles.get(one.message["event_uuid"], _NOTHING),
                one.message["version"],
                f"\\x{one.digest.hex()}",
                one.message.get("agreement"),
                "redact" if one.message.get("redacted") else "pass",
                msgspec.json.encode(receipt).decode(),
                str(entry),
                msgspec.json.encode(one.taken_back).decode(),
            )
            for one, receipt, entry in zip(several, made, entries, strict=True)
        ]
        session.execute(
            "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, event_id, info, version,"
            " digest, agreement_version, outcome, state, receipt, received, entry, taken_back)"
            " SELECT %s, false, n.kind, n.event, n.id, n.info, n.version, n.digest, n.agreement,"
            "   n.outcome, 'received', n.receipt, now(), n.entry, n.taken_back"
            " FROM unnest(%s::text[], %s::uuid[], %s::bigint[], %s::text[], %s::bigint[],"
            "   %s::bytea[], %s::int[], %s::text[], %s::jsonb[], %s::uuid[], %s::jsonb[])"
            "   WITH ORDINALITY AS n (kind, event, id, info, version, digest, agreement, outcome,"
            "   receipt, entry, taken_back, place) ORDER BY n.place",
            (
                bridge.id,
                *map(array, zip(*rows, strict=True)),
            ),
        )
    return made


_NOTHING = None, ""
_OF_CASES = "case", "document"


def _titles(session: Session, several: Sequence[Arrival]) -> dict[str, tuple[int | None, str]]:
    """The number and title of each event, where it is here and seen."""
    rows = session.all(
        "SELECT DISTINCT ON (uuid) uuid::text, id, left(info, 500) FROM event"
        " WHERE uuid = ANY (%s::uuid[]) ORDER BY uuid, id",
        ([one.message["event_uuid"] for one in several],),
    )
    return {uuid: (number, info) for uuid, number, info in rows}


def _cases(session: Session, several: Sequence[Arrival]) -> dict[str, tuple[None, str]]:
    """The number of the case, of each message that bears an entry of one, or its document."""
    rows = session.all(
        "SELECT e.uuid::text, f.number FROM case_entry e JOIN case_file f ON f.id = e.case_id"
        " WHERE e.uuid = ANY (%s::uuid[])",
        ([one.message["event_uuid"] for one in several if one.message["kind"] in _OF_CASES],),
    )
    return {uuid: (None, number) for uuid, number in rows}


def _titles_before(
    session: Session, bridge: BridgeRow, uuids: Collection[str]
) -> dict[str, tuple[None, str]]:
    """What events were called that are not here any more: a recall names what it removed."""
    rows = session.all(
        "SELECT DISTINCT ON (event_uuid) event_uuid::text, info FROM crossing"
        " WHERE bridge_id = %s AND event_uuid = ANY (%s::uuid[]) AND info <> ''"
        " ORDER BY event_uuid, id DESC",
        (bridge.id, list(uuids)),
    )
    return {uuid: (None, info) for uuid, info in rows}
