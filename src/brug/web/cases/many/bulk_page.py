# SPDX-License-Identifier: EUPL-1.2
"""The ticked cases of a list: what is to be done in each, and what became of it.

Beside each case the form carries the state and the labels that its reader saw, so that what
somebody else changed since is not changed back.
"""

from collections.abc import Callable, Mapping
from typing import Any

from brug.cases import bulk, files
from brug.cases.act_rules import PAP
from brug.cases.bulk import AnyStep, Asked, Outcome
from brug.cases.clocks import facts
from brug.cases.files import File
from brug.cases.kinds import KINDS
from brug.directory import organisations
from brug.model.errors import BrugError, Invalid, NotFound
from brug.model.tlp import LABELS
from brug.web.cases import linking, room, sentences, showing
from brug.web.cases.room import BASE
from brug.web.fields import Fields
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/bulk"
KEEP = "keep"  # of a label: as it is
TITLES = {
    "said": N_("Say something"), "planned": N_("Plan a task"), "marked": N_("Mark"),
    "joined": N_("Have somebody take part"), "moved": N_("Move on"), "linked": N_("Link"),
}  # fmt: skip


@page(PLACE, shows=("own",), probe=PLACE + "?case={case}")
def ask(visit: Visit) -> Reply:
    room.require_reader(visit)
    return _form(visit, _ticked(visit, visit.query.all("case")))


@page(PLACE, "POST")
def do(visit: Visit) -> Reply:
    room.require_reader(visit)
    form = visit.form
    ticked = _ticked(visit, form.all("case"))
    try:
        step = _step(visit, form)
        asked = [_asked(one, form.get(f"saw.{one}")) for one in dict.fromkeys(form.all("case"))]
        outcomes = bulk.run(visit.session, step, asked)
    except Invalid as error:
        return _form(visit, ticked, error)
    return visit.show(
        "cases/bulk_done.html",
        tabs=room.tabs_of(visit),
        title=visit.gettext(TITLES[form.text("what")]),
        rows=[_outcome(visit, one) for one in outcomes],
        done=sum(one.is_done for one in outcomes),
        refused=[one for one in outcomes if not one.is_done],
    )


def _step(visit: Visit, form: Fields) -> AnyStep:
    """Raises Invalid."""
    read = READ.get(form.text("what"))
    if read is None:
        raise Invalid("what", f"one of {', '.join(READ)}", form.text("what"))
    return read(visit, form)


def _asked(name: str, saw: str) -> Asked:
    state, _, labels = saw.partition("|")
    tlp, mark, pap = labels.partition("|")
    return Asked(name, state or None, (tlp, pap) if mark else None)


def _ticked(visit: Visit, names: list[str]) -> list[File]:
    """Those that the reader sees; the others are as absent."""
    wanted = list(dict.fromkeys(names))[: bulk.MOST]
    found = []
    for one in wanted:
        try:
            found.append(files.find(visit.session, one))
        except NotFound:
            continue
    return found


def _form(visit: Visit, ticked: list[File], error: BrugError | None = None) -> Reply:
    return visit.show(
        "cases/bulk.html",
        400 if error else 200,
        tabs=room.tabs_of(visit),
        rows=[
            {
                "file": one,
                "href": room.place(one),
                "kind": room.kind_title(visit, one.kind),
                "state": room.state_title(visit, one),
                "labels": room.labels(one),
                "saw": f"{one.state}|{one.tlp}|{one.pap}",
            }
            for one in ticked
        ],
        titles=TITLES,
        triggers=_triggers(visit, ticked),
        roles=_roles(visit, ticked),
        organisations=[one.name for one in organisations.listed(visit.session)][:1000],
        tlp_labels=LABELS,
        pap_labels=PAP,
        links=linking.TITLES,
        linked=bulk.LINKED,
        zones=showing.zones(),
        zone_name=visit.principal.timezone or "UTC",
        chosen=visit.form.text("what") or "said",
        typed=dict(visit.form.pairs),
        said=sentences.sentence(visit, error) if error else "",
        most=bulk.MOST,
    )


def _triggers(visit: Visit, ticked: list[File]) -> list[tuple[str, str]]:
    """Those that leave the state of at least one of them, with their titles."""
    found: dict[str, str] = {}
    for one in ticked:
        if one.kind in KINDS:
            for transition in KINDS[one.kind].machines[0].leaving(one.state):
                found.setdefault(transition.trigger, visit.gettext(transition.title))
    return list(found.items())


def _roles(visit: Visit, ticked: list[File]) -> list[tuple[str, str]]:
    kinds = [KINDS[key] for key in dict.fromkeys(one.kind for one in ticked) if key in KINDS]
    return [
        (r.key, visit.gettext(r.title)) for r in {r.key: r for k in kinds for r in k.roles}.values()
    ]


def _outcome(visit: Visit, one: Outcome) -> dict[str, Any]:
    file = one.file
    return {
        "number": file.number if file else one.named[:60],
        "title": file.title if file else "",
        "href": room.place(file) if file else "",
        "is_done": one.is_done,
        "why": "" if one.error is None else _why(visit, one.error),
    }


def _why(visit: Visit, error: BrugError) -> str:
    if isinstance(error, NotFound):
        return visit.gettext("No such case, or none of yours.")
    if isinstance(error, Invalid) and error.field == "trigger":
        return visit.gettext("This step does not leave the state in which it is.")
    return sentences.sentence(visit, error)


# -- from the form to a step ----------------------------------------------------------------


def _said(_: Visit, form: Fields) -> AnyStep:
    return bulk.Say(text=form.get("text").strip())


def _planned(_: Visit, form: Fields) -> AnyStep:
    due = ""
    if form.text("due"):
        facts.zone_named(form.text("zone"))
        due = facts.in_text(facts.read(form.text("due"), form.text("zone"), "due"))
    return bulk.Plan(title=form.text("title"), assignee=form.text("assignee"), due=due)


def _marked(_: Visit, form: Fields) -> AnyStep:
    tlp, pap = (form.get(name, KEEP) for name in ("tlp", "pap"))
    return bulk.Mark(
        tlp=None if tlp == KEEP else tlp, pap=None if pap == KEEP else pap, because=_because(form)
    )


def _joined(_: Visit, form: Fields) -> AnyStep:
    return bulk.Join(
        org=form.text("organisation"),
        role=form.text("role"),
        name=form.text("name"),
        email=form.text("person"),
        because=_because(form),
    )


def _moved(_: Visit, form: Fields) -> AnyStep:
    return bulk.Move(trigger=form.text("trigger"), because=_because(form))


def _linked(visit: Visit, form: Fields) -> AnyStep:
    kind = form.text("kind")
    if kind not in bulk.LINKED:
        raise Invalid("kind", f"one of {', '.join(bulk.LINKED)}", kind)
    return bulk.Link(
        kind=kind,
        uuid=linking.named(visit.session, kind, form.text("reference")),
        title=form.text("link_title"),
    )


def _because(form: Fields) -> str:
    return form.get("because").strip()


READ: Mapping[str, Callable[[Visit, Fields], AnyStep]] = {
    "said": _said, "planned": _planned, "marked": _marked, "joined": _joined, "moved": _moved,
    "linked": _linked,
}  # fmt: skip
