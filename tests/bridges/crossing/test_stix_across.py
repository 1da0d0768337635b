# SPDX-License-Identifier: EUPL-1.2
"""What a STIX bundle brought crosses a bridge, and is a bundle again at the partner."""

import json
from typing import Any

import httpx
import stix2  # type: ignore[import-untyped]
from tests.bridges.crossing.conftest import carry, crossings
from tests.bridges.served import Served
from tests.listening import NO_TLS

Two = tuple[Served, Served]


def ask(node: Served, path: str, body: Any) -> Any:
    headers = {"Authorization": node.key, "Accept": "application/json"}
    answer = httpx.post(node.url + path, json=body, headers=headers, verify=NO_TLS)
    assert answer.status_code == 200, answer.text
    return answer.json()


def bundle() -> Any:
    author = stix2.Identity(name="CERT Elders", identity_class="organization")
    indicator = stix2.Indicator(
        name="Bad name", pattern="[domain-name:value = 'stix.example']", pattern_type="stix",
        valid_from="2026-01-02T03:04:05Z", indicator_types=["malicious-activity"],
        created_by_ref=author.id, object_marking_refs=[stix2.TLP_GREEN.id],
    )  # fmt: skip
    file = stix2.Indicator(
        name="File",
        pattern=f"[file:hashes.'SHA-256' = '{'ab' * 32}' AND file:name = 'x.exe']",
        pattern_type="stix", valid_from="2026-01-02T03:04:05Z", created_by_ref=author.id,
        object_marking_refs=[stix2.TLP_WHITE.id],
    )  # fmt: skip
    malware = stix2.Malware(name="Evilware", is_family=True, created_by_ref=author.id)
    related = stix2.Relationship(indicator, "indicates", malware, created_by_ref=author.id)
    actor = stix2.ThreatActor(name="Somebody", threat_actor_types=["unknown"])
    note = stix2.Note(content="Look at this", object_refs=[indicator.id], created_by_ref=author.id)
    opinion = stix2.Opinion(opinion="agree", object_refs=[indicator.id], created_by_ref=author.id)
    sighting = stix2.Sighting(indicator.id, created_by_ref=author.id, count=2)
    cve = stix2.Vulnerability(name="CVE-2026-0001", created_by_ref=author.id)
    address = stix2.IPv4Address(value="203.0.113.9")
    seen = stix2.ObservedData(
        first_observed="2026-01-01T00:00:00Z", last_observed="2026-01-01T00:00:00Z",
        number_observed=1, object_refs=[address.id], created_by_ref=author.id,
    )  # fmt: skip
    report = stix2.Report(
        name="A campaign", published="2026-01-03T00:00:00Z", report_types=["campaign"],
        created_by_ref=author.id, object_marking_refs=[stix2.TLP_GREEN.id],
        object_refs=[one.id for one in (indicator, file, malware, related, actor, note, opinion,
                                        sighting, cve, address, seen)],
    )  # fmt: skip
    several = (author, report, indicator, file, malware, related, actor, note, opinion, sighting,
               cve, address, seen, stix2.TLP_GREEN, stix2.TLP_WHITE)  # fmt: skip
    return json.loads(stix2.Bundle(*several).serialize())


def said(event: Any) -> dict[str, Any]:
    """What an event says, but for its levels and what is of the copy."""
    return {
        "info": event["info"], "tags": sorted(tag["name"] for tag in event["Tag"]),
        "attributes": sorted(map(value_of, event["Attribute"])),
        "objects": sorted(
            (one["name"], one["uuid"], sorted(map(value_of, one["Attribute"])))
            for one in event["Object"] if one["name"] != "original-imported-file"
        ),
        "reports": sorted((one["name"], one["content"]) for one in event["EventReport"]),
    }  # fmt: skip


def value_of(one: Any) -> tuple[str, ...]:
    tags = ",".join(sorted(tag["name"] for tag in one.get("Tag", [])))
    return one["uuid"], one["type"], one["value"], str(one["to_ids"]), one["comment"], tags


def ideas(found: Any) -> set[str]:
    """What the objects of a bundle say, but for when they were made here."""
    left = {"modified", "created", "valid_from", "published", "first_observed", "last_observed"}
    return {
        json.dumps({name: one[name] for name in one if name not in left}, sort_keys=True)
        for one in found["objects"] if one["type"] != "report" and not is_original(one)
    }  # fmt: skip


def is_original(one: Any) -> bool:
    return bool(one.get("x_misp_name") == "original-imported-file")


def test_a_bundle_is_whole_at_the_partner_but_for_the_file_itself(agreed: Two) -> None:
    one, _ = agreed
    made = ask(one, "/events/upload_stix/2", bundle())["Event"]
    uuid = made["uuid"]
    ask(one, f"/events/edit/{uuid}", {"distribution": 3})
    ask(one, f"/events/publish/{uuid}", {})
    carry(one)
    events, bundles = [], []
    for node in agreed:
        asked = {"uuid": uuid, "returnFormat": "json"}
        (found,) = ask(node, "/events/restSearch", asked)["response"]
        events.append(found["Event"])
        bundles.append(ask(node, "/events/restSearch", asked | {"returnFormat": "stix2"}))
    here, there = events
    assert said(there) == said(here)
    assert {name for name, _, _ in said(there)["objects"]} == {"file"}
    # The file holds what its parts are marked with, and stays with who read it.
    assert [one["name"] for one in here["Object"] if one["distribution"] == "0"] == [
        "original-imported-file"
    ]
    (red,) = [inner for one in here["Object"] for inner in one["Attribute"]
              if inner["value"] == "ab" * 32]  # fmt: skip
    assert [tag["name"] for tag in red["Tag"]] == ["tlp:white"]
    lost = next(one["content"] for one in there["EventReport"] if "Not taken" in one["name"])
    assert all(kind in lost for kind in ("malware", "relationship", "sighting", "opinion"))
    for found in bundles:
        assert stix2.parse(found, allow_custom=True)
    assert ideas(bundles[1]) == ideas(bundles[0])


def test_what_a_bundle_marks_as_red_stays_also_where_it_is_an_object(agreed: Two) -> None:
    one, other = agreed
    made = bundle()
    for found in made["objects"]:
        if found.get("name") == "File":
            found["object_marking_refs"] = [stix2.TLP_RED.id]
    made["objects"].append(json.loads(stix2.TLP_RED.serialize()))
    uuid = ask(one, "/events/upload_stix/2", made)["Event"]["uuid"]
    ask(one, f"/events/edit/{uuid}", {"distribution": 3})
    ask(one, f"/events/publish/{uuid}", {})
    carry(one)
    asked = {"uuid": uuid, "returnFormat": "json"}
    for found in ask(other, "/events/restSearch", asked)["response"]:
        assert "ab" * 32 not in json.dumps(found)
    (sent,) = crossings(one, uuid)
    assert sent.state == "held" or sent.dropped or sent.waiting_parts
