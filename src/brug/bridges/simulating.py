# SPDX-License-Identifier: EUPL-1.2
"""Who can end up holding an event, hop by hop, if everybody passes it on as its level allows.

The first hop is what would cross each bridge now. After that nobody here knows who is connected
to whom: what is told is how far the level carries it and to whom (anyone, the members of a
group, whoever pulls from there), how many attributes go along, and what its marking lets that
holder do. Levels say what servers do; markings say what people may.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from brug.bridges import gate, partners
from brug.bridges.crossing import reading
from brug.bridges.explaining import Steps, steps_of, what_partner_sees
from brug.bridges.gate import hop, markings
from brug.bridges.gate.parts import tag_names
from brug.bridges.partners import BridgeRow
from brug.intel import loading, visibility
from brug.intel.finding import find
from brug.model.errors import Invalid
from brug.store.session import Database, Session

Document = dict[str, Any]
Who = Literal["here", "partner", "anyone", "members", "pullers"]
MOST_HOPS = 10
SAYS: dict[Who, str] = {
    "here": "organisations of this node",
    "partner": "over a bridge of this node",
    "anyone": "whoever the holders before are connected to",
    "members": "members of the sharing group",
    "pullers": "whoever pulls from the holders before, each for itself alone",
}
# What TLP 2.0 lets a recipient do.
FORWARD: dict[str | None, str] = {
    "red": "may tell nobody",
    "amber+strict": "may tell its own organisation only",
    "amber": "may tell its own organisation and its clients",
    "green": "may tell its community",
    "clear": "may tell anyone",
    None: "is not limited by a marking",
}


class Holder(msgspec.Struct, frozen=True):
    """Who may hold it after so many hops; `through` is the bridge that it began with."""

    hop: int
    who: Who
    name: str
    through: str
    level: int
    attributes: int
    members: list[str]
    marking: str | None
    held: bool = False  # only if a person releases it at the first hop


def simulate(database: Database, reader: Session, event: str | int, hops: int) -> list[Holder]:
    """Raises NotFound where the reader sees no such event, Invalid for too many hops."""
    if not 1 <= hops <= MOST_HOPS:
        raise Invalid("hops", f"a number from 1 to {MOST_HOPS}", str(hops))
    event_id = find(reader, "event", event)
    head = loading.heads(reader, [event_id])[event_id].head
    found = [_here(reader, event_id, head.distribution)]
    for bridge in partners.listed(reader):
        if bridge.state != "open":
            continue
        document = what_partner_sees(database, bridge, event_id)
        with database.system() as session:
            steps = steps_of(session, bridge, document)
            copy = _copy(session, bridge, steps)
        if copy is not None:
            held = steps.decision is not None and steps.decision.outcome == "hold"
            found += onward(copy, bridge.partner, hops, held=held)
    return sorted(found, key=lambda one: one.hop)


def onward(copy: Document, partner: str, hops: int, *, held: bool = False) -> list[Holder]:
    """From what a partner holds after the first hop. Pure."""
    found = [_holder(1, "partner", partner, partner, copy, held=held)]
    document: Document | None = copy
    for number in range(2, hops + 1):
        if document is None:
            break
        document, who = _passed_on(document)
        if document is not None:
            found.append(_holder(number, who, SAYS[who], partner, document, held=held))
    return found


def _copy(session: Session, bridge: BridgeRow, steps: Steps) -> Document | None:
    """What the partner would hold; of what is held, as if people released it."""
    if steps.document is None or steps.crosses is None or steps.stage != "gate":
        return None
    if steps.crosses.outcome not in {"pass", "redact"}:
        return None
    return gate.apply(session, steps.document, steps.crosses, bridge)


def _passed_on(document: Document) -> tuple[Document | None, Who]:
    """What a holder's server gives on, and to whom."""
    level = hop.level_in(document)
    if level == hop.GROUP:
        return document, "members"
    if level == hop.COMMUNITY:
        return hop.lowered(document, "pull", ""), "pullers"
    return hop.lowered(document, "push", ""), "anyone"


def _holder(
    number: int, who: Who, name: str, through: str, document: Document, *, held: bool
) -> Holder:
    level = hop.level_in(document)
    marked = markings.read(tag_names(document)).tlp
    members = _members(document) if level == hop.GROUP else []
    count = sum(not one.get("deleted") for one in reading.items(document))
    return Holder(number, who, name, through, level or 0, count, members, marked, held)


def _members(document: Document) -> list[str]:
    group = document.get("SharingGroup")
    several: Iterable[Any] = hop.rows(group, "SharingGroupOrg") if isinstance(group, dict) else ()
    named = (one.get("Organisation") for one in several)
    return sorted(str(one.get("name", "")) for one in named if isinstance(one, dict))


def _here(reader: Session, event_id: int, level: int) -> Holder:
    count = visibility.count_recipients(reader, event_id)
    attributes = reader.value(
        "SELECT count(*) FROM attribute WHERE event_id = %s AND NOT deleted", (event_id,)
    )
    name = f"{SAYS['here']}: {count}"
    return Holder(0, "here", name, "", level, int(attributes), [], None)
