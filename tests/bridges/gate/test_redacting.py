# SPDX-License-Identifier: EUPL-1.2
"""The copy that crosses: what it keeps, what it says, and what is nowhere in it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from tests.bridges.gate.worlds import NAMES, attribute, decided, event, made, tagged

from brug.bridges.gate.keeping_out import KeptOut
from brug.bridges.gate.pseudonyms import Pseudonyms
from brug.bridges.gate.redacting import redacted

Document = dict[str, Any]
PSEUDONYMS = made(personal_data__handling="pseudonymise")


def copied(document: Document, wanted: Any = None, transport: str = "native") -> Document:
    return redacted(document, decided(document, wanted, transport=transport), transport, NAMES)


def tags(item: Document) -> list[str]:
    return [tag["name"] for tag in item.get("Tag", [])]


def test_a_whole_copy_says_nothing_of_being_less() -> None:
    found = copied(event(attribute(1, "evil.example", comment="seen twice"), tags=("tlp:green",)))
    assert tags(found) == ["tlp:green"]
    assert found["Attribute"][0]["value"] == "evil.example"
    assert found["Attribute"][0]["comment"] == "seen twice"


def test_a_pseudonymised_attribute_reaches_no_sensor_and_no_correlation() -> None:
    name = attribute(
        1, "Jan de Vries", "full-name", category="Person", comment="the victim", data="AA==",
        object_relation="full-name", Tag=tagged("tlp:green", "victim:name"),
        Sighting=[{"uuid": "ffffffff-0000-4000-8000-00000000000a", "source": "Jan de Vries"}],
    )  # fmt: skip
    found = copied(event(name), PSEUDONYMS)
    (one,) = found["Attribute"]
    assert one["uuid"] == NAMES.uuid(name["uuid"]) != name["uuid"]
    UUID(one["uuid"])
    assert one["value"] == NAMES.value("full-name", "jan de vries")
    assert (one["type"], one["to_ids"], one["disable_correlation"]) == ("text", False, True)
    assert tags(one) == ["tlp:green", "brug:pseudonym"]
    assert "brug:redacted" in tags(found)
    assert "vries" not in json.dumps(found).lower()
    assert "data" not in one


def test_pseudonyms_are_the_same_on_one_bridge_and_differ_between_two() -> None:
    other = Pseudonyms(b"o" * 32)
    assert NAMES.value("full-name", "Jan ") == NAMES.value("full-name", "jan")
    assert NAMES.value("full-name", "Jan") != other.value("full-name", "Jan")
    assert NAMES.uuid("AAAA") == NAMES.uuid("aaaa") != other.uuid("aaaa")


def test_over_misp_what_identifies_a_person_is_dropped_and_the_copy_says_so() -> None:
    name = attribute(1, "Jan de Vries", "full-name")
    found = copied(event(name, attribute(2, "evil.example")), PSEUDONYMS, "misp")
    assert [a["value"] for a in found["Attribute"]] == ["evil.example"]
    assert tags(found) == ["brug:redacted"]
    assert "Vries" not in json.dumps(found)


def test_what_is_published_for_all_makes_no_copy_a_lesser_one() -> None:
    """The node's own vocabularies name people and have numbers in them; everybody has those."""
    public = {
        "uuid": "bbbbbbbb-0000-4000-8000-000000000001", "value": "Domains", "default": True,
        "description": "Ask j.doe@vendor.example", "meta": {"refs": ["+31 6 12345678"]},
    }  # fmt: skip
    galaxy = {"uuid": "bbbbbbbb-0000-4000-8000-000000000002", "GalaxyCluster": [public]}
    document = event(attribute(1, "evil.example", Galaxy=[galaxy]), Galaxy=[galaxy])
    assert decided(document).outcome == "pass"
    found = copied(document)
    assert tags(found) == []
    assert found["Galaxy"] == found["Attribute"][0]["Galaxy"] == [galaxy]


def test_a_held_value_is_in_nothing_that_is_published_for_all() -> None:
    public = {"uuid": "bbbbbbbb-0000-4000-8000-000000000001", "value": "Domains", "default": True,
              "description": "Such as c2.secret.example"}  # fmt: skip
    galaxy = {"uuid": "bbbbbbbb-0000-4000-8000-000000000002", "GalaxyCluster": [public]}
    secret = attribute(1, "c2.secret.example", Tag=tagged("tlp:red"))
    found = copied(event(secret, attribute(2, "evil.example"), Galaxy=[galaxy]))
    assert "c2.secret.example" not in json.dumps(found)


def test_a_copy_is_marked_as_less_exactly_where_the_decision_says_so() -> None:
    """Also where what goes stands beside an object, or in a cluster of one's own."""
    person = "Ask j.doe@vendor.example"
    own = {"uuid": "bbbbbbbb-0000-4000-8000-000000000003", "value": "Heron", "distribution": "3",
           "meta": {"refs": [person]}}  # fmt: skip
    several = [
        event(attribute(1, "evil.example"), Galaxy=[{"type": "x", "GalaxyCluster": [own]}]),
        *(
            event(Object=[{"uuid": "cccccccc-0000-4000-8000-000000000001", "name": "file",
                           name: person, "Attribute": [attribute(1, "evil.example")]}])
            for name in ("comment", "description")
        ),
        event(attribute(1, "evil.example", comment=person)),
        event(attribute(1, "evil.example"), info=person),
    ]  # fmt: skip
    for document in several:
        found = copied(document)
        assert "doe@" not in json.dumps(found)
        assert "brug:redacted" in tags(found)
        assert decided(document).outcome == "redact", document


