# SPDX-License-Identifier: EUPL-1.2
"""Proposing and handing over on the pages, by people of two organisations."""

from __future__ import annotations

import re

from tests.web.node import CANARY, Node, plain, post

from brug.store import settings


def test_what_one_organisation_proposes_another_accepts_or_discards(node: Node) -> None:
    event = node.add("lead", plain("Open to proposals", 1, "first.example"))
    page = f"/intelligence/events/{event}"
    with node.browser("police") as police, node.browser("lead") as lead:
        assert "Propose a value" in police.get(page).text
        refused = post(police, page + "/propose", {"value": "no address", "type": "ip-dst"})
        assert refused.status_code == 400
        assert "This does not fit its type" in refused.text
        for value in ("198.51.100.4", "198.51.100.5"):
            sent = {"value": value, "type": "ip-dst", "comment": CANARY}
            assert post(police, page + "/propose", sent).status_code == 303
        attribute = re.findall(r"/intelligence/attributes/(\d+)", police.get(page).text)[0]
        assert "Propose a change" in police.get(f"/intelligence/attributes/{attribute}").text
        change = {"value": "second.example", "type": "domain"}
        assert "first.example" in police.get(f"/intelligence/attributes/{attribute}/propose").text
        post(police, f"/intelligence/attributes/{attribute}/propose", change)
        shown = lead.get(page).text
        assert "3 proposals" in shown
        assert "Zuidmark Police" in shown
        assert CANARY not in shown
        first, second, third = dict.fromkeys(re.findall(r"/proposals/(\d+)/accept", shown))
        assert "/accept" not in police.get(page).text
        assert post(police, f"/intelligence/proposals/{first}/accept", {}).status_code == 403
        assert post(lead, f"/intelligence/proposals/{first}/accept", {}).status_code == 303
        assert post(police, f"/intelligence/proposals/{second}/discard", {}).status_code == 303
        assert post(lead, f"/intelligence/proposals/{third}/accept", {}).status_code == 303
        assert post(lead, f"/intelligence/proposals/{third}/accept", {}).status_code == 404
        after = lead.get(page).text
    assert "198.51.100.4" in after
    assert "198.51.100.5" not in after
    assert "second.example" in after
    assert 'id="proposals"' not in after


def test_a_proposed_deletion_takes_the_value_away_when_accepted(node: Node) -> None:
    event = node.add("lead", plain("One too many", 1, "gone.example"))
    page = f"/intelligence/events/{event}"
    with node.browser("police") as police, node.browser("lead") as lead:
        attribute = re.findall(r"/intelligence/attributes/(\d+)", police.get(page).text)[0]
        post(police, f"/intelligence/attributes/{attribute}/propose", {"goes": "1"})
        (proposal,) = set(re.findall(r"/proposals/(\d+)/accept", lead.get(page).text))
        post(lead, f"/intelligence/proposals/{proposal}/accept", {})
        assert "gone.example" not in lead.get(page).text


def test_an_event_is_handed_over_once_the_other_organisation_takes_it(node: Node) -> None:
    event = node.add("lead", plain("Not from us", 0, "quiet.example"))
    page = f"/intelligence/events/{event}"
    with node.browser("police") as police, node.browser("lead") as lead:
        assert "Hand over" not in lead.get(page).text
        assert lead.get(page + "/delegate").status_code == 403
        with node.database.system() as session:
            settings.set_value(session, "events.delegation", True)
        assert "Hand over" in lead.get(page).text
        assert police.get(page).status_code == 404
        assert "Zuidmark Police" in lead.get(page + "/delegate").text
        sent = {"org": str(node.orgs["Zuidmark Police"]), "level": "", "message": CANARY}
        assert post(lead, page + "/delegate", {"org": ""}).status_code == 400
        for answer in ("discard", "accept"):
            assert post(lead, page + "/delegate", sent).status_code == 303
            shown = police.get(page).text
            assert "Bank ISAC asks your organisation to take this event over" in shown
            assert CANARY not in shown
            (asked,) = set(re.findall(r"/delegations/(\d+)/discard", shown))
            path = f"/intelligence/delegations/{asked}/{answer}"
            assert post(police, path, {"level": "1"}).status_code == 303
            assert (police.get(page).status_code == 404) is (answer == "discard")
        after = police.get(page).text
        assert "Take it over" not in after
        assert "This community" in after
        assert "Publish" in after
        assert post(lead, page + "/delete", {}).status_code == 403
