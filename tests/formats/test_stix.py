# SPDX-License-Identifier: EUPL-1.2
"""STIX of every version: valid for its validators, read back by MISP's converter, unbroken."""

import subprocess
import sys
import warnings
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.test_sensors import RUBBISH
from tests.thorough import examples

from brug.formats import context
from brug.formats.stix import one_json, one_xml, package, patterns, writing
from brug.formats.stix.bundle import Bundle
from brug.model.attribute_types import TYPES
from brug.model.errors import Invalid

with warnings.catch_warnings():
    # The validator and what it uses warn of themselves when they are imported.
    warnings.simplefilter("ignore")
    from stix2validator import (  # type: ignore[import-untyped]
        ValidationOptions,
        validate_string,
    )

pytestmark = pytest.mark.filterwarnings("ignore")

# MISP's converter brings an importer that breaks others' imports: it runs on its own.
READ_BACK = """
import json, sys
import stix2
from misp_stix_converter import InternalSTIX2toMISPParser

def read(version, text):
    parser = InternalSTIX2toMISPParser()
    parser.load_stix_bundle(stix2.parse(text, allow_custom=True, version=version))
    parser.parse_stix_bundle()
    event = parser.misp_event
    return {
        "attributes": [[a.type, a.value] for a in event.attributes],
        "objects": [o.name for o in event.objects],
        "errors": [str(error) for error in parser.errors],
    }

print(json.dumps([read(*one) for one in json.load(sys.stdin)]))
"""

SOURCE = package.source("CSIRT Noordland", "https://node.example/?a=1&b", "2026-11-24T12:00:00")
ORG = {"uuid": "11111111-2222-4333-8444-555555555555", "name": "CSIRT Noordland"}


def attribute(kind: str, value: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": kind, "value": value, "uuid": str(uuid4()), "timestamp": "1795000000",
        "category": "Network activity", "to_ids": True, "comment": "", **fields,
    }  # fmt: skip


def event(*attributes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()), "info": "An event", "Orgc": ORG, "timestamp": "1795000000",
        "published": True, "publish_timestamp": "1795000001", "Attribute": list(attributes),
        "Object": [], "Galaxy": [], "Tag": [], **fields,
    }  # fmt: skip


HOST = attribute("hostname", "stage.example")
WHOLE = event(
    HOST,
    attribute("ip-dst", "198.51.100.7", Tag=[{"name": "tlp:green"}, {"name": "case:one"}]),
    attribute("ip-src|port", "2001:db8::7|443"), attribute("domain|ip", "a.example|192.0.2.1"),
    attribute("domain", "o'brien\\.example"), attribute("url", "http://a.example/'x'?q=\\"),
    attribute("md5", "0" * 32, to_ids=False), attribute("filename|sha256", "a.exe|" + "a" * 64),
    attribute("text", "second\nline", category="Other"), attribute("regkey", "HKLM\\Software\\x"),
    attribute("email-src", "a@b.example"), attribute("AS", "AS64500"),
    attribute("hostname", "harmless.example", Sighting=[
        {"uuid": str(uuid4()), "type": "1", "date_sighting": "1795000003", "Organisation": ORG}]),
    attribute("ip-dst", "203.0.113.1", first_seen="2026-01-01T00:00:00.000000+00:00",
              last_seen="2026-02-01T00:00:00.123456+00:00",
              Sighting=[{"uuid": str(uuid4()), "type": "0", "date_sighting": "1795000003",
                         "Organisation": ORG}]),
    Tag=[{"name": "tlp:amber+strict"}, {"name": "tlp:clear"}, {"name": "case:two"}],
    Galaxy=[{"type": "mitre-attack-pattern", "name": "Attack Pattern", "GalaxyCluster": [
        {"uuid": str(uuid4()), "value": "Phishing - T1566", "description": "d", "tag_name": "t"}]}],
    Object=[{"uuid": str(uuid4()), "name": "file", "meta-category": "file", "timestamp": "1",
             "Attribute": [attribute("md5", "b" * 32, object_relation="md5")],
             "ObjectReference": [
                 {"uuid": str(uuid4()), "referenced_uuid": HOST["uuid"], "timestamp": "1",
                  "relationship_type": "Connected_to", "comment": "second stage"},
                 {"uuid": str(uuid4()), "referenced_uuid": str(uuid4()), "timestamp": "1",
                  "relationship_type": "drops"}]}],
    EventReport=[{"uuid": str(uuid4()), "name": "What happened", "content": "# A *wave*",
                  "timestamp": "1795000002"}],
    id="12", date="2026-01-01", analysis="1", threat_level_id="2",
)  # fmt: skip


