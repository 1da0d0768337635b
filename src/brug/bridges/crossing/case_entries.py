# SPDX-License-Identifier: EUPL-1.2
"""Entries of cases on their way to a partner's node: which are due, and what the gate says.

What the partner's organisation takes part in is read in the session of the bridge's account, so
the rule of who sees what holds without a second implementation. An entry is signed and never
changed, so there is no redacted copy: where something would have to be left out of it, a person
decides. Whoever leaves a case is told so with the last entry that it gets.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from brug.bridges import agreements, gate
from brug.bridges.crossing import documents_out, noting
from brug.bridges.crossing.drafting import Draft, Now
from brug.bridges.crossing.messages import Message
from brug.bridges.gate.facts import Facts, Part
from brug.bridges.gate.markings import Marking
from brug.bridges.partners import BridgeRow
from brug.cases import authors, entry_rows, files, searching
from brug.cases.acts import Opened
from brug.cases.entry_rows import Stored
from brug.directory import organisations
from brug.formats import personal_identifiers as detectors
from brug.model.errors import NotFound
from brug.store import settings
from brug.store.session import Database, Session

KIND: Final = "case"
# What became of an entry that need not be looked at again.
_SETTLED = ("waiting", "failed", "sent", "received")
_NOT_SENT = ("waiting", "failed", "held")


def note_due(database: Database, bridge: BridgeRow) -> bool:
    """Decides on the entries that have become the partner's, and puts them on record.

    Whether there was any case to look at.
    """
    with database.system() as session:
        # Those who write into one of them now are waited for, and read.
        cases = session.all(
            "DELETE FROM case_due WHERE bridge_id = %s RETURNING case_id", (bridge.id,)
        )
        if not cases:
            return False
        at = datetime.now(UTC)
        now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
        for (case_id,) in sorted(cases):
            with database.as_user(bridge.account_id) as theirs:
                uuids = entry_rows.uuids_of(theirs, case_id)
                settled = _settled(session, bridge, uuids)
                seen = entry_rows.stored_several(
                    theirs, [one for one in uuids if one not in settled]
                )
                attached = documents_out.seen(theirs, case_id)
            leaving = _leaving(session, bridge, case_id, uuids)
            _end_waiting(session, bridge, case_id, [*uuids, *(one.uuid for one in leaving)])
            left = _settled(session, bridge, [one.uuid for one in leaving])
            seen += [one for one in leaving if one.uuid not in left]
            _note(session, now, case_id, seen)
            documents_out.note_due(session, now, case_id, attached, partial(_decided, session, now))
            _end_judged(session, bridge, [*(one.uuid for one in seen), *attached])
    return True


def _leaving(
    session: Session, bridge: BridgeRow, case_id: int, seen: Sequence[str]
) -> list[Stored]:
    """By which the partner left a case that it has anything of."""
    found = entry_rows.removing(session, case_id, str(bridge.org_uuid), seen)
    has_it = bool(found) and session.value(
        "SELECT EXISTS (SELECT 1 FROM case_entry e JOIN crossing c ON c.event_uuid = e.uuid"
        " WHERE e.case_id = %s AND c.bridge_id = %s AND c.kind = %s"
        " AND (c.sent IS NOT NULL OR NOT c.outward))",
        (case_id, bridge.id, KIND),
    )
    return found if has_it else []


def _end_waiting(
    session: Session, bridge: BridgeRow, case_id: int, crossing: Sequence[str]
) -> None:
    """What was not sent before the partner left, or a person judged, is not its any more."""
    session.execute(
        "UPDATE crossing c SET state = 'replaced' FROM case_entry e WHERE e.case_id = %s"
        " AND c.bridge_id = %s AND c.event_uuid = e.uuid AND c.outward"
        " AND c.kind = ANY (%s) AND c.state = ANY (%s) AND e.uuid <> ALL (%s::uuid[])",
        (case_id, bridge.id, [KIND, documents_out.KIND], list(_NOT_SENT), list(crossing)),
    )


def _end_judged(session: Session, bridge: BridgeRow, entries: Sequence[str]) -> None:
    """What was held or refused, and is decided anew by now, waits for no person."""
    session.execute(
        "UPDATE crossing c SET state = 'replaced' WHERE c.bridge_id = %s"
        " AND c.event_uuid = ANY (%s::uuid[]) AND c.outward AND c.kind = ANY (%s)"
        " AND c.state IN ('held', 'refused') AND EXISTS (SELECT 1 FROM crossing n"
        "   WHERE n.bridge_id = c.bridge_id AND n.event_uuid = c.event_uuid AND n.id > c.id"
        "   AND n.outward AND n.kind = c.kind AND n.version = c.version)",
        (bridge.id, list(entries), [KIND, documents_out.KIND]),
    )


def _note(session: Session, now: Now, case_id: int, seen: Sequence[Stored]) -> None:
    file = files.of_id(session, case_id)
    for one in seen:
        due = noting.note(session, now.bridge, None, _draft(session, now, file, one))
        if due is None and isinstance(one.entry.act, Opened):
            return  # a case that may not be begun there has nothing to go on with


def _settled(session: Session, bridge: BridgeRow, uuids: Sequence[str]) -> set[str]:
    """What the partner brought, has, or is about to get."""
    rows = session.all(
        "SELECT DISTINCT event_uuid::text FROM crossing WHERE bridge_id = %s AND kind = %s"
        " AND event_uuid = ANY (%s::uuid[]) AND state = ANY (%s)",
        (bridge.id, KIND, list(uuids), list(_SETTLED)),
    )
    return {row[0] for row in rows}


def _draft(session: Session, now: Now, file: files.File, one: Stored) -> Draft:
    decision, crosses = _decided(session, now, file, one)
    message = message_of(session, one)
    return Draft(KIND, one.uuid, message, file.number, decision, now.version, crosses)


def _decided(
    session: Session, now: Now, file: files.File, one: Stored
) -> tuple[gate.Decision, gate.Decision]:
    decision, crosses = now.decided(_facts(session, now.bridge, file, one))
    passing = crosses if crosses.outcome in {"pass", "refuse"} else _passing(crosses)
    return _unredacted(decision), passing


def _unredacted(decision: gate.Decision) -> gate.Decision:
    """Signed bytes cross whole or not at all: what would be cut waits for a person."""
    if decision.outcome != "redact":
        return decision
    return msgspec.structs.replace(decision, outcome="hold")


def _passing(decision: gate.Decision) -> gate.Decision:
    """What crosses once a person lets it, who answers for what it says of people."""
    if decision.outcome != "redact":
        return decision
    return msgspec.structs.replace(decision, outcome="pass")


def _facts(session: Session, bridge: BridgeRow, file: files.File, one: Stored) -> Facts:
    host = organisations.view(session, settings.get(session, "node.host_org_id"))
    texts = searching.texts_of(one.entry.act)
    around = tuple(sorted({name for text in texts for name in detectors.found_in(text)}))
    return Facts(
        sender=str(host.uuid),
        receiver=str(bridge.org_uuid),
        transport="native",
        relation=bridge.relation,  # type: ignore[arg-type]
        # Who takes part was decided by whoever leads the case, for all that is said in it.
        own=True,
        head=Part(
            kind="case",
            what="case",
            marking=Marking(tlp=file.tlp or None, pap=file.pap or None),
            around=around,
        ),
        default_purpose=settings.get(session, "bridges.default_purpose"),
    )


def message_of(session: Session, one: Stored) -> Message:
    """An entry as it travels: the signed bytes, and the key that they are checked with."""
    return {
        "kind": KIND,
        "event_uuid": one.uuid,
        "version": 0,
        "entry": one.data.decode(),
        "key_id": one.key_id,
        "public": _public(session, one).hex(),
        "signature": one.signature.hex(),
    }


def message_of_uuid(session: Session, uuid: str) -> Message:
    """The same by the entry's UUID. Raises NotFound."""
    return message_of(session, entry_rows.stored(session, uuid))


def _public(session: Session, one: Stored) -> bytes:
    """The author's node's key: ours, a partner's, or one that came with the case."""
    node = one.entry.author.node
    known = authors.keys_of(session, {node}).get((node, one.key_id))
    if known is None:
        raise NotFound(f"no key {one.key_id} of node {node}")
    return known
