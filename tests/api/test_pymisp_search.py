# SPDX-License-Identifier: EUPL-1.2
"""PyMISP's searches on a served node: what comes back are its own objects, and the right ones."""

from typing import Any

import pytest
from pymisp import MISPAttribute, MISPEvent, MISPObject, PyMISP
from tests.api.conftest import World

FILE = "688c46fb-5edb-40a3-8273-1af7923e2215"


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    """A client with one event of every kind of thing, and another that shares a value."""
    client = PyMISP(served_node.url, served_node.keys["orgadmin"])
    event: Any = MISPEvent()
    event.info, event.distribution, event.date = "Wave of mails", 1, "2024-03-01"
    event.add_tag("tlp:green")
    event.add_attribute("ip-dst", "192.0.2.44", to_ids=True, comment="sender")
    event.add_attribute("domain", "wave.example", to_ids=True).add_tag("wave:one")
    event.add_attribute("domain|ip", "two.example|192.0.2.45")
    inside = event.add_object(name="file", strict=False)
    inside.from_dict(name="file", template_uuid=FILE, template_version="24",
                     **{"meta-category": "file", "description": "f"})  # fmt: skip
    inside.add_attribute("filename", type="filename", value="wave.exe")
    inside.add_attribute("md5", type="md5", value="b" * 32)
    added = client.add_event(event, pythonify=True)
    assert isinstance(added, MISPEvent), added
    second = MISPEvent()
    second.info, second.distribution = "The same sender", 0
    second.add_attribute("ip-dst", "192.0.2.44")
    client.add_event(second)
    client.publish(added)
    return client


def infos(found: Any) -> list[str]:
    assert all(isinstance(one, MISPEvent) for one in found), found
    return sorted(one.info for one in found)


def values(found: Any) -> list[str]:
    assert all(isinstance(one, MISPAttribute) for one in found), found
    return sorted(one.value for one in found)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"value": "192.0.2.44"}, ["The same sender", "Wave of mails"]),
        ({"value": "wave.%"}, ["Wave of mails"]),
        ({"tags": "tlp:green"}, ["Wave of mails"]),
        ({"tags": "!tlp:green"}, ["The same sender"]),
        ({"published": True}, ["Wave of mails"]),
        ({"type_attribute": "md5"}, ["Wave of mails"]),
        ({"eventinfo": "%same%"}, ["The same sender"]),
        ({"date_from": "2024-03-01", "date_to": "2024-03-02"}, ["Wave of mails"]),
        ({"timestamp": "1h", "limit": 1, "page": 2}, ["The same sender"]),
        ({"metadata": True, "org": "Noordland Bank"}, ["The same sender", "Wave of mails"]),
        ({"value": "nosuch.example"}, []),
    ],
)
def test_events_are_found(bank: Any, filters: dict[str, Any], expected: list[str]) -> None:
    assert infos(bank.search(pythonify=True, **filters)) == expected


def test_a_found_event_carries_what_was_put_in(bank: Any) -> None:
    (found,) = bank.search(tags="tlp:green", with_attachments=True, pythonify=True)
    assert {tag.name for tag in found.tags} == {"tlp:green"}
    assert values(found.attributes) == ["192.0.2.44", "two.example|192.0.2.45", "wave.example"]
    assert values(found.objects[0].attributes) == ["b" * 32, "wave.exe"]
    assert infos([related["Event"] for related in found.RelatedEvent]) == ["The same sender"]
    assert bank.get_event(found, pythonify=True).to_dict().keys() >= {"Org", "Orgc", "Attribute"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"value": ["192.0.2.44", "wave.example"]}, ["192.0.2.44", "192.0.2.44", "wave.example"]),
        ({"type_attribute": ["md5", "filename"]}, ["b" * 32, "wave.exe"]),
        ({"tags": "wave:one"}, ["wave.example"]),
        ({"category": "Payload delivery", "to_ids": True}, ["b" * 32, "wave.exe"]),
        ({"to_ids": False}, []),
    ],
)
def test_attributes_are_found(bank: Any, filters: dict[str, Any], expected: list[str]) -> None:
    assert values(bank.search("attributes", pythonify=True, **filters)) == expected


def test_a_found_attribute_names_its_event(bank: Any) -> None:
    (found,) = bank.search(
        "attributes", value="wave.example", include_context=True, include_correlations=True,
        include_event_uuid=True, include_event_tags=True, pythonify=True,
    )  # fmt: skip
    assert found.Event.info == "Wave of mails"
    assert [tag.name for tag in found.tags] == ["wave:one", "tlp:green"]


def test_objects_are_found(bank: Any) -> None:
    (found,) = bank.search("objects", object_name="file", pythonify=True)
    assert isinstance(found, MISPObject)
    assert found.get_attributes_by_relation("md5")[0].value == "b" * 32


