# SPDX-License-Identifier: EUPL-1.2
"""STIX documents become events, and are kept as they came: PyMISP on a served node."""

import json
from typing import Any
from uuid import uuid4

import pytest
from pymisp import PyMISP
from tests.api.conftest import World

NOW = "2026-02-01T10:00:00.000Z"


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["orgadmin"], ssl=False)


def thing(kind: str, **fields: Any) -> dict[str, Any]:
    made = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid4()}"}
    return made | {"created": NOW, "modified": NOW} | fields


def indicator(pattern: str, **fields: Any) -> dict[str, Any]:
    basic = {"pattern": pattern, "pattern_type": "stix", "valid_from": NOW}
    return thing("indicator", **(basic | fields))


def upload(client: Any, objects: list[dict[str, Any]]) -> tuple[Any, bytes]:
    bundle = {"type": "bundle", "id": f"bundle--{uuid4()}", "objects": objects}
    document = json.dumps(bundle, indent=3).encode()
    answer = client.upload_stix(data=document)
    assert answer.status_code == 200, answer.text
    return client.get_event(answer.json()["Event"]["uuid"], pythonify=True), document


def values(event: Any) -> set[tuple[str, str, bool]]:
    return {(a.type, a.value, a.to_ids) for a in event.attributes}


def test_patterns_become_values_where_they_say_no_more(bank: Any) -> None:
    complex_one = "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [url:value = 'http://x.example/']"
    event, _ = upload(
        bank,
        [
            indicator("[ipv4-addr:value = '198.51.100.66']", name="C2"),
            indicator("[domain-name:value = 'a.example' OR url:value = 'http://b.example/\\'']"),
            indicator(
                "[network-traffic:dst_ref.type = 'ipv4-addr'"
                " AND network-traffic:dst_ref.value = '198.51.100.9']"
            ),
            indicator(complex_one),
            indicator("rule r { condition: false }", pattern_type="yara"),
        ],
    )
    assert values(event) == {
        ("ip-dst", "198.51.100.66", True),
        ("domain", "a.example", True),
        ("url", "http://b.example/'", True),
        ("ip-dst", "198.51.100.9", True),
        ("stix2-pattern", complex_one, True),
        ("yara", "rule r { condition: false }", True),
    }
    assert event.attributes[0].comment == "C2"


def test_a_report_gives_the_event_its_name_and_the_document_is_kept_as_it_came(bank: Any) -> None:
    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    one = indicator("[file:hashes.MD5 = '" + "a" * 32 + "' AND file:name = 'pay.exe']")
    report = thing(
        "report", name="Skimmers", description="What we saw.", published="2026-01-05T00:00:00Z",
        object_refs=[one["id"]], object_marking_refs=[red], labels=["fraud"],
    )  # fmt: skip
    relation = thing("relationship", relationship_type="uses", source_ref="a", target_ref="b")
    event, document = upload(bank, [report, one, relation])
    assert (event.info, str(event.date)) == ("Skimmers", "2026-01-05")
    assert f"report--{event.uuid}" == report["id"]
    assert {tag.name for tag in event.tags} == {"fraud", "tlp:red"}
    held = {o.name: o for o in event.objects}
    assert {a.value for a in held["file"].attributes} == {"a" * 32, "pay.exe"}
    (kept,) = [a for a in held["original-imported-file"].attributes if a.type == "attachment"]
    assert kept.data.getvalue() == document
    reports = {r.name: r.content for r in event.event_reports}
    assert reports["Skimmers"] == "What we saw."
    assert "- 1 x relationship" in reports["Not taken over from uploaded_stix_file.json"]


def test_what_was_observed_is_nothing_to_detect_by(bank: Any) -> None:
    host = {"type": "domain-name", "spec_version": "2.1", "value": "seen.example"}
    host["id"] = f"domain-name--{uuid4()}"
    seen = thing(
        "observed-data", first_observed="2026-01-01T00:00:00Z", number_observed=1,
        last_observed="2026-01-02T00:00:00Z", object_refs=[host["id"]],
    )  # fmt: skip
    event, _ = upload(bank, [seen, host, thing("vulnerability", name="CVE-2026-0001")])
    assert values(event) == {
        ("domain", "seen.example", False),
        ("vulnerability", "CVE-2026-0001", False),
    }
    (found,) = [a for a in event.attributes if a.type == "domain"]
    assert str(found.first_seen.date()) == "2026-01-01"


@pytest.mark.parametrize(
    "document", [b"{}", b'{"type": "bundle"}', b'{"type": "bundle", "objects": [1]}', b"[1]", b"x"]
)
def test_what_is_no_bundle_makes_no_event(bank: Any, document: bytes) -> None:
    before = len(bank.events())
    answer = bank.upload_stix(data=document)
    assert answer.status_code in {200, 403, 405}
    if answer.status_code != 200:
        assert len(bank.events()) == before


PACKAGE = """<?xml version="1.0"?>
<stix:STIX_Package xmlns:stix="http://stix.mitre.org/stix-1" version="1.2"
  xmlns:cybox="http://cybox.mitre.org/cybox-2" xmlns:a="http://cybox.mitre.org/objects#A-2"
  xmlns:f="http://cybox.mitre.org/objects#F-2" xmlns:c="http://cybox.mitre.org/common-2"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <stix:STIX_Header><stix:Title>Old but good</stix:Title></stix:STIX_Header>
 <cybox:Object><cybox:Properties xsi:type="a:AddressObjectType" category="ipv4-addr">
  <a:Address_Value>192.0.2.1##comma##192.0.2.2</a:Address_Value></cybox:Properties></cybox:Object>
 <cybox:Object><cybox:Properties xsi:type="f:FileObjectType"><f:Hashes><c:Hash>
  <c:Simple_Hash_Value>HASH</c:Simple_Hash_Value></c:Hash></f:Hashes></cybox:Properties>
 </cybox:Object>
</stix:STIX_Package>""".replace("HASH", "b" * 64)


def test_a_stix_1_package_becomes_an_event(bank: Any) -> None:
    answer = bank.upload_stix(data=PACKAGE.encode(), version="1")
    assert answer.status_code == 200, answer.text
    event = bank.get_event(answer.json()["Event"]["uuid"], pythonify=True)
    assert event.info == "Old but good"
    assert {(a.type, a.value) for a in event.attributes} == {
        ("ip-dst", "192.0.2.1"),
        ("ip-dst", "192.0.2.2"),
        ("sha256", "b" * 64),
    }


def test_entities_are_refused_before_they_expand(bank: Any) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    answer = bank.upload_stix(data=laughs.encode(), version="1")
    assert answer.status_code == 403
    assert "document type" in answer.text
