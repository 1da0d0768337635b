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
from brug.cases.case import Case, Participant
from brug.cases.clocks import Calendar, Clock, DueWarning, Table
from brug.cases.clocks import facts as moments
from brug.cases.countries import Countries
from brug.cases.notified import Came
from brug.model.errors import Invalid
from brug.store.session import Session


class Bound(msgspec.Struct, frozen=True):
    """A clock, and the participant whom it binds; of an answer that is owed to several entities
    the one that ends first, and in `each` all of them, by entity.
    """

    participant: Participant
    clock: Clock
    each: Mapping[str, Clock] = {}

    @property
    def clocks(self) -> list[Clock]:
        """All that run."""
        return list(self.each.values()) or [self.clock]


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
    bound: list[Bound] = []
    for one in case.present:
        roles = case.kind.bound(case, one)
        binding = [row.id for row in rows if not roles.isdisjoint(row.obliged)]
        if not binding:
            continue  # most who take part are bound by nothing
        calendar = by.calendar_of(case, one)
        whom = notified.notifiers(case) if one.role in notified.ROLES else []
        several = [
            {
                clock.row.id: clock
                for clock in clocks.of(
                    _facts(case, one, by, entity), roles, now, calendar=calendar, table=by.table,
                    only=binding, circumstances=circumstances,
                )
            }
            for entity in (whom or (None,))
        ]  # fmt: skip
        for row in several[0]:
            first = min((found[row] for found in several), key=_order)
            each = {of.id: found[row] for of, found in zip(whom, several, strict=False)}
            is_several = len(each) > 1 and first.row.trigger == notified.RECEIVED
            bound.append(Bound(one, first, each if is_several else {}))
    return sorted(bound, key=lambda one: _order(one.clock))


def _order(clock: Clock) -> tuple[bool, datetime]:
    return not clock.is_open, clock.strict or datetime.max.replace(tzinfo=UTC)


def _facts(case: Case, one: Participant, by: Rules, entity: Participant | None) -> clocks.Facts:
    """What is so of a participant: said of it, or else of all; of one who answers, to an entity."""
    named = dict.fromkeys([*case.facts, *(name for name, of in case.own_facts if of == one.id)])
    if entity is not None:
        named |= dict.fromkeys((notified.RECEIVED, notified.ANSWERED))
    stated = []
    for name in named:
        if entity is not None and name in {notified.RECEIVED, notified.ANSWERED}:
            act = notified.said(case, name, one, entity)
        else:
            act = case.fact(name, one.id)
        if act is not None:
            stated.append((act.fact, act.at, act.zone))
    if entity is not None and not any(name == notified.RECEIVED for name, _, _ in stated):
        since = notified.since(case, one, entity, by.came)
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
        owed = {each.key: each for each in clocks.owed(one.clocks, now, known)}
        found += [(one.participant, each) for each in owed.values()]
    return found


def next_of(case: Case, by: Rules, now: datetime, known: Sequence[Bound] | None = None) -> Next:
    """For the row of the case. A case that has ended is due nowhere; one that was merged is: whom
    a deadline binds is bound whatever became of the case. `known` are its clocks, if they are.
    """
    if case.is_ended:
        return Next(None, None)
    bound = clocks_of(case, by, now) if known is None else known
    running = [clock for one in bound for clock in one.clocks]
    ends = [clock.strict for clock in running if clock.is_open and clock.strict]
    end = datetime.max.replace(tzinfo=UTC)
    warnings = clocks.between(running, now, end)
    # A clock changes by itself, too: what lies ahead comes to pass, an end decides what counts.
    turns = [*_ahead(case, now),
             *(clock.legal for clock in running if clock.legal and clock.legal > now)]  # fmt: skip
    warned = min((*(one.at for one in warnings), *turns), default=None)
    return Next(min(ends, default=None), warned)


def turn_of(case: Case, bound: Sequence[Bound], now: datetime) -> datetime | None:
    """When clocks are next what they are not now though nobody writes: what lies ahead comes to
    pass, one is due soon, one has ended.
    """
    found = list(_ahead(case, now))
    for clock in (clock for one in bound for clock in one.clocks):
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
