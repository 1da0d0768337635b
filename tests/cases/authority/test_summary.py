# SPDX-License-Identifier: EUPL-1.2
"""The totals for ENISA: right, by quarter, and none that tells of a single entity."""

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import msgspec
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.authority.conftest import Authority, told
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined, opened

from brug.cases import severity
from brug.cases.authority import summarising, summary
from brug.cases.authority.summary import (
    Notified,
    Quarter,
    counts_of,
    hidden_of,
    quarter_of,
    read_quarter,
    shown,
)
from brug.cases.clocks.facts import moment
from brug.model.errors import Invalid
from brug.store import settings

COUNTS = st.dictionaries(st.sampled_from(["", "a", "b", "c", "d", "e"]), st.integers(1, 12))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEY = "nis2-notification"
NO_QUARTERS = ["", "2026", "2026-Q5", "2026-Q0", "1999-Q4", "26-Q4", "2026-q4", "x"]


@given(COUNTS, st.integers(1, 10))
def test_no_hidden_count_can_be_told_from_the_others(counts: dict[str, int], smallest: int) -> None:
    every = Counter(counts)
    hidden = hidden_of(every, smallest)
    assert {one for one, count in every.items() if count < smallest} <= hidden
    if hidden and hidden != set(every):
        assert len(hidden) > 1
        assert sum(every[one] for one in hidden) >= smallest
    told = {one.value: one.count for one in shown(every, smallest)}
    assert told == {one: None if one in hidden else count for one, count in every.items()}


@pytest.mark.parametrize(
    ("counts", "smallest", "hidden"),
    [
        ({"a": 5, "b": 2}, 3, {"a", "b"}), ({"a": 9, "b": 4, "c": 2}, 3, {"b", "c"}),
        ({"a": 9, "b": 2, "c": 2}, 3, {"b", "c"}), ({"a": 9, "b": 1, "c": 1}, 3, {"a", "b", "c"}),
        ({"a": 3, "b": 3}, 3, set()), ({"a": 1}, 1, set()), ({}, 3, set()), ({"a": 2}, 3, {"a"}),
    ],
)  # fmt: skip
def test_the_next_smaller_count_hides_the_one_that_is_alone(
    counts: dict[str, int], smallest: int, hidden: set[str]
) -> None:
    assert hidden_of(Counter(counts), smallest) == hidden


def test_what_nobody_can_answer_yet_counts_with_what_nobody_answered() -> None:
    several = [Notified(cause="unknown"), Notified(), Notified(cause="yes"), Notified(cause="yes")]
    told = summary.summed(Quarter(2026, 4), counts_of(several), 1, NOW)
    (cause,) = (one for one in told.tables if one.dimension == "cause")
    assert [(one.value, one.count) for one in cause.counts] == [("yes", 2), ("", 2)]
    said = [line[1:3] for line in summary.lines(told)]
    assert len(set(said)) == len(said)


def test_a_total_that_is_too_small_hides_everything() -> None:
    one = Notified(sector="energy", notified_as="near_miss", class_="availability")
    told = summary.summed(Quarter(2026, 4), counts_of([one, one]), 3, NOW)
    assert told.total is None
    assert not [count for table in told.tables for count in table.counts if count.count]
    assert summary.summed(Quarter(2026, 4), counts_of([]), 3, NOW).total == 0, "none is no one's"


@pytest.mark.parametrize(
    ("at", "name", "start", "end"),
    [
        ("2026-01-01T00:00:00", "2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-03-31T23:59:59", "2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-12-31T23:59:59", "2026-Q4", "2026-10-01", "2027-01-01"),
    ],
)
def test_a_quarter_begins_and_ends_in_utc(at: str, name: str, start: str, end: str) -> None:
    found = quarter_of(datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert str(found) == name
    assert read_quarter(name) == found == found.next.before
    assert (found.start.date().isoformat(), found.end.date().isoformat()) == (start, end)


@pytest.mark.parametrize("text", NO_QUARTERS)
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="2026-Q4"):
        read_quarter(text)


def test_what_was_received_counts_and_nothing_else(node: Node) -> None:
    authority = Authority(node)
    when = moment(datetime(2026, 5, 4, tzinfo=UTC))
    for number in range(3):
        authority.take(told(KEY, summary=f"Of the quarter {number}", cross_border="no"), when)
    authority.take(told(KEY, summary="Crosses", cross_border="yes", sector="energy"), when)
    authority.take(told(summary="Before"), moment(when.at - timedelta(days=60)))
    helped = opened(node, sector="energy")
    joined(node, helped, "other", "entity")
    with authority.session() as session:
        told_of = summarising.of_quarter(session, Quarter(2026, 2))
        scheme = severity.scheme_here(session)
    assert (told_of.total, told_of.is_over, told_of.smallest) == (4, True, 3)
    counts = {
        one.dimension: {each.value: each.count for each in one.counts} for one in told_of.tables
    }
    assert counts["sector"] == {"drinking_water": None, "energy": None}
    assert counts["class"] == {"availability": 4}
    assert counts["notified_as"] == {"significant_incident": 4}
    with authority.session(node.other) as session:
        assert summarising.of_quarter(session, Quarter(2026, 2)).total == 0
    with node.database.system() as session:
        settings.set_value(session, "cases.summary_smallest", 1)
    with authority.session() as session:
        whole = summarising.of_quarter(session, Quarter(2026, 2))
    document = msgspec.json.decode(summarising.as_json(whole))
    assert document["counts"]["sector"] == [
        {"value": "drinking_water", "count": 3}, {"value": "energy", "count": 1}
    ]  # fmt: skip
    rows = list(csv.DictReader(StringIO(summarising.as_csv(told_of).decode())))
    assert {"period": "2026-Q2", "dimension": "total", "value": "", "count": "4"} in rows
    assert [one["count"] for one in rows if one["dimension"] == "sector"] == ["", ""]
    pdf = summarising.as_pdf(told_of, "CSIRT Noordland", scheme, NOW)
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)
    assert "2026-Q2" in text
    assert "fewer than 3" in text
    assert "Zuidmark" not in text
