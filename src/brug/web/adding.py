# SPDX-License-Identifier: EUPL-1.2
"""Adding events: from a text that is pasted, or by hand.

Values are found, checked against lists of false alarms, shown for correction, and only
then stored. A value that does not fit the type that a person gave it stops the saving,
with what was typed kept; nothing is dropped in silence.
"""

import msgspec

from brug.intel import adding
from brug.intel.intake import extraction
from brug.intel.vocabulary.matching import match
from brug.model.attribute_types import TYPES, Refused, check
from brug.model.errors import BrugError
from brug.model.new_event import NewAttribute, NewEvent, NewReport
from brug.store import settings
from brug.web import event_forms, noticing_laws, refused_values
from brug.web.event_values import tabs_of
from brug.web.fields import Fields
from brug.web.page import page
from brug.web.visit import Reply, Visit

MOST_VALUES = 1000


class Row(msgspec.Struct):
    """One value as the form shows it."""

    value: str
    type: str
    to_ids: bool
    take: bool
    lists: list[str] = []
    error: str = ""


@page("/intelligence/add", right="add")
def ask_text(visit: Visit) -> Reply:
    return _ask(visit)


def _ask(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    return visit.show(
        "adding/text.html",
        status,
        tabs=tabs_of(visit),
        text=visit.form.get("text"),
        problem=problem,
        longest=_longest(visit),
    )


def _longest(visit: Visit) -> int:
    return int(settings.get(visit.session, "limits.text_characters"))


@page("/intelligence/add", "POST", right="add")
def find_values(visit: Visit) -> Reply:
    text = visit.form.get("text")
    if not text.strip():
        return _ask(visit, visit.gettext("Paste a text first."), 400)
    found = extraction.extract(text, _longest(visit))
    shown = found[:MOST_VALUES]
    warned = match(
        visit.session, [(o.checked.type, o.checked.value1, o.checked.value2) for o in shown]
    )
    rows = [
        Row(
            one.value, one.checked.type, one.checked.to_ids and not hits,
            take=one.certain and not hits, lists=[hit.name for hit in hits],
        )
        for one, hits in zip(shown, warned, strict=True)
    ]  # fmt: skip
    head = event_forms.defaults(visit, title_of(text))
    return _review(visit, head, rows, text, left_out=len(found) - len(shown))


def title_of(text: str) -> str:
    """A mail's subject, or the first line that says something."""
    lines = [line.strip(" \t#*=-") for line in text[:20_000].splitlines()]
    for line in lines:
        if line.lower().startswith(("subject:", "onderwerp:")):
            return line.partition(":")[2].strip()[:200]
    return next((line[:200] for line in lines if len(line) > 3), "")


def _review(
    visit: Visit,
    head: event_forms.Head,
    rows: list[Row],
    text: str,
    *,
    left_out: int = 0,
    status: int = 200,
) -> Reply:
    return visit.show(
        "adding/review.html",
        status,
        tabs=tabs_of(visit),
        head=head,
        rows=rows,
        text=text,
        keep=visit.form.flag("keep") if "keep" in visit.form or "info" in visit.form else True,
        left_out=left_out,
        types=TYPES,
        notices=noticing_laws.of_values(visit, [row.type for row in rows]),
        **event_forms.choices(visit),
    )


@page("/intelligence/add/save", "POST", right="add")
def save_values(visit: Visit) -> Reply:
    head, rows = event_forms.read(visit), _read_rows(visit.form)
    attributes = [_checked(visit, row) for row in rows if row.take]
    if head.errors or any(row.error for row in rows):
        return _review(visit, head, rows, visit.form.get("text"), status=400)
    new = event_forms.event_of(head)
    new.attributes = [made for made in attributes if made is not None]
    if visit.form.flag("keep") and visit.form.get("text").strip():
        name = visit.gettext("The text it came from")
        new.reports = [NewReport(None, name, _quoted(visit.form.get("text")))]
    return _stored(visit, new)


def _quoted(text: str) -> str:
    """As it was pasted: a block in which Markdown means nothing."""
    fence = "`" * max(3, 1 + max((len(run) for run in _runs(text)), default=0))
    return f"{fence}\n{text.strip()}\n{fence}"


def _runs(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]


def _read_rows(form: Fields) -> list[Row]:
    taken, detect = set(form.all("take")), set(form.all("ids"))
    pairs = list(zip(form.all("value"), form.all("type"), strict=False))[:MOST_VALUES]
    lists = form.all("lists")
    return [
        Row(
            value, kind.strip(), str(index) in detect, str(index) in taken,
            [name for name in (lists[index] if index < len(lists) else "").split("\n") if name],
        )
        for index, (value, kind) in enumerate(pairs)
    ]  # fmt: skip


def _checked(visit: Visit, row: Row) -> NewAttribute | None:
    """The attribute of a row, or None with the row saying what does not fit."""
    try:
        fine = check(row.type, row.value, None, row.to_ids)
    except Refused as refused:
        texts = [text for several in refused.errors.values() for text in several]
        row.error = visit.gettext("This does not fit its type:") + " " + " ".join(texts)
        return None
    return NewAttribute(None, fine.type, fine.category, row.to_ids, fine.value1, fine.value2)


def _stored(visit: Visit, new: NewEvent) -> Reply:
    added = adding.add(visit.session, new)
    said = visit.ngettext(
        "Kept as a draft with %(num)s value.", "Kept as a draft with %(num)s values.",
        added.attributes,
    ) % {"num": added.attributes}  # fmt: skip
    said += refused_values.sentences(visit, added.refused)
    return visit.redirect(f"/intelligence/events/{added.event_id}", said)


@page("/intelligence/new", right="add")
def ask_event(visit: Visit) -> Reply:
    return _form(visit, event_forms.defaults(visit, ""))


def _form(visit: Visit, head: event_forms.Head, status: int = 200) -> Reply:
    return visit.show(
        "adding/new.html", status, tabs=tabs_of(visit), head=head, **event_forms.choices(visit)
    )


@page("/intelligence/new", "POST", right="add")
def save_event(visit: Visit) -> Reply:
    head = event_forms.read(visit)
    if head.errors:
        return _form(visit, head, 400)
    try:
        return _stored(visit, event_forms.event_of(head))
    except BrugError as error:
        if error.code != "sharing_group":
            raise
        head.errors["group"] = visit.sentence(error)
        return _form(visit, head, error.status)
