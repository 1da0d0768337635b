# SPDX-License-Identifier: EUPL-1.2
"""Files of OpenIOC and ThreatConnect taken into an event, over MISP's interface."""

from typing import Any

import pytest
from tests.api.conftest import Reply, World
from tests.api.event_world import event, is_refused, published, rows, viewed
from tests.formats.test_openioc_reading import FIRST, MD5, item

IOC = FIRST.format(
    item("FileItem/Md5sum", MD5)
    + item("Network/DNS", "not a name")
    + item("Network/DNS", "evil.example.com")
    + item("FileItem/SizeInBytes", "12")
)
CSV = "Type,Value,Confidence,Description,Source\nHost,evil.example.com,90,seen,https://b.example/\n"
ROUTES = [("/events/addIOC", IOC), ("/attributes/add_threatconnect", CSV)]


def send(
    world: World, path: str, body: str | bytes, who: str = "orgadmin", kind: str = "text/plain"
) -> Reply:
    raw = body.encode() if isinstance(body, str) else body
    return world.ask(who, "POST", path, raw, headers={"content-type": kind})


def values(world: World, event_id: Any) -> list[tuple[str, str, bool]]:
    return [(a["type"], a["value"], a["to_ids"]) for a in viewed(world, event_id)["Attribute"]]


def test_openioc_becomes_attributes_and_says_what_did_not(world: World) -> None:
    added = event(world)
    reply = send(world, f"/events/addIOC/{added['id']}", IOC, kind="application/xml")
    assert reply.status == 200, reply.body
    assert list(reply.body["errors"]) == ["attribute_1"]
    assert reply.body["left_out"] == ["1 x FileItem/SizeInBytes"]
    assert [a["value"] for a in reply.body["Attribute"]][:2] == [MD5, "evil.example.com"]
    about = "CCAPP.EXE (Mandiant, 2010-12-13T12:49:53). A custom reverse shell."
    assert values(world, added["id"]) == [
        ("md5", MD5, True), ("domain", "evil.example.com", True), ("comment", about, False),
    ]  # fmt: skip
    again = send(world, f"/events/addIOC/{added['uuid']}", IOC)
    assert again.body["message"] == "0 attributes added, 3 were there already."
    assert len(values(world, added["id"])) == 3


def test_threatconnect_becomes_attributes(world: World) -> None:
    added = event(world)
    border = "border-of-the-parts"
    form = (
        f'--{border}\r\nContent-Disposition: form-data; name="data[Attribute][value]";'
        f' filename="x.csv"\r\nContent-Type: text/csv\r\n\r\n{CSV}\r\n--{border}--\r\n'
    )
    path = f"/attributes/add_threatconnect/{added['id']}"
    reply = send(world, path, form, kind=f"multipart/form-data; boundary={border}")
    assert reply.status == 200, reply.body
    assert values(world, added["id"]) == [
        ("domain", "evil.example.com", True), ("link", "https://b.example/", False),
    ]  # fmt: skip
    assert reply.body["Attribute"][0]["comment"] == "seen"
    empty = f'--{border}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--{border}--\r\n'
    reply = send(world, path, empty, kind=f"multipart/form-data; boundary={border}")
    assert is_refused(reply, 400, "body: expected a file")


@pytest.mark.parametrize(("route", "good"), ROUTES)
def test_rubbish_is_refused_and_changes_nothing(world: World, route: str, good: str) -> None:
    added = event(world)
    path = f"{route}/{added['id']}"
    for body in (b"", b" ", b"rubbish", b"\xff\xfe", b"\0", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'):
        assert send(world, path, body).status == 400, body
    assert send(world, path, FIRST.format("") if "IOC" in route else "Type,Value\n").status == 403
    assert send(world, f"{route}/nonsense", good).status == 404
    assert send(world, route, good).status == 404
    assert rows(world, "SELECT id FROM attribute") == []


@pytest.mark.parametrize(("route", "good"), ROUTES)
def test_only_whoever_may_change_the_event_adds_a_file(world: World, route: str, good: str) -> None:
    hidden, shown = event(world, distribution="0"), event(world, distribution="3")
    published(world, shown["id"])
    assert send(world, f"{route}/{hidden['id']}", good, "other").status == 404
    assert send(world, f"{route}/{shown['id']}", good, "other").status == 403
    assert send(world, f"{route}/{shown['id']}", good, "readonly").status == 403
    assert rows(world, "SELECT id FROM attribute") == []