def test_terms_are_combined(bank: Any) -> None:
    query = bank.build_complex_query(or_parameters=["domain", "ip-dst"], not_parameters=["md5"])
    found = bank.search("attributes", type_attribute=query, pythonify=True)
    assert values(found) == ["192.0.2.44", "192.0.2.44", "wave.example"]


def test_results_come_in_other_formats(bank: Any) -> None:
    table = bank.search("attributes", return_format="csv", value="wave.example")
    assert [line.count("wave.example") for line in table.strip().splitlines()] == [0, 1]
    names = bank.search("attributes", return_format="text", type_attribute="domain")
    assert names.split() == ["wave.example"]
    assert "192.0.2.44" in bank.search(return_format="text", eventinfo="Wave of mails")


def test_events_are_listed(bank: Any) -> None:
    assert infos(bank.search_index(eventinfo="wave", pythonify=True)) == ["Wave of mails"]
    assert infos(bank.search_index(published=False, pythonify=True)) == ["The same sender"]
    assert infos(bank.events(pythonify=True)) == ["The same sender", "Wave of mails"]
    assert bank.search_index(minimal=True)[0].keys() >= {"uuid", "timestamp", "orgc_uuid"}


def test_what_is_held_is_counted(bank: Any, served_node: World) -> None:
    assert bank.attributes_statistics()["ip-dst"] == "2"
    assert bank.tags_statistics()["tags"] == {"tlp:green": "1"}
    assert bank.users_statistics()["stats"]["event_count"] == "2"
    stranger = PyMISP(served_node.url, served_node.keys["other"])
    assert infos(stranger.search(value="192.0.2.44", pythonify=True)) == ["Wave of mails"]


def test_types_are_described(bank: Any) -> None:
    assert {"ip-dst", "domain|ip", "md5"} <= set(bank.describe_types_remote["types"])


@pytest.fixture(scope="module")
def mixed(bank: Any) -> Any:
    """An event whose attributes differ in what searches leave out."""
    event: Any = MISPEvent()
    event.info, event.distribution = "Mixed", 0
    event.add_attribute("ip-dst", "192.0.2.61", to_ids=True).add_tag("mixed:keep")
    event.add_attribute("ip-dst", "192.0.2.62", to_ids=False).add_tag("mixed:leave")
    inside = MISPObject("file")
    inside.add_attribute("filename", value="mixed.exe", to_ids=False)
    inside.add_attribute("md5", value="c" * 32, to_ids=True)
    event.add_object(inside)
    event.add_attribute("ip-dst", "192.0.2.63", to_ids=True)
    added = bank.add_event(event, pythonify=True)
    bank.delete_attribute(next(a for a in added.attributes if a.value == "192.0.2.63"))
    return added


def inside_of(event: Any) -> list[str]:
    objects = [item.value for one in event.objects for item in one.attributes]
    return sorted([item.value for item in event.attributes] + objects)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["192.0.2.61", "192.0.2.62", "c" * 32, "mixed.exe"]),
        ({"to_ids": 1}, ["192.0.2.61", "c" * 32]),
        ({"to_ids": 0}, ["192.0.2.62", "mixed.exe"]),
        ({"tags": {"OR": ["mixed:keep"], "NOT": ["mixed:leave"]}},
         ["192.0.2.61", "c" * 32, "mixed.exe"]),
        ({"tags": "!mixed:%"}, ["c" * 32, "mixed.exe"]),
        ({"deleted": True}, ["192.0.2.63"]),
        ({"deleted": [0, 1]}, ["192.0.2.61", "192.0.2.62", "192.0.2.63", "c" * 32, "mixed.exe"]),
    ],
)  # fmt: skip
def test_of_a_found_event_only_what_is_wanted_comes_along(
    bank: Any, mixed: Any, filters: dict[str, Any], expected: list[str]
) -> None:
    (found,) = bank.search(uuid=mixed.uuid, pythonify=True, **filters)
    assert inside_of(found) == expected


def test_files_of_found_events_leave_the_same_out(bank: Any, mixed: Any) -> None:
    wanted = {"OR": ["mixed:keep"], "NOT": ["mixed:leave"]}
    lines = bank.search(uuid=mixed.uuid, tags=wanted, return_format="csv")
    assert "192.0.2.61" in lines
    assert "192.0.2.62" not in lines


def test_an_event_that_itself_has_an_unwanted_tag_is_not_found(bank: Any) -> None:
    assert "Wave of mails" not in infos(bank.search(tags={"NOT": ["tlp:green"]}, pythonify=True))
    (found,) = bank.search(eventinfo="Wave of mails", tags="!wave:one", pythonify=True)
    assert "wave.example" not in inside_of(found)
