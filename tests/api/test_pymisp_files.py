# SPDX-License-Identifier: EUPL-1.2
"""Samples, attachments and pasted texts: PyMISP and plain HTTP on a served node."""

import hashlib
from base64 import b64encode
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import msgspec
import pytest
from pymisp import MISPAttribute, MISPEvent, PyMISP
from tests.api.conftest import World
from tests.listening import NO_TLS

TEXT = (
    "evil[.]example.com 192.0.2.44 hxxp://bad.example.org/a CVE-2024-1234 user@example.com"
    " AS64496 evil.exe|d41d8cd98f00b204e9800998ecf8427e 198.51.100.4:8080"
)


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["orgadmin"], ssl=False)


@pytest.fixture
def event(bank: Any) -> Any:
    made: Any = MISPEvent()
    made.info, made.distribution = "Files", 1
    return bank.add_event(made, pythonify=True)


def post(node: World, who: str, path: str, **request: Any) -> httpx.Response:
    headers = {"Authorization": node.keys[who], "Accept": "application/json"}
    return httpx.post(node.url + path, headers=headers, **request, verify=NO_TLS)


def get(node: World, who: str, path: str) -> httpx.Response:
    return httpx.get(node.url + path, headers={"Authorization": node.keys[who]}, verify=NO_TLS)


def test_a_sample_that_pymisp_sends_as_it_is_comes_back_packed(bank: Any, event: Any) -> None:
    sample: Any = MISPAttribute()
    sample.from_dict(type="malware-sample", value="pay.exe", data=BytesIO(b"MZ not a program"))
    assert sample.encrypt
    added = bank.add_attribute(event, sample, pythonify=True)
    digest = hashlib.md5(b"MZ not a program", usedforsecurity=False).hexdigest()
    assert added.value == f"pay.exe|{digest}"
    again: Any = bank.get_event(event, pythonify=True).attributes[0]
    assert again.malware_filename == "pay.exe"
    assert again.malware_binary.getvalue() == b"MZ not a program"


def test_an_uploaded_sample_becomes_a_file_object(
    served_node: World, bank: Any, event: Any
) -> None:
    body = {"files": [{"filename": "a.bin", "data": b64encode(b"hello").decode()}], "comment": "c"}
    said = post(served_node, "orgadmin", f"/events/upload_sample/{event.id}", json=body).json()
    assert (said["name"], said["id"]) == ("Success", str(event.id))
    (one,) = bank.get_event(event, pythonify=True).objects
    values = {a.object_relation: a.value for a in one.attributes}
    assert (one.name, one.comment) == ("file", "c")
    assert values["sha256"] == hashlib.sha256(b"hello").hexdigest()
    assert values["size-in-bytes"] == "5"
    (packed,) = [a for a in one.attributes if a.type == "malware-sample"]
    assert packed.malware_binary.getvalue() == b"hello"
    sha1 = hashlib.sha1(b"hello", usedforsecurity=False).hexdigest()
    found = post(served_node, "user", "/attributes/downloadSample", json={"hash": sha1}).json()
    assert str(event.id) in {one["event_id"] for one in found["result"]}


def test_a_sample_over_the_limit_is_refused_by_name(
    served_node: World, bank: Any, event: Any
) -> None:
    bank_admin = served_node.keys["admin"]
    setting = "/servers/serverSettingsEdit/limits.sample_bytes"
    headers = {"Authorization": bank_admin, "Accept": "application/json"}
    httpx.post(served_node.url + setting, json={"value": 2048}, headers=headers, verify=NO_TLS)
    sample = {"type": "malware-sample", "value": "b.exe", "encrypt": 1, "data": "A" * 4000}
    try:
        refused = post(served_node, "orgadmin", f"/attributes/add/{event.id}", json=sample)
    finally:
        httpx.post(
            served_node.url + setting, json={"value": 20 * 2**20}, headers=headers, verify=NO_TLS
        )
    assert "limits.sample_bytes" in refused.text


