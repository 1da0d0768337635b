# SPDX-License-Identifier: EUPL-1.2
"""What is not to correlate, and what indicators are still worth: PyMISP on a served node."""

import time
from typing import Any

import httpx
import pytest
from pymisp import MISPCorrelationExclusion, MISPDecayingModel, MISPEvent, PyMISP
from tests.api.conftest import World
from tests.listening import NO_TLS


@pytest.fixture(scope="module")
def admin(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["admin"], ssl=False)


@pytest.fixture(scope="module")
def bank(served_node: World) -> Any:
    return PyMISP(served_node.url, served_node.keys["orgadmin"], ssl=False)


def post(node: World, who: str, path: str, body: Any = None) -> httpx.Response:
    headers = {"Authorization": node.keys[who], "Accept": "application/json"}
    return httpx.post(node.url + path, headers=headers, json=body, verify=NO_TLS)


def event_with(client: Any, info: str, *values: str) -> Any:
    event: Any = MISPEvent()
    event.info, event.distribution = info, 1
    for value in values:
        event.add_attribute("domain", value)
    return client.add_event(event, pythonify=True)


def related(client: Any, event: Any) -> list[str]:
    found = client.get_event(event)["Event"]["RelatedEvent"]
    return [one["Event"]["info"] for one in found]


def test_an_excluded_value_relates_nothing_until_it_is_included_again(
    admin: Any, bank: Any
) -> None:
    first = event_with(bank, "one", "shared.noordland.example")
    event_with(bank, "two", "shared.noordland.example")
    assert related(bank, first) == ["two"]
    for pattern in ("shared.noordland.example", "%noordland.example", "shared.%", "%ed.noord%"):
        wanted: Any = MISPCorrelationExclusion()
        wanted.from_dict(value=pattern, comment="ours")
        made = admin.add_correlation_exclusion(wanted, pythonify=True)
        assert related(bank, first) == [], pattern
        listed = admin.correlation_exclusions(pythonify=True)
        assert [one.value for one in listed] == [pattern]
        assert admin.get_correlation_exclusion(made, pythonify=True).comment == "ours"
        again = admin.add_correlation_exclusion(wanted)
        assert again["errors"][0] == 403
        assert admin.clean_correlation_exclusions()["success"]
        assert admin.delete_correlation_exclusion(made)["success"]
        assert related(bank, first) == ["two"], pattern
    other: Any = MISPCorrelationExclusion()
    other.from_dict(value="%elsewhere.example")
    made = admin.add_correlation_exclusion(other, pythonify=True)
    assert related(bank, first) == ["two"]
    admin.delete_correlation_exclusion(made)
    assert bank.correlation_exclusions()["errors"][0] == 403


def test_two_events_that_fit_a_rule_do_not_relate(
    served_node: World, admin: Any, bank: Any
) -> None:
    first = event_with(bank, "Daily feed of monday", "ruled.noordland.example")
    event_with(bank, "Daily feed of tuesday", "ruled.noordland.example")
    event_with(bank, "Incident", "ruled.noordland.example")
    assert related(bank, first) == ["Daily feed of tuesday", "Incident"]
    rule = {"name": "feeds", "selector_type": "event_info", "selector_list": '["daily feed"]'}
    made = post(served_node, "admin", "/correlation_rules/add", rule).json()["CorrelationRule"]
    assert related(bank, first) == ["Incident"]
    assert post(served_node, "orgadmin", "/correlation_rules/add", rule).status_code == 403
    assert post(served_node, "admin", "/correlation_rules/add", rule).status_code == 403
    assert post(served_node, "admin", f"/correlation_rules/delete/{made['id']}").json()["saved"]
    assert related(bank, first) == ["Daily feed of tuesday", "Incident"]


def test_the_most_frequent_values_are_counted_for_site_admins(
    served_node: World, bank: Any
) -> None:
    for n in range(3):
        event_with(bank, f"n{n}", "frequent.noordland.example")
    assert post(served_node, "admin", "/correlations/generateTopCorrelations").json() is True
    top = post(served_node, "admin", "/correlations/top").json()
    counts = {one["Correlation"]["value"]: one["Correlation"]["count"] for one in top}
    assert counts["frequent.noordland.example"] == 3
    assert post(served_node, "orgadmin", "/correlations/top").status_code == 403
    assert post(served_node, "admin", "/correlations/overCorrelations").json() == []


def test_the_models_of_every_node_are_there_and_switched_by_site_admins(
    admin: Any, bank: Any
) -> None:
    models = admin.decaying_models(pythonify=True)
    assert [(m.name, m.enabled) for m in models[:3]] == [
        ("Vishing model", False),
        ("Phishing model", False),
        ("NIDS Simple Decaying Model", False),
    ]
    assert isinstance(models[0], MISPDecayingModel)
    assert bank.enable_decaying_model(models[1])["errors"][0] == 405
    assert admin.enable_decaying_model(models[1])["success"]
    assert admin.update_decaying_models()["success"]
    try:
        assert [m.enabled for m in bank.decaying_models(pythonify=True)[:3]] == [False, True, False]
    finally:
        assert admin.disable_decaying_model(models[1])["success"]


