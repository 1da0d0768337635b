# SPDX-License-Identifier: EUPL-1.2
"""Handing an event to another organisation, through PyMISP."""

from typing import Any

import pytest
from pymisp import MISPEvent, PyMISP
from tests.api.conftest import World

from brug.intel import visibility
from brug.store import settings


@pytest.fixture(scope="module")
def node(served_node: World) -> World:
    with served_node.database.system() as session:
        settings.set_value(session, "events.delegation", True)
    return served_node


@pytest.fixture(scope="module")
def bank(node: World) -> Any:
    return PyMISP(node.url, node.keys["orgadmin"], ssl=False)


@pytest.fixture(scope="module")
def energy(node: World) -> Any:
    return PyMISP(node.url, node.keys["otheradmin"], ssl=False)


@pytest.fixture
def event(bank: Any) -> Any:
    new: Any = MISPEvent()
    new.info, new.distribution = "What we would rather not say ourselves", 0
    new.add_attribute("domain", "quiet.example")
    new.add_attribute("text", "for the bank alone", distribution=0)
    new.add_event_report("Story", "Long ago", distribution=5)
    return bank.add_event(new, pythonify=True)


def test_who_is_asked_sees_the_event_and_takes_it_over(
    bank: Any, energy: Any, event: Any, node: World
) -> None:
    assert energy.get_event(event)["errors"][0] == 404
    asked = bank.delegate_event(
        event, node.orgs["Zuidland Energie"], distribution=1, message="please", pythonify=True
    )
    assert [d.event_id for d in energy.event_delegations(pythonify=True)] == [str(event.id)]
    seen = energy.get_event(event, pythonify=True)
    # What is the holder's alone stays so.
    assert [a.value for a in seen.attributes] == ["quiet.example"]
    assert energy.update_event({"Event": {"info": "mine"}}, event)["errors"][0] == 403
    assert energy.accept_event_delegation(asked)["message"] == "Event ownership transferred."
    taken = energy.get_event(event, pythonify=True)
    assert (taken.Orgc.name, taken.Org.name, taken.distribution) == (
        "Zuidland Energie", "Zuidland Energie", 1,
    )  # fmt: skip
    assert {a.value for a in taken.attributes} == {"quiet.example", "for the bank alone"}
    assert not taken.published
    assert energy.event_delegations() == bank.event_delegations() == []
    assert [a.value for a in bank.get_event(event, pythonify=True).attributes] == ["quiet.example"]
    assert bank.update_event({"Event": {"info": "still mine"}}, event)["errors"][0] == 403
    assert energy.update_event({"Event": {"info": "ours"}}, event, pythonify=True).info == "ours"


def test_a_request_that_is_called_off_hides_the_event_again(
    bank: Any, energy: Any, event: Any, node: World
) -> None:
    for caller in (bank, energy):
        asked = bank.delegate_event(
            event, node.orgs["Zuidland Energie"], distribution=0, message="", pythonify=True
        )
        assert energy.get_event(event, pythonify=True).info == event.info
        assert caller.discard_event_delegation(asked)["saved"]
        assert energy.get_event(event)["errors"][0] == 404
        assert energy.accept_event_delegation(asked)["errors"][0] == 405


def test_what_changes_in_an_event_leaves_it_shown_to_who_was_asked(
    bank: Any, energy: Any, event: Any, node: World
) -> None:
    bank.delegate_event(event, node.orgs["Zuidland Energie"], distribution=0, message="")
    bank.add_attribute(event, {"type": "domain", "value": "late.example"})
    bank.publish(event)
    bank.unpublish(event)
    seen = energy.get_event(event, pythonify=True)
    assert {a.value for a in seen.attributes} == {"quiet.example", "late.example"}
    assert len(seen.EventReport) == 1


def test_it_is_explained_why_who_was_asked_sees_the_event(
    bank: Any, event: Any, node: World
) -> None:
    bank.delegate_event(event, node.orgs["Zuidland Energie"], distribution=0)
    with node.database.as_user(node.ids["orgadmin"]) as session:
        told = visibility.explain_named(session, event.uuid, "Zuidland Energie")
        inside = visibility.explain_named(session, event.attributes[1].uuid, "Zuidland Energie")
        seeing = {r.name: r.reason for r in visibility.recipients(session, int(event.id))}
    assert (told.sees, told.rules[-1].code) == (True, "delegate")
    assert (inside.sees, inside.rules[-1].code) == (False, "level_own")
    assert seeing == {"Noordland Bank": "holder", "Zuidland Energie": "delegate"}


def test_others_neither_see_nor_settle_a_request(bank: Any, event: Any, node: World) -> None:
    with node.database.system() as session:
        org = session.value("SELECT id FROM organisation WHERE name = 'CSIRT Noordland'")
    asked = bank.delegate_event(event, int(org), distribution=0, message="", pythonify=True)
    for who in ("other", "otheradmin"):
        listed = node.ask(who, "GET", "/event_delegations/index").body
        assert str(asked.id) not in {one["EventDelegation"]["id"] for one in listed}
        assert node.ask(who, "GET", f"/event_delegations/view/{asked.id}").status == 404
        for action in ("acceptDelegation", "deleteDelegation"):
            assert node.ask(who, "POST", f"/event_delegations/{action}/{asked.id}").status == 405
    assert (
        node.ask("orgadmin", "POST", f"/event_delegations/acceptDelegation/{asked.id}").status
        == 405
    )


def test_only_a_creator_delegates_and_only_what_nobody_else_sees(
    bank: Any, energy: Any, node: World
) -> None:
    new: Any = MISPEvent()
    new.info, new.distribution = "Seen by all", 1
    shared = bank.add_event(new, pythonify=True)
    energy_org = node.orgs["Zuidland Energie"]
    refused = bank.delegate_event(shared, energy_org, distribution=0, message="")["errors"]
    assert "Your Organisation Only" in refused[1]["message"]
    assert energy.delegate_event(shared, node.orgs["Noordland Bank"])["errors"][0] == 405
    assert bank.delegate_event(999999, energy_org, distribution=0, message="")["errors"][0] == 404


def test_delegation_is_off_unless_the_node_switches_it_on(world: World) -> None:
    assert world.ask("orgadmin", "GET", "/event_delegations/index").status == 403
    assert world.ask("orgadmin", "POST", "/event_delegations/delegateEvent/1", {}).status == 403
