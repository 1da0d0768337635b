# SPDX-License-Identifier: EUPL-1.2
"""What is counted of a case, so that statistics of a hundred thousand open none of them.

Each case has some facets; of each organisation the database keeps how many of its cases have
which (`tally_case`). They follow from entries for all who take part, and from nothing that is for
some of them: two who take part in the same cases read the same figures.

    open|KIND|STATE|DAY      it is open since its opening on that day
    opened|KIND|MONTH        it was opened; the same of `over`
    time|KIND|MEASURE|MONTH|MINUTES    ended in that month after so many minutes, in two figures
    term|RULE|met|MONTH      a deadline that ended in that month; or `late`, met after its end
    term|RULE|open|HOUR      one that nothing has met, with the hour of its end
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from brug.cases.acts import Moved, Said
from brug.cases.case import Case
from brug.cases.declaring import Measure
from brug.cases.due import Bound
from brug.cases.entries import Entry
from brug.cases.forms import instant
from brug.model.errors import Invalid
from brug.store.session import Session

DAY, MONTH, HOUR = "%Y-%m-%d", "%Y-%m", "%Y-%m-%dT%H"
_COUNTED = {"met": "met", "met_late": "late", "running": "open", "due_soon": "open",
            "missed": "open"}  # fmt: skip
_FIGURES = 2


def note(session: Session, case_id: int, found: Sequence[str]) -> None:
    """Within `files.whole`, once those who take part are known."""
    session.execute("SELECT tally_case(%s, %s)", (case_id, sorted(found)))


def compact(session: Session) -> int:
    """Puts rows of one facet together, in a session of the system; how many were taken out."""
    return session.execute(
        "WITH several AS (SELECT org_id, facet FROM case_tally GROUP BY org_id, facet"
        "   HAVING count(*) > 1 OR sum(cases) = 0),"
        " gone AS (DELETE FROM case_tally t USING several s"
        "   WHERE t.org_id = s.org_id AND t.facet = s.facet"
        "   RETURNING t.org_id, t.facet, t.cases)"
        " INSERT INTO case_tally SELECT org_id, facet, sum(cases) FROM gone"
        " GROUP BY org_id, facet HAVING sum(cases) <> 0"
    ).rowcount


def facets(case: Case, bound: Sequence[Bound] = ()) -> list[str]:
    """Of a case as all its entries make it."""
    return list(_facets(case, bound))


def _facets(case: Case, bound: Sequence[Bound]) -> Iterator[str]:
    kind, opened = case.kind.key, moment(case.opened)
    if opened is not None:
        yield f"opened|{kind}|{opened.strftime(MONTH)}"
        if not case.is_over:
            yield f"open|{kind}|{case.state}|{opened.strftime(DAY)}"
    if case.is_over and (ended := _ended(case)) is not None:
        yield f"over|{kind}|{ended.strftime(MONTH)}"
    for one in case.kind.measures:
        begun, ended = _begun(case, one), _until(case, one)
        if begun is not None and ended is not None and ended >= begun:
            minutes = rounded(int((ended - begun).total_seconds() // 60))
            yield f"time|{kind}|{one.key}|{ended.strftime(MONTH)}|{minutes}"
    for term in bound:
        clock, how = term.clock, _COUNTED.get(term.clock.status)
        if how is not None and clock.legal is not None:
            end = clock.legal.astimezone(UTC).strftime(HOUR if how == "open" else MONTH)
            yield f"term|{clock.row.id}|{how}|{end}"


def rounded(minutes: int) -> int:
    """To two figures, down: 1,234 minutes are 1,200. So there are few different ones."""
    unit = 10 ** max(0, len(str(minutes)) - _FIGURES)
    return int(minutes // unit * unit)


def moment(said: str) -> datetime | None:
    """A time that an entry states, where it is one that clocks count with."""
    try:
        return instant("at", said)
    except Invalid:
        return None


def _ended(case: Case) -> datetime | None:
    """When it was over: the last move into a final state, or when it was merged."""
    machine = case.kind.machines[0]
    for entry in reversed(case.timeline):
        act = entry.act
        if entry.id == case.merged_by:
            return moment(entry.at)
        if isinstance(act, Moved) and act.machine == machine.key and not case.merged_by:
            return moment(entry.at)
    return None


def _begun(case: Case, measure: Measure) -> datetime | None:
    said = (at for name in measure.since for at in _facts(case, name))
    return next(said, moment(case.opened))


def _until(case: Case, measure: Measure) -> datetime | None:
    found = [at for name in measure.until for at in _facts(case, name)]
    acts = (Moved, Said) if measure.by_others else Moved
    found += [at for entry in case.timeline if isinstance(entry.act, acts)
              if _ends(case, measure, entry) and (at := moment(entry.at)) is not None]  # fmt: skip
    return min(found, default=None)


def _ends(case: Case, measure: Measure, entry: Entry) -> bool:
    act = entry.act
    if isinstance(act, Moved) and act.machine == measure.machine:
        found = case.kind.machine(act.machine).find(act.leaves, act.trigger)
        return found is not None and found.target in measure.states
    is_said = measure.by_others and isinstance(act, Said) and not entry.to
    return is_said and entry.author.org != case.timeline[0].author.org


def _facts(case: Case, name: str) -> list[datetime]:
    """When it was so, of all or of the first of whom it was."""
    said = [case.facts.get(name), *(v for (key, _), v in case.own_facts.items() if key == name)]
    found = (moment(getattr(several[-1].act, "at", "")) for several in said if several)
    return sorted(at for at in found if at is not None)[:1]
