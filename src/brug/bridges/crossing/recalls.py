# SPDX-License-Identifier: EUPL-1.2
"""Recall: asking a partner to stop using and delete what crossed, and answering such a request.

Only the node that something came from may ask, for what came from it. The agreement says whether
a recall is followed by itself or by a person; above its number an hour it is always a person, so
that a captured partner cannot empty a node. Whatever is kept for a legal reason leaves the
sensors and is kept, and the partner is told so. A recall is carried natively, and by mail as a
letter that nobody confirms; from feeds for the partner the event is gone at once. MISP cannot carry
one, and what was read cannot be unread.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from brug.bridges import agreements, ledger, partners
from brug.bridges.afterwards import holds
from brug.bridges.crossing import calling_back, messages, removing, rows
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.rows import Crossing
from brug.bridges.feeds import leaving
from brug.bridges.partners import BridgeRow
from brug.intel.finding import claim, find
from brug.intel.label import tags
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.marking import RECALLED
from brug.model.new_event import NewTag
from brug.store import audit
from brug.store.session import Session

Outcome = Literal["recalled", "asked", "kept", "unknown"]
WHY = 2000


class CannotRecall(Conflict):
    """The transport carries no recall, or nothing crossed."""

    code = "cannot_recall"
    public = "Nothing that could be recalled crossed this bridge."


def ask(session: Session, bridge: BridgeRow, event_uuid: str, because: str) -> Crossing:
    """Puts a recall of an event on its way to one partner.

    Raises CannotRecall, Invalid, Forbidden.
    """
    _require(session)
    reason = _reason(because)
    with session.as_system():
        rows.one_by_one(session, bridge.id)
    had = calling_back.had(session, bridge, event_uuid)
    if had is None:
        where = f"bridge {bridge.id} ({bridge.transport})"
        raise CannotRecall(f"nothing of event {event_uuid} that could be recalled crossed {where}")
    with session.as_system():
        number = calling_back.note(session, bridge, event_uuid, had, reason)
        leaving.take_out(session, event_uuid, bridge.org_id)
        if bridge.transport == calling_back.LEFT:
            followed(session, bridge.id, event_uuid, "recalled")
    audit.record(session, "recall", "Crossing", number, had.info, {"because": reason})
    return rows.crossing(session, number)


def _require(session: Session) -> None:
    me = session.principal
    if not (me.is_site_admin or session.value("SELECT host_has_right('recall')")):
        raise Forbidden(f"{me.email} may not recall")


def recalled(session: Session, bridge: BridgeRow, event_uuids: Sequence[str]) -> dict[str, int]:
    """Of events that were recalled from a bridge the version: what crosses again is newer."""
    rows_ = session.all(
        "SELECT event_uuid::text, max(version) FROM crossing WHERE bridge_id = %s AND outward"
        " AND kind = 'recall' AND event_uuid = ANY (%s::uuid[]) GROUP BY event_uuid",
        (bridge.id, list(event_uuids)),
    )
    return {uuid: int(version) for uuid, version in rows_}


def ask_all(
    session: Session, event_uuid: str, because: str, bridge: BridgeRow | None = None
) -> list[Crossing]:
    """Recalls an event from one bridge, or from all that have it. Raises as `ask` does."""
    if bridge is not None:
        return [ask(session, bridge, event_uuid, because)]
    _require(session)
    reason = _reason(because)
    having = calling_back.having(session, event_uuid)
    for_anyone = calling_back.for_anyone(session, event_uuid)
    if not having and for_anyone is None:
        raise CannotRecall(f"nobody has {event_uuid}")
    asked = [ask(session, one, event_uuid, because) for one in having]
    with session.as_system():
        calling_back.note_from_all(session, event_uuid, for_anyone, reason)
    return asked


def message_of(crossing: Crossing) -> Message:
    """The request, or the answer to one, as it travels."""
    if crossing.kind == "recall_followed":
        return messages.of_recall_followed(crossing.event_uuid, crossing.judged_because)
    return messages.of_recall(crossing.event_uuid, crossing.version, crossing.judged_because)


def followed(session: Session, bridge_id: int, event_uuid: str, outcome: str) -> None:
    """What the partner did about a recall; "asked" leaves it to a person there.

    What crossed after the recall is another version, which nobody recalled.
    """
    if outcome in {"recalled", "kept", "unknown"}:
        session.execute(
            "UPDATE crossing SET state = 'recalled' WHERE bridge_id = %(bridge)s"
            " AND event_uuid = %(event)s AND outward AND kind = 'event'"
            " AND state IN ('sent', 'received', 'failed', 'replaced')"
            " AND id < (SELECT max(r.id) FROM crossing r WHERE r.bridge_id = %(bridge)s"
            "   AND r.event_uuid = %(event)s AND r.outward AND r.kind = 'recall')",
            {"bridge": bridge_id, "event": event_uuid},
        )


def was_asked(session: Session, bridge_id: int, event_uuid: str) -> bool:
    """Whether an event was recalled from the partner at all."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND outward AND kind = 'recall')",
            (bridge_id, event_uuid),
        )
    )


