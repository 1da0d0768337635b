# SPDX-License-Identifier: EUPL-1.2
"""Templates of cases: kept, changed, taken as files, and opened from."""

from typing import Any

import msgspec

from brug.cases import files, templates, templating
from brug.cases.act_rules import PAP
from brug.cases.clocks import periods
from brug.cases.kinds import KINDS, named
from brug.cases.templates import Kept, Part, Task, Template
from brug.directory import organisations
from brug.formats.disposition import attachment
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.model.tlp import LABELS
from brug.web.cases import kind_fields, room, sentences
from brug.web.cases.kind_fields import Misfits
from brug.web.cases.room import BASE, ONE, require_opener
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/templates"
KEPT = PLACE + "/{kept:int}"
_FILE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@page(PLACE, shows=("own",), probe=PLACE)
def listed(visit: Visit) -> Reply:
    require_opener(visit)
    return _list(visit)


def _list(visit: Visit, error: str = "") -> Reply:
    return visit.show(
        "cases/templates.html",
        400 if error else 200,
        tabs=room.tabs_of(visit),
        rows=[
            {"kept": one, "kind": room.kind_title(visit, one.template.kind)}
            for one in templates.listed(visit.session)
        ],
        kinds=KINDS,
        error=error,
        largest=templates.LARGEST // 1024,
    )


@page(PLACE, "POST")
def take(visit: Visit) -> Reply:
    """A template from a file."""
    require_opener(visit)
    sent = [one for one in visit.form.files if one.field == "file" and one.name]
    try:
        if len(sent) != 1:
            raise Invalid("file", "one file")  # noqa: TRY301 — answered as what stands in it
        made = templates.add(visit.session, templates.of_file(sent[0].data))
    except (Invalid, Conflict) as error:
        return _list(visit, visit.sentence(error))
    return visit.redirect(f"{PLACE}/{made.id}", visit.gettext("The template is kept."))


@page(PLACE + "/new")
def ask_new(visit: Visit) -> Reply:
    require_opener(visit)
    kind = visit.query.text("kind") or next(iter(KINDS))
    return _form(visit, None, Template(name="", kind=named(kind).key, title=""))


@page(PLACE + "/new", "POST")
def add(visit: Visit) -> Reply:
    return _save(visit, None)


@page(KEPT, shows=("own",), probe=PLACE + "/{case_template}")
def ask_change(visit: Visit) -> Reply:
    require_opener(visit)
    kept = templates.find(visit.session, visit.args["kept"])
    return _form(visit, kept, kept.template)


@page(KEPT, "POST")
def change(visit: Visit) -> Reply:
    return _save(visit, templates.find(visit.session, visit.args["kept"]))


@page(KEPT + "/delete", "POST")
def delete(visit: Visit) -> Reply:
    require_opener(visit)
    templates.delete(visit.session, visit.args["kept"])
    said = visit.gettext("The template is gone. Cases that were opened from it stay.")
    return visit.redirect(PLACE, said)


@page(KEPT + "/file", shows=("own",), probe=PLACE + "/{case_template}/file")
def fetch(visit: Visit) -> Reply:
    require_opener(visit)
    kept = templates.find(visit.session, visit.args["kept"])
    headers = _FILE | {"Content-Disposition": attachment(f"{kept.template.name}.json")}
    return Reply(templates.to_file(kept.template), 200, headers, media_type="application/json")


@page(KEPT + "/open", shows=("own",), probe=PLACE + "/{case_template}/open")
def ask_open(visit: Visit) -> Reply:
    require_opener(visit)
    return _opening(visit, templates.find(visit.session, visit.args["kept"]))


@page(KEPT + "/open", "POST")
def open_from(visit: Visit) -> Reply:
    require_opener(visit)
    kept = templates.find(visit.session, visit.args["kept"])
    words = {name: visit.form.text(f"words.{name}") for name in kept.template.blanks}
    try:
        with visit.session.connection.transaction():
            made = templating.open_case(visit.session, kept.template, words)
    except (Invalid, Conflict, Forbidden) as error:
        return _opening(visit, kept, error)
    said = visit.gettext("The case is open: %(number)s.") % {"number": made.number}
    return visit.redirect(room.place(made), said)


def _opening(visit: Visit, kept: Kept, error: BrugError | None = None) -> Reply:
    return visit.show(
        "cases/template_open.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        kept=kept,
        it=kept.template,
        after=lambda task: _after(visit, task.after),
        kind=named(kept.template.kind),
        typed=visit.form,
        field=error.field if isinstance(error, Invalid) else "",
        error=visit.sentence(error) if error else "",
    )


