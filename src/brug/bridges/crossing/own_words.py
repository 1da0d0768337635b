# SPDX-License-Identifier: EUPL-1.2
"""What a restored node said itself since its backup: it asks those for it to whom it had sent it.

Nobody brings notes, proposals and clusters in the name of the receiver's own organisation
(`in_our_name`).
A node that has forgotten some asks each partner for them, once, after a person here reopened its
ledger and one there accepted that. They are taken as that person's who reopened it, if they were
said since the time from which on something may be missing.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import structlog

from brug.bridges import agreements, channel
from brug.bridges.crossing import clusters, having, inward, portions, reading, unsaying
from brug.bridges.crossing.messages import Message, encoded
from brug.bridges.gate import hop
from brug.bridges.gate.hop import NOTES, notes, org_in, rows
from brug.bridges.ledger import logs
from brug.bridges.native import client
from brug.bridges.native.client import BadAnswer, PartnerRefused
from brug.bridges.native.handling import HANDLERS
from brug.bridges.partners import BridgeRow
from brug.directory.accounts import acting_for_host
from brug.formats.misp import analyst as form
from brug.formats.misp.analyst_inside import inside
from brug.formats.misp.reading_attributes import read_proposals
from brug.intel import finding
from brug.intel.analysis.analyst_taking import take
from brug.intel.levels import GroupRefused
from brug.intel.proposal import bringing_proposals
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.naming import is_uuid
from brug.store import audit
from brug.store.session import Database, Session

log = structlog.get_logger("brug.bridges.own_words")

KIND = "yours"
EVENTS = 100  # that are looked at for one answer
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NONE = "00000000-0000-0000-0000-000000000000"
_BELOW = ("Attribute", "Object", "EventReport")
# What is of the node that gives it back.
_NUMBERS = frozenset({"id", "event_id", "org_id", "orgc_id", "sharing_group_id", "locked"})

Document = dict[str, Any]


def said_by(item: Document, org: str) -> Document:
    """Notes and proposals of one organisation on an event or an item, in the same shape.

    Each note by itself: it says what it is about.
    """
    found: Document = {}
    several = rows(item, "ShadowAttribute")
    if theirs := [one for one in several if org_in(one, "Org") == org]:
        found["ShadowAttribute"] = theirs
    for name, one in notes(item):
        if org_in(one, "Orgc") == org:
            found.setdefault(name, []).append({key: one[key] for key in one if key not in NOTES})
    for name in _BELOW:
        below = [said_by(one, org) for one in rows(item, name)]
        if any(below):
            found[name] = [one for one in below if one]
    return {"uuid": item.get("uuid", ""), **found} if found else {}


# Who is asked -----------------------------------------------------------------------


def answer(session: Session, bridge: BridgeRow, message: Message) -> dict[str, Any]:
    """What came of the partner's own words since a time, event by event. Raises Invalid, Forbidden.

    `after` is the last event of the answer before.
    """
    since, after = message.get("since"), message.get("after") or _NONE
    if not isinstance(after, str) or not is_uuid(after):
        raise Invalid("after", "that of the last answer", str(after))
    try:
        moment = datetime.strptime(str(since), _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid("since", "a time as 2026-01-31T12:00:00Z", str(since)) from error
    host = inward.host(session)
    with session.as_system():
        agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
        if agreement is None or host not in agreement.terms.senders:
            raise Forbidden(f"no agreement lets anything go out on bridge {bridge.uuid}")
        uuids = [str(row[0]) for row in session.all(
            "SELECT DISTINCT event_uuid FROM crossing WHERE bridge_id = %s AND NOT outward"
            " AND kind IN ('event', 'reactions') AND received >= %s AND event_uuid > %s"
            " ORDER BY event_uuid LIMIT %s", (bridge.id, moment, after, EVENTS),
        )]  # fmt: skip
    ids = session.all("SELECT uuid::text, id FROM event WHERE uuid = ANY (%s::uuid[])", (uuids,))
    several: list[Document] = []
    size, last = 0, ""
    # Also of what is being changed here: of a draft nothing leaves, but what the partner said
    # of it, when it was none, is no part of that.
    documents = reading.all_for_partner(session, [row[1] for row in ids], drafts=True)
    for uuid, event_id in sorted(ids):
        said = _leaving(documents.get(event_id), bridge)
        size += len(encoded(said))
        if several and size > portions.BYTES:
            return {"kind": KIND, "said": several, "after": last}
        several += [said] if said else []
        last = uuid
    return {"kind": KIND, "said": several, "after": uuids[-1] if len(uuids) == EVENTS else None}


def _leaving(document: Document | None, bridge: BridgeRow) -> Document:
    org = str(bridge.org_uuid)
    said = said_by(document, org) if document else {}
    # Which clusters a draft uses is of the draft.
    made = clusters.made_by(document, org) if document and document.get("published") else []
    if document and made:
        said |= {"uuid": document["uuid"], "Galaxy": made}
    return _without_numbers(hop.said_lowered(said, bridge.transport, org)) if said else {}


def _without_numbers(item: Any) -> Any:
    if isinstance(item, list):
        return [_without_numbers(one) for one in item]
    if not isinstance(item, dict):
        return item
    return {name: _without_numbers(item[name]) for name in item if name not in _NUMBERS}


# Who asks ---------------------------------------------------------------------------


class _Answer(msgspec.Struct):
    said: Annotated[list[Document], msgspec.Meta(max_length=EVENTS)]
    after: str | None = None


def ask(database: Database, bridge: BridgeRow) -> int:
    """Has back what this node said and forgot, where a person reopened its ledger; how much.

    Raises what `client.send` raises; what came by then is stored, and asked for again.
    """
    with database.system() as session:
        since = channel.of(session, bridge.id).words_missed_since
    if since is None:
        return 0
    taken = 0
    after: str | None = _NONE
    while after is not None:
        asked = {"kind": KIND, "since": since.astimezone(UTC).strftime(_TIME), "after": after}
        try:
            got = _read(client.send(database, bridge, encoded(asked)).document, after)
        except PartnerRefused as refused:
            if refused.signed and refused.reason == "invalid":
                log.warning("the partner cannot give back what was said", bridge=bridge.id)
                break  # it speaks an older version
            raise
        taken += _taken(database, bridge, got.said, since) if got.said else 0
        after = got.after
    with database.system() as session:
        session.execute(
            "UPDATE channel SET words_missed_since = nullif(words_missed_since, %s)"
            " WHERE bridge_id = %s",
            (since, bridge.id),
        )
    return taken


def _read(said: Any, after: str) -> _Answer:
    """Raises BadAnswer, also of one that would go on for ever."""
    try:
        got = msgspec.convert(said, _Answer)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"what was said here comes back in another form: {error}") from error
    if got.after is not None and not (is_uuid(got.after) and got.after > after):
        raise BadAnswer("what was said here comes back in no order")
    return got


def _taken(database: Database, bridge: BridgeRow, several: list[Document], since: datetime) -> int:
    with database.system() as session:
        by = _reopened_by(session, bridge)
        agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
        kinds = agreement.terms.kinds if agreement else frozenset[str]()
        host = inward.host(session)
    taken = 0
    with database.as_user(by) as session:
        for one in several:
            said = reading.keeping(
                said_by(one, host),
                lambda name, item: reading.KINDS[name] in kinds and _is_named(item),
            )
            taken += _put_back(session, bridge, said, since) if _is_named(said) else 0
            if "cluster" in kinds:
                taken += clusters.put_back(session, one, host, since)
        if taken:
            change = {"said here and forgotten": taken}
            audit.record(session, "put-back", "Bridge", bridge.id, bridge.partner, change)
    return taken


def _is_named(item: Document) -> bool:
    return isinstance(item.get("uuid"), str) and is_uuid(item["uuid"])


def _reopened_by(session: Session, bridge: BridgeRow) -> int:
    """Who says that this node was restored; whoever acts for the host where they are gone."""
    found = session.value(
        "SELECT a.id FROM ledger_position p JOIN ledger_entry e USING (number)"
        " JOIN account a ON a.id = (e.payload ->> 'by')::int AND NOT a.disabled"
        " JOIN setting s ON s.name = 'node.host_org_id' AND s.value #>> '{}' = a.org_id::text"
        " WHERE p.log_id = %s AND p.position = 0",
        (logs.of(session, bridge.uuid).id,),
    )
    return int(found) if found is not None else acting_for_host(session)


def _put_back(session: Session, bridge: BridgeRow, said: Document, since: datetime) -> int:
    """Of one event; what is older than what was forgotten is here, or was taken back."""
    uuid = str(said["uuid"]).lower()
    try:
        event_id = finding.find(session, "event", uuid)
    except NotFound:
        return 0
    unsaying.strip(session, bridge, uuid, said)
    later = [one for one in read_proposals(said, []) if (one.timestamp or 0) >= since.timestamp()]
    taken = bringing_proposals.bring(session, event_id, later)
    for _, kind, about, raw in inside(said):
        try:
            new = form.read(kind, raw, about)
            if new.modified is not None and new.modified >= since:
                taken += take(session, new) == "imported"
        except (Refused, Invalid, GroupRefused) as error:
            log.info("not put back", bridge=bridge.id, uuid=raw.get("uuid"), reason=str(error))
    with session.as_system():
        # The partner has it: what is taken back here is taken back there.
        handed = {"kind": "reactions", "event_uuid": uuid, "said": said}
        having.note_handed_over(session, bridge, [handed])
    return taken


def register() -> None:
    """Has partners that were restored answered."""
    HANDLERS[KIND] = answer
