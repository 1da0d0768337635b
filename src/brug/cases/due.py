# SPDX-License-Identifier: EUPL-1.2
"""What is due in a case, for whom: its clocks, computed from its facts whenever somebody looks.

Nothing of a clock is stored but when to look next: the earliest strict end, for lists, and the
earliest warning that is still to be sent. Both follow from the case and are replaced with it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from brug.cases import applying, clocks, countries, notified, own_folder
from brug.cases.acts import Recorded
from brug.cases.case import Case, Participant
from brug.cases.clocks import Calendar, Clock, DueWarning, Table
from brug.cases.clocks import facts as moments
from brug.cases.countries import Countries
from brug.cases.notified import Came
from brug.model.errors import Invalid
from brug.store.session import Session


class Bound(msgspec.Struct, frozen=True):
    """A clock, and the participant whom it binds."""

    participant: Participant
    clock: Clock


def _nothing(_: Collection[str]) -> Mapping[str, datetime]:
    return {}


class Rules(msgspec.Struct, frozen=True):
    """By which clocks are computed here: the node's table, the calendar of its country, when
    entries came to it, and of which country an authority is.
    """

    table: Table
    calendar: Calendar
    came: Came = _nothing
    countries: Countries = Countries()

    def calendar_of(self, case: Case, one: Participant) -> Calendar:
        """That of the authority to which a participant reports, or which it is."""
        country = self.countries.of(case, one)
        return self.calendar if country == self.countries.default else _calendar(country)


class Next(msgspec.Struct, frozen=True):
    """When something is due first, and when somebody has to be warned next."""

    due: datetime | None
    warning: datetime | None


def rules_here(session: Session) -> Rules:
    """Those of the node that the session is of."""
    by = countries.here(session)
    table = clocks.table(own_folder.config_of(session))
    return Rules(table, _calendar(by.default), partial(_came, session), by)


def knowing(by: Rules, came: Mapping[str, datetime]) -> Rules:
    """The same where it is known when the entries of a case came, whatever session asked."""
    return msgspec.structs.replace(by, came=lambda asked: {one: came[one] for one in asked})


def _calendar(country: str) -> Calendar:
    """Weekends alone where the holidays of a country are not known."""
    try:
        return clocks.calendar_of(country) if country else clocks.weekends_only()
    except Invalid:
        return clocks.weekends_only()


def _came(session: Session, entries: Collection[str]) -> Mapping[str, datetime]:
    rows = session.all(
        "SELECT uuid::text, came FROM case_entry WHERE uuid = ANY (%s::uuid[])", (list(entries),)
    )
    return dict(rows)


def clocks_of(case: Case, by: Rules, now: datetime) -> list[Bound]:
    """All clocks of all who take part, the first that ends first; those without an end last."""
    if not case.kind.clocks:
        return []
    rows = [by.table.row(name) for name in applying.rows_of(case.kind, by.table)]
    circumstances = case.kind.circumstances(case)
    found = []
    for one in case.present:
        roles = case.kind.bound(case, one)
        binding = [row.id for row in rows if not roles.isdisjoint(row.obliged)]
        if not binding:
            continue  # most who take part are bound by nothing
        facts, calendar = _facts(case, one, by), by.calendar_of(case, one)
        found += [
            Bound(one, clock)
            for clock in clocks.of(
                facts, roles, now, calendar=calendar, table=by.table, only=binding,
                circumstances=circumstances,
            )
        ]  # fmt: skip
    end = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: (not one.clock.is_open, one.clock.strict or end))


def _facts(case: Case, one: Participant, by: Rules) -> clocks.Facts:
    """What is so of a participant: said of it, or else of all."""
    named = dict.fromkeys([*case.facts, *(name for name, of in case.own_facts if of == one.id)])
    said: Iterator[Recorded] = (act for name in named if (act := case.fact(name, one.id)))
    stated = [(act.fact, act.at, act.zone) for act in said]
    if not any(name == notified.RECEIVED for name, _, _ in stated):
        since = notified.since(case, one, by.came)
        if since is not None:
            stated.append((notified.RECEIVED, moments.in_text(moments.moment(since)), "UTC"))
    return clocks.facts_of(stated)


def warnings_owed(
    bound: Sequence[Bound], now: datetime, sent: set[tuple[str, str]]
) -> list[tuple[Participant, DueWarning]]:
    """Which warnings should have been sent by now, of participant and key none of `sent`."""
    found = []
    for one in bound:
        known = {key for participant, key in sent if participant == one.participant.id}
        found += [(one.participant, owed) for owed in clocks.owed([one.clock], now, known)]
    return found


def next_of(case: Case, by: Rules, now: datetime, known: Sequence[Bound] | None = None) -> Next:
    """For the row of the case. A case that has ended is due nowhere; one that was merged is: whom
    a deadline binds is bound whatever became of the case. `known` are its clocks, if they are.
    """
    if case.is_ended:
        return Next(None, None)
    bound = clocks_of(case, by, now) if known is None else known
    ends = [one.clock.strict for one in bound if one.clock.is_open and one.clock.strict]
    end = datetime.max.replace(tzinfo=UTC)
    warnings = clocks.between([one.clock for one in bound], now, end)
    # A clock changes by itself, too: what lies ahead comes to pass, an end decides what counts.
    turns = [*_ahead(case, now), *(one.clock.legal for one in bound
                                   if one.clock.legal and one.clock.legal > now)]  # fmt: skip
    warned = min((*(one.at for one in warnings), *turns), default=None)
    return Next(min(ends, default=None), warned)


def turn_of(case: Case, bound: Sequence[Bound], now: datetime) -> datetime | None:
    """When clocks are next what they are not now though nobody writes: what lies ahead comes to
    pass, one is due soon, one has ended.
    """
    found = list(_ahead(case, now))
    for clock in (one.clock for one in bound):
        if clock.legal and clock.legal >= now:
            found.append(clock.legal)
        soon = min((at for _, at in clock.warns), default=clock.strict)
        if soon and soon > now:
            found.append(soon)
    return min(found, default=None)


def _ahead(case: Case, now: datetime) -> Iterator[datetime]:
    """Times of facts that are to come."""
    for name, of in [*((name, "") for name in case.facts), *case.own_facts]:
        said = case.fact(name, of)
        at = datetime.fromisoformat(said.at) if said else now
        if at > now:
            yield at
