# SPDX-License-Identifier: EUPL-1.2
"""What crossed and what is held: the queue for people, each crossing with its reasons and proof."""

from brug.bridges import judging_parts, partners
from brug.bridges.afterwards import due, tracing
from brug.bridges.afterwards.tracing import Trace
from brug.bridges.crossing import calling_back, judging, recalls, rows, versions
from brug.bridges.crossing.rows import Crossing
from brug.bridges.feeds import waiting_parts
from brug.bridges.mail import mailboxes
from brug.cases import files
from brug.intel.finding import find, uuid_of
from brug.model.errors import NotFound
from brug.model.naming import is_uuid
from brug.web import forms
from brug.web.bridges import agreement_words, gate_words
from brug.web.bridges.room import chosen, may, may_change, require_reader, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/crossings"
ONE = BASE + "/{key:int}"
HELD = "/bridges/held"
RECALLS = "/bridges/recalls"
VERSIONS = "/bridges/versions"

STATES = {
    "waiting": (N_("On its way"), None), "held": (N_("Held for a person"), "warn"),
    "refused": (N_("Kept here"), None), "sent": (N_("Sent"), None),
    "received": (N_("Received"), "good"), "failed": (N_("Not taken yet"), "bad"),
    "replaced": (N_("Replaced"), None), "recalled": (N_("Recalled"), None),
    "gone": (N_("Taken back"), None), "ended": (N_("Its time is over"), None),
}  # fmt: skip
KINDS = {
    "event": N_("Event"), "withdrawal": N_("Taking back"), "reactions": N_("Sightings and notes"),
    "recall": N_("Recall"), "recall_followed": N_("Answer to a recall"),
    "case": N_("Entry of a case"), "document": N_("Part of a document of a case"),
    "ended": N_("End of its time"), "opened": N_("Told that it was opened"),
    "used": N_("Told how often it was detected"),
}  # fmt: skip
OF_CASES = ("case", "document")
JUDGED = ("event", "reactions", *OF_CASES)
"""Those kinds of which the gate says why; the others may always cross."""

# What a partner answered to a recall, and what it did when the event's time was over.
RECALLED = {
    "asked": N_("A person there decides"), "recalled": N_("Deleted there"),
    "kept": N_("Kept there for a legal reason"), "unknown": N_("It was not there any more"),
}  # fmt: skip
FINISHED = {
    "deleted": N_("Deleted there after its time"),
    "stripped": N_("Personal data was taken out there after its time"),
    "kept": N_("Its time is over; kept there for a legal reason"),
}  # fmt: skip


# What of an event is taken back.
PARTS = {
    "Attribute": N_("Attribute"), "Object": N_("Object"), "EventReport": N_("Report"),
    "ObjectReference": N_("Reference"), "Tag": N_("Tag"), "Sighting": N_("Sighting"),
    "Note": N_("Note"), "ShadowAttribute": N_("Proposal"),
}  # fmt: skip
# What was too large for a letter.
LEFT_OUT = {
    "no_files": N_("Without the contents of files, which were too large"),
    "bare": N_("Without an attachment, which was too large"),
}


@page(BASE, shows=("event",), probe=BASE)
def listed(visit: Visit) -> Reply:
    require_reader(visit)
    event = event_uuid(visit, visit.query.text("event"))
    state = visit.query.text("state")
    bridge_id = visit.query.number("bridge", 0)
    found = rows.listed(
        visit.session,
        bridge_id=bridge_id or None,
        event_uuid=event or None,
        states=[state] if state in STATES else (),
        before=visit.query.number("before", 0) or None,
    )
    return visit.show(
        "bridges/crossings.html",
        tabs=tabs_of(visit),
        rows=found,
        more=found[-1].id if len(found) == rows.PAGE else None,
        bridges=partners.listed(visit.session),
        progress=rows.progress(visit.session),
        letters=mailboxes.last_letters(visit.session),
        asked={"event": event, "state": state, "bridge": bridge_id},
        states=STATES,
        kinds=KINDS,
        judged=JUDGED,
        outcomes=gate_words.OUTCOMES,
        may_change=may_change(visit),
        may_recall=bool(event)
        and may(visit, "recall")
        and calling_back.is_out(visit.session, event),
    )


def event_uuid(visit: Visit, event: str) -> str:
    """Of an event by number or UUID, also of one that is not here any more. Raises NotFound."""
    if not event or is_uuid(event):
        return event.lower()
    return uuid_of(visit.session, "event", find(visit.session, "event", event))


@page(ONE, shows=("event",))
def show(visit: Visit) -> Reply:
    return _shown(visit)


