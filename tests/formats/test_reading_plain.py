# SPDX-License-Identifier: EUPL-1.2
"""What is read quickly is read as what is read with care."""

from itertools import product
from typing import Any

from brug.formats.misp.reading_attributes import read_attribute
from brug.formats.misp.reading_plain import read_plain
from brug.model.attribute_types import TYPES, Refused
from brug.model.errors import Invalid

PLAIN: dict[str, Any] = {
    "Galaxy": [], "ShadowAttribute": [], "category": "Network activity", "comment": "",
    "deleted": False, "disable_correlation": False, "distribution": 5, "first_seen": None,
    "last_seen": None, "object_relation": None, "timestamp": "1700000000", "to_ids": True,
    "type": "domain", "uuid": "0A000000-0000-4000-8000-00000000000f", "value": "Evil.Example",
}  # fmt: skip
ODD: list[Any] = [
    None, True, False, 0, 1, 4, 5, 6, -1, 1.5, "", "0", "4", "x", "\0", "é", "\ud800", "1" * 13,
    "²", "1e3", "2026-01-01", [], {}, ["x"], "évil.example", "Payload delivery", "10.0.0.1|80",
    b"x", " x ", "x\0y",
]  # fmt: skip


def result(read: Any, raw: Any) -> Any:
    try:
        return read(raw)
    except Refused as error:
        return error.errors
    except Invalid as error:
        return error.field, error.public


def alike(raw: dict[str, Any]) -> bool:
    """Whether it is left to care, or read the same either way."""
    found = result(read_plain, raw)
    return found is None or found == result(read_attribute, raw)


def test_whatever_a_field_holds_is_read_the_same_either_way() -> None:
    for name, value in product(PLAIN, ODD):
        assert alike(PLAIN | {name: value}), (name, value)


def test_values_of_all_types_are_read_the_same_either_way() -> None:
    values = [one for one in ODD if isinstance(one, str)]
    for kind, category, value in product(TYPES, ("Other", "Payload delivery"), values):
        raw = PLAIN | {"type": kind, "category": category, "value": value}
        assert alike(raw), raw


def test_a_field_more_or_less_is_read_with_care() -> None:
    for name in PLAIN:
        assert read_plain({of: value for of, value in PLAIN.items() if of != name}) is None
    for name in ("Tag", "Sighting", "data", "sharing_group_id", "enforceWarninglist"):
        assert read_plain(PLAIN | {name: None}) is None


def test_what_nodes_write_is_read_quickly() -> None:
    assert read_plain(PLAIN) == read_attribute(PLAIN)
    assert read_plain(PLAIN) is not None
    others: list[Any] = ["text", [], None, {}]
    assert not any(map(read_plain, others))
