# SPDX-License-Identifier: EUPL-1.2
"""Releasing a situation report: approved text, as PDF and JSON among the documents of the case.

Order: what is asked is checked, the PDF is set, then both are attached for the same people, in
one transaction with the asking to be told when it is read. Whoever releases answers for the text.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from brug.cases import documents, due, files, keeping, severity, taking_part
from brug.cases.acts import Attached
from brug.cases.case import Case
from brug.cases.clocks import UnusableTable
from brug.cases.clocks.facts import shown
from brug.cases.crisis import acknowledging, comparing, situation
from brug.cases.crisis.comparing import Last, Say
from brug.cases.crisis.situation import SECTIONS, Draft, Given
from brug.cases.documents import Told
from brug.cases.entries import Entry
from brug.cases.files import File
from brug.cases.reports.declaring import Item
from brug.cases.reports.printing import lines, plain, typeset
from brug.cases.reports.telling import as_json, title_of
from brug.cases.severity import UnusableScheme
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Invalid
from brug.model.languages import DEFAULT
from brug.model.tlp import LABELS, is_above
from brug.model.words import N_
from brug.store.session import Session

TEMPLATE = Path(__file__).with_name("situation.typ")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be released: period, sections by key, marking, for whom; nobody: all."""

    since: str = ""
    until: str = ""
    sections: Mapping[str, str]
    tlp: str = ""
    to: Sequence[str] = ()
    ask: bool = False


class Released(msgspec.Struct, frozen=True):
    """Both documents, and the asking, where there is one."""

    version: int
    json: Entry
    pdf: Entry
    asked: Entry | None


def given_here(session: Session, language: str = DEFAULT) -> Given:
    """What the node has tables of that can be used."""
    rules_, scheme = None, None
    with suppress(UnusableTable):
        rules_ = due.rules_here(session)
    with suppress(UnusableScheme):
        scheme = severity.scheme_here(session)
    return Given(datetime.now(UTC).replace(microsecond=0), rules_, scheme, language)


def last_of(session: Session, file: File, case: Case) -> Last | None:
    """The last report that the reader has, and that can be read here."""
    for one in situation.released(case):
        with suppress(BrugError):  # on another node, damaged: the one before, then
            data = b"".join(documents.content(session, file, one))
            if (found := comparing.read_last(one.act.name, data)) is not None:
                return found
    return None


def drafted(
    session: Session,
    file: File,
    case: Case,
    since: str,
    until: str,
    say: Say = str,
    language: str = DEFAULT,
) -> tuple[Draft, Last | None]:
    """Of a period, or since the last one. Raises Invalid."""
    known = case.kind.fields.__struct_fields__
    words = {
        name: title_of(case.kind, Item(name=name), say)
        for name in comparing.NUMBERS
        if name in known
    }
    given, last = given_here(session, language), last_of(session, file, case)
    period = situation.period_of(case, last, since, until, given.now)
    return situation.draft(case, given, period, last, words, say), last


def release(
    session: Session, which: str, asked: Asked, say: Say = str, language: str = "en"
) -> Released:
    """Raises NotFound, Invalid, NotPrinted, and what `keeping.act` does; then nothing is kept."""
    file, case = files.view(session, which)
    texts = _texts(asked.sections)
    _require_marking(case, asked.tlp)
    mine = taking_part.parts_of(case, keeping.author(session))
    if not mine or not taking_part.may(case, keeping.author(session), "attached"):
        raise NotYours(f"{session.principal.email} may not attach anything to {file.number}")
    keeping.require_recipients(
        case, Attached(document="", name="", size=0, sha256="", media_type=""), asked.to
    )
    made, last = drafted(session, file, case, asked.since, asked.until, say, language)
    me, now = mine[0], datetime.now(UTC).replace(microsecond=0)
    version = situation.next_version(case, me.id)
    about = {
        "version": version, "tlp": asked.tlp, "released": now.isoformat(),
        "participant": {"uuid": me.id, "organisation": me.org, "name": me.name},
        "compared_with": last.name if last else None,
    }  # fmt: skip
    told = situation.document(case, made, texts, about, say)
    pages = _pdf(told, now, say, language)
    to = list(dict.fromkeys(asked.to))

    def attach(ending: str, data: bytes, media_type: str) -> Entry:
        name = situation.file_name(me.id, version, ending)
        marked = f"TLP:{asked.tlp.upper()}" if asked.tlp else ""
        said = Told(name=name, media_type=media_type, because=marked)
        return documents.attach(session, which, BytesIO(data), said, to)

    kept = attach("json", as_json(told), "application/json")
    printed = attach("pdf", pages, "application/pdf")
    wanted = acknowledging.ask(session, which, printed.id) if asked.ask else None
    return Released(version, kept, printed, wanted)


def _texts(sections: Mapping[str, str]) -> dict[str, str]:
    for key, text in sections.items():
        if key not in SECTIONS:
            raise Invalid(f"sections.{key[:60]}", f"one of {', '.join(SECTIONS)}")
        if len(text) > situation.LONGEST or "\0" in text:
            expected = f"a text of at most {situation.LONGEST} characters"
            raise Invalid(f"sections.{key}", expected)
    if not sections.get("situation", "").strip():
        raise Invalid("sections.situation", "what the situation is")
    return {key: text.replace("\r\n", "\n").strip() for key, text in sections.items()}


def _require_marking(case: Case, tlp: str) -> None:
    """At least as strict as the case's."""
    if tlp and tlp not in LABELS:
        raise Invalid("tlp", f"one of {', '.join(LABELS)}", tlp)
    if case.marking.tlp and (not tlp or is_above(case.marking.tlp, tlp)):
        raise Invalid("tlp", f"{case.marking.tlp} as the case has it, or stricter", tlp)


def _pdf(told: Mapping[str, Any], at: datetime, say: Say, language: str) -> bytes:
    """As forms are set. Raises NotPrinted."""
    name = told["participant"]["name"]
    period = f"{told['from']} / {told['until']}"
    marking = f"TLP:{told['tlp'].upper()}" if told["tlp"] else ""
    heads = [[say(N_("Case")), [plain(f"{told['case']} {told['title']}")]],
             [say(N_("Period")), [period]], [say(N_("Released by")), [plain(name)]]]  # fmt: skip
    parts = [{"title": say(N_("About this report")), "rows": heads}]
    parts += [
        {"title": plain(one["title"]), "rows": [["", lines([one["text"]])]]}
        for one in told["sections"]
    ]
    version = f"{say(N_('Version'))} {told['version']}"
    data = {
        "title": say(N_("Situation report")), "author": plain(name), "number": told["case"],
        "marking": marking, "lang": language,
        "foot": plain(f"{name} · {version} · {shown(at, 'UTC')}"), "parts": parts,
    }  # fmt: skip
    return typeset(msgspec.json.encode(data), at, TEMPLATE)
