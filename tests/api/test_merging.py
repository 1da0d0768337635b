# SPDX-License-Identifier: EUPL-1.2
"""Merging, single fields, reports from events and back: on a served node."""

from typing import Any

import httpx
import pytest
from pymisp import MISPEvent, MISPObject, PyMISP
from tests.api.conftest import World
from tests.listening import NO_TLS


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["orgadmin"], ssl=False)


def post(node: World, who: str, path: str, body: Any = None) -> httpx.Response:
    headers = {"Authorization": node.keys[who], "Accept": "application/json"}
    return httpx.post(node.url + path, headers=headers, json=body, verify=NO_TLS)


def get(node: World, who: str, path: str) -> Any:
    headers = {"Authorization": node.keys[who], "Accept": "application/json"}
    return httpx.get(node.url + path, headers=headers, verify=NO_TLS).json()


def event_with(client: Any, info: str, *values: str) -> Any:
    event: Any = MISPEvent()
    event.info, event.distribution = info, 1
    for value in values:
        event.add_attribute("domain", value)
    return client.add_event(event, pythonify=True)


def test_a_merged_event_says_what_both_said_once(served_node: World, bank: Any) -> None:
    target = event_with(bank, "target", "both.example", "target.example")
    source: Any = MISPEvent()
    source.info, source.distribution = "source", 1
    source.add_tag("tlp:green")
    source.add_attribute("domain", "both.example")
    source.add_attribute("domain", "source.example", comment="kept")
    holder = MISPObject("file")
    name: Any = holder.add_attribute("filename", value="pay.exe")
    digest: Any = holder.add_attribute("md5", value="a" * 32)
    holder.add_reference(digest.uuid, "contains")
    source.add_object(holder)
    source = bank.add_event(source, pythonify=True)
    for _ in range(2):
        merged = post(served_node, "orgadmin", f"/events/merge/{target.id}/{source.id}")
        assert merged.status_code == 200, merged.text
        after = bank.get_event(target, pythonify=True)
        values = sorted(a.value for a in after.attributes)
        assert values == ["both.example", "source.example", "target.example"]
        (one,) = after.objects
        assert {a.value for a in one.attributes} == {"pay.exe", "a" * 32}
        assert one.uuid != holder.uuid
        assert name.uuid not in {a.uuid for a in one.attributes}
        (reference,) = one.references
        assert reference.referenced_uuid in {a.uuid for a in one.attributes}
        assert [tag.name for tag in after.tags] == ["tlp:green"]
    left = bank.get_event(source, pythonify=True)
    assert len(left.attributes) == 2


def test_what_the_merger_does_not_see_is_not_merged(served_node: World, bank: Any) -> None:
    hidden: Any = MISPEvent()
    hidden.info, hidden.distribution = "mixed", 1
    hidden.add_attribute("domain", "open.example")
    hidden.add_attribute("domain", "ours.example", distribution=0)
    hidden = bank.add_event(hidden, pythonify=True)
    other: Any = PyMISP(served_node.url, served_node.keys["other"], ssl=False)
    target = event_with(other, "theirs", "theirs.example")
    post(served_node, "other", f"/events/merge/{target.id}/{hidden.id}")
    after = other.get_event(target, pythonify=True)
    assert sorted(a.value for a in after.attributes) == ["open.example", "theirs.example"]
    secret = event_with(bank, "own", "own.example")
    bank.update_event({"info": "own", "distribution": 0}, secret.id)
    refused = post(served_node, "other", f"/events/merge/{target.id}/{secret.id}")
    assert refused.status_code == 404
    assert post(served_node, "other", f"/events/merge/{hidden.id}/{target.id}").status_code == 403