def take(session: Session, bridge: BridgeRow, message: Message) -> Outcome:
    """A partner's request, followed at once or put before a person. The session is its own."""
    reason = _reason(str(message.get("because", "")))
    event_uuid = message["event_uuid"]
    with session.as_system():
        brought, theirs = session.all(
            "SELECT EXISTS (SELECT 1 FROM crossing WHERE bridge_id = %(bridge)s"
            "   AND event_uuid = %(event)s AND NOT outward AND kind = 'event'),"
            " EXISTS (SELECT 1 FROM event WHERE uuid = %(event)s AND org_id = %(org)s)",
            {"bridge": bridge.id, "event": event_uuid, "org": session.principal.org_id},
        )[0]
        if not brought:
            return "unknown"
        if _newer_came(session, bridge.id, event_uuid, message["version"]):
            return "recalled"
        if not theirs:
            return "unknown"  # it is gone, or another partner brought the copy that is here
        by_itself = _by_itself(session, bridge)
        session.execute(
            "INSERT INTO recall_asked (bridge_id, event_uuid, version, because, state)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (bridge_id, event_uuid, version) DO NOTHING",
            (bridge.id, event_uuid, message["version"], reason, "done" if by_itself else "asked"),
        )
    if not by_itself:
        return "asked"
    try:
        gone = holds.remove(session, bridge.id, event_uuid, message["version"], reason)
    except NotFound:
        return "unknown"
    return "recalled" if gone else "kept"


