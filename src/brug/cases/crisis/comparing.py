# SPDX-License-Identifier: EUPL-1.2
"""What is new in a situation report since the last one: numbers, states, who takes part. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import msgspec

from brug.cases.case import Case
from brug.model.words import N_

Say = Callable[[str], str]
NUMBERS = (
    "users_affected", "people_affected", "records_affected", "loss_eur", "services", "countries",
    "outage_minutes", "limited_minutes",
)  # fmt: skip


class Period(msgspec.Struct, frozen=True):
    """Both ends count: what is written in the second of a release is in the next one, too."""

    since: datetime
    until: datetime

    def has(self, at: str) -> bool:
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:  # a clock of another node that nobody can read
            return False
        return moment.tzinfo is not None and self.since <= moment <= self.until


class Last(msgspec.Struct, frozen=True):
    """What the last report said, for comparison."""

    name: str
    until: str
    numbers: dict[str, int]
    states: dict[str, str]


def read_last(name: str, data: bytes) -> Last | None:
    """What is needed of a report that was released; None of one that another form has."""
    try:
        told = msgspec.json.decode(data, type=_Read)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
    return Last(name, told.until, told.numbers, told.states)


class _Read(msgspec.Struct):
    until: str
    numbers: dict[str, int] = {}
    states: dict[str, str] = {}


def compared(
    case: Case, period: Period, last: Last | None, now: tuple[dict[str, int], dict[str, str]],
    words: Mapping[str, str], say: Say,
) -> Iterator[str]:  # fmt: skip
    """What differs from the last report; nothing where there is none. `now`: numbers, states."""
    if last is None:
        return
    numbers, states = now
    for name in NUMBERS:
        before, value = last.numbers.get(name), numbers.get(name)
        if before != value:
            yield f"{words.get(name, name)}: {_said(before)} → {_said(value)}"
    for name in dict.fromkeys([*last.states, *states]):
        earlier, state = last.states.get(name, ""), states.get(name, "")
        if earlier != state:
            was, became = (_state(case, name, one, say) for one in (earlier, state))
            yield f"{_machine(case, name, say)}: {was} → {became}"
    joined = [one.name for one in case.present if _joined_in(case, one.joined, period)]
    if joined:
        yield f"{say(N_('Taking part'))}: {', '.join(joined)}"


def _said(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _machine(case: Case, name: str, say: Say) -> str:
    found = next((one for one in case.kind.machines if one.key == name), None)
    return say(found.title) if found else say(N_("Severity"))


def _state(case: Case, name: str, state: str, say: Say) -> str:
    found = next((one for one in case.kind.machines if one.key == name), None)
    return say(found.states[state]) if found and state in found.states else state or "—"


def _joined_in(case: Case, entry: str, period: Period) -> bool:
    return any(one.id == entry and period.has(one.at) for one in case.timeline)
