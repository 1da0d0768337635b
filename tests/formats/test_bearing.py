# SPDX-License-Identifier: EUPL-1.2
"""What hangs on attributes is found without those on which nothing does."""

import copy
from typing import Any

import pytest

from brug.formats.misp.analyst_inside import inside
from brug.formats.misp.bearing import bearing
from brug.formats.misp.reading import read_event

UUID = "66666666-0000-4000-8000-000000000001"
PLAIN = {"type": "domain", "value": "a.example", "Galaxy": [], "ShadowAttribute": [], "Note": []}
NOTE = {"note": "Seen before", "distribution": 3}


@pytest.mark.parametrize(
    "hanging",
    [{name: [{"x": 1}]} for name in
     ("Galaxy", "Sighting", "ShadowAttribute", "Note", "Opinion", "Relationship")]
    + [{"SharingGroup": {"uuid": UUID}}],
)  # fmt: skip
def test_an_attribute_with_something_on_it_stays(hanging: dict[str, Any]) -> None:
    laden = PLAIN | hanging
    document = {"info": "x", "Attribute": [PLAIN, laden, PLAIN], "Object": [{"name": "file"}]}
    found = bearing(document)
    assert found == {**document, "Attribute": [laden]}
    assert found["Attribute"][0] is laden
    assert len(document["Attribute"]) == 3


@pytest.mark.parametrize("attributes", [None, "x", {"type": "domain", "value": "a.example"}])
def test_what_is_no_list_is_left(attributes: object) -> None:
    document = {"info": "x", "Attribute": attributes}
    assert bearing(document) is document


def test_notes_are_found_where_they_hang() -> None:
    document = {"uuid": UUID, "Attribute": [PLAIN, PLAIN | {"uuid": UUID, "Note": [NOTE]}]}
    found = [(place, about) for place, _, about, _ in inside(bearing(copy.deepcopy(document)))]
    assert found == [("Attribute.Note[0]", ("Attribute", UUID))]


def test_an_event_and_an_attribute_without_uuids_get_them_for_the_notes_on_them() -> None:
    read = read_event(
        {"info": "x", "Note": [dict(NOTE)], "Attribute": [PLAIN | {"Note": [dict(NOTE)]}, PLAIN]}
    )
    about = [about for _, _, about, _ in read.analyst]
    assert about == [("Event", read.uuid), ("Attribute", read.attributes[0].uuid)]
    assert read.uuid is not None
    assert read.attributes[1].uuid is None
