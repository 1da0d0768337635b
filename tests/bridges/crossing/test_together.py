# SPDX-License-Identifier: EUPL-1.2
"""What comes in a batch is stored as if it had come one by one."""

import copy
import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bridges.served import Served
from tests.thorough import examples

from brug.bridges.crossing import inward, together
from brug.bridges.partners import BridgeRow
from brug.model.errors import BrugError
from brug.store.session import Session

Two = tuple[Served, Served]
CREATOR = {"uuid": "55555555-0000-4000-8000-000000000001", "name": "CSIRT Zuiderzee"}


def uuid(kind: int, number: int) -> str:
    return f"5555555{kind}-0000-4000-8000-00000000{number:04x}"


def event(number: int) -> dict[str, Any]:
    """An event with all that may hang on one."""
    return {
        "uuid": uuid(1, number), "info": f"Campaign {number}", "distribution": 1,
        "timestamp": "1700000000", "published": True, "date": "2026-11-01", "Orgc": CREATOR,
        "Tag": [{"name": "tlp:green"}, {"name": f"sector:{number % 3}"}],
        "Attribute": [
            {"uuid": uuid(2, number), "type": "ip-dst", "value": f"192.0.2.{number % 250}",
             "Tag": [{"name": "tlp:amber"}],
             "Sighting": [{"uuid": uuid(3, number), "date_sighting": "1700000000", "type": "0",
                           "Organisation": CREATOR}]},
            {"type": "domain", "value": f"h{number}.example.com", "comment": "second stage"},
            {"uuid": uuid(4, number), "type": "domain", "value": "own.example.net",
             "distribution": 0},
        ],
        "Object": [
            {"uuid": uuid(5, number), "name": "file", "meta-category": "file", "distribution": 5,
             "Attribute": [{"uuid": uuid(6, number), "type": "filename", "value": "a.exe",
                            "object_relation": "filename"}],
             "ObjectReference": [{"uuid": uuid(7, number), "referenced_uuid": uuid(2, number),
                                  "relationship_type": "drops"}]},
        ],
        "EventReport": [{"uuid": uuid(8, number), "name": "Report", "content": "What was seen"}],
        "Note": [{"uuid": uuid(9, number), "note": "Seen before", "distribution": 3,
                  "object_uuid": uuid(1, number), "object_type": "Event", "Orgc": CREATOR}],
    }  # fmt: skip


def message(number: int, change: int = 0) -> Any:
    """A message of an event; some have a fault, or say something that has to be looked at."""
    made: dict[str, Any] = {
        "kind": "event", "event_uuid": uuid(1, number), "version": 1700000000, "redacted": False,
        "agreement": 1, "event": event(number),
    }  # fmt: skip
    inside = made["event"]
    if change == 1:
        inside["Attribute"][0]["type"] = "no-such-type"  # refused by itself
    elif change == 2:
        inside["info"] = ""  # no event at all
    elif change == 3:
        made["version"] = "yesterday"
    elif change == 4:
        inside["Attribute"][0]["uuid"] = uuid(2, 0)  # another event's
    elif change == 5:
        inside["distribution"], inside["sharing_group_id"] = 4, 99  # nobody's group
    elif change == 6:
        inside["Attribute"], inside["Object"] = {"type": "domain", "value": "one.example"}, "x"
    elif change == 7:
        return {"kind": "withdrawal", "event_uuid": uuid(1, number), "version": 1700000000}
    elif change == 8:
        return [number]
    return made


