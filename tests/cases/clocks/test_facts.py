# SPDX-License-Identifier: EUPL-1.2
"""Times as people read them."""

from datetime import UTC, datetime

import pytest

from brug.cases.clocks.facts import told


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
