# SPDX-License-Identifier: EUPL-1.2
"""The log of decisions: each with its number, what it rests on, and whether another replaced it.

Pure, from what its reader has. A decision that was replaced stays readable beside the later one.
"""

import csv
import io
from collections.abc import Callable, Iterable

import msgspec

from brug.cases.acts import Attached, Decided, Recorded, Said
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.formats.csv import safe

COLUMNS = ("number", "at", "by", "question", "outcome", "because", "basis", "replaces",
           "replaced_by", "entry")  # fmt: skip
BASIS = (Recorded, Attached, Said, Decided)


class Kept(msgspec.Struct, frozen=True):
    """`replaces` and `replaced_by` are numbers of the log, 0 for none."""

    number: int
    entry: Entry
    act: Decided
    basis: list[Entry]
    replaces: int = 0
    replaced_by: int = 0

    @property
    def holds(self) -> bool:
        return self.replaced_by == 0


def log(case: Case) -> list[Kept]:
    """In the order of the case, numbered from 1."""
    numbers = {one.id: number for number, one in enumerate(case.decisions, 1)}
    replaced: dict[str, int] = {}
    for one in case.decisions:
        act = one.act
        assert isinstance(act, Decided)  # noqa: S101 — the fold puts nothing else there
        if act.replaces is not msgspec.UNSET and numbers.get(act.replaces, 0) < numbers[one.id]:
            replaced[act.replaces] = numbers[one.id]
    by_id = {one.id: one for one in case.timeline}
    found = []
    for one in case.decisions:
        act = one.act
        assert isinstance(act, Decided)  # noqa: S101
        basis = () if act.basis is msgspec.UNSET else act.basis
        earlier = "" if act.replaces is msgspec.UNSET else act.replaces
        known = numbers.get(earlier, 0)
        found.append(
            Kept(
                numbers[one.id], one, act, [by_id[each] for each in basis if each in by_id],
                known if known < numbers[one.id] else 0, replaced.get(one.id, 0),
            )
        )  # fmt: skip
    return found


def can_be_basis(case: Case) -> list[Entry]:
    """What a decision can rest on, the newest first: what all have, and was not taken back."""
    taken = {one.entry for one in case.documents.values() if one.act.is_undone}
    return [
        one
        for one in reversed(case.timeline)
        if isinstance(one.act, BASIS) and not one.to and one.id not in taken
        and not (isinstance(one.act, Attached) and one.act.is_undone)
    ]  # fmt: skip


def as_csv(
    kept: Iterable[Kept], who: Callable[[Entry], str], says: Callable[[Entry], str]
) -> bytes:
    """For spreadsheets: no cell of it is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in kept:
        row = (
            str(one.number), one.entry.at, who(one.entry), one.act.question, one.act.outcome,
            one.act.because, "\n".join(says(each) for each in one.basis),
            str(one.replaces or ""), str(one.replaced_by or ""), one.entry.id,
        )  # fmt: skip
        writer.writerow([safe(cell) for cell in row])
    return out.getvalue().encode()


def briefly(case: Case, entry: Entry) -> str:
    """What a decision rests on, in a line, for machines and the command line."""
    match entry.act:
        case Recorded() as act:
            return f"{case.kind.fact(act.fact).key} {act.at}".strip()
        case Attached() as act:
            return act.name
        case Decided() as act:
            return act.question
        case Said() as act:
            return " ".join(act.text.split())[:80]
        case _:
            return str(entry.act.__struct_config__.tag)


def org_of(case: Case, entry: Entry) -> str:
    """The name of the organisation that wrote it, as it takes part."""
    names = {one.org: one.name for one in case.participants.values() if one.user is None}
    return names.get(entry.author.org, entry.author.org)
