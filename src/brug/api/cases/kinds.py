# SPDX-License-Identifier: EUPL-1.2
"""What kinds of cases there are, and what each declares."""

from functools import cache
from typing import Any

import msgspec

from brug.api.cases import kind_forms as forms
from brug.api.cases.table import Call, in_language, route
from brug.cases import applying, due
from brug.cases.case import Kind, Machine, Transition
from brug.cases.clocks import Table, titles
from brug.cases.kinds import KINDS
from brug.model.errors import NotFound


@route("GET", "/kinds", summary="The kinds of cases", answers=(forms.Kinds,))
def listed(_: Call) -> forms.Kinds:
    return forms.Kinds([forms.KindNamed(one.key, one.title, one.prefix) for one in KINDS.values()])


@route("GET", "/kinds/{kind}", summary="What a kind declares", answers=(forms.KindShown,))
def shown(call: Call) -> forms.KindShown:
    kind = KINDS.get(call.args["kind"])
    if kind is None:
        raise NotFound(f"no kind {call.args['kind'][:60]}")
    return forms.KindShown(
        key=kind.key,
        title=kind.title,
        prefix=kind.prefix,
        opener=kind.opener,
        roles=[forms.Role(r.key, r.title, sorted(r.may), r.leads) for r in kind.roles],
        machines=[_machine(one) for one in kind.machines],
        facts=[forms.Fact(one.key, one.title, one.explains) for one in kind.facts],
        clocks=_rules(kind, due.rules_here(call.session).table, in_language(call)),
        fields=_schema(kind.fields),
    )


@cache
def _schema(fields: type[msgspec.Struct]) -> dict[str, Any]:
    return msgspec.json.schema(fields)


def _machine(one: Machine) -> forms.Machine:
    return forms.Machine(
        key=one.key,
        title=one.title,
        initial=one.initial,
        final=sorted(one.final),
        each=sorted(one.each),
        states=[forms.Named(key, title) for key, title in one.states.items()],
        transitions=[_transition(each) for each in one.transitions],
    )


def _transition(one: Transition) -> forms.Transition:
    also = [forms.Effect(each.machine, list(each.source), each.target) for each in one.also]
    return forms.Transition(
        one.trigger, one.title, list(one.source), one.target, sorted(one.roles), list(one.needs),
        one.asks, also,
    )  # fmt: skip


def _rules(kind: Kind, table: Table, language: str) -> list[forms.Rule]:
    """As the node's own table has them."""
    known = frozenset(applying.rows_of(kind, table))
    return [
        forms.Rule(
            row.id, titles.title_of(row, language), titles.source_of(row, language), row.trigger,
            row.period, list(row.obliged), row.is_verified,
        )
        for row in table
        if row.id in known
    ]  # fmt: skip
