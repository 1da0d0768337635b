# SPDX-License-Identifier: EUPL-1.2
"""The wrappings of MISP events, and where JSON ends being JSON."""

import pytest

from brug.formats.json_text import Malformed, decode
from brug.formats.misp.documents import events_in, is_manifest

EVENT = {"info": "x"}


@pytest.mark.parametrize(
    ("document", "places"),
    [
        (EVENT, [""]),
        ({"Event": EVENT}, [".Event"]),
        (
            {"response": [{"Event": EVENT}, {"Event": EVENT}]},
            [".response[0].Event", ".response[1].Event"],
        ),
        ({"response": {"Event": EVENT}}, [".response.Event"]),
        ([{"Event": EVENT}, EVENT], ["[0].Event", "[1]"]),
        ({"response": {"Event": [EVENT]}}, [".response.Event[0]"]),
    ],
)
def test_events_are_found_in_every_wrapping(document: object, places: list[str]) -> None:
    found = list(events_in(document))
    assert [place for place, _ in found] == places
    assert all(event == EVENT for _, event in found)


@pytest.mark.parametrize("document", [None, 3, "x", {}, {"a": 1}, [1]])
def test_what_is_no_event_is_said_to_be_none(document: object) -> None:
    assert [event for _, event in events_in(document)] == [None]


def test_a_manifest_is_told_from_an_event() -> None:
    uuid = "11111111-1111-4111-8111-111111111111"
    assert is_manifest({uuid: {"timestamp": 1, "info": "x"}})
    assert not is_manifest({"Event": EVENT})


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [
        (b'{"a":\n  1,\n}', 3, 1),
        (b'{"a": 1', 1, 8),
        (b'{"a": "\xff"}', 1, 8),
        (b'{"a":\n"b" "c"}', 2, 5),
        (b"", 1, 1),
    ],
)
def test_malformed_json_is_refused_with_its_line_and_column(
    raw: bytes, line: int, column: int
) -> None:
    with pytest.raises(Malformed) as caught:
        decode(raw)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":NaN}', b"[Infinity]", b"1" * 5000])
def test_what_only_looks_like_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        decode(raw)


def test_half_a_surrogate_pair_is_the_matter_of_its_field_not_of_the_document() -> None:
    assert decode(b'{"a": "\\ud800"}') == {"a": "\ud800"}
