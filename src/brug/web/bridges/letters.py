# SPDX-License-Identifier: EUPL-1.2
"""The letters that would go about an event to partners without a node: nothing is sent."""

from brug.bridges import partners
from brug.bridges.mail import previewing
from brug.bridges.mail.previewing import Preview
from brug.bridges.partners import BridgeRow
from brug.intel import loading
from brug.intel.finding import find
from brug.model.errors import NotFound
from brug.store import outbox
from brug.web.bridges import gate_words
from brug.web.bridges.by_mail import LANGUAGE_WORDS, ONE, shown
from brug.web.bridges.room import require_reader
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

FORMS = {
    "whole": N_("The event in MISP's format"),
    "packed": N_("The event in MISP's format, packed (zip)"),
    "no_files": N_("The event, packed, without the contents of files"),
    "bare": N_("None: it is too large for a letter"),
}


@page(
    "/intelligence/events/{key:str}/letters",
    shows=("event", "attribute"),
    probe="/intelligence/events/{event}/letters",
)
def of_event(visit: Visit) -> Reply:
    """Who would get what; of one bridge where it is named, else of each that is not closed."""
    event_id = find(visit.session, "event", visit.args["key"])
    require_reader(visit)
    asked = visit.query.number("bridge", 0)
    rows = [
        (bridge, _preview(visit, bridge, event_id))
        for bridge in partners.listed(visit.session)
        if bridge.transport == "mail" and bridge.state != "closed" and asked in {0, bridge.id}
    ]
    return visit.show(
        "events/letters.html",
        event=loading.heads(visit.session, [event_id])[event_id].head,
        rows=rows,
        forms=FORMS,
        languages_of=LANGUAGE_WORDS,
        said=gate_words,
        gettext_of=visit.gettext,
        sends=outbox.is_set_up(visit.session),
    )


def _preview(visit: Visit, bridge: BridgeRow, event_id: int) -> Preview:
    return previewing.preview(visit.node.database, visit.session, bridge, str(event_id))


@page(ONE + "/letter", shows=("directory",))
def of_mailbox(visit: Visit) -> Reply:
    """On to the letter about the event that was typed."""
    require_reader(visit)
    bridge = partners.view(visit.session, visit.args["bridge"])
    typed = visit.query.text("event")
    if not typed:
        return shown(visit)
    try:
        event_id = find(visit.session, "event", typed)
    except NotFound:
        said = visit.gettext("There is no such event here, or you do not see it.")
        return shown(visit, {"event": said}, {"event": typed})
    return visit.redirect(f"/intelligence/events/{event_id}/letters?bridge={bridge.id}")
