# SPDX-License-Identifier: EUPL-1.2
"""A case for machines, and what may be done next in it."""

from typing import Any

import msgspec

from brug.cases import act_rules, keeping, rules
from brug.cases.acts import AnyAct
from brug.cases.case import Case
from brug.cases.clocks import titles
from brug.cases.due import Bound
from brug.cases.files import File
from brug.mail.speaking import say_in
from brug.model.languages import DEFAULT
from brug.store.session import Session


def document(file: File, case: Case, part: slice = slice(None)) -> dict[str, Any]:
    """A case for machines, with a part of its timeline. Its number is this node's; a node of
    another participant has one of its own, and the entries that of the node that opened it.
    """
    here = {"number": file.number, "opened_as": case.number, "changed": file.changed}
    return folded(case, part) | here


def folded(case: Case, part: slice = slice(None)) -> dict[str, Any]:
    """What follows from the entries alone: the same on every node that has them."""
    return {
        "uuid": case.id, "number": case.number, "kind": case.kind.key, "title": case.title,
        "state": case.state, "is_over": case.is_over, "opened": case.opened,
        "marking": said(case.marking),
        "embargo": said(case.embargo) if case.embargo else None,
        "fields": {name: value for name, value in case.fields.items() if value is not None},
        "own_facts": [
            said(act) for name, of in case.own_facts
            if (act := case.fact(name, of)) is not None and act.of == of
        ],
        "facts": {name: said(act) for name in case.facts if (act := case.fact(name)) is not None},
        "participants": [msgspec.to_builtins(one) for one in case.participants.values()],
        "states": [
            {"machine": machine, "of": of, "state": one.state}
            for (machine, of), one in case.known_positions.items()
        ],
        "tasks": [said(one) for one in case.tasks.values()],
        "links": [said(one) for one in case.links.values() if not one.is_undone],
        "documents": [
            said(one.act) | {"entry": one.entry, "at": one.at, "org": one.author.org, "to": one.to}
            for one in case.documents.values()
            if not one.act.is_undone
        ],
        "conflicts": [msgspec.to_builtins(one) for one in case.conflicts],
        "ignored": [msgspec.to_builtins(one) for one in case.ignored],
        "timeline": [msgspec.to_builtins(one) for one in case.timeline[part]],
    }  # fmt: skip


def steps(session: Session, case: Case) -> list[dict[str, Any]]:
    """The transitions that the principal may choose now, and what each needs first."""
    return [
        {
            "machine": machine.key, "trigger": one.trigger, "of": of, "title": one.title,
            "leaves": case.positions[machine.key, of].state, "asks": one.asks,
            "missing": act_rules.missing(case, one, of),
        }
        for machine, of, one in rules.possible(case, keeping.author(session))
    ]  # fmt: skip


def next_steps(session: Session, case: Case) -> list[str]:
    """The same in words."""
    told = []
    for step in steps(session, case):
        whose = f" of {case.participants[step['of']].name}" if step["of"] else ""
        needs = f" (needs first: {', '.join(step['missing'])})" if step["missing"] else ""
        told.append(f"{step['machine']}{whose}: {step['trigger']}{needs}")
    return told


def told_clock(one: Bound, language: str = DEFAULT) -> dict[str, Any]:
    """A deadline for machines: whom it binds, by which rule, what started it, when it ends."""
    clock = one.clock
    return {
        "participant": one.participant.name,
        "of": one.participant.id,
        "rule": clock.row.id,
        "title": titles.title_of(clock.row, language),
        "source": titles.source_of(clock.row, language),
        "is_verified": clock.is_verified,
        "status": clock.status,
        "started_by": clock.started_by,
        "strict": clock.strict,
        "legal": clock.legal,
        "soft": titles.soft_of(clock.row, language),
        "met_by": clock.row.met_by,
        "zone": clock.zone,
        "remarks": [remark.said(say_in(language)) for remark in clock.remarks],
    }


def said(act: AnyAct) -> dict[str, Any]:
    """An act without what it leaves open."""
    return {name: value for name, value in msgspec.to_builtins(act).items() if value}
