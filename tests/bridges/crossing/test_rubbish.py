# SPDX-License-Identifier: EUPL-1.2
"""Messages of a hostile partner: refused by field, nothing written, never an error of ours."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bridges.served import Served
from tests.thorough import examples

from brug.bridges.crossing import inward
from brug.bridges.crossing.messages import encoded
from brug.bridges.native import handling
from brug.model.errors import BrugError, Invalid

Two = tuple[Served, Served]
UUID = "1b1de3ee-3d1c-4dd4-9c0a-1a2b3c4d5e6f"
EVENT: dict[str, Any] = {
    "uuid": UUID, "info": "x", "distribution": "1", "published": True, "timestamp": "1790000000",
    "Orgc": {"uuid": "a3b0c44d-54be-4b36-9f12-0c0b7f3c5a55", "name": "CERT Zuidmark"},
    "Attribute": [{"uuid": "1b1de3ee-3d1c-4dd4-9c0a-1a2b3c4d5e70", "type": "domain",
                   "value": "a.example",
                   "Sighting": [{"uuid": "1b1de3ee-3d1c-4dd4-9c0a-1a2b3c4d5e71",
                                 "date_sighting": "1790000000", "type": "0"}]}],
    "Object": [{"name": "file", "Attribute": [{"type": "filename", "value": "a"}]}],
}  # fmt: skip
MESSAGES: list[dict[str, Any]] = [
    {"kind": "event", "event_uuid": UUID, "version": 1_790_000_000, "redacted": False,
     "agreement": 1, "event": EVENT,
     "gone": {"turn": 7, "Attribute": [UUID], "Tag": [{"on": UUID, "name": "sector:energy"}]}},
    {"kind": "withdrawal", "event_uuid": UUID, "version": 1},
    {"kind": "recall", "event_uuid": UUID, "version": 1, "because": "wrong"},
    {"kind": "recall_followed", "event_uuid": UUID, "version": 0, "outcome": "kept"},
    {"kind": "reactions", "event_uuid": UUID, "version": 1,
     "said": {"uuid": UUID, "Attribute": [{"uuid": UUID, "Sighting": [{"uuid": UUID}]}]}},
]  # fmt: skip
WRONG = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(2**31, 2**70), st.floats(allow_nan=False),
    st.text(max_size=20), st.just("\x00"), st.just([]), st.just({}), st.just([1, "x", None]),
    st.just({"uuid": 5}), st.just([{"Sighting": 7}]), st.just([{"uuid": [], "Attribute": "x"}]),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Each place in a message, inner ones too."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in pairs:
            found += places(one, (*path, key))
    return found


def put(message: dict[str, Any], path: tuple[Any, ...], wrong: Any) -> dict[str, Any]:
    made = copy.deepcopy(message)
    inner: Any = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = wrong
    return made


@pytest.fixture
def sent(agreed: Two) -> Any:
    """Hands a message to the first node as if it came from the other."""
    inward.register()
    one, other = agreed

    def send(message: Any) -> Any:
        return handling.handle(one.database, one.bridge(other.name), encoded(message))

    return send


CASES = [(message, path) for message in MESSAGES for path in places(message)]


@given(st.sampled_from(CASES), WRONG)
@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_stands_in_a_field_is_taken_or_refused(
    sent: Any, case: tuple[dict[str, Any], tuple[Any, ...]], wrong: Any
) -> None:
    message, path = case
    with_it = put(message, path, wrong)
    # One of a batch: what is wrong with it costs the others nothing.
    answer = sent([with_it, MESSAGES[3]])
    known = answer[0].get("receipt") or answer[0]["error"]["code"]
    assert known
    assert answer[1]["receipt"]["statement"]["outcome"] == "unknown"  # nothing was recalled


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("event_uuid", "x"), ("event_uuid", UUID.upper()), ("event_uuid", 5), ("version", -1),
        ("version", "1"), ("version", True), ("version", 2**53), ("agreement", "1"),
        ("agreement", 2**31), ("redacted", "no"), ("event", []), ("kind", "everything"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(sent: Any, field: str, wrong: Any) -> None:
    with pytest.raises(Invalid) as refused:
        sent({**MESSAGES[0], field: wrong})
    assert refused.value.field == field


def test_the_hosts_own_events_come_from_nobody_else(sent: Any, agreed: Two) -> None:
    one, _ = agreed
    with one.database.system() as session:
        uuid = session.value("SELECT uuid::text FROM organisation WHERE id = 1")
    ours = {**EVENT, "Orgc": {"uuid": uuid, "name": one.name}}
    with pytest.raises(BrugError) as refused:
        sent({**MESSAGES[0], "event": ours})
    assert refused.value.status == 403
    with one.database.system() as session:
        assert session.value("SELECT count(*) FROM event WHERE info = 'x' AND orgc_id = 1") == 0
