# SPDX-License-Identifier: EUPL-1.2
"""A filled form for machines, which is what is kept of it, and for people, in their language."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from brug.cases.case import Kind
from brug.cases.clocks.facts import read, shown
from brug.cases.reports.authorities import Chosen
from brug.cases.reports.declaring import Item
from brug.cases.reports.filling import Filled, Line, Warned
from brug.cases.reports.forms import REPORTS
from brug.model.words import N_

Say = Callable[[str], str]
FORMAT = "brug-report-1"
WARNINGS = {
    "marked": N_("The case is marked TLP:%(what)s; see whether the authority may have it."),
    "text_marked": N_("A text carries a stricter marking than the case: %(what)s."),
    "personal": N_("What identifies a person stands in %(where)s: %(what)s. Is it needed there?"),
    "not_owed": N_("By what the case says, this report is not owed."),
    "content_not_verified": N_(
        "What the law asks this report to hold was not checked against its source."
    ),
    "row_not_verified": N_("The deadline was not checked against its source."),
}
ANSWERS = {"yes": N_("Yes"), "no": N_("No"), "unknown": N_("Not known yet")}


def document(form: Filled) -> dict[str, Any]:
    """For machines: values in plain form under the names of the case."""
    clock = form.clock
    return {
        "format": FORMAT,
        "report": form.report.key,
        "title": form.report.title,
        "version": form.version,
        "case": form.number,
        "participant": {
            "uuid": form.participant.id,
            "organisation": form.participant.org,
            "name": form.participant.name,
        },
        "is_owed": form.is_owed,
        "answers": form.answers,
        "items": [
            {"name": one.item.name, "from": one.item.whence, "value": one.value}
            for one in form.lines
        ],
        "missing": [{"name": one.item.name, "why": one.lacks} for one in form.missing],
        "clock": None
        if clock is None
        else {
            "rule": clock.row.id,
            "instrument": clock.row.instrument,
            "article": clock.row.article,
            "to": clock.row.to,
            "is_verified": clock.is_verified,
            "status": clock.status,
            "started_by": clock.started_by,
            "strict": _iso(clock.strict),
            "legal": _iso(clock.legal),
            "zone": clock.zone,
        },
        "authority": msgspec.to_builtins(form.authority),
        "chosen_by": _chosen_by(form.chosen),
        "law_of": {"country": form.country, "by": form.country_by},
        "warnings": [msgspec.to_builtins(one) for one in form.warnings],
        "earlier": [
            {"name": one.act.name, "sha256": one.act.sha256, "at": one.at} for one in form.sent
        ],
    }


def _chosen_by(chosen: Chosen | None) -> dict[str, Any] | None:
    """By which row: what of the case it says, and whether it was put in here or is of the file."""
    if chosen is None:
        return None
    return {
        "country": chosen.country, "sector": chosen.sector, "report": chosen.authority.report,
        "from": "register" if chosen.is_own else "file",
    }  # fmt: skip


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None


def as_json(told: Mapping[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told, order="deterministic"), indent=2) + b"\n"


# -- for people ---------------------------------------------------------------------------


@cache
def titles_in(fields: type[msgspec.Struct]) -> dict[str, tuple[str, dict[str, str]]]:
    """Of each field its title, and the titles of what can be chosen."""
    declared = inspect.type_info(fields)
    assert isinstance(declared, inspect.StructType)  # noqa: S101 — of Kind.fields
    found = {}
    for one in declared.fields:
        title, titles = "", dict[str, str]()
        for part in _parts(one.type):
            title = title or (part.extra_json_schema or {}).get("title", "")
            titles |= (part.extra or {}).get("titles", {})
        found[one.name] = (title or one.name, titles)
    return found


def _parts(kind: inspect.Type) -> list[inspect.Metadata]:
    match kind:
        case inspect.UnionType():
            return [part for one in kind.types for part in _parts(one)]
        case inspect.Metadata():
            return [kind, *_parts(kind.type)]
        case inspect.ListType():
            return _parts(kind.item_type)
        case _:
            return []


def title_of(kind: Kind, item: Item, say: Say) -> str:
    if item.title:
        return say(item.title)
    if item.whence == "fact":
        return say(kind.fact(item.name).title)
    return say(titles_in(kind.fields)[item.name][0])


def in_words(kind: Kind, line: Line, say: Say) -> list[str]:
    """A value as people read it: lines, none for nothing."""
    value = line.value
    if value is None:
        return []
    if line.item.whence == "fact":
        return [f"{shown(read(value['at'], 'UTC').at, value['zone'])} {value['zone']}"]
    if line.item.whence == "sent":
        return [say(REPORTS[one].title) for one in value]
    titles = titles_in(kind.fields)[line.item.name][1] if line.item.whence == "field" else {}
    several = value if isinstance(value, list) else [value]
    return [say(titles[one]) if one in titles else str(one) for one in several]


# What the scan for identifiers of people finds (brug.formats.personal_identifiers).
IDENTIFIERS = {
    "e-mail address": N_("an e-mail address"),
    "phone number": N_("a phone number"),
    "IBAN": N_("a bank account (IBAN)"),
    "card number": N_("a card number"),
    "BSN": N_("a citizen service number (BSN)"),
}


def warning(kind: Kind, form: Filled, one: Warned, say: Say) -> str:
    """In words, with the place where there is one."""
    if one.code == "personal":
        name, *found = one.about
        item = next(line.item for line in form.lines if line.item.name == name)
        what = ", ".join(say(IDENTIFIERS[each]) for each in found)
        return say(WARNINGS[one.code]) % {"where": title_of(kind, item, say), "what": what}
    return say(WARNINGS[one.code]) % {"what": ", ".join(one.about).upper()}