def written(version: str, *events: dict[str, Any]) -> bytes:
    return b"".join(writing.of_events(events, version))


@pytest.mark.parametrize(("version", "head"), [
    ("2.0", {"type": "bundle", "spec_version": "2.0"}), ("2.1", {"type": "bundle"}),
])  # fmt: skip
def test_of_nothing_a_bundle_is_made_that_holds_nothing(version: str, head: dict[str, str]) -> None:
    """A stock MISP writes what frames the objects, and none between (StixExport.php, footer)."""
    for pieces in (writing.of_events([], version), writing.of_attributes([], version)):
        found = msgspec.json.decode(b"".join(pieces))
        assert found.pop("id").startswith("bundle--")
        assert found == head | {"objects": []}


@pytest.mark.parametrize("version", writing.VERSIONS)
def test_a_bundle_is_valid_and_names_all_it_holds(version: str) -> None:
    text = written(version, WHOLE).decode()
    found = validate_string(text, ValidationOptions(version=version))
    assert found.is_valid, [str(error) for error in found.errors]
    objects = msgspec.json.decode(text)["objects"]
    ids = [one["id"] for one in objects]
    assert len(set(ids)) == len(ids)
    (report,) = [one for one in objects if one["type"] == "report"]
    shared = {"identity", "marking-definition", "report"}
    assert set(report["object_refs"]) == {o["id"] for o in objects if o["type"] not in shared}


def test_misps_converter_reads_back_every_value() -> None:
    bundles = [(version, written(version, WHOLE).decode()) for version in writing.VERSIONS]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_BACK],
        input=msgspec.json.encode(bundles), capture_output=True, check=True,
    )  # fmt: skip
    several = msgspec.json.decode(done.stdout)
    assert len(several) == len(writing.VERSIONS)
    meant = {(a["type"], a["value"]) for a in WHOLE["Attribute"]} - {("AS", "AS64500")}
    for read in several:
        assert meant - {(kind, value) for kind, value in read["attributes"]} == set()
        assert (read["objects"], read["errors"]) == (["file"], [])