def _after(visit: Visit, text: str) -> str:
    """How long after the opening a task is due, as people say it."""
    period = periods.read(text)
    count = {"num": period.count}
    match period.unit:
        case "hours":
            return visit.ngettext("after %(num)s hour", "after %(num)s hours", period.count) % count
        case "days":
            return visit.ngettext("after %(num)s day", "after %(num)s days", period.count) % count
        case _:
            said = visit.ngettext("after %(num)s month", "after %(num)s months", period.count)
            return said % count


@page(ONE + "/template", probe="/cases/{case}/template")
def ask_use(visit: Visit) -> Reply:
    require_opener(visit)
    return _use(visit)


@page(ONE + "/template", "POST")
def use(visit: Visit) -> Reply:
    """A case as a template, with what the own organisation said in it."""
    require_opener(visit)
    try:
        with visit.session.connection.transaction():
            made = templates.add(
                visit.session,
                templating.of_case(visit.session, visit.args["key"], visit.form.text("name")),
            )
    except (Invalid, Conflict) as error:
        return _use(visit, sentences.sentence(visit, error))
    return visit.redirect(f"{PLACE}/{made.id}", visit.gettext("The template is kept."))


def _use(visit: Visit, error: str = "") -> Reply:
    file = files.find(visit.session, visit.args["key"])
    return visit.show(
        "cases/template_of.html",
        400 if error else 200,
        tabs=room.tabs_of(visit),
        file=file,
        place=room.place(file),
        name=visit.form.text("name") or file.title,
        error=error,
    )


# -- the form -------------------------------------------------------------------------------


def _save(visit: Visit, kept: Kept | None) -> Reply:
    require_opener(visit)
    form = visit.form
    kind = named(kept.template.kind if kept else form.text("kind"))
    fields = kind_fields.fields_of(kind)
    given = kind_fields.typed(fields, form)
    draft = Template(
        name=form.text("name"), kind=kind.key, title=form.text("title"),
        about=form.get("about").strip(), tlp=form.text("tlp"),
        pap=form.text("pap"),
    )  # fmt: skip
    errors: dict[str, str] = {}
    try:
        values = kind_fields.read(kind, fields, given)
        draft = msgspec.structs.replace(
            draft,
            tasks=tuple(Task(title=t, after=a, who=w) for t, a, w in _lines(form.get("tasks"))),
            participants=tuple(
                Part(org=o, role=r, name=n) for o, r, n in _lines(form.get("participants"))
            ),
            fields={name: value for name, value in values.items() if value is not None},
        )
        if kept is None:
            made = templates.add(visit.session, draft)
        else:
            version = form.number("version", 0)
            made = templates.save(visit.session, str(kept.id), draft, version)
    except Misfits as error:
        errors = kind_fields.complaints(visit, fields, error)
    except Invalid as error:
        where = error.field.partition("[")[0]
        errors = {where: visit.sentence(error)}
    except Conflict as error:
        errors = {"": sentences.sentence(visit, error)}
    if errors:
        return _form(visit, kept, draft, given, errors)
    return visit.redirect(f"{PLACE}/{made.id}", visit.gettext("The template is kept."))


def _lines(text: str) -> list[tuple[str, str, str]]:
    """One a line, its parts apart by |."""
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if any(parts):
            first, second, third = [*parts, "", ""][:3]
            found.append((first, second, third))
    return found


def _form(
    visit: Visit,
    kept: Kept | None,
    draft: Template,
    given: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Reply:
    kind = named(draft.kind)
    fields = kind_fields.fields_of(kind)
    form = visit.form
    tasks = "\n".join(_line(one.title, one.after, one.who) for one in draft.tasks)
    parts = "\n".join(_line(one.org, one.role, one.name) for one in draft.participants)
    return visit.show(
        "cases/template.html",
        400 if errors else 200,
        tabs=room.tabs_of(visit),
        kept=kept,
        draft=draft,
        kind=kind,
        kinds=KINDS,
        fields=fields,
        values=given
        if given is not None
        else {one.name: kind_fields.shown(one, draft.fields.get(one.name)) for one in fields},
        tasks=form.get("tasks", tasks),
        participants=form.get("participants", parts),
        version=form.get("version", str(kept.version if kept else 0)),
        roles=[(one.key, visit.gettext(one.title)) for one in kind.roles],
        organisations=[one.name for one in organisations.listed(visit.session)][:1000],
        tlp_labels=LABELS,
        pap_labels=PAP,
        errors=errors or {},
    )


def _line(*parts: str) -> str:
    return " | ".join(parts).rstrip(" |")