def _newer_came(session: Session, bridge_id: int, event_uuid: str, version: int) -> bool:
    """Whether the partner has sent another version since: what it recalled is not here any more."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND kind = 'event' AND version > %s)",
            (bridge_id, event_uuid, version),
        )
    )


def _by_itself(session: Session, bridge: BridgeRow) -> bool:
    agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    if agreement is None or agreement.terms.recall.by != "itself":
        return False
    lately = session.value(
        "SELECT count(*) FROM recall_asked WHERE bridge_id = %s"
        " AND came > now() - interval '1 hour'",
        (bridge.id,),
    )
    return int(lately) < agreement.terms.recall.most_an_hour


class Asked(msgspec.Struct, frozen=True):
    """A recall that a person here has to judge."""

    id: int
    bridge_id: int
    partner: str
    event_uuid: str
    event_id: int | None
    info: str
    because: str
    came: datetime
    state: str
    held: bool  # for a legal reason: it cannot be deleted


def asked(session: Session) -> list[Asked]:
    """Those that wait for a person, the oldest first."""
    rows_ = session.all(
        "SELECT r.id, r.bridge_id, p.name, r.event_uuid::text, e.id, coalesce(e.info, ''),"
        " r.because, r.came, r.state,"
        " EXISTS (SELECT 1 FROM legal_hold h WHERE h.event_uuid = r.event_uuid)"
        " FROM recall_asked r JOIN bridge b ON b.id = r.bridge_id"
        " JOIN partner p ON p.id = b.partner_id"
        " LEFT JOIN event e ON e.uuid = r.event_uuid AND e.org_id = p.org_id"
        " WHERE r.state = 'asked' ORDER BY r.id"
    )
    return [Asked(*row) for row in rows_]


def follow(session: Session, number: int, *, keep: bool, because: str) -> Outcome:
    """A person's word: the copy goes, or is kept for a legal reason and leaves the sensors.

    The partner hears of it with the next message. Raises NotFound, Invalid, Forbidden, UnderHold.
    """
    me = session.principal
    if not (me.is_site_admin or session.value("SELECT host_has_right('recall')")):
        raise Forbidden(f"{me.email} may not judge recalls")
    reason = _reason(because)
    row = session.one(
        "SELECT r.bridge_id, r.event_uuid::text, p.org_id, r.version FROM recall_asked r"
        " JOIN bridge b ON b.id = r.bridge_id JOIN partner p ON p.id = b.partner_id"
        " WHERE r.id = %s AND r.state = 'asked'",
        (number,),
    )
    if row is None:
        raise NotFound(f"no recall {number} waits")
    outcome: Outcome = "kept" if keep else "recalled"
    bridge = partners.view(session, row[0])
    with session.as_system():
        judged = session.execute(
            "UPDATE recall_asked SET state = %s, judged_by = %s, judged_because = %s,"
            " judged = now() WHERE id = %s AND state = 'asked'",
            ("kept" if keep else "done", me.user_id, reason, number),
        )
        if judged.rowcount != 1:
            raise NotFound(f"recall {number} was judged by somebody else meanwhile")
        if not _newer_came(session, row[0], row[1], row[3]):
            _apply(session, row[1], row[2], keep=keep)
        payload: dict[str, Any] = {"event": row[1], "outcome": outcome, "user": me.user_id}
        ledger.record(session, "recall-followed", payload, bridge_id=bridge.id)
        _tell(session, bridge, row[1], outcome)
    audit.record(session, outcome, "Recall", number, change={"because": reason})
    return outcome


def _apply(session: Session, event_uuid: str, org_id: int, *, keep: bool) -> None:
    event_id = session.value(
        "SELECT id FROM event WHERE uuid = %s AND org_id = %s", (event_uuid, org_id)
    )
    if event_id is None:
        return
    leaving.take_out(session, event_uuid, None)
    if not keep:
        removing.remove(session, int(event_id))
        return
    held = claim(session, find(session, "event", int(event_id)))
    tags.attach_to_event(session, held, [NewTag(RECALLED, local=True)])


def _tell(session: Session, bridge: BridgeRow, event_uuid: str, outcome: Outcome) -> None:
    """The answer crosses like anything else, in its order."""
    message = messages.of_recall_followed(event_uuid, outcome)
    session.execute(
        "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, info, version, digest,"
        " outcome, state, judged_because)"
        " VALUES (%(bridge)s, true, 'recall_followed', %(event)s, coalesce((SELECT info"
        "   FROM crossing WHERE bridge_id = %(bridge)s AND event_uuid = %(event)s AND info <> ''"
        "   ORDER BY id DESC LIMIT 1), ''), 0, %(digest)s, 'pass', 'waiting', %(outcome)s)",
        {"bridge": bridge.id, "event": event_uuid, "digest": messages.digest(message),
         "outcome": outcome},
    )  # fmt: skip


def _reason(because: str) -> str:
    reason = because.strip()
    if not reason or len(reason) > WHY or "\0" in reason:
        raise Invalid("because", f"the reason, in at most {WHY} characters", reason)
    return reason