def objects_of(version: str, kind: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    objects = msgspec.json.decode(written(version, *events))["objects"]
    return [one for one in objects if one["type"] == kind]


def test_what_is_said_of_items_stands_beside_them() -> None:
    (opinion,) = objects_of("2.1", "opinion", WHOLE)
    assert (opinion["opinion"], opinion["authors"]) == ("strongly-disagree", [ORG["name"]])
    (note,) = objects_of("2.1", "note", WHOLE)
    assert (note["abstract"], note["content"]) == ("What happened", "# A *wave*")
    assert note["object_refs"] == [f"report--{WHOLE['uuid']}"]
    assert objects_of("2.0", "note", WHOLE) == objects_of("2.0", "opinion", WHOLE) == []


@pytest.mark.parametrize("version", writing.VERSIONS)
def test_a_reference_is_a_relationship_where_both_ends_are_there(version: str) -> None:
    (found,) = objects_of(version, "relationship", WHOLE)
    assert found["source_ref"] == f"x-misp-object--{WHOLE['Object'][0]['uuid']}"
    assert found["target_ref"] == f"indicator--{HOST['uuid']}"
    assert (found["relationship_type"], found["description"]) == ("connected-to", "second stage")


def test_an_incident_says_when_who_and_how_far_in_both_brackets_of_stix_1() -> None:
    xml = b"".join(one_xml.of_events([WHOLE], SOURCE)).decode()
    text = b"".join(one_json.of_events([WHOLE], SOURCE)).decode()
    (package_of,) = msgspec.json.decode(text)["related_packages"]["related_packages"]
    (incident,) = package_of["package"]["incidents"]
    assert incident["time"] == {"incident_discovery": "2026-01-01T00:00:00+00:00"}
    assert incident["external_ids"] == [{"value": "12", "source": "MISP Event"}]
    assert incident["status"]["value"] == "Open"
    assert incident["reporter"] == incident["information_source"]
    told = [one["journal_entry"]["value"] for one in incident["history"]["history_items"]]
    assert told[:2] == ["Event Threat Level: Medium", 'MISP Tag: misp:tool="MISP-STIX-Converter"']
    assert "MISP Tag: case:two" in told
    for said in ("2026-01-01T00:00:00+00:00", ">12<", ">Open<", "Event Threat Level: Medium"):
        assert said in xml


def test_a_draft_is_a_grouping_and_an_empty_event_is_valid() -> None:
    text = written("2.1", event(published=False)).decode()
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid
    assert '"type":"grouping"' in text


def test_a_strict_marking_never_becomes_a_milder_one() -> None:
    for version, meant in (("2.1", '"tlp_2_0":"amber+strict"'), ("2.0", "tlp:amber+strict")):
        assert meant in written(version, WHOLE).decode()
    assert package.colour(["tlp:clear", "TLP:AMBER+STRICT"]) == "RED"


def test_what_several_events_share_stands_once() -> None:
    bundle = Bundle("2.1")
    first = [one["id"] for one in bundle.event(WHOLE)]
    second = [one["id"] for one in bundle.event(WHOLE)]
    assert f"identity--{ORG['uuid']}" in first
    again = {"identity", "marking-definition", "attack-pattern"}
    assert not [one for one in second if one.partition("--")[0] in again]


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(Invalid, match="stix-version"):
        writing.version("1.2")


@settings(max_examples=examples(60), deadline=None)
@given(kind=st.sampled_from(sorted(TYPES)), value=RUBBISH, text=RUBBISH)
def test_no_value_breaks_out_of_any_version(kind: str, value: str, text: str) -> None:
    value = value.encode("utf-8", "replace").decode()
    text = text.encode("utf-8", "replace").decode()
    made = event(
        attribute(kind, value, comment=text, Tag=[{"name": text}]),
        attribute(kind, value, to_ids=False), info=text, Tag=[{"name": "x:" + text}],
    )  # fmt: skip
    for version in writing.VERSIONS:
        found = validate_string(written(version, made).decode(), ValidationOptions(version=version))
        assert found.is_valid, [str(error) for error in found.errors]
    xml = b"".join(one_xml.of_events([made], SOURCE))
    root = ET.fromstring(xml)  # noqa: S314 — our own bytes
    incidents = [e for e in root.iter() if e.tag == "{http://stix.mitre.org/stix-1}Incident"]
    assert len(incidents) == 1
    msgspec.json.decode(b"".join(one_json.of_events([made], SOURCE)))


@given(value=RUBBISH)
def test_a_literal_holds_one_text(value: str) -> None:
    inside = patterns.literal(value)[1:-1]
    assert inside.replace("\\\\", "").replace("\\'", "").count("'") == 0


def test_stix_1_ids_stand_in_the_namespace_of_the_node() -> None:
    xml = b"".join(one_xml.of_events([WHOLE], SOURCE)).decode()
    assert 'xmlns:CSIRT_Noordland="https://node.example/?a=1&amp;b"' in xml
    assert f'id="CSIRT_Noordland:Incident-{WHOLE["uuid"]}"' in xml
    for name in ("xml", "stix", "1", "", "é"):
        prefix = package.source(name, "", "").prefix
        assert prefix.startswith("MISP")


@given(name=RUBBISH, said=RUBBISH)
def test_markdown_shows_values_as_text_on_one_line(name: str, said: str) -> None:
    told = context.Told(
        [context.Use(name, "#000000", 1)], {}, {name.lower(): said},
        [context.ClusterOf(1, "t", name, said, name, said)],
    )  # fmt: skip
    text = context.markdown(told, "https://node.example")
    assert len(text.splitlines()) <= 9
    assert "<" not in text
    for line in text.splitlines():
        start = line.lstrip()
        assert not start.startswith((">", "|", "=", "```", "1."))


def test_a_layer_counts_events() -> None:
    made = context.layer([context.Technique("T1566", "Phishing - T1566", 3)], "Search")
    assert made["techniques"][0]["score"] == made["gradient"]["maxValue"] == 3
