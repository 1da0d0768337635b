# SPDX-License-Identifier: EUPL-1.2
"""A whole case as PDF (PDF/UA-1): a cover with its marking, what is known, the timeline.

Set as forms to authorities are (`brug.cases.reports.printing`): what stands in the case goes to
the typesetter as data. Whatever is longer than people read is left to the JSON, and it is said.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from brug.cases.acts import Decided, Said
from brug.cases.clocks import facts as moments
from brug.cases.clocks import titles
from brug.cases.due import Bound
from brug.cases.exporting.document import Given
from brug.cases.exporting.sentences import Say, Sentences, marking, time
from brug.cases.reports.printing import lines, plain, typeset
from brug.model.words import N_

MOST_ENTRIES = 3000
_TEMPLATE = Path(__file__).with_name("case.typ")
_REMARK = N_(
    "Exported for %(who)s. The marking holds for this copy too. What others said among themselves"
    " is not in it."
)
_CUT = N_("The newest %(most)s of %(all)s; case.json has them all.")


class _Part(msgspec.Struct, frozen=True):
    """A heading with rows: of a table where `head` says what its columns are."""

    title: str
    rows: list[list[str]]
    head: list[str] = []
    widths: list[int] = []
    said: str = ""


def pdf(
    given: Given, clocks: Sequence[Bound], who: str, say: Say = str, language: str = "en"
) -> bytes:
    """`who` is whoever exports. Raises NotPrinted."""
    case, words = given.case, Sentences(given.case, say, language)
    label = marking(case.marking)
    told = {
        "title": plain(case.title) or given.file.number,
        "author": plain(who),
        "number": plain(given.file.number),
        "kind": f"{say(case.kind.title)} {given.file.number}",
        "marking": label or say(N_("Not marked")),
        "lang": language,
        "foot": plain(f"{given.file.number} · {moments.told(given.at, 'UTC')}"),
        "remark": plain(say(_REMARK) % {"who": who}),
        "nothing": say(N_("none")),
        "cover": [[name, [plain(one) for one in said]] for name, said in _cover(given, words)],
        "parts": [_plain(one) for one in _parts(given, clocks, words)],
    }
    return typeset(msgspec.json.encode(told), given.at, _TEMPLATE)


def _plain(part: _Part) -> dict[str, Any]:
    """Of a table each cell is one text; of rows what follows the first is lines."""
    rows = [
        [plain(row[0]), *(plain(one) for one in row[1:])]
        if part.head
        else [plain(row[0]), *lines(row[1:])]
        for row in part.rows
    ]
    return msgspec.to_builtins(msgspec.structs.replace(part, rows=rows))  # type: ignore[no-any-return]


def _cover(given: Given, words: Sentences) -> Iterator[tuple[str, list[str]]]:
    case, say = given.case, words.say
    yield say(N_("Number")), [given.file.number]
    if case.number != given.file.number:
        yield say(N_("Number where it was opened")), [case.number]
    machine = case.kind.machines[0]
    yield say(machine.title), [say(machine.states.get(case.state, case.state))]
    yield say(N_("Opened")), [time(case.opened)]
    if case.embargo:
        yield say(N_("Embargo")), [time(case.embargo.until, case.embargo.zone)]
    yield say(N_("Who takes part")), [f"{one.name}: {words.role(one.role)}" for one in case.present]
    yield "UUID", [case.id]


def _parts(given: Given, clocks: Sequence[Bound], words: Sentences) -> Iterator[_Part]:
    case, say = given.case, words.say
    yield _Part(say(N_("Who takes part")), [
        [one.name, words.role(one.role), _state_of(given, words, one.id)]
        for one in case.participants.values()
    ], [say(N_("Name")), say(N_("Role")), say(N_("State"))], [3, 2, 2])  # fmt: skip
    yield _Part(say(N_("Fields")), [
        [words.field(name), *(words.value(name, value))]
        for name, value in case.fields.items() if value not in (None, "", [])
    ])  # fmt: skip
    yield _Part(say(N_("Times")), list(_facts(given, words)))
    if case.kind.clocks:
        yield _Part(say(N_("Deadlines")), list(_clocks(clocks, say, words.language)), [
            say(N_("What")), say(N_("Whose")), say(N_("Ends")), say(N_("By law")),
            say(N_("State")),
        ], [5, 3, 3, 3, 2])  # fmt: skip
    yield _Part(say(N_("Decisions")), [
        [act.question, f"→ {act.outcome}", act.because, f"{words.who(one)}, {time(one.at)}"]
        for one in case.decisions if isinstance(act := one.act, Decided)
    ])  # fmt: skip
    yield _Part(say(N_("Messages")), [
        [f"{words.who(one)}, {time(one.at)}", *words.lines(one)]
        for one in case.timeline if isinstance(one.act, Said)
    ])  # fmt: skip
    yield _Part(say(N_("Tasks")), [[words.task(one)] for one in case.tasks.values()])
    yield _Part(say(N_("Documents")), [
        [one.act.name, f"{one.act.size}", one.act.media_type, one.act.sha256]
        for one in given.documents
    ], [say(N_("Name")), say(N_("Bytes")), say(N_("Type")), "SHA-256"], [4, 2, 3, 5])  # fmt: skip
    yield _Part(say(N_("Links")), [
        [f"{one.kind} {one.uuid}", one.title] for one in case.links.values() if not one.is_undone
    ])  # fmt: skip
    yield _timeline(given, words)


def _state_of(given: Given, words: Sentences, participant: str) -> str:
    case, say = given.case, words.say
    if case.participants[participant].left is not None:
        return say(N_("has left"))
    return ", ".join(
        say(case.kind.machine(machine).states.get(one.state, one.state))
        for (machine, of), one in case.known_positions.items()
        if of == participant
    )


def _facts(given: Given, words: Sentences) -> Iterator[list[str]]:
    case = given.case
    held = {(name, ""): said for name, said in case.facts.items()} | case.own_facts
    for (name, of), said in held.items():
        act: Any = said[-1].act
        if not act.at:  # taken back
            continue
        whose = f" ({words.name(of)})" if of else ""
        yield [f"{words.fact(name)}{whose}", time(act.at, act.zone), act.source]


def _clocks(clocks: Sequence[Bound], say: Say, language: str) -> Iterator[list[str]]:
    for one in clocks:
        clock = one.clock
        if clock.status == "not_applicable":
            continue
        ends = (clock.strict, clock.legal)
        strict, legal = (moments.told(at, clock.zone) if at else "—" for at in ends)
        title = titles.title_of(clock.row, language)
        title = f"{title} ({titles.source_of(clock.row, language)})"
        yield [title, one.participant.name, strict, legal, say(STATUSES[clock.status])]


STATUSES = {
    "not_started": N_("Not started"), "running": N_("Running"), "due_soon": N_("Due soon"),
    "met": N_("Met"), "met_late": N_("Met late"), "missed": N_("Missed"),
    "waived": N_("Waived"), "not_applicable": N_("Does not apply"),
}  # fmt: skip


def _timeline(given: Given, words: Sentences) -> _Part:
    entries = given.case.timeline
    told = entries[-MOST_ENTRIES:]
    cut = {"most": len(told), "all": len(entries)}
    return _Part(
        words.say(N_("Timeline")),
        [
            [f"{time(one.at)} · {words.title(one)} · {words.who(one)}", *words.lines(one)]
            for one in told
        ],
        said=words.say(_CUT) % cut if len(told) < len(entries) else "",
    )