def alone(session: Session, bridge: BridgeRow) -> Callable[[Any], dict[str, Any]]:
    """Takes one message; what it wrote is taken back where it fails."""

    def take(found: Any) -> dict[str, Any]:
        if not isinstance(found, dict):
            return {"error": "no object"}
        try:
            with session.connection.transaction():
                return inward.take(session, bridge, found)
        except BrugError as error:
            return {"error": error.public}

    return take


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what a clock or a signature says."""
    receipt = answer.get("receipt")
    if receipt is None:
        return answer
    said = {name: value for name, value in receipt["statement"].items() if name != "at"}
    return {**answer, "receipt": said}


# All that is stored, without numbers and what is made up.
_HELD = {
    "event": """SELECT e.uuid::text, info, distribution, published, locked, timestamp, o.name,
        attribute_count, narrowed, seen_by(e.audience) FROM event e
        JOIN organisation o ON o.id = e.orgc_id ORDER BY 1""",
    "attribute": """SELECT e.uuid::text, a.type, a.value1, a.to_ids, a.distribution, a.comment,
        a.object_relation, seen_by(a.audience) FROM attribute a JOIN event e ON e.id = a.event_id
        ORDER BY 1, 2, 3""",
    "event_tag": """SELECT e.uuid::text, g.name, t.local, seen_by(t.audience) FROM event_tag t
        JOIN event e ON e.id = t.event_id JOIN tag g ON g.id = t.tag_id ORDER BY 1, t.id""",
    "attribute_tag": """SELECT e.uuid::text, g.name FROM attribute_tag t
        JOIN event e ON e.id = t.event_id JOIN tag g ON g.id = t.tag_id ORDER BY 1, 2""",
    "sighting": "SELECT uuid::text FROM sighting ORDER BY 1",
    "reference": "SELECT uuid::text, referenced_id <> 0 FROM object_reference ORDER BY 1",
    "analyst data": "SELECT uuid::text, parent_id IS NOT NULL FROM analyst_data ORDER BY 1",
    "refusal": "SELECT event_uuid::text, place, reason FROM refusal ORDER BY 1, 2",
    "audit": "SELECT action, title FROM audit WHERE model = 'Event' ORDER BY title",
    "crossing": """SELECT event_uuid::text, kind, state, encode(digest, 'hex'), outcome, info,
        event_id IS NOT NULL FROM crossing WHERE NOT outward ORDER BY event_uuid, id""",
    "ledger": "SELECT payload::text FROM ledger_entry WHERE kind = 'arrival' ORDER BY 1",
}
_SEEN_BY = "(SELECT to_jsonb(x) - 'id' FROM audience x WHERE x.id = {})"


def held(session: Session) -> dict[str, list[Any]]:
    return {
        name: session.connection.execute(
            re.sub(r"seen_by\(([\w.]+)\)", lambda m: _SEEN_BY.format(m[1]), query).encode()
        ).fetchall()
        for name, query in _HELD.items()
    }


def count(session: Session, first: int, end: int) -> int:
    """How many of the events of some numbers are here."""
    uuids = [uuid(1, number) for number in range(first, end)]
    return int(session.value("SELECT count(*) FROM event WHERE uuid = ANY (%s::uuid[])", (uuids,)))


MESSAGES = st.builds(message, st.integers(0, 6), st.integers(0, 8))


@given(st.lists(MESSAGES, min_size=2, max_size=8))
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_batch_is_stored_as_if_it_came_one_by_one(agreed: Two, came: list[Any]) -> None:
    one, other = agreed
    bridge = one.bridge(other.name)
    found = []
    for at_once in (False, True):
        sent = copy.deepcopy(came)
        with (
            one.database.as_user(bridge.account_id) as session,
            session.connection.transaction(force_rollback=True),
        ):
            one_by_one = alone(session, bridge)
            answers = (
                together.take(session, bridge, sent, one_by_one)
                if at_once
                else [one_by_one(message) for message in sent]
            )
            with session.as_system():
                found.append({"answers": [_plain(one) for one in answers]} | held(session))
    for name, of_one_by_one in found[0].items():
        assert found[1][name] == of_one_by_one, name


def test_what_is_new_is_stored_together_and_the_rest_alone(agreed: Two) -> None:
    one, other = agreed
    bridge = one.bridge(other.name)
    came = [message(number, change) for number, change in enumerate((0, 1, 3, 0, 0, 2, 7, 0), 100)]
    asked = []
    with one.database.as_user(bridge.account_id) as session:

        def take(found: Any) -> dict[str, Any]:
            asked.append(found)
            return {"alone": True}

        answers = together.take(session, bridge, copy.deepcopy(came), take)
        assert count(session, 100, 108) == 4
    assert asked == [came[place] for place in (2, 5, 6, 7)]
    assert ["alone" in answer for answer in answers] == [
        False, False, True, False, False, True, True, True,
    ]  # fmt: skip
    assert [refused["place"] for refused in answers[1]["refused"]] == ["Attribute[0]"]


def test_what_cannot_be_stored_together_is_taken_alone_as_it_came(agreed: Two) -> None:
    one, other = agreed
    bridge = one.bridge(other.name)
    came = [message(201), message(202), message(203, change=5)]
    asked: list[Any] = []
    with one.database.as_user(bridge.account_id) as session:

        def take(found: Any) -> dict[str, Any]:
            asked.append(found)
            return {}

        together.take(session, bridge, copy.deepcopy(came), take)
        assert count(session, 201, 204) == 0
    assert asked == came
