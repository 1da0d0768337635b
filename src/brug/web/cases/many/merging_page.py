# SPDX-License-Identifier: EUPL-1.2
"""Merging another case into this one, and splitting this one: what comes along, who sees what."""

from typing import Any

from brug.cases import carrying, files, merging, returning, splitting
from brug.cases.acts import Attached, Linked, Planned, Said
from brug.cases.carrying import Words
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.files import File
from brug.cases.kinds import KINDS
from brug.cases.merging import Take
from brug.cases.splitting import Cut
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound, TooLarge
from brug.web.cases import linking, room, sentences
from brug.web.cases.room import ONE
from brug.web.cases.telling import TITLES
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

_REFUSED = (Invalid, Conflict, Forbidden, TooLarge, NotFound)
CHOSEN_AT_ONCE = splitting.MOST


def _words(visit: Visit) -> Words:
    """What stands around what is taken over, in the language of whoever does it."""
    return Words(
        taken_over=visit.gettext("Taken over from another case:"),
        wrote=visit.gettext("{who}, {at}:"),
        merged=visit.gettext("Merged into another case"),
        goes_on=visit.gettext("It goes on there."),
        split=visit.gettext("It goes on in a case of its own."),
    )


@page(ONE + "/merge", probe="/cases/{case}/merge")
def ask_merge(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    _require_lead(view)
    return _merge_form(visit, view, visit.query.text("from"))


@page(ONE + "/merge", "POST")
def merge(visit: Visit) -> Reply:
    """Into the case of the address, that of `from`."""
    view = View(visit, visit.args["key"])
    _require_lead(view)
    form = visit.form
    take = Take(
        links=form.flag("links"),
        documents=form.flag("documents"),
        tasks=form.flag("tasks"),
        fields=form.flag("fields"),
        messages=form.flag("messages"),
        participants=tuple(form.all("participant")),
        because=form.get("because").strip(),
    )
    try:
        with visit.session.connection.transaction():
            if not take.because:
                raise Invalid("because", "the reason")
            source = _find(visit, form.text("from")).uuid
            done = merging.merge(visit.session, view.file.uuid, source, take, _words(visit))
    except _REFUSED as error:
        return _merge_form(visit, view, form.text("from"), error)
    said = visit.gettext("%(number)s goes on in this case.") % {"number": done.merged.number}
    return visit.redirect(view.place, said)


@page(ONE + "/unmerge", "POST")
def unmerge(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    try:
        with visit.session.connection.transaction():
            merging.undo(visit.session, view.file.uuid)
    except Conflict:
        return visit.redirect(view.place, visit.gettext("It was not merged."), "info")
    return visit.redirect(view.place, visit.gettext("The case goes on by itself again."))


def _require_lead(view: View) -> None:
    if not view.leads:
        raise Forbidden(f"{view.author.org} does not lead {view.file.number}")


def _find(visit: Visit, said: str) -> File:
    """By number, UUID or address. Raises Invalid."""
    name = said.strip().rstrip("/").rpartition("/")[2]
    try:
        return files.find(visit.session, name)
    except NotFound as error:
        raise Invalid("from", "a case that you take part in", said) from error


def _merge_form(visit: Visit, view: View, said: str, error: BrugError | None = None) -> Reply:
    source: tuple[File, Case] | None = None
    refusal = sentences.sentence(visit, error) if error else ""
    if said:
        try:
            source = files.view(visit.session, _find(visit, said).uuid)
            merging.require(visit.session, (view.file, view.case), source)
        except (Invalid, Conflict, Forbidden) as refused:
            refusal = refusal or _why(visit, refused)
            source = source if error else None
    come = _come_along(visit, view, source[1]) if source else []
    return visit.show(
        "cases/merge.html",
        400 if refusal else 200,
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=view.case,
        said=said,
        source=source,
        source_href=room.place(source[0]) if source else "",
        come=come,
        guests=source is not None and returning.coming(visit.session, source[1], view.case),
        counts=_counts(source[1]) if source else {},
        same_kind=bool(source and source[1].kind.key == view.case.kind.key),
        typed=visit.form,
        again=error is not None,
        field=sentences.field_of(error) if error else "",
        refusal=refusal,
    )


def _why(visit: Visit, error: BrugError) -> str:
    if isinstance(error, Invalid):
        return visit.gettext("Give a case that you take part in, by number, UUID or address.")
    if isinstance(error, Forbidden):
        return visit.gettext("You have to lead both cases to merge them.")
    return visit.gettext("One of them is over, or was merged already.")


def _come_along(visit: Visit, view: View, source: Case) -> list[dict[str, str]]:
    """Who of the other case is not in this one, and could be."""
    known = {(one.org, one.user) for one in view.case.present}
    return [
        {
            "id": one.id,
            "name": one.name,
            "role": visit.gettext(source.kind.role(one.role).title),
        }
        for one in carrying.can_come_along(visit.session, source, view.author)
        if (one.org, one.user) not in known
    ]


def _counts(case: Case) -> dict[str, int]:
    """How much there is of each, of what was said to all."""
    to_all = [one for one in case.timeline if not one.to]
    return {
        "messages": sum(isinstance(one.act, Said) for one in to_all),
        "documents": sum(not d.to and not d.act.is_undone for d in case.documents.values()),
        "tasks": sum(not task.is_done for task in case.tasks.values()),
        "links": sum(not link.is_undone for link in case.links.values()),
    }


# -- splitting ------------------------------------------------------------------------------


@page(ONE + "/split", probe="/cases/{case}/split")
def ask_split(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    _require_splitter(visit, view)
    return _split_form(visit, view)


@page(ONE + "/split", "POST")
def split(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    _require_splitter(visit, view)
    form = visit.form
    cut = Cut(
        title=form.text("title"),
        entries=tuple(form.all("entry")),
        kind=form.text("kind"),
        participants=tuple(form.all("participant")),
        close_tasks=form.flag("close_tasks"),
        tell_all=form.flag("tell_all"),
    )
    try:
        with visit.session.connection.transaction():
            made = splitting.split(visit.session, view.file.uuid, cut, _words(visit))
    except _REFUSED as error:
        return _split_form(visit, view, error)
    said = visit.gettext("The case is open: %(number)s.") % {"number": made.number}
    return visit.redirect(room.place(made), said)


def _require_splitter(visit: Visit, view: View) -> None:
    """Whoever may open a case, of an organisation that takes part in this one."""
    room.require_opener(visit)
    if not any(one.user is None for one in view.mine) or not view.may("linked"):
        raise Forbidden(f"{visit.principal.email} may not split {view.file.number}")


def _split_form(visit: Visit, view: View, error: BrugError | None = None) -> Reply:
    possible = splitting.can_be_chosen(view.case, view.author)
    window = possible[::-1][:CHOSEN_AT_ONCE]
    links = [one.act for one in window if isinstance(one.act, Linked)]
    known = linking.seen(visit.session, linking.names(links))
    return visit.show(
        "cases/split.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=view.case,
        when=room.when,
        rows=[_entry(visit, view, one, known) for one in window],
        is_cut=len(possible) > len(window),
        come=[
            {"id": one.id, "name": one.name, "role": view.role(one)}
            for one in carrying.can_come_along(visit.session, view.case, view.author)
        ],
        kinds=[(key, visit.gettext(kind.title)) for key, kind in KINDS.items()],
        typed=visit.form,
        again=error is not None,
        field=sentences.field_of(error) if error else "",
        refusal=_refusal(visit, error) if error else "",
    )


def _refusal(visit: Visit, error: BrugError) -> str:
    if isinstance(error, Invalid) and error.field == "entries":
        return visit.gettext("Choose what the new case begins with.")
    return sentences.sentence(visit, error)


def _entry(
    visit: Visit, view: View, entry: Entry, known: dict[tuple[str, str], linking.Seen]
) -> dict[str, Any]:
    act: Any = entry.act
    match act:
        case Said(text=text):
            said = text
        case Attached(name=name):
            said = name
        case Planned(title=title):
            said = title
        case _:
            seen = known.get((act.kind, act.uuid))
            said = act.title or (seen.title or seen.about if seen else act.uuid)
    return {
        "entry": entry,
        "kind": visit.gettext(TITLES[act.__struct_config__.tag]),
        "says": said[:300],
        "who": view.who(entry),
        "to": view.to(entry),
    }
