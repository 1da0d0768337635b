# SPDX-License-Identifier: EUPL-1.2
"""Attributes that come as records are read as they are as documents, and messages with them."""

from itertools import product
from typing import Any

import msgspec
import pytest

from brug.formats import json_text
from brug.formats.json_text import Malformed
from brug.formats.misp import bare
from brug.formats.misp.bare import Bare
from brug.formats.misp.bearing import bearing
from brug.formats.misp.reading import read_event
from brug.formats.misp.reading_attributes import read_attribute
from brug.model.attribute_types import TYPES, Refused
from brug.model.errors import Invalid

USUAL: dict[str, Any] = {
    "Galaxy": [], "ShadowAttribute": [], "category": "Network activity", "comment": "",
    "deleted": False, "disable_correlation": False, "distribution": 5, "first_seen": None,
    "last_seen": None, "object_relation": None, "timestamp": "1700000000", "to_ids": True,
    "type": "domain", "uuid": "0A000000-0000-4000-8000-00000000000f", "value": "Evil.Example",
}  # fmt: skip
ODD: list[Any] = [
    None, True, False, 0, 1, 4, 5, 6, -1, 2**70, 0.0, 1.5, 5.0, "", "0", "4", "x", "\0", "é",
    "1" * 13, "²", "1e3", "2026-01-01", [], {}, ["x"], "évil.example", "Payload delivery",
    "10.0.0.1|80", " x ", "x\0y", "Ünïcode ☃",
]  # fmt: skip
_encoder = msgspec.json.Encoder(order="deterministic")


def of(*attributes: Any, **more: Any) -> bytes:
    """A batch of one message with an event of these attributes."""
    event = {"uuid": USUAL["uuid"], "info": "x", "Attribute": list(attributes), **more}
    return _encoder.encode([{"kind": "event", "version": 7, "event": event}])


def result(read: Any, raw: Any) -> Any:
    try:
        return read(raw)
    except Refused as error:
        return error.errors
    except Invalid as error:
        return error.field, error.public


def came(raw: bytes) -> list[Any]:
    """The attributes of such a batch."""
    found: list[Any] = bare.decode(raw)[0]["event"]["Attribute"]
    return found


def alike(raw: dict[str, Any]) -> bool:
    """Whether it comes as a document, is left to care, or is read the same either way."""
    (one,) = came(of(raw))
    found = result(bare.read, one) if type(one) is Bare else None
    return bare.document(one) == raw and (found is None or found == result(read_attribute, raw))


def test_whatever_a_field_holds_is_read_the_same_either_way() -> None:
    for name, value in product(USUAL, ODD):
        assert alike(USUAL | {name: value}), (name, value)


def test_values_of_all_types_are_read_the_same_either_way() -> None:
    values = [one for one in ODD if isinstance(one, str)]
    for kind, category, value in product(TYPES, ("Other", "Payload delivery"), values):
        raw = USUAL | {"type": kind, "category": category, "value": value}
        assert alike(raw), raw


def test_what_nodes_write_is_read_quickly() -> None:
    found = came(of(USUAL, USUAL))
    assert [type(one) for one in found] == [Bare, Bare]
    assert bare.read(found[0]) == read_attribute(USUAL)
    assert bare.read(found[0]) is not None


def test_a_field_more_or_less_comes_as_a_document() -> None:
    for name in USUAL:
        less = {of: value for of, value in USUAL.items() if of != name}
        assert came(of(USUAL, less)) == [USUAL, less]
    for name in ("Tag", "Sighting", "data", "sharing_group_id", "enforceWarninglist"):
        more = USUAL | {name: None}
        assert came(of(USUAL, more)) == [USUAL, more]


def test_a_message_is_the_same_bytes_and_means_the_same() -> None:
    for name, value in product(USUAL, ODD):
        raw = of(USUAL, USUAL | {name: value}, Tag=[{"name": "tlp:green"}], Object=[])
        (message,) = bare.decode(raw)
        assert _encoder.encode([message]) == raw
        assert [bare.with_documents(message)] == json_text.decode(raw), (name, value)


def test_what_cannot_be_taken_is_told_as_it_was_sent() -> None:
    wrong = USUAL | {"type": "md5", "category": "Payload delivery", "value": "none"}
    (message,) = bare.decode(of(USUAL, wrong))
    event = read_event(message["event"])
    assert len(event.attributes) == 1
    assert [(one.place, one.item) for one in event.refused] == [("Attribute[1]", wrong)]
    assert bearing(message["event"])["Attribute"] == []


@pytest.mark.parametrize(
    "raw",
    [
        b"{}", b'"x"', b"7", b"[]", b"[1]", b"[[]]", b"[null]", b'[{"event": 7}]',
        b'[{"event": null}]', b'[{"event": []}]', b'[{"event": {"Attribute": 7}}]',
        b'[{"event": {"Attribute": {}}}]', b'[{"event": {"Attribute": [7]}}]',
        b'[{"event": {"info": "\\ud800"}}]', b'[{"event": {"Attribute": [{"value": "\\ud800"}]}}]',
        b' [ {"event" : {"Attribute" : [ ] } } ] ', b'[{"event": 1, "event": {"x": 2}}]',
    ],
)  # fmt: skip
def test_any_other_json_is_what_it_is(raw: bytes) -> None:
    assert bare.decode(raw) == json_text.decode(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[", b'[{"event": {"Attribute": [}}]', b'[{"event": {"info": nul}}]', b"[{}] x",
        b'[{"event": {"info": "\xff"}}]', b'[{"event": {"Attribute": [{"value": "\xff"}]}}]',
        b"[" * 100_000, b'[{"event": ' + b"[" * 100_000, b'[{"event": {"x": 1e999}}]',
        b'[{"kind": "x" "event": {}}]',
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        bare.decode(raw)
