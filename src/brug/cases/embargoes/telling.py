# SPDX-License-Identifier: EUPL-1.2
"""Embargoes, alarms and vendors that do not answer, for machines."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from brug.cases import chasing
from brug.cases.case import Case
from brug.cases.embargoes import terms
from brug.cases.embargoes.alarms import Alarm
from brug.cases.entries import Author, Entry


class Version(msgspec.Struct, frozen=True):
    """One version of an embargo's terms: by whom, why, and who agreed or did not."""

    version: int
    until: str
    zone: str
    state: str
    by: str
    because: str
    agreed: list[str]
    refused: list[str]


class Stand(msgspec.Struct, frozen=True):
    """Where a participant stands, and to which version it agreed."""

    name: str
    state: str
    agreed_to: int | None
    at: str


class EmbargoTold(msgspec.Struct, frozen=True):
    """Its state, its terms, the oldest first, and who agreed to which."""

    state: str
    versions: list[Version]
    participants: list[Stand]


class VendorTold(msgspec.Struct, frozen=True):
    """When somebody last wrote to a vendor, when it last answered, and what is due by then."""

    vendor: str
    contact: str
    written: datetime | None
    answered: datetime | None
    due: str
    next: datetime | None


class VendorsTold(msgspec.Struct, frozen=True):
    vendors: list[VendorTold]


class AlarmTold(msgspec.Struct, frozen=True):
    """Something that was raised about a disclosure; `case` is its number."""

    id: int
    case: str
    kind: str
    about: Mapping[str, str]
    at: datetime
    closed: datetime | None


class AlarmsTold(msgspec.Struct, frozen=True):
    alarms: list[AlarmTold]


def embargo_of(case: Case) -> EmbargoTold:
    return EmbargoTold(
        case.positions["embargo", ""].state if ("embargo", "") in case.positions else "",
        [
            Version(
                one.number,
                one.until,
                one.zone,
                one.state,
                _org(case, one.entry),
                one.why,
                [case.participants[name].name for name in one.agreed],
                [case.participants[name].name for name in one.refused],
            )
            for one in terms.versions(case)
        ],
        [
            Stand(
                case.participants[one.participant].name,
                one.state,
                one.terms.number if one.terms else None,
                one.at,
            )
            for one in terms.agreed(case)
        ],
    )


def _org(case: Case, entry: Entry) -> str:
    """Whose it is, by the first name under which they take part."""
    by = entry.author.org
    return next((one.name for one in case.participants.values() if one.org == by), by)


def vendors_of(case: Case, reader: Author, now: datetime, days: int) -> VendorsTold:
    """Those whose reader may know of; after `days` a vendor is written to again."""
    return VendorsTold([
        VendorTold(
            one.participant.name,
            one.state,
            one.written,
            one.answered,
            chasing.STAGES[one.stage - 1][1] if one.stage else "",
            one.next,
        )
        for one in chasing.seen_by(case, reader, chasing.contacts(case, now, days))
    ])  # fmt: skip


def alarms_of(found: Sequence[Alarm]) -> AlarmsTold:
    return AlarmsTold([
        AlarmTold(one.id, one.number, one.kind, one.about, one.at, one.closed) for one in found
    ])  # fmt: skip
