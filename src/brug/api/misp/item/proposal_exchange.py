# SPDX-License-Identifier: EUPL-1.2
"""`/events/pushProposals` as partners call it, and `/events/proposalEventIndex`.

A stock MISP pushes all proposals of an event every time, the settled ones as deleted, with
its own numbers for organisations, which mean nothing here: those without an embedded
organisation are the pusher's.
"""

from typing import Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.event.event_index import rows
from brug.formats.misp.reading_attributes import read_proposal
from brug.intel.finding import find
from brug.intel.proposal.bringing_proposals import bring
from brug.intel.search import listing
from brug.model.errors import Invalid, NotFound
from brug.model.new_event import NewProposal
from brug.store import audit

MOST = 10_000


@endpoint(
    "events", "pushProposals",
    methods=("POST", "PUT"),
    right="sync",
    changes=True,
    summary="Takes the proposals on an event that a partner brings",
    body={"0": {"uuid": "UUID", "old_id": "0", "type": "ip-dst", "value": "text"}},
)  # fmt: skip
def take(call: Call) -> Answer:
    sent = call.body if isinstance(call.body, list) else []
    if len(sent) > MOST:
        raise Invalid("body", f"at most {MOST} proposals")
    read, unread = _read(sent)
    try:
        event_id = find(call.session, "event", call.arg(0))
    except NotFound:
        return Answer({"success": False, "message": "Event not found.", "counter": 0})
    count = bring(call.session, event_id, read)
    if count:
        audit.record(call.session, "add", "ShadowAttribute", event_id, f"{count} pushed")
    if unread:
        text = "Some of the proposals could not be saved."
    else:
        text = f"{count} Proposal(s) added." if count else "Nothing to update."
    return Answer({"success": not unread, "message": text, "counter": count})


def _read(sent: list[Any]) -> tuple[list[NewProposal], int]:
    """Those that fit, and how many do not."""
    read: list[NewProposal] = []
    for item in sent:
        found = item.get("ShadowAttribute", item) if isinstance(item, dict) else item
        try:
            read.append(read_proposal(found))
        except Invalid:
            continue
    return read, len(sent) - len(read)


@endpoint(
    "events", "proposalEventIndex",
    shows=("event", "tag"),
    probes=(("GET", "/events/proposalEventIndex", None),),
    summary="The events of the reader's organisation on which something is proposed",
)  # fmt: skip
def with_proposals(call: Call) -> Answer:
    asked = listing.read({"hasproposal": 1, **_page(call)})
    if not call.principal.is_site_admin:
        asked.parts.append(listing.OWN)
    found, total = listing.page(call.session, asked)
    return Answer(rows(call.session, found), headers={"X-Result-Count": str(total)})


def _page(call: Call) -> dict[str, Any]:
    names = ("limit", "page", "sort", "direction")
    return {name: call.named[name] for name in names if name in call.named}
