# SPDX-License-Identifier: EUPL-1.2
"""The calendar of the authority that a report goes to: its zone, and its working days.

Which days are holidays comes in as a function; `public_holidays` has one.
"""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from brug.cases.clocks.facts import zone_named
from brug.model.errors import Invalid

SATURDAY = 5
# The clock of each state's capital: the Union's members, the EEA, and neighbours that take part.
ZONES = {
    "AD": "Europe/Andorra", "AL": "Europe/Tirane", "AT": "Europe/Vienna",
    "BA": "Europe/Sarajevo", "BE": "Europe/Brussels", "BG": "Europe/Sofia",
    "CH": "Europe/Zurich", "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "ES": "Europe/Madrid",
    "FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "GE": "Asia/Tbilisi",
    "GR": "Europe/Athens", "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin",
    "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "LI": "Europe/Vaduz",
    "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga",
    "MD": "Europe/Chisinau", "ME": "Europe/Podgorica", "MK": "Europe/Skopje",
    "MT": "Europe/Malta", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon", "RO": "Europe/Bucharest", "RS": "Europe/Belgrade",
    "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava",
    "TR": "Europe/Istanbul", "UA": "Europe/Kyiv",
}  # fmt: skip


class Calendar(msgspec.Struct, frozen=True):
    """A zone, and which days are holidays there; Saturdays and Sundays never work."""

    zone: str
    is_holiday: Callable[[date], bool]
    country: str = ""

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_working(self, day: date) -> bool:
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def working_from(self, day: date) -> date:
        """The day itself where it is a working day, else the next one."""
        for later in range(60):  # no holiday is that long; a function that says so is wrong
            found = day + timedelta(days=later)
            if self.is_working(found):
                return found
        raise Invalid("calendar", "a working day within 60 days", day.isoformat())


def weekends_only(zone: str = "UTC") -> Calendar:
    """A calendar without holidays. Raises Invalid for a zone that there is not."""
    zone_named(zone)
    return Calendar(zone, lambda _: False)


def zone_of(country: str, field: str = "authority") -> str:
    """The zone of a state's authorities. Raises Invalid where we do not know it."""
    found = ZONES.get(country)
    if found is None:
        raise Invalid(field, f"one of {', '.join(ZONES)}, or its time zone beside it", country)
    return found
