# SPDX-License-Identifier: EUPL-1.2
"""Times as people read them."""

from datetime import UTC, datetime

import pytest

from brug.cases.clocks.facts import read_day, told
from brug.model.errors import Invalid


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("UTC", "2026-11-27 13:20:00 UTC"),
        ("Europe/Amsterdam", "2026-11-27 14:20:00+01:00 Europe/Amsterdam"),
        ("Europe/Lisbon", "2026-11-27 13:20:00+00:00 Europe/Lisbon"),
    ],
)
def test_an_offset_is_said_where_it_says_something(zone: str, says: str) -> None:
    assert told(datetime(2026, 11, 27, 13, 20, tzinfo=UTC), zone) == says


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-27", datetime(2026, 11, 26, 23, tzinfo=UTC)),
        ("2026-11-27T14:20", datetime(2026, 11, 27, 13, 20, tzinfo=UTC)),
        ("2026-11-27T14:20Z", datetime(2026, 11, 27, 14, 20, tzinfo=UTC)),
    ],
)
def test_a_day_is_when_it_begins(text: str, at: datetime) -> None:
    assert read_day(text, "Europe/Amsterdam").at == at


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "2026-11-27T", "1200-01-01", "tomorrow"])
def test_what_is_neither_a_day_nor_a_time_is_refused_as_it_was_written(text: str) -> None:
    with pytest.raises(Invalid, match="--from") as refused:
        read_day(text, field="--from")
    assert text in str(refused.value)