def scored(node: World, event: Any, **asked: Any) -> dict[str, Any]:
    found = post(node, "orgadmin", "/attributes/restSearch", {"eventid": event.id} | asked).json()
    return {a["value"]: a.get("decay_score") for a in found["response"]["Attribute"]}


def test_scores_fall_with_time_and_rise_with_tags_and_sightings(
    served_node: World, admin: Any, bank: Any
) -> None:
    now = int(time.time())
    event: Any = MISPEvent()
    event.info = "worth"
    for value, days in (("new.example", 0), ("half.example", 1.5), ("old.example", 4)):
        event.add_attribute("domain", value, timestamp=now - int(days * 86_400))
    event.add_attribute("text", "no model is about it")
    event = bank.add_event(event, pythonify=True)
    admin.enable_decaying_model(2)
    try:
        found = scored(served_node, event, includeDecayScore=1)
        assert found["no model is about it"] is None
        (new,), (half,), (old,) = found["new.example"], found["half.example"], found["old.example"]
        assert new["score"] == pytest.approx(80, abs=0.5)
        # 80 * (1 - 0.5 ** (1 / 2.3)), of the formula as published.
        assert half["score"] == pytest.approx(20.82, abs=0.1)
        assert (old["score"], old["decayed"], half["decayed"]) == (0, True, True)
        assert new["DecayingModel"] == {"id": "2", "name": "Phishing model"}
        left = scored(served_node, event, excludeDecayed=1)
        assert set(left) == {"new.example", "no model is about it"}
        left = scored(served_node, event, excludeDecayed=1, score=10)
        assert set(left) == {"new.example", "half.example", "no model is about it"}
        longer = {"includeDecayScore": 1, "modelOverrides": {"lifetime": 1000}}
        assert scored(served_node, event, **longer)["old.example"][0]["score"] > 70
        post(served_node, "orgadmin", "/sightings/add", {"values": ["old.example"]})
        seen = scored(served_node, event, includeDecayScore=1)["old.example"][0]
        assert seen["score"] == pytest.approx(80, abs=0.5)
        whole = bank.search("events", eventid=event.id, includeDecayScore=True)[0]["Event"]
        scores = {a["value"]: a.get("decay_score") for a in whole["Attribute"]}
        assert scores["new.example"][0]["score"] == pytest.approx(80, abs=0.5)
        assert scores["no model is about it"] is None
        fresh = bank.search("events", eventid=event.id, exclude_decayed=True, pythonify=True)[0]
        assert {a.value for a in fresh.attributes} == set(scores) - {"half.example"}
        left = scored(served_node, event, excludeDecayed=1, decayingModel=2)
        assert left["new.example"][0]["DecayingModel"]["id"] == "2"
        bad = {"eventid": event.id, "includeDecayScore": 1, "modelOverrides": {"lifetime": 0}}
        assert post(served_node, "orgadmin", "/attributes/restSearch", bad).status_code < 500
    finally:
        admin.disable_decaying_model(2)


def test_a_model_that_a_search_names_scores_attributes_of_any_type(
    served_node: World, bank: Any
) -> None:
    event: Any = MISPEvent()
    event.info = "named"
    event.add_attribute("text", "of no model")
    event = bank.add_event(event, pythonify=True)
    for asked in ({"includeDecayScore": 1}, {"excludeDecayed": 1}):
        (found,) = scored(served_node, event, decayingModel=1, **asked)["of no model"]
        assert found["DecayingModel"] == {"id": "1", "name": "Vishing model"}
        assert found["score"] == pytest.approx(80, abs=0.5)
    # No model is used here, and none was named.
    assert scored(served_node, event, includeDecayScore=1)["of no model"] is None
    whole = bank.search("events", eventid=event.id, includeDecayScore=True, decayingModel=1)
    assert whole[0]["Event"]["Attribute"][0]["decay_score"][0]["DecayingModel"]["id"] == "1"


def test_an_organisation_keeps_models_of_its_own(served_node: World) -> None:
    numbers = {"lifetime": 3, "decay_speed": 2.3, "threshold": 30, "default_base_score": 80}
    model = {"name": "Ours", "parameters": numbers, "all_orgs": False}
    made = post(served_node, "orgadmin", "/decayingModel/add", model).json()["data"]
    number = made["DecayingModel"]["id"]
    assert made["DecayingModel"]["isEditable"]
    link = {"attributetypes": '["ip-dst"]'}
    path = f"/decayingModelMapping/linkAttributeTypeToModel/{number}"
    assert post(served_node, "orgadmin", path, link).json()["saved"]
    types = post(served_node, "orgadmin", f"/decayingModelMapping/viewAssociatedTypes/{number}")
    assert types.json() == ["ip-dst"]
    assert post(served_node, "other", f"/decayingModel/view/{number}").status_code == 404
    assert post(served_node, "other", f"/decayingModel/delete/{number}").status_code == 404
    assert post(served_node, "orgadmin", "/decayingModel/delete/1").status_code == 405
    changed = {"parameters": {"threshold": 55}}
    after = post(served_node, "orgadmin", f"/decayingModel/edit/{number}", changed).json()["data"]
    assert after["DecayingModel"]["parameters"]["threshold"] == 55
    assert post(served_node, "orgadmin", f"/decayingModel/delete/{number}").json()["saved"]