def test_single_fields_and_many_attributes_are_changed(served_node: World, bank: Any) -> None:
    event = event_with(bank, "fields", "one.example", "two.example")
    first, second = event.attributes
    said = post(served_node, "orgadmin", f"/attributes/editField/{first.id}", {"comment": "c"})
    assert said.json() == {"saved": True, "success": "Field updated.", "check_publish": True}
    bad = post(served_node, "orgadmin", f"/attributes/editField/{first.id}", {"value": ""})
    assert bad.json()["saved"] is False
    post(served_node, "orgadmin", f"/attributes/toggleToIDS/{first.id}", {"to_ids": 0})
    post(served_node, "orgadmin", f"/attributes/toggleCorrelation/{first.id}")
    selected = {"attribute_ids": f'["{first.id}", "{second.id}"]', "comment": "both", "to_ids": 2}
    path = f"/attributes/editSelected/{event.id}"
    assert post(served_node, "orgadmin", path, {"Attribute": selected}).json() == {"saved": True}
    a, b = bank.get_event(event, pythonify=True).attributes
    assert (a.comment, a.to_ids, a.disable_correlation) == ("both", False, True)
    assert (b.comment, b.to_ids, b.disable_correlation) == ("both", True, False)
    elsewhere = event_with(bank, "elsewhere", "three.example").attributes[0]
    swapped = {"attribute_ids": [elsewhere.id], "comment": "swapped"}
    assert post(served_node, "orgadmin", path, swapped).status_code == 404
    assert post(served_node, "other", path, {"attribute_ids": [first.id]}).status_code == 403


def test_the_views_that_pages_draw_from_name_what_the_reader_sees(
    served_node: World, bank: Any
) -> None:
    event: Any = MISPEvent()
    event.info, event.distribution = "drawn", 1
    event.add_tag("tlp:green")
    event.add_attribute("domain", "open.example")
    event.add_attribute("domain", "ours.example", distribution=0)
    event = bank.add_event(event, pythonify=True)
    for view in ("getEventTimeline", "getEventGraphReferences", "updateGraph"):
        ours = str(get(served_node, "user", f"/events/{view}/{event.id}"))
        theirs = str(get(served_node, "other", f"/events/{view}/{event.id}"))
        assert all(value in ours for value in ("open.example", "ours.example")), view
        assert "open.example" in theirs, view
        assert "ours.example" not in theirs, view
    info = get(served_node, "other", f"/events/getEventInfoById/{event.uuid}")
    assert (info["Event"]["info"], info["EventTag"][0]["Tag"]["name"]) == ("drawn", "tlp:green")


def test_values_of_a_report_become_attributes_and_a_report_is_written_of_an_event(
    served_node: World, bank: Any
) -> None:
    event = event_with(bank, "reported")
    report = {"name": "Seen", "content": "It asked c2[.]noordland.example and 192.0.2.9 twice."}
    made = post(served_node, "orgadmin", f"/eventReports/add/{event.id}", report).json()
    path = f"/eventReports/extractAllFromReport/{made['EventReport']['id']}"
    content = post(served_node, "orgadmin", path).json()["report"]["EventReport"]["content"]
    by_value = {a.value: a.uuid for a in bank.get_event(event, pythonify=True).attributes}
    host, address = by_value["c2.noordland.example"], by_value["192.0.2.9"]
    assert content == f"It asked @[attribute]({host}) and @[attribute]({address}) twice."
    again = post(served_node, "orgadmin", path).json()["report"]["EventReport"]["content"]
    assert again == content
    written = post(served_node, "orgadmin", f"/eventReports/reportFromEvent/{event.id}").json()
    assert f"@[attribute]({host})" in written["EventReport"]["content"]
    galaxy = {"name": "Heron ways", "type": "heron-way"}
    number = post(served_node, "admin", "/galaxies/add", galaxy).json()["Galaxy"]["id"]
    with served_node.database.system() as session:
        order = '{"heron": ["wait", "strike"]}'
        session.execute("UPDATE galaxy SET kill_chain_order = %s WHERE id = %s", (order, number))
    spoken = get(
        served_node, "user", f"/eventReports/getProxyMISPElements/{made['EventReport']['id']}"
    )
    assert set(spoken["attribute"]) == {host, address}
    (matrix,) = (one for one in spoken["galaxymatrix"].values() if one["id"] == number)
    assert (matrix["name"], list(matrix["kill_chain_order"])) == ("Heron ways", ["heron"])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "file:///etc/passwd", "http://localhost/", "http://[::1]/", ""]
)
def test_a_page_is_fetched_from_no_inner_address(served_node: World, bank: Any, url: str) -> None:
    event = event_with(bank, "page")
    path = f"/eventReports/importReportFromUrl/{event.id}"
    assert post(served_node, "orgadmin", path, {"url": url}).json() == []
