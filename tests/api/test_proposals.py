# SPDX-License-Identifier: EUPL-1.2
"""Proposals through PyMISP and as partners push and pull them."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from pymisp import MISPAttribute, MISPEvent, MISPShadowAttribute, PyMISP
from tests.api.conftest import World


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["orgadmin"], ssl=False)


@pytest.fixture(scope="module")
def energy(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["other"], ssl=False)


@pytest.fixture
def event(bank: Any) -> Any:
    new: Any = MISPEvent()
    new.info, new.distribution = "Parcels that are none", 1
    new.add_attribute("domain", "parcel.example", comment="from a text message")
    made = bank.add_event(new, pythonify=True)
    bank.publish(made)
    return made


def attribute(kind: str, value: str, **more: Any) -> Any:
    made: Any = MISPAttribute()
    made.from_dict(type=kind, value=value, **more)
    return made


def test_a_proposed_attribute_is_seen_by_all_and_stored_when_accepted(
    bank: Any, energy: Any, event: Any
) -> None:
    new = attribute("ip-dst", "192.0.2.45", comment="same campaign", to_ids=False)
    new.first_seen = "2026-01-01T10:00:00Z"
    proposed = energy.add_attribute_proposal(event, new, pythonify=True)
    assert isinstance(proposed, MISPShadowAttribute)
    (listed,) = bank.attribute_proposals(event, pythonify=True)
    assert (listed.uuid, listed.value, listed.comment) == (
        proposed.uuid, "192.0.2.45", "same campaign",
    )  # fmt: skip
    assert bank.get_attribute_proposal(proposed, pythonify=True).value == "192.0.2.45"
    (inside,) = bank.get_event(event, pythonify=True).shadow_attributes
    assert inside["Org"]["name"] == "Zuidland Energie"
    assert bank.accept_attribute_proposal(proposed)["message"] == "Proposal accepted."
    after = bank.get_event(event, pythonify=True)
    assert after.shadow_attributes == []
    assert not after.published
    stored = next(a for a in after.attributes if a.uuid == proposed.uuid)
    assert (stored.value, stored.comment, stored.to_ids) == ("192.0.2.45", "same campaign", False)
    assert stored.first_seen.isoformat() == "2026-01-01T10:00:00+00:00"


def test_what_is_proposed_is_neither_found_nor_correlated(
    bank: Any, energy: Any, event: Any, served_node: World
) -> None:
    other: Any = MISPEvent()
    other.info, other.distribution = "Elsewhere", 1
    other.add_attribute("domain", "only-proposed.example")
    bank.add_event(other)
    energy.add_attribute_proposal(event, attribute("domain", "only-proposed.example"))
    related = bank.get_event(event)["Event"]["RelatedEvent"]
    assert "Elsewhere" not in {one["Event"]["info"] for one in related}
    found = bank.search("attributes", value="only-proposed.example", pythonify=True)
    assert event.id not in {a.event_id for a in found}
    energy.update_attribute_proposal(event.attributes[0], attribute("domain", "beside.example"))
    asked = {"eventid": event.id, "includeProposals": 1}
    answered = served_node.ask("orgadmin", "POST", "/attributes/restSearch", asked).body
    (beside,) = answered["response"]["Attribute"]
    assert [p["value"] for p in beside["ShadowAttribute"]] == ["beside.example"]


def test_a_proposed_change_stands_with_its_attribute_and_changes_it_when_accepted(
    bank: Any, energy: Any, event: Any
) -> None:
    (old,) = event.attributes
    change = attribute("domain", "parcels.example", comment="plural")
    proposed = energy.update_attribute_proposal(old, change, pythonify=True)
    seen = bank.get_event(event, pythonify=True)
    assert [p.id for p in seen.attributes[0].shadow_attributes] == [proposed.id]
    assert seen.published
    assert seen.attributes[0].value == "parcel.example"
    assert bank.accept_attribute_proposal(proposed)["message"] == "Proposed change accepted."
    (now,) = bank.get_event(event, pythonify=True).attributes
    assert (now.uuid, now.value, now.comment) == (old.uuid, "parcels.example", "plural")
    assert now.shadow_attributes == []


def test_a_proposed_deletion_deletes_when_accepted_and_other_proposals_go_with_it(
    bank: Any, energy: Any, event: Any
) -> None:
    (old,) = event.attributes
    energy.update_attribute_proposal(old, attribute("domain", "x.example"))
    assert energy.delete_attribute_proposal(old)["saved"]
    proposals = bank.attribute_proposals(event, pythonify=True)
    assert len(proposals) == 2
    (deletion,) = [p for p in proposals if p.proposal_to_delete]
    bank.accept_attribute_proposal(deletion)
    assert bank.get_event(event, pythonify=True).attributes == []
    assert bank.attribute_proposals(event) == []


def test_only_who_may_change_the_event_accepts_and_the_proposer_takes_back(
    bank: Any, energy: Any, event: Any
) -> None:
    proposed = energy.add_attribute_proposal(event, attribute("ip-dst", "192.0.2.46"), True)
    assert energy.accept_attribute_proposal(proposed)["errors"][0] == 405
    assert energy.discard_attribute_proposal(proposed)["message"] == "Proposal discarded."
    assert bank.accept_attribute_proposal(proposed)["errors"][0] == 405
    assert [a.value for a in bank.get_event(event, pythonify=True).attributes] == ["parcel.example"]


def test_what_is_proposed_has_to_fit_its_type(energy: Any, event: Any) -> None:
    refused = energy.add_attribute_proposal(event, attribute("ip-dst", "not an address"))
    assert refused["errors"][1]["message"].startswith("Could not save the proposal. Errors: [value")


def test_bytes_that_are_proposed_become_the_attributes(bank: Any, energy: Any, event: Any) -> None:
    new = attribute("attachment", "label.txt", data=BytesIO(b"a label"))
    proposed = energy.add_attribute_proposal(event, new, pythonify=True)
    (seen,) = bank.get_event(event, pythonify=True).shadow_attributes
    assert seen["data"] == b64encode(b"a label").decode()
    bank.accept_attribute_proposal(proposed)
    stored = next(a for a in bank.get_event(event, pythonify=True).attributes
                  if a.type == "attachment")  # fmt: skip
    assert stored.data.getvalue() == b"a label"


def test_nothing_can_be_proposed_to_what_is_hidden(bank: Any, energy: Any) -> None:
    new: Any = MISPEvent()
    new.info, new.distribution = "Our own", 0
    new.add_attribute("domain", "hidden.example")
    hidden = bank.add_event(new, pythonify=True)
    absent = energy.add_attribute_proposal(999999, attribute("ip-dst", "192.0.2.1"))["errors"]
    refused = energy.add_attribute_proposal(hidden, attribute("ip-dst", "192.0.2.1"))["errors"]
    assert refused[1]["message"] == absent[1]["message"]
    refused = energy.delete_attribute_proposal(hidden.attributes[0])["errors"]
    assert refused[1]["message"] == "Invalid Attribute."
    own = bank.add_attribute_proposal(hidden, attribute("ip-dst", "192.0.2.2"), pythonify=True)
    assert energy.attribute_proposals(hidden) == []
    assert energy.get_attribute_proposal(own)["errors"][0] == 404


OTHER = "0d5ecc3f-2a55-4d09-9e67-1f5d6f8f7a10"


def test_an_event_brings_its_proposals_once(
    bank: Any, energy: Any, event: Any, served_node: World
) -> None:
    energy.add_attribute_proposal(event, attribute("ip-dst", "192.0.2.47"))
    energy.update_attribute_proposal(event.attributes[0], attribute("domain", "y.example"))
    copy = bank.get_event(event)["Event"]
    bank.update_event({"Event": copy | {"timestamp": str(int(copy["timestamp"]) + 5)}}, event.id)
    assert len(bank.attribute_proposals(event)) == 2
    bank.delete_event(event)
    added = served_node.ask("sync", "POST", "/events/add", {"Event": copy | {"uuid": OTHER}})
    found = bank.attribute_proposals(OTHER, pythonify=True)
    assert [p["value"] for p in added.body["Event"]["ShadowAttribute"]] == ["192.0.2.47"]
    assert {p.value for p in found} == {"192.0.2.47", "y.example"}
    assert {p.Org["name"] for p in found} == {"Zuidland Energie"}


PULL = "/shadow_attributes/index/all:1/timestamp:{}/limit:1000/page:{}/deleted[]:0/deleted[]:1.json"


def test_a_partner_pulls_open_and_settled_proposals_by_time_and_page(
    bank: Any, energy: Any, event: Any, served_node: World
) -> None:
    gone = energy.add_attribute_proposal(event, attribute("ip-dst", "192.0.2.48"), pythonify=True)
    open_ = energy.update_attribute_proposal(
        event.attributes[0], attribute("domain", "z.example"), pythonify=True
    )
    bank.discard_attribute_proposal(gone)
    pulled = served_node.ask("sync", "GET", PULL.format(1, 1)).body
    mine = {
        one["ShadowAttribute"]["id"]: one["ShadowAttribute"]
        for one in pulled
        if one["ShadowAttribute"]["event_uuid"] == event.uuid
    }
    assert mine[str(gone.id)]["deleted"]
    assert "old_uuid" not in mine[str(gone.id)]
    assert not mine[str(open_.id)]["deleted"]
    assert mine[str(open_.id)]["old_uuid"] == event.attributes[0].uuid
    assert served_node.ask("sync", "GET", PULL.format(1, 2)).body == []
    assert served_node.ask("sync", "GET", PULL.format(4_000_000_000, 1)).body == []


def pushed(uuid: str, value: str, timestamp: int, **more: Any) -> dict[str, Any]:
    return {
        "old_id": "0", "event_id": "7", "type": "domain", "category": "Network activity",
        "to_ids": True, "uuid": uuid, "org_id": "1", "email": "x@partner.example",
        "event_org_id": "2", "comment": "", "deleted": False, "timestamp": str(timestamp),
        "proposal_to_delete": False, "disable_correlation": False, "first_seen": None,
        "last_seen": None, "value": value, "data": "",
    } | more  # fmt: skip


def test_a_partner_pushes_the_whole_list_as_often_as_it_likes(
    bank: Any, energy: Any, event: Any, served_node: World
) -> None:
    own = energy.add_attribute_proposal(event, attribute("domain", "own.example"), pythonify=True)
    uuid = "3fae0d4e-9a3c-4cf9-8a5c-0a3f3a1b2c01"
    (old,) = event.attributes
    several = [
        pushed(uuid, "pushed.example", 1_700_000_000),
        pushed(old.uuid, "changed.example", 1_700_000_000, old_id="18"),
        pushed(own.uuid, "own.example", 1_700_000_000),
    ]
    path = f"/events/pushProposals/{event.uuid}"
    first = served_node.ask("sync", "POST", path, several).body
    assert first == {"success": True, "message": "2 Proposal(s) added.", "counter": 2}
    again = served_node.ask("sync", "POST", path, several).body
    assert again == {"success": True, "message": "Nothing to update.", "counter": 0}
    found = {p.value: p for p in bank.attribute_proposals(event, pythonify=True)}
    assert found.keys() == {"pushed.example", "changed.example", "own.example"}
    # The numbers of another node's organisations mean nothing here.
    assert found["pushed.example"].Org["name"] == "Noordland Bank"
    settled = [pushed(uuid, "pushed.example", 1_900_000_000, deleted=True)]
    assert served_node.ask("sync", "POST", path, settled).body["counter"] == 1
    assert {p.value for p in bank.attribute_proposals(event, pythonify=True) if not p.deleted} == {
        "changed.example", "own.example",
    }  # fmt: skip


def test_a_partner_does_not_settle_what_others_proposed_to_others(
    energy: Any, served_node: World
) -> None:
    new: Any = MISPEvent()
    new.info, new.distribution = "Meters that lie", 1
    theirs = energy.add_event(new, pythonify=True)
    own = energy.add_attribute_proposal(
        theirs, attribute("domain", "meter.example"), pythonify=True
    )
    settled = [pushed(own.uuid, "meter.example", 1_900_000_000, deleted=True)]
    path = f"/events/pushProposals/{theirs.uuid}"
    assert served_node.ask("sync", "POST", path, settled).body["counter"] == 0
    (still,) = energy.attribute_proposals(theirs, pythonify=True)
    assert not still.deleted


def test_events_on_which_something_is_proposed_are_listed(
    bank: Any, energy: Any, event: Any, served_node: World
) -> None:
    energy.add_attribute_proposal(event, attribute("domain", "listed.example"))
    found = served_node.ask("orgadmin", "GET", "/events/proposalEventIndex").body
    assert str(event.id) in {one["id"] for one in found}
    assert served_node.ask(
        "other", "GET", f"/events/index/searchhasproposal:1/searcheventid:{event.id}"
    ).body
    assert not served_node.ask(
        "other", "GET", f"/events/index/searchhasproposal:0/searcheventid:{event.id}"
    ).body


def test_the_first_proposal_locks_mail_and_settling_one_unlocks_it(
    bank: Any, energy: Any, event: Any
) -> None:
    proposed = energy.add_attribute_proposal(
        event, attribute("domain", "m.example"), pythonify=True
    )
    assert bank.get_event(event)["Event"]["proposal_email_lock"]
    bank.discard_attribute_proposal(proposed)
    assert not bank.get_event(event)["Event"]["proposal_email_lock"]


def test_pages_settle_several_at_once(
    bank: Any, energy: Any, event: Any, served_node: World
) -> None:
    ids = [
        energy.add_attribute_proposal(event, attribute("domain", f"s{n}.example"), True).id
        for n in range(3)
    ]
    path = f"/shadow_attributes/acceptSelected/{event.id}"
    body: Any = {"ShadowAttribute": {"ids_accept": [ids[0], ids[1], 999999]}}
    assert served_node.ask("orgadmin", "POST", path, body).status == 405
    page = {"x-requested-with": "XMLHttpRequest"}
    answered = served_node.ask("orgadmin", "POST", path, body, headers=page).body
    assert answered == {"saved": True, "success": "2 proposal(s) accepted."}
    path = f"/shadow_attributes/discardSelected/{event.id}"
    body = {"ShadowAttribute": {"ids_discard": f'["{ids[2]}"]'}}
    answered = served_node.ask("orgadmin", "POST", path, body, headers=page).body
    assert answered == {"saved": True, "success": "1 proposal(s) discarded."}
    assert len(bank.get_event(event, pythonify=True).attributes) == 3
