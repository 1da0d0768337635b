# SPDX-License-Identifier: EUPL-1.2
"""No look-up reads the table of attributes through, by whatever way, whoever asks.

The rows that were read are counted by the server itself, so that what happens inside
functions counts too.
"""

from typing import Any

import pytest
from tests.intel.search.conftest import EACH, EVENTS, HOT, Stored

from brug.intel.search import attributes, events, filters, objects
from brug.store.session import Session

LOOKUPS: dict[str, dict[str, Any]] = {
    "an exact value": {"value": "name77.example"},
    "several exact values": {"value": [f"name{n}.example" for n in range(1, 40)]},
    "one part": {"value1": "name77.example"},
    "a substring": {"value": "%name77.%"},
    "a substring of several": {"value": ["%name77.%", "%name1234%"]},
    "an attribute's UUID": {"uuid": "{attribute}"},
    "an event's UUID": {"uuid": "{event}"},
    "an event": {"eventid": "{id}"},
    "an event and a short pattern": {"eventid": "{id}", "value": "%.e%"},
    "an event and a value": {"eventid": "{id}", "value": HOT},
    "a tag": {"tags": "few"},
    "a title": {"eventinfo": "event 7"},
}


def _named(stored: Stored, lookup: dict[str, Any]) -> dict[str, Any]:
    names = {"{attribute}": stored.attribute_uuid, "{event}": stored.event_uuid,
             "{id}": str(stored.event_id)}  # fmt: skip
    return {k: names.get(v, v) if isinstance(v, str) else v for k, v in lookup.items()}


# Of 30,000; the widest of the look-ups has 300 hits.
FEW = 2_000


def _rows_read(session: Session) -> int:
    return int(
        session.value(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
            " WHERE relname IN ('attribute', 'value_text')"
        )
    )


def test_reading_everything_is_noticed(stored: Stored) -> None:
    with stored.database.as_user(stored.reader) as session:
        before = _rows_read(session)
        assert attributes.count(session, filters.read("attributes", {}))
        assert _rows_read(session) - before > FEW


@pytest.mark.parametrize("who", ["reader", "admin"])
@pytest.mark.parametrize("name", LOOKUPS)
def test_an_attribute_is_found_without_reading_all(stored: Stored, name: str, who: str) -> None:
    asked = filters.read("attributes", _named(stored, LOOKUPS[name]))
    with stored.database.as_user(getattr(stored, who)) as session:
        before = _rows_read(session)
        found, _ = attributes.find(session, asked)
        assert found
        assert _rows_read(session) - before < FEW


@pytest.mark.parametrize("who", ["reader", "admin"])
@pytest.mark.parametrize("name", [n for n in LOOKUPS if n not in {"one part", "a title"}])
def test_an_event_is_found_without_reading_all(stored: Stored, name: str, who: str) -> None:
    asked = filters.read("events", _named(stored, LOOKUPS[name]))
    with stored.database.as_user(getattr(stored, who)) as session:
        before = _rows_read(session)
        assert events.find(session, asked).ids
        assert _rows_read(session) - before < FEW


def test_a_reader_finds_of_a_hot_value_only_what_is_hers(stored: Stored) -> None:
    asked = filters.read("attributes", {"value": HOT})
    with stored.database.as_user(stored.reader) as session:
        assert attributes.count(session, asked) == EVENTS * EACH // 10 * 2 // 3
    with stored.database.as_user(stored.admin) as session:
        assert attributes.count(session, asked) == EVENTS * EACH // 10


@pytest.mark.parametrize("who", ["reader", "admin"])
def test_an_object_is_looked_for_without_reading_all(stored: Stored, who: str) -> None:
    asked = filters.read("objects", {"value": "name77.example"})
    with stored.database.as_user(getattr(stored, who)) as session:
        before = _rows_read(session)
        assert objects.find(session, asked)[0] == []
        assert _rows_read(session) - before < FEW
