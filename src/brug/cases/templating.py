# SPDX-License-Identifier: EUPL-1.2
"""From a template to a case, and from a case to a template."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from brug.cases import bulk, files, forms, keeping, people, templates
from brug.cases.acts import (
    LONGEST_TITLE,
    AnyAct,
    Joined,
    Marked,
    Opened,
    Planned,
    Renamed,
)  # fmt: skip
from brug.cases.clocks import facts, periods
from brug.cases.entries import Entry
from brug.cases.files import File
from brug.cases.kinds import named
from brug.cases.templates import Part, Task, Template
from brug.model.errors import Invalid
from brug.store.session import Session


def of_case(session: Session, which: str, name: str) -> Template:
    """From a case, with what the own organisation said in it and nothing that others did:
    fields that it filled, tasks that it planned for all, organisations that it had take part and
    that still do; no person.
    """
    file, case = files.view(session, which)
    me = keeping.author(session)
    mine = [one for one in case.timeline if me.is_of(one.author.org)]
    opened = instant_of(case.opened)
    ids = {one.id for one in mine}
    present = {one.id for one in case.present} - _persons(session, file)
    roles = {one.id: one.role for one in case.participants.values()}
    tasks: dict[str, Planned] = {}
    for entry in mine:
        if isinstance(entry.act, Planned) and not entry.to:
            tasks.setdefault(entry.act.task, entry.act)
    return Template(
        name=name,
        kind=file.kind,
        title=case.title if _own_title(case.timeline, ids) == case.title else "{title}",
        fields={
            key: value
            for key, value in case.fields.items()
            if value is not None and case.filled.get(key) in ids
        },
        tasks=tuple(
            Task(
                title=one.title,
                after=_since(opened, one.due),
                who=roles.get(one.assignee, ""),
            )
            for one in list(tasks.values())[: templates.MOST_TASKS]
        ),
        participants=tuple(
            Part(org=act.org, role=act.role, name=act.name)
            for entry in mine
            if isinstance(act := entry.act, Joined)
            if act.user is None and act.participant in present
        )[: templates.MOST_PARTS],
        tlp=case.marking.tlp,
        pap=case.marking.pap,
    )


def _persons(session: Session, file: File) -> set[str]:
    """Participants who have no account: of their organisations' UUIDs there is no other."""
    with session.as_system():
        rows = session.all(
            "SELECT participant::text FROM case_person WHERE case_id = %(case)s"
            " UNION SELECT participant::text FROM case_guest WHERE case_id = %(case)s",
            {"case": file.id},
        )
    return {row[0] for row in rows}


def open_case(session: Session, kept: Template, words: Mapping[str, str], title: str = "") -> File:
    """A case that begins so; `words` fill the blanks. All of it, or the session fails."""
    kind = named(kept.kind)
    file = keeping.open_case(session, kept.kind, title or titled(kept, words), kept.fields)
    first: list[AnyAct] = []
    if kept.tlp or kept.pap:
        first.append(Marked(tlp=kept.tlp, pap=kept.pap))
    for number, part in enumerate(kept.participants):
        templates.require_role(f"participants[{number}].role", kind, part.role)
        first.append(people.joining(session, part.org, part.role, name=part.name))
    if first:
        keeping.act_several(session, file.uuid, [(one, ()) for one in first])
    case = files.view(session, file.uuid)[1]
    now = datetime.now(UTC)
    tasks = [
        Planned(
            task=str(uuid4()),
            title=one.title,
            assignee=bulk.participant(case, one.who).id if one.who else "",
            due=_due(session, now, one.after),
        )
        for one in kept.tasks
    ]
    if tasks:
        keeping.act_several(session, file.uuid, [(one, ()) for one in tasks])
    return files.find(session, file.uuid)


def titled(kept: Template, words: Mapping[str, str]) -> str:
    """Raises Invalid where a blank is not filled, or a word fills none."""
    for name in kept.blanks:
        forms.text(f"words.{name}", words.get(name, ""), LONGEST_TITLE)
    for name in words:
        if name not in kept.blanks:
            asked = ", ".join(kept.blanks)
            wanted = f"one of {asked}" if asked else "no words: the title asks for none"
            raise Invalid(f"words.{name}"[:100], wanted)
    said = {templates.DATE: datetime.now(UTC).date().isoformat(), **words}
    return templates.BLANK.sub(lambda found: said[found[1]].strip(), kept.title)[:LONGEST_TITLE]


def instant_of(said: str) -> datetime | None:
    """A time that an entry states, if it is one."""
    try:
        return forms.instant("at", said)
    except Invalid:
        return None


def _due(session: Session, now: datetime, after: str) -> str:
    if not after:
        return ""
    zone = facts.zone_named(session.principal.timezone or "UTC")
    return periods.after(now, templates.period("after", after), zone).strftime("%Y-%m-%dT%H:%M:%SZ")


def _since(opened: datetime | None, due: str) -> str:
    """How long after the opening: in whole days, or in hours below two days."""
    at = instant_of(due) if due else None
    if at is None or opened is None or at <= opened:
        return ""
    hours = max(1, round((at - opened).total_seconds() / 3600))
    text = f"PT{hours}H" if hours < 48 else f"P{round(hours / 24)}D"
    try:
        periods.read(text)
    except ValueError:
        return ""
    return text


def _own_title(timeline: Sequence[Entry], mine: set[str]) -> str:
    """The last title that somebody of the own organisation gave."""
    said = [
        one.act.title
        for one in timeline
        if one.id in mine and isinstance(one.act, Opened | Renamed)
    ]
    return said[-1] if said else ""
