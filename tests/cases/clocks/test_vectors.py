# SPDX-License-Identifier: EUPL-1.2
"""Fixed numbers for the two ends, worked out by hand beside the properties.

The hour, month and day vectors follow Regulation (EEC, Euratom) 1182/71, art. 3; those of DORA
Delegated Regulation (EU) 2025/301, art. 5. Times with an offset or Z; ends in UTC.
"""

from datetime import UTC, datetime

import pytest

from brug.cases import clocks
from brug.cases.clocks import Clock, Given

TABLE = clocks.table()
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def computed(row: str, country: str = "NL", roles: str = "", **facts: str) -> Clock:
    calendar = clocks.calendar_of(country)
    stated = clocks.facts_of((name, at, calendar.zone) for name, at in facts.items())
    given = Given(roles=frozenset(roles.split()))
    return clocks.clock(TABLE.row(row), stated, NOW, calendar, given)


def ends(row: str, country: str = "NL", roles: str = "", **facts: str) -> tuple[str, str]:
    found = computed(row, country, roles, **facts)
    assert found.strict is not None
    return found.strict.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{found.deadline():%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("aware", "strict_24", "legal_24", "strict_72", "legal_72"),
    [
        # plain
        ("2026-11-24T14:20Z", "2026-11-25T14:20:00Z", "2026-11-25T15:00:00Z",
         "2026-11-27T14:20:00Z", "2026-11-27T15:00:00Z"),
        # over the end of summer time
        ("2026-10-24T22:30Z", "2026-10-25T22:30:00Z", "2026-10-25T23:00:00Z",
         "2026-10-27T22:30:00Z", "2026-10-27T23:00:00Z"),
        # over its beginning
        ("2026-03-28T12:10Z", "2026-03-29T12:10:00Z", "2026-03-29T13:00:00Z",
         "2026-03-31T12:10:00Z", "2026-03-31T13:00:00Z"),
        # over new year
        ("2026-12-31T20:05Z", "2027-01-01T20:05:00Z", "2027-01-01T21:00:00Z",
         "2027-01-03T20:05:00Z", "2027-01-03T21:00:00Z"),
        # at the exact hour, which is the hour of the event and not counted
        ("2026-11-24T14:00Z", "2026-11-25T14:00:00Z", "2026-11-25T15:00:00Z",
         "2026-11-27T14:00:00Z", "2026-11-27T15:00:00Z"),
    ],
)  # fmt: skip
def test_hours_are_added_to_the_instant_and_by_law_to_the_next_full_hour(
    aware: str, strict_24: str, legal_24: str, strict_72: str, legal_72: str
) -> None:
    assert ends("nis2-early-warning", aware_at=aware) == (strict_24, legal_24)
    assert ends("nis2-notification", aware_at=aware) == (strict_72, legal_72)


@pytest.mark.parametrize(
    ("sent", "strict", "legal"),
    [
        # 31 January; 28 February 2027 is a Sunday
        ("2027-01-31T10:00Z", "2027-02-28T10:00:00Z", "2027-03-01T22:59:59Z"),
        # a leap year
        ("2028-01-31T10:00Z", "2028-02-29T10:00:00Z", "2028-02-29T22:59:59Z"),
        # ends on a Saturday
        ("2026-10-28T09:00Z", "2026-11-28T09:00:00Z", "2026-11-30T22:59:59Z"),
        # another date in Amsterdam than in UTC
        ("2026-11-23T23:30Z", "2026-12-23T23:30:00Z", "2026-12-24T22:59:59Z"),
        # over the end of summer time: the time of day stays
        ("2026-09-28T09:00Z", "2026-10-28T10:00:00Z", "2026-10-28T22:59:59Z"),
        # over its beginning
        ("2026-03-10T09:00Z", "2026-04-10T08:00:00Z", "2026-04-10T21:59:59Z"),
        # ends on Good Friday 2027, a holiday in the Dutch calendar; Monday is one too
        ("2027-02-26T09:00Z", "2027-03-26T09:00:00Z", "2027-03-30T21:59:59Z"),
        # ends at 02:30 of the night in which summer time begins: that time is skipped
        ("2027-02-28T01:30Z", "2027-03-28T01:00:00Z", "2027-03-30T21:59:59Z"),
        # starts at 02:30 and at 02:10 of the hour that comes twice: from where it is repeated
        ("2026-10-25T00:30Z", "2026-11-25T01:00:00Z", "2026-11-25T22:59:59Z"),
        ("2026-10-25T01:10Z", "2026-11-25T01:00:00Z", "2026-11-25T22:59:59Z"),
        # ends at 02:30 of the night in which it ends: the first of the two
        ("2026-09-25T00:30Z", "2026-10-25T00:30:00Z", "2026-10-26T22:59:59Z"),
    ],
)
def test_a_month_ends_on_the_same_date_or_the_last_and_moves_to_a_working_day(
    sent: str, strict: str, legal: str
) -> None:
    assert ends("nis2-final", notification_submitted_at=sent) == (strict, legal)


@pytest.mark.parametrize(
    ("row", "received", "legal"),
    [
        ("ee-epoc-plain", "2026-11-24T09:00Z", "2026-12-04T22:59:59Z"),
        ("ee-epoc-plain", "2026-11-25T09:00Z", "2026-12-07T22:59:59Z"),  # ends on a Saturday
        ("ee-pr", "2026-11-24T09:00Z", "2027-01-25T22:59:59Z"),  # 23 January is a Saturday
    ],
)
def test_days_end_with_the_last_one_in_the_zone_of_the_authority(
    row: str, received: str, legal: str
) -> None:
    assert ends(row, epoc_received_at=received, epocpr_received_at=received)[1] == legal


