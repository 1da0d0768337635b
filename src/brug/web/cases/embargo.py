# SPDX-License-Identifier: EUPL-1.2
"""The embargo of a disclosure: terms and who agreed, alarms, and vendors that do not answer.

Each form is one or two acts of the case in one transaction. An end is always said with its zone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from brug.cases import chasing, keeping, taking_part
from brug.cases.acts import AnyAct
from brug.cases.clocks import facts
from brug.cases.embargoes import alarms, flagging, negotiating, policies, terms
from brug.cases.forms import instant
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.store import settings
from brug.web.cases import linking, room, sentences, showing
from brug.web.cases.acting import Meanwhile
from brug.web.cases.room import BASE, ONE
from brug.web.cases.showing import Failed
from brug.web.cases.view import View
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/embargo"
STATES = {
    "set": N_("Set"), "proposed": N_("Proposed"), "in_force": N_("In force"),
    "rejected": N_("Rejected"), "replaced": N_("Replaced"), "ended": N_("Ended"),
}  # fmt: skip
ALARMS = {
    "breach": N_("A number of the case is named outside of it"),
    "known": N_("It is known to others, exploited or attacked before the embargo ends"),
    "published": N_("A linked event was published under embargo"),
    "ends": N_("The embargo ends soon"),
    "ended": N_("The embargo has ended"),
    "silent": N_("A vendor does not answer"),
}
_STEPS = {
    "propose": "propose", "accept_embargo": "accept", "reject_embargo": "reject",
    "terminate": "end", "agree": "agree", "refuse": "refuse", "ask_again": "ask_again",
}  # fmt: skip
_PAST = N_("Give a time that is to come: an embargo ends then.")
_LATER = N_("Others set other terms meanwhile. Look at them first.")


def require_disclosure(view: View) -> None:
    if view.case.kind is not DISCLOSURE:
        raise Invalid("case", "a disclosure", view.file.number)


@page(PLACE, probe=None)
def show(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(PLACE, "POST")
def act(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"], writes=True)
    require_disclosure(view)
    form = visit.form
    try:
        with visit.session.connection.transaction():
            if form.text("do") == "close":
                because = form.get("because").strip()
                alarms.close(visit.session, view.file.uuid, form.number("alarm", 0), because)
            else:
                doing = _doing(view)
                keeping.act_several(visit.session, view.file.uuid, [(one, ()) for one in doing])
    except (Invalid, Conflict, Forbidden, NotFound) as error:
        return _shown(visit, View(visit, view.file.uuid), error)
    return visit.redirect(f"{view.place}/embargo", visit.gettext("Done."))


def _doing(view: View) -> Sequence[AnyAct]:
    """The acts of a form, whose reader saw the embargo, and the terms meant, as they are now."""
    form = view.visit.form
    what = form.text("do")
    if what not in _STEPS:
        raise Invalid("do", "one of the forms of the page", what)
    is_consent = what in {"agree", "refuse", "ask_again"}
    if not is_consent and form.text("leaves") != view.case.positions["embargo", ""].state:
        raise Meanwhile("the embargo moved on")
    step = negotiating.Step(
        step=_STEPS[what],
        until=form.text("until"),
        zone=form.text("zone") or "UTC",
        version=0 if what == "propose" else _meant(view, what),
        of=form.text("of"),
        because=form.get("because").strip(),
    )
    return negotiating.acts(view.case, view.author, step, datetime.now(UTC))


def _meant(view: View, what: str) -> int:
    """The number of the terms that the form showed. Raises Meanwhile where they are past."""
    entry = view.visit.form.text("terms")
    standing = {*terms.OPEN, terms.IN_FORCE} if what in {"agree", "refuse"} else terms.OPEN
    found = [one for one in terms.versions(view.case) if one.state in standing]
    if what in {"ask_again", "reject_embargo", "terminate"} or not (entry or found):
        return 0
    number = next((one.number for one in found if one.entry.id == entry), 0)
    if not number:
        raise Meanwhile("the terms changed")
    return number


def _shown(visit: Visit, view: View, error: BrugError | None = None) -> Reply:
    require_disclosure(view)
    case, now = view.case, datetime.now(UTC)
    failed = _failed(visit, error) if error else None
    days = int(settings.get(visit.session, "disclosure.chase_days"))
    steps = {(one.machine.key, one.of): one for one in view.tracks}
    links = [one for one in case.links.values() if not one.is_undone and one.kind == "event"]
    return visit.show(
        "cases/embargo.html",
        failed.status if failed else 200,
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=case,
        failed=failed,
        opened_form=failed.form if failed else "",
        versions=terms.versions(case)[::-1],
        agreed=terms.agreed(case),
        current=terms.current(case),
        waiting=terms.waiting(case),
        holds=terms.holds(case, now),
        track=steps["embargo", ""],
        consent=steps,
        proposals=policies.proposals(visit.session, case, visit.language),
        alarms=[(one, _seen(one)) for one in alarms.of_case(visit.session, view.file.id)],
        leads=taking_part.leads(case, view.author),
        contacts=chasing.seen_by(case, view.author, chasing.contacts(case, now, days)),
        stages=chasing.STAGES,
        days=days,
        linked=linking.seen(visit.session, linking.names(links)),
        links=links,
        flag=flagging.tag(case.embargo.until) if case.embargo else "",
        states=STATES,
        kinds=ALARMS,
        when=room.when,
        is_past=policies.is_past,
        in_zone=_in_zone,
        zones=showing.zones(),
        zone_name=visit.principal.timezone or "UTC",
        is_zone_chosen=visit.principal.timezone is not None,
    )


def _in_zone(until: str, zone: str) -> str:
    """As whoever said it has it on the wall."""
    return facts.shown(instant("until", until), zone)


def _seen(alarm: alarms.Alarm) -> str:
    """Where it was seen, for whom it was raised."""
    about = alarm.about
    if about.get("where") == "event" or "event" in about:
        return f"/intelligence/events/{about.get('reference') or about['event']}"
    if about.get("where") == "advisory":
        return f"{BASE}/advisories/catalogue/{about['reference']}"
    return ""


def _failed(visit: Visit, error: BrugError) -> Failed:
    field = sentences.field_of(error)
    if isinstance(error, Meanwhile):
        said = visit.gettext(_LATER)
    elif isinstance(error, Invalid) and error.expected == "a time to come":
        said = visit.gettext(_PAST)
    else:
        said = sentences.sentence(visit, error)
    typed = dict(visit.form.pairs)
    return Failed(
        visit.form.text("form"), typed, {field: said} if field else {}, said, error.status
    )


# -- over all cases ------------------------------------------------------------------------


@page(BASE + "/silent", shows=("own",), probe=BASE + "/silent")
def silent(visit: Visit) -> Reply:
    """Vendors that owe an answer, in all cases that the reader sees."""
    room.require_reader(visit)
    found = [one for one in alarms.open_ones(visit.session, 500) if one.kind == "silent"]
    newest: dict[tuple[int, str], alarms.Alarm] = {}
    for one in found:
        newest.setdefault((one.case_id, one.about.get("vendor", "")), one)
    return visit.show(
        "cases/silent.html",
        tabs=room.tabs_of(visit),
        rows=list(newest.values()),
        stages=chasing.STAGES,
        days=int(settings.get(visit.session, "disclosure.chase_days")),
        when=datetime.fromisoformat,
    )
