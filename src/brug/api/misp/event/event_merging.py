# SPDX-License-Identifier: EUPL-1.2
"""`/events/merge`, `/events/populate`, `/events/toggleCorrelation`: changing a whole event."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.event.events import VIEWED, event_or_404
from brug.api.misp.event.showing import answered, shown
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.formats.json_text import decode
from brug.formats.misp.overlaying import head_of
from brug.intel.changing import NotNewer, edit, set_correlation_off
from brug.intel.finding import claim_named, find
from brug.intel.merging import merge
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid

INVALID = (404, "Invalid event")


@endpoint(
    "events", "merge",
    methods=WRITE, right="add", changes=True, shows=VIEWED,
    summary="Copies what one event says into another: /events/merge/TARGET/SOURCE",
    body={"target_id": "number or UUID", "source_id": "number or UUID"},
)  # fmt: skip
def merge_events(call: Call) -> Answer:
    asked = call.data("Event")
    target = call.arg(0) or str(asked.get("target_id") or "")
    source = call.arg(1) or str(asked.get("source_id") or "")
    with reaching(INVALID):
        source_id = find(call.session, "event", source)
        held = claim_named(call.session, target)
        if source_id == held.event_id:
            raise MispError(405, "An event cannot be merged into itself.")
        merge(call.session, held, source_id)
    event = event_or_404(call, str(held.event_id))
    return Answer([{"Event": shown(call.session, event)}])


def _populating(call: Call) -> dict[str, Any]:
    sent = call.data("Event")
    text = sent.get("json")
    if isinstance(text, str):
        try:
            found = decode(text.encode())
        except Invalid as error:
            raise MispError(403, f"Invalid JSON: {error.public}") from error
        sent = found.get("Event", found) if isinstance(found, dict) else {}
    if not isinstance(sent, dict) or not sent:
        raise MispError(405, "No valid event data received.")
    # Adds to what is there: the event stays which it is, whatever is pasted.
    return {k: v for k, v in sent.items() if k not in {"uuid", "id", "timestamp"}}


@endpoint(
    "events", "populate",
    methods=WRITE, right="modify", changes=True, shows=VIEWED,
    summary="Adds what a pasted event holds to an event", body={"json": "an event, as text"},
)  # fmt: skip
def populate(call: Call) -> Answer:
    raw = _populating(call)
    with reaching(INVALID):
        event_id = find(call.session, "event", call.arg(0))
        url = f"/events/populate/{event_id}"
        try:
            edited = edit(call.session, event_id, head_of(raw), raw)
        except (Refused, NotNewer) as error:
            raise SaveFailed("populate", "Event", error.public, url, str(event_id)) from error
    made = shown(call.session, event_or_404(call, str(event_id)))
    return answered(call, made, edited.refused)


@endpoint(
    "events", "toggleCorrelation",
    methods=WRITE, right="modify", changes=True,
    summary="Whether the values of an event relate to others", body={"disable_correlation": True},
)  # fmt: skip
def toggle_correlation(call: Call) -> Answer:
    said = call.data("Event").get("disable_correlation")
    with reaching(INVALID):
        held = claim_named(call.session, call.arg(0))
    off = set_correlation_off(call.session, held, None if said is None else is_on(said))
    text = f"Correlation {'disabled' if off else 'enabled'}."
    url = f"/events/toggleCorrelation/{held.event_id}"
    return Answer(saved(text, url, str(held.event_id)))
