# SPDX-License-Identifier: EUPL-1.2
"""A filled form as PDF (PDF/UA-1), set by typst in a short-lived process of its own.

What stands in the case goes to it as data and is never read as markup. Characters that would
change how others are read, and those that are no text, are shown as replaced.
"""

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import msgspec

from brug.cases.case import Case
from brug.cases.clocks import titles
from brug.cases.clocks.facts import shown
from brug.cases.reports import telling
from brug.cases.reports.filling import Filled
from brug.cases.reports.telling import ANSWERS, Say
from brug.model.errors import Unavailable
from brug.model.words import N_

_SECONDS = 30
_LONG_RUN = re.compile(r"\S{30}")
_REPLACED = "\ufffd"
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_PROGRAM = Path(__file__).with_name("typesetting.py")
FORM = Path(__file__).with_name("form.typ")
VERSION = N_("Version")
LACKS = {"missing": N_("Missing"), "unknown": N_("Has to be answered")}


class NotPrinted(Unavailable):
    """The process that sets the page did not end well."""

    code = "not_printed"
    public = "The PDF could not be made; the form's JSON has the same."


class _Part(msgspec.Struct, frozen=True):
    title: str
    rows: list[tuple[str, list[str]]]


def pdf(case: Case, form: Filled, at: datetime, say: Say = str, language: str = "en") -> bytes:
    """Raises NotPrinted."""
    clock = form.clock
    parts = [
        _Part(say(N_("Where it goes")), _head(form, say, language)),
        _Part(say(N_("What it says")), _body(case, form, say)),
    ]
    if form.missing or form.warnings:
        parts.append(_Part(say(N_("Before it is sent")), _doubts(case, form, say)))
    marking = f"TLP:{case.marking.tlp.upper()}" if case.marking.tlp else ""
    foot = f"{form.report.key} {clock.row.article if clock else ''} · {form.participant.name}"
    told = {
        "title": say(form.report.title), "author": plain(form.participant.name),
        "number": form.number, "marking": marking, "lang": language,
        "foot": plain(f"{foot} · {say(VERSION)} {form.version} · {shown(at, 'UTC')}"),
        "parts": [
            {"title": part.title, "rows": [[plain(name), lines(said)] for name, said in rows]}
            for part in parts
            for rows in (part.rows,)
        ],
    }  # fmt: skip
    return typeset(msgspec.json.encode(told), at, FORM)


def _head(form: Filled, say: Say, language: str) -> list[tuple[str, list[str]]]:
    clock, to = form.clock, form.authority
    rows = []
    if to:
        rows.append((say(N_("Authority")), [one for one in (to.name, to.address, to.url) if one]))
    else:
        rows.append((say(N_("Authority")), [say(N_("None is set on this node."))]))
    if clock:
        rows.append((say(N_("By law to")), [clock.row.to]))
        rows.append((say(N_("Law")), [titles.source_of(clock.row, language)]))
        if clock.legal:
            rows.append((say(N_("Deadline")), [shown(clock.legal, clock.zone)]))
    rows.append((say(N_("Is it owed?")), [say(ANSWERS[form.is_owed])]))
    return rows


def _body(case: Case, form: Filled, say: Say) -> list[tuple[str, list[str]]]:
    return [
        (
            telling.title_of(case.kind, one.item, say),
            telling.in_words(case.kind, one, say) or ["—"],
        )
        for one in form.lines
    ]


def _doubts(case: Case, form: Filled, say: Say) -> list[tuple[str, list[str]]]:
    rows = [
        (telling.title_of(case.kind, one.item, say), [say(LACKS[one.lacks])])
        for one in form.missing
    ]
    warned = [telling.warning(case.kind, form, one, say) for one in form.warnings]
    return [*rows, (say(N_("Look at")), warned)] if warned else rows


def lines(said: list[str]) -> list[str]:
    return [plain(line) for text in said for line in text.split("\n")]


def plain(text: str) -> str:
    """Each character as it is, or replaced: none that hides or turns round what others say."""
    shown_so = "".join(
        _REPLACED if one in _TURNS or (not one.isprintable() and one not in "\t\u200d") else one
        for one in text.replace("\r", "").replace("\xa0", " ")
    )
    # A place to break, for runs that are longer than a line.
    return _LONG_RUN.sub("\\g<0>\u200b", shown_so)


def typeset(data: bytes, at: datetime, template: Path) -> bytes:
    """What a template of ours makes of data. Raises NotPrinted."""
    try:
        done = subprocess.run(  # noqa: S603 — our own program; what it reads is data
            [sys.executable, "-I", str(_PROGRAM), str(int(at.timestamp())), str(template)],
            input=data, capture_output=True, timeout=_SECONDS, check=True, env={},
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or b""
        raise NotPrinted(
            f"typesetting: {error}: {said[-2000:].decode(errors='replace')}"
        ) from error
    return done.stdout