def test_an_extension_is_added_once_its_fact_is_recorded() -> None:
    both = ends("ee-pr", epocpr_received_at="2026-11-24T09:00Z",
                epocpr_extended_at="2027-01-10T09:00Z")  # fmt: skip
    assert both == ("2027-02-22T09:00:00Z", "2027-02-22T22:59:59Z")


def test_a_leap_day_and_a_year_is_the_last_of_february() -> None:
    both = ends("nis1-spoc", spoc_duty_began_at="2024-02-29T12:00Z")
    assert both == ("2025-02-28T12:00:00Z", "2025-02-28T22:59:59Z")


def test_holidays_are_those_of_the_authoritys_country() -> None:
    # 21 July is a holiday in Belgium, 11 November in France, neither in the Netherlands
    sent = "2027-06-21T09:00Z"
    assert ends("nis2-final", "NL", notification_submitted_at=sent)[1] == "2027-07-21T21:59:59Z"
    assert ends("nis2-final", "BE", notification_submitted_at=sent)[1] == "2027-07-22T21:59:59Z"
    sent = "2027-10-11T09:00Z"
    assert ends("nis2-final", "NL", notification_submitted_at=sent)[1] == "2027-11-11T22:59:59Z"
    assert ends("nis2-final", "FR", notification_submitted_at=sent)[1] == "2027-11-12T22:59:59Z"


def test_days_end_at_midnight_where_the_authority_is() -> None:
    sent = "2026-10-18T22:30Z"  # the 19th in Helsinki, the 18th in Lisbon
    assert ends("nis2-final", "FI", notification_submitted_at=sent)[1] == "2026-11-19T21:59:59Z"
    assert ends("nis2-final", "PT", notification_submitted_at=sent)[1] == "2026-11-18T23:59:59Z"


@pytest.mark.parametrize(
    ("aware", "classified", "strict", "legal"),
    [
        # four hours after classification, well before the cap
        ("2026-11-24T08:00Z", "2026-11-24T10:30Z", "2026-11-24T14:30:00Z", "2026-11-24T15:00:00Z"),
        # classified in the 22nd hour: two are left
        ("2026-11-24T08:00Z", "2026-11-25T06:00Z", "2026-11-25T08:00:00Z", "2026-11-25T09:00:00Z"),
        # classified later than 24 hours after awareness: its own four (art. 5(2))
        ("2026-11-24T08:00Z", "2026-11-26T10:00Z", "2026-11-26T14:00:00Z", "2026-11-26T15:00:00Z"),
        # on a Saturday: noon of Monday in Amsterdam (art. 5(4))
        ("2026-11-28T08:00Z", "2026-11-28T09:00Z", "2026-11-28T13:00:00Z", "2026-11-30T11:00:00Z"),
        # on Christmas Day, a Friday; the 26th is a Saturday
        ("2026-12-25T08:00Z", "2026-12-25T09:00Z", "2026-12-25T13:00:00Z", "2026-12-28T11:00:00Z"),
    ],
)  # fmt: skip
def test_doras_first_notice_is_due_at_the_earlier_of_two_ends(
    aware: str, classified: str, strict: str, legal: str
) -> None:
    both = ends("dora-initial", aware_at=aware, classified_major_at=classified)
    assert both == (strict, legal)


def test_awareness_alone_does_not_start_doras_first_notice() -> None:
    found = computed("dora-initial", aware_at="2026-11-24T08:00Z")
    assert found.status == "not_started"
    with pytest.raises(clocks.ClockNotStarted, match="classified_major_at"):
        found.deadline()


@pytest.mark.parametrize(
    ("row", "roles", "legal"),
    [
        ("dora-intermediate", "financial_entity", "2026-11-30T11:00:00Z"),
        ("dora-intermediate", "financial_entity credit_institution", "2026-11-28T11:00:00Z"),
        ("dora-intermediate", "nis2_financial_entity", "2026-11-28T11:00:00Z"),
        ("dora-final", "financial_entity credit_institution", "2026-11-30T11:00:00Z"),
    ],
)
def test_doras_relief_for_weekends_is_not_for_the_reports_of_some(
    row: str, roles: str, legal: str
) -> None:
    found = ends(
        row, "NL", roles, initial_submitted_at="2026-11-25T10:30Z",
        last_intermediate_submitted_at="2026-10-28T10:30Z",
    )  # fmt: skip
    assert found[1] == legal


def test_a_plain_rule_moves_nothing() -> None:
    # 28 November 2026 is a Saturday
    both = ends("cvd-embargo-distros", report_received_at="2026-11-14T10:30Z")
    assert both == ("2026-11-28T10:30:00Z", "2026-11-28T10:30:00Z")


def test_a_report_on_request_is_due_when_the_authority_said() -> None:
    facts = {"request_at": "2026-11-24T10:00Z", "report_due_at": "2026-11-26T16:00Z"}
    assert ends("nis2-intermediate", **facts) == ("2026-11-26T16:00:00Z", "2026-11-26T16:00:00Z")
    without = computed("nis2-intermediate", request_at="2026-11-24T10:00Z")
    assert without.status == "running"
    with pytest.raises(clocks.ClockNotStarted, match="report_due_at"):
        without.deadline()


def test_a_day_that_a_zone_left_out_does_not_end_before_it_begins() -> None:
    # Samoa had no 30 December 2011.
    calendar = clocks.weekends_only("Pacific/Apia")
    stated = clocks.facts_of([("notification_submitted_at", "2011-11-30T15:00", "Pacific/Apia")])
    found = clocks.clock(TABLE.row("nis2-final"), stated, NOW, calendar)
    assert found.strict == found.legal == datetime(2011, 12, 30, 10, tzinfo=UTC)