def _shown(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    found = rows.crossing(visit.session, int(visit.args["key"]))
    transport = partners.view(visit.session, found.bridge_id).transport
    return visit.show(
        "bridges/crossing.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        crossing=found,
        state=STATES[found.state],
        kind=KINDS[found.kind],
        judged=JUDGED,
        case=_case(visit, found),
        outcome=gate_words.OUTCOMES[found.outcome],
        outcomes=gate_words.OUTCOMES,
        said=gate_words,
        gettext_of=visit.gettext,
        telling=[one for one in found.reasons if one["outcome"] != "pass"
                 and (one["rule"] != "parts" or one["code"] == "contains")],
        passing=[one for one in found.reasons if one["outcome"] == "pass"],
        judge=_email(visit, found.judged_by),
        may_judge=may(visit, "release"),
        may_recall=may(visit, "recall"),
        judges_parts=transport in judging_parts.JUDGED,
        by_mail=transport == "mail",
        carries_recalls=transport in calling_back.RECALLABLE,
        by_feed=transport == calling_back.LEFT,
        letters=mailboxes.handed(visit.session, found.id) if found.outward else [],
        left_out=LEFT_OUT,
        trace=_trace(visit, found),
        goes=None if found.outward or found.kind != "event"
        else due.of_event(visit.session, found.bridge_id, found.event_uuid),
        after=agreement_words.AFTER,
        recalled=RECALLED,
        finished=FINISHED,
        parts=PARTS,
        errors=errors or {},
    )  # fmt: skip


def _trace(visit: Visit, found: Crossing) -> Trace | None:
    """What became of the event there, where one was sent."""
    several = tracing.of_event(visit.session, found.event_uuid, found.bridge_id)
    return several[0] if several and found.outward else None


def _case(visit: Visit, one: Crossing) -> files.File | None:
    """What an entry or a document is of, where the reader takes part in it."""
    if one.kind not in OF_CASES or not one.info:
        return None
    try:
        return files.find(visit.session, one.info)
    except NotFound:
        return None


def _email(visit: Visit, user_id: int | None) -> str | None:
    found = visit.session.value("SELECT email FROM account WHERE id = %s", (user_id,))
    return str(found) if found else None


@page(HELD, shows=("event",), probe=HELD)
def held(visit: Visit) -> Reply:
    """What waits for a person, the oldest first."""
    require_reader(visit)
    waiting = rows.held(visit.session)
    return visit.show(
        "bridges/held.html", tabs=tabs_of(visit), rows=waiting[::-1], kinds=KINDS,
        in_feeds=waiting_parts.listed(visit.session), said=gate_words, gettext_of=visit.gettext,
    )  # fmt: skip


@page(ONE + "/release", "POST")
def release(visit: Visit) -> Reply:
    def save() -> Reply:
        done = judging.release(visit.session, int(visit.args["key"]), visit.form.text("because"))
        said = visit.gettext("It crosses now.")
        if done.state == "held":
            said = visit.gettext("Your yes is kept. A second person has to release it as well.")
        return visit.redirect(HELD, said)

    return forms.saved(visit, save, lambda errors: _shown(visit, errors))


@page(ONE + "/refuse", "POST")
def refuse(visit: Visit) -> Reply:
    def save() -> Reply:
        judging.refuse(visit.session, int(visit.args["key"]), visit.form.text("because"))
        return visit.redirect(HELD, visit.gettext("It stays here."))

    return forms.saved(visit, save, lambda errors: _shown(visit, errors))


@page(ONE + "/recall", "POST")
def recall(visit: Visit) -> Reply:
    def save() -> Reply:
        found = rows.crossing(visit.session, int(visit.args["key"]))
        bridge = partners.view(visit.session, found.bridge_id)
        recalls.ask(visit.session, bridge, found.event_uuid, visit.form.text("because"))
        said = (
            visit.gettext("It left the feeds for %(name)s.")
            if bridge.transport == calling_back.LEFT
            else visit.gettext("%(name)s is asked to stop using and delete it.")
        )
        return visit.redirect(f"{BASE}?event={found.event_uuid}", said % {"name": found.partner})

    return forms.saved(visit, save, lambda errors: _shown(visit, errors))


@page(RECALLS, shows=("event",), probe=RECALLS)
def asked_back(visit: Visit) -> Reply:
    return _asked_back(visit)


def _asked_back(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    return visit.show(
        "bridges/recalls.html", 400 if errors else 200, tabs=tabs_of(visit),
        rows=recalls.asked(visit.session), may_recall=may(visit, "recall"), errors=errors or {},
    )  # fmt: skip


@page(RECALLS + "/{key:int}/follow", "POST")
def follow(visit: Visit) -> Reply:
    keep = chosen(visit, "keep", "delete") == "keep"

    def save() -> Reply:
        recalls.follow(
            visit.session, int(visit.args["key"]), keep=keep, because=visit.form.text("because")
        )
        said = visit.gettext("It is deleted, and the partner is told.")
        if keep:
            said = visit.gettext("It left the sensors and is kept, and the partner is told.")
        return visit.redirect(RECALLS, said)

    return forms.saved(visit, save, lambda errors: _asked_back(visit, errors))


@page(VERSIONS, shows=("event",), probe=VERSIONS)
def beside(visit: Visit) -> Reply:
    """Versions of events that lost against a newer one, side by side with what is served."""
    require_reader(visit)
    return visit.show(
        "bridges/versions.html", tabs=tabs_of(visit), rows=versions.unsettled(visit.session),
        may_change=may_change(visit),
    )  # fmt: skip


@page(VERSIONS + "/{key:int}/settle", "POST")
def settle(visit: Visit) -> Reply:
    take = chosen(visit, "take", "keep") == "take"
    versions.settle(visit.node.database, visit.principal.user_id, int(visit.args["key"]), take=take)
    said = visit.gettext("The version beside is served now.")
    if not take:
        said = visit.gettext("The version that is served stays.")
    return visit.redirect(VERSIONS, said)