def test_files_are_handed_out_to_keep_and_never_to_show(
    served_node: World, bank: Any, event: Any
) -> None:
    page: Any = MISPAttribute()
    page.from_dict(type="attachment", value='x".html', data=BytesIO(b"<script>alert(1)</script>"))
    added = bank.add_attribute(event, page, pythonify=True)
    got = get(served_node, "orgadmin", f"/attributes/download/{added.id}")
    assert got.content == b"<script>alert(1)</script>"
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith('attachment; filename="x_.html"')
    assert got.headers["x-content-type-options"] == "nosniff"
    assert get(served_node, "orgadmin", f"/attributes/viewPicture/{added.id}").status_code == 404
    assert get(served_node, "orgadmin", "/attributes/download/999999").status_code == 401


def test_the_files_of_a_form_become_attachments_or_samples(served_node: World, event: Any) -> None:
    files = {"data[Attribute][values][]": ("note.txt", b"\x00\r\nhello")}
    added = post(
        served_node, "orgadmin", f"/attributes/add_attachment/{event.id}",
        data={"data[Attribute][category]": "External analysis"}, files=files,
    ).json()["Attribute"]  # fmt: skip
    assert [(a["value"], a["category"]) for a in added] == [("note.txt", "External analysis")]
    got = get(served_node, "orgadmin", f"/attributes/download/{added[0]['id']}")
    assert got.content == b"\x00\r\nhello"
    malware = post(
        served_node, "orgadmin", f"/attributes/add_attachment/{event.id}",
        data={"data[Attribute][malware]": "1"}, files=files,
    )  # fmt: skip
    assert malware.json()["saved"]
    found = post(
        served_node, "orgadmin", "/attributes/downloadSample",
        json={"eventID": event.id, "allSamples": 1},
    ).json()["result"]  # fmt: skip
    packed = httpx.get(
        f"{served_node.url}/attributes/download/{found[0]['attribute_id']}",
        headers={"Authorization": served_node.keys["orgadmin"]},
        verify=NO_TLS,
    )
    with ZipFile(BytesIO(packed.content)) as read:
        assert read.read(found[0]["md5"], pwd=b"infected") == b"\x00\r\nhello"


def test_a_pasted_text_becomes_attributes(bank: Any, event: Any) -> None:
    found = bank.freetext(event, TEXT, pythonify=True)
    assert {(a.type, a.value) for a in found} == {
        ("hostname", "evil.example.com"),
        ("ip-dst", "192.0.2.44"),
        ("url", "http://bad.example.org/a"),
        ("vulnerability", "CVE-2024-1234"),
        ("email-src", "user@example.com"),
        ("AS", "64496"),
        ("filename|md5", "evil.exe|d41d8cd98f00b204e9800998ecf8427e"),
        ("ip-dst|port", "198.51.100.4|8080"),
    }
    assert bank.freetext(event, TEXT) == [], "what is there already is not added again"
    assert len(bank.get_event(event, pythonify=True).attributes) == len(found)


def test_meta_attributes_are_shown_and_not_stored(bank: Any, event: Any) -> None:
    (one,) = bank.freetext(event, "pmf2[.]example.com", returnMetaAttributes=True)
    assert (one["default_type"], one["original_value"]) == ("hostname", "pmf2[.]example.com")
    assert list(one["types"]) == ["hostname", "domain", "url", "filename"]
    assert bank.get_event(event, pythonify=True).attributes == []


def test_a_file_of_events_is_taken_in_from_a_form(served_node: World, bank: Any) -> None:
    uuid = "7f1c9a55-6f0a-4f0e-9d4b-0d5b1d3f6a11"
    inside = {"info": "From a file", "uuid": uuid, "published": True, "distribution": 1}
    inside["Attribute"] = [{"type": "domain", "value": "file.example"}, {"type": "x", "value": ""}]
    body = msgspec.json.encode({"response": [{"Event": inside}, {"Event": {}}]})
    files = {"data[Event][submittedfile]": ("events.json", body)}
    said = post(served_node, "orgadmin", "/events/add_misp_export", files=files).json()["results"]
    assert [one["result"] for one in said] == ["added", "refused"]
    taken = bank.get_event(uuid, pythonify=True)
    assert ([a.value for a in taken.attributes], taken.published) == (["file.example"], False)
    again = post(served_node, "orgadmin", "/events/add_misp_export", files=files).json()["results"]
    assert again[0]["result"] == "unchanged"
    assert post(served_node, "orgadmin", "/events/add_misp_export", json={}).status_code == 405
