# SPDX-License-Identifier: EUPL-1.2
"""The pages of agreements, permissions and the gate, as people use them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest
from tests.bridges.world import SYNC_USER
from tests.web.node import Node, open_event, plain, post

from brug.bridges import agreements, explaining, partners, simulating
from brug.bridges.gate.reasons import RULES, TEXTS
from brug.bridges.transfers import TOOLS
from brug.directory import account_changes, organisations
from brug.model.new_event import NewAttribute, NewTag
from brug.web.bridges import agreement_words, gate_words

FORM: dict[str, Any] = {
    "our_country": "nl", "their_country": "BE", "legal_basis": "GDPR art. 6(1)(e)",
    "document": "Letter 1", "valid_from": "2026-01-01", "purposes": ["cyber-defence"],
    "kinds": ["event", "report"], "ceiling.tlp": "amber", "ceiling.pap": "red",
    "unmarked": "green", "personal_data.regime": "gdpr", "personal_data.handling": "drop",
    "personal_data.transfer.tool": "eea", "quality": "note", "release.when": ["files"],
    "encrypt_mail_from": "amber",
    "recall.by": "person", "recall.most_an_hour": "10",
}  # fmt: skip


@pytest.fixture(scope="module")
def bridge(node: Node) -> partners.BridgeRow:
    """To a MISP server of an organisation elsewhere."""
    with node.database.system() as session:
        org = organisations.add(session, {"name": "Cert Sudland", "local": False})
        account = {"email": "b@bridge.example", "org_id": org.id, "role_id": SYNC_USER}
        made = account_changes.add(
            session, account | {"password": "Correct-horse-battery-1", "change_pw": False}
        )
        partner = session.value(
            "INSERT INTO partner (org_id, kind, name) VALUES (%s, 'misp', 'Sudland') RETURNING id",
            (org.id,),
        )
        number = session.value(
            "INSERT INTO bridge (partner_id, transport, account_id, state)"
            " VALUES (%s, 'misp', %s, 'open') RETURNING id",
            (partner, made.account.id),
        )
        return partners.view(session, int(number))


def form(node: Node, bridge: partners.BridgeRow, **changes: Any) -> dict[str, Any]:
    with node.database.system() as session:
        host = agreements.host(session)[0]
    return FORM | {"senders": [host, str(bridge.org_uuid)]} | changes


def words_of(answered: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answered.text)).split())


def test_an_agreement_is_proposed_on_a_form_and_accepted_on_paper(
    node: Node, bridge: partners.BridgeRow
) -> None:
    base = f"/bridges/agreements/{bridge.id}"
    with node.browser("admin") as client:
        assert client.get(base + "/new").status_code == 200
        made = post(client, base + "/new", form(node, bridge), base + "/new")
        assert made.status_code == 303, made.text
        place = made.headers["location"]
        shown = words_of(client.get(place))
        assert "Waits for the partner" in shown
        assert "Cyber defence" in shown
        refused = post(client, place + "/accept", {"reference": " "}, place)
        assert refused.status_code == 400
        done = post(client, place + "/accept", {"reference": "Letter of 2 March"}, place)
        assert done.status_code == 303
        shown = words_of(client.get(place))
        assert "In force" in shown
        assert "Letter of 2 March" in shown
        assert "In force" in client.get(base).text
        assert "Version " in client.get("/bridges/agreements").text
        again = client.get(base + "/new").text
        assert 'value="Letter 1"' in again
        assert 'value="NL"' in again


def test_other_organisations_on_the_two_nodes_are_named(
    node: Node, bridge: partners.BridgeRow
) -> None:
    base = f"/bridges/agreements/{bridge.id}"
    with node.database.system() as session:
        here = organisations.view(session, "Bank ISAC")
        there = organisations.add(session, {"name": "Duin CERT", "local": False})
    with node.browser("admin") as client:
        typed = form(node, bridge, our_node_users=[here.uuid], their_node_users="Duin CERT\n\n")
        made = post(client, base + "/new", typed, base + "/new")
        assert made.status_code == 303, made.text
        shown = words_of(client.get(made.headers["location"]))
        assert "Also on the node of CSIRT Noordland Bank ISAC" in shown
        assert "Also on the node of Cert Sudland Duin CERT" in shown
        again = client.get(base + "/new").text
        assert re.search(rf'name="our_node_users" value="{here.uuid}" checked', again)
        assert "Duin CERT</textarea>" in again
        for wrong in ("Nobody here", "Bank ISAC"):
            typed = form(node, bridge, their_node_users=wrong)
            refused = post(client, base + "/new", typed, base + "/new")
            assert refused.status_code == 400
            assert 'id="f-their_node_users-error"' in refused.text
            assert wrong in refused.text
    with node.database.system() as session:
        terms = agreements.history(session, bridge.id)[0].terms
    users = {party.name: [one.organisation for one in party.node_users] for party in terms.parties}
    assert users == {"CSIRT Noordland": [here.uuid], "Cert Sudland": [there.uuid]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"their_country": "Belgium"}, "their_country"),
        ({"purposes": []}, "purposes"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"personal_data.transfer.tool": "scc"}, "personal_data.transfer.scope"),
        ({"personal_data.transfer.tool": "led_direct"}, "personal_data.transfer.tool"),
        ({"recall.most_an_hour": "many"}, "recall.most_an_hour"),
        ({"retention_days": "0"}, "retention_days"),
        ({"ceiling.tlp": "purple"}, "ceiling.tlp"),
    ],
)
def test_a_form_that_does_not_fit_says_where_keeps_what_was_typed_and_stores_nothing(
    node: Node, bridge: partners.BridgeRow, changes: dict[str, Any], field: str
) -> None:
    base = f"/bridges/agreements/{bridge.id}"
    with node.database.system() as session:
        before = len(agreements.history(session, bridge.id))
    with node.browser("admin") as client:
        typed = form(node, bridge, document="Typed before", **changes)
        answered = post(client, base + "/new", typed, base + "/new")
    assert answered.status_code == 400
    assert re.search(rf'(id="f-{re.escape(field)}-error"|id="e-{re.escape(field)}")', answered.text)
    assert "Typed before" in answered.text
    with node.database.system() as session:
        assert len(agreements.history(session, bridge.id)) == before


def marked(node: Node) -> int:
    new = plain("Campaign", 3, "evil.example", "red.example", "here.example")
    new.tags.append(NewTag("tlp:green"))
    red, here = new.attributes[1:]
    red.tags = (NewTag("tlp:red"),)
    here.distribution = 1
    new.attributes.append(NewAttribute(None, "full-name", "Person", True, "Jan de Vries", ""))
    return node.add("admin", new)


def accepted(node: Node, bridge: partners.BridgeRow) -> None:
    """An agreement that both sides accepted, the partner on paper."""
    base = f"/bridges/agreements/{bridge.id}"
    with node.browser("admin") as client:
        place = post(client, base + "/new", form(node, bridge), base + "/new").headers["location"]
        done = post(client, place + "/accept", {"reference": "Letter of 3 March"}, place)
    assert done.status_code == 303


def test_what_would_cross_is_shown_with_its_reasons_in_the_readers_language(
    node: Node, bridge: partners.BridgeRow
) -> None:
    accepted(node, bridge)
    event_id = marked(node)
    path = f"/intelligence/events/{event_id}/crossing"
    with node.browser("admin") as client:
        assert path in client.get(f"/intelligence/events/{event_id}").text
        shown = words_of(client.get(path))
        assert "Sudland Passes in part" in shown
        counted = "cross as they are: 1; changed: 0; that do not cross: 2, of which 1 wait"
        assert counted in shown
        assert "1 attribute stays here by its own level." in shown
        assert "TLP:RED is above the ceiling of the agreement, TLP:AMBER." in shown
        assert "It identifies a person (its type)." in shown
        assert "domain red.example" in shown
        assert "here.example" not in shown
        assert "whoever the holders before are connected to" in shown
    with node.browser("admin", **{"accept-language": "nl"}) as client:
        with node.database.system() as session:
            session.execute("UPDATE account SET language = 'nl' WHERE id = 1")
        told = words_of(client.get(path))
        with node.database.system() as session:
            session.execute("UPDATE account SET language = 'en' WHERE id = 1")
    assert "Wat zou oversteken" in told
    assert "is above the ceiling" not in told


def test_what_would_cross_is_for_those_who_work_with_bridges(
    node: Node, bridge: partners.BridgeRow
) -> None:
    path = f"/intelligence/events/{node.add('lead', open_event())}"
    with node.browser("lead") as client:
        assert "/crossing" not in client.get(path).text
        assert client.get(path + "/crossing").status_code == 403
        for page in ("/bridges/agreements", f"/bridges/agreements/{bridge.id}",
                     f"/bridges/agreements/{bridge.id}/new", "/bridges/permissions"):  # fmt: skip
            assert client.get(page).status_code in {403, 404}, page
        sent = post(client, "/bridges/permissions", {"event": "1"})
        assert sent.status_code in {403, 404}


def test_a_permission_is_asked_answered_and_taken_back_on_its_page(
    node: Node, bridge: partners.BridgeRow
) -> None:
    event = {"event": str(node.events["open"]), "from_label": "amber", "to_label": "green"}
    page = "/bridges/permissions"
    with node.browser("admin") as client:
        refused = post(client, page, event | {"source": ""}, page)
        assert refused.status_code == 400
        assert 'id="f-source-error"' in refused.text
        assert post(client, page, event | {"source": "Their CERT"}, page).status_code == 303
        shown = client.get(page).text
        assert "Their CERT" in shown
        (number,) = re.findall(r"/bridges/permissions/(\d+)", shown)
        absent = post(client, page, {"event": "999999", "source": "A"}, page)
        assert absent.status_code == 400
        assert "There is no such thing on this node." in absent.text
        wrong = {"do": "grant", "evidence": "Mail", "valid_until": "2020-01-01"}
        assert post(client, f"{page}/{number}", wrong, page).status_code == 400
        granted = {"do": "grant", "evidence": "Mail", "valid_until": ""}
        assert post(client, f"{page}/{number}", granted, page).status_code == 303
        assert "Granted" in words_of(client.get(page))
        done = post(client, f"{page}/{number}", {"do": "withdraw", "evidence": "Call"}, page)
        assert done.status_code == 303
        assert "Withdrawn" in words_of(client.get(page))
        late = post(client, f"{page}/{number}", granted, page)
        assert late.status_code == 409


def test_pages_say_what_the_gate_says() -> None:
    assert gate_words.REASONS == TEXTS
    assert gate_words.STAGES == explaining.STAGES
    assert gate_words.WHO == simulating.SAYS
    assert gate_words.FORWARD == simulating.FORWARD
    assert set(RULES) <= gate_words.RULES.keys()
    assert agreement_words.TOOLS.keys() - {""} == TOOLS.keys()