def test_a_value_that_is_held_is_in_no_neighbour() -> None:
    secret = attribute(1, "c2.secret.example", Tag=tagged("tlp:red"))
    object_uuid = "cccccccc-0000-4000-8000-000000000001"
    document = event(
        secret,
        attribute(2, "http://c2.secret.example/gate.php", "url"),
        attribute(3, "other.example", comment="resolves like C2.Secret.Example"),
        info="Campaign against c2.secret.example",
        Tag=tagged("tlp:green", "seen:c2.secret.example"),
        Object=[{
            "uuid": object_uuid, "name": "domain-ip", "comment": "c2.secret.example",
            "description": "d", "Attribute": [attribute(4, "192.0.2.9", "ip-dst")],
            "ObjectReference": [{
                "uuid": "cccccccc-0000-4000-8000-000000000002", "referenced_uuid": secret["uuid"],
                "Attribute": {"value": "c2.secret.example"},
            }],
        }],
        Note=[{
            "uuid": "ffffffff-0000-4000-8000-000000000001", "note": "see c2.secret.example",
            "Opinion": [{
                "uuid": "ffffffff-0000-4000-8000-000000000002", "comment": "c2.secret.example?",
            }],
        }],
        Relationship=[{
            "uuid": "ffffffff-0000-4000-8000-000000000003", "related_object_uuid": secret["uuid"],
        }],
    )  # fmt: skip
    found = copied(document)
    text = json.dumps(found).lower()
    assert "secret.example" not in text
    assert secret["uuid"] not in text
    assert [a["value"] for a in found["Attribute"]] == ["other.example"]
    assert found["Attribute"][0]["comment"] == "resolves like [left out]"
    assert found["info"] == "Campaign against [left out]"
    assert found["Object"][0]["ObjectReference"] == []
    assert found["Relationship"] == []
    assert tags(found) == ["tlp:green", "brug:redacted"]


def test_a_reference_to_a_pseudonym_points_to_its_new_name() -> None:
    name = attribute(1, "Jan de Vries", "full-name")
    holder = {
        "uuid": "cccccccc-0000-4000-8000-000000000001", "name": "person",
        "Attribute": [attribute(2, "x.example")],
        "ObjectReference": [{"uuid": "cccccccc-0000-4000-8000-000000000002",
                             "referenced_uuid": name["uuid"]}],
    }  # fmt: skip
    found = copied(event(name, Object=[holder]), PSEUDONYMS)
    (reference,) = found["Object"][0]["ObjectReference"]
    assert reference["referenced_uuid"] == NAMES.uuid(name["uuid"])


def test_an_object_of_which_nothing_is_left_does_not_cross() -> None:
    holder = {
        "uuid": "cccccccc-0000-4000-8000-000000000001", "name": "person",
        "Attribute": [attribute(1, "Jan", "first-name")],
    }  # fmt: skip
    found = copied(event(attribute(2, "x.example"), Object=[holder]))
    assert found["Object"] == []


def test_texts_lose_identifiers_but_for_what_crosses_as_an_indicator() -> None:
    phish = attribute(1, "evil@bad.example", "email-src")
    document = event(phish, info="evil@bad.example wrote to jan@victim.example")
    assert copied(document)["info"] == ("evil@bad.example wrote to [removed: e-mail address]")
    shared = made(personal_data__handling="share")
    assert copied(document, shared)["info"] == document["info"]


def test_what_has_no_uuid_or_no_decision_does_not_cross() -> None:
    nameless = {k: v for k, v in attribute(1, "nameless.example").items() if k != "uuid"}
    document = event(nameless, attribute(2, "evil.example"))
    assert decided(document).outcome == "redact"
    assert [a["value"] for a in copied(document)["Attribute"]] == ["evil.example"]
    late = event(attribute(2, "evil.example"), attribute(3, "late.example"))
    found = redacted(late, decided(event(attribute(2, "evil.example"))), "native", NAMES)
    assert [a["value"] for a in found["Attribute"]] == ["evil.example"]
    assert "brug:redacted" in tags(found)


def test_fields_for_the_reader_here_do_not_cross() -> None:
    one = attribute(1, "evil.example", RelatedAttribute=[{"value": "x"}], warnings=[{"a": 1}])
    document = event(one, event_creator_email="a@b.example", user_id="3", Org={"name": "Us"},
                     RelatedEvent=[{"Event": {}}], unheard_of="x")  # fmt: skip
    found = copied(document)
    assert (
        not {"event_creator_email", "user_id", "Org", "RelatedEvent", "unheard_of"} & found.keys()
    )
    assert not {"RelatedAttribute", "warnings"} & found["Attribute"][0].keys()


def test_numbers_of_this_node_go_to_stock_servers_alone() -> None:
    document = event(attribute(1, "evil.example", id="7", event_id="3"), id="3")
    assert "id" not in copied(document)
    assert copied(document, None, "misp")["Attribute"][0]["id"] == "7"


def test_a_value_is_found_as_itself_and_not_within_a_longer_number() -> None:
    gone = KeptOut(["192.0.2.1", "80", "evil.example|80"])
    assert gone.is_in("192.0.2.1")
    assert not gone.is_in("192.0.2.10")
    assert not gone.is_in("192.0.2.11")
    assert gone.is_in("http://EVIL.example/x")
    assert gone.is_in("80")
    assert not gone.is_in("8080")
    assert gone.without("port 80 of 192.0.2.1, not 192.0.2.10:8080") == (
        "port [left out] of [left out], not 192.0.2.10:8080"
    )
    assert not KeptOut([])
    street = KeptOut(["straße.example"])
    assert street.without("an STRASSE.EXAMPLE here") == "an [left out] here"
    assert street.without("die straße.example") == "[left out]"
