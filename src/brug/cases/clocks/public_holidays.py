# SPDX-License-Identifier: EUPL-1.2
"""Public holidays by country, computed by the `holidays` package: no network, no file.

Regulation 1182/71 art. 2: the holidays of the state in which action is to be taken, as published
in the Official Journal each year. The package knows what is observed in the whole of a country;
days of one region do not count.
"""

from datetime import date
from functools import cache

import holidays

from brug.cases.clocks.calendars import Calendar, zone_of
from brug.cases.clocks.facts import zone_named
from brug.model.errors import Invalid


def calendar_of(country: str, zone: str = "", field: str = "authority") -> Calendar:
    """The calendar of a state's authorities, by its ISO code. Raises Invalid, naming the field."""
    where = zone or zone_of(country, field)
    zone_named(where, field)
    if country not in _countries():
        raise Invalid(field, "a country whose holidays are known", country)
    return Calendar(where, lambda day: day in _days(country, day.year), country)


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@cache
def _days(country: str, year: int) -> frozenset[date]:
    """Made anew for each year: the package's own object fills itself while others read it."""
    return frozenset(holidays.country_holidays(country, years=year))
