# SPDX-License-Identifier: EUPL-1.2
"""The start page says what waits for the reader on bridges, with the way there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.web import casework, in_full
from tests.web.node import Node

from brug.bridges.crossing import leasing
from brug.cases.acts import Recorded


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    in_full.fill(node)
    return node


def test_what_waits_is_counted_and_leads_there(node: Node) -> None:
    with node.database.system() as session:
        leasing.wait(session, node.items["bridge"], "no route to host")
    with node.browser("admin") as client:
        shown = client.get("/").text
        assert "Waits for you" in shown
        for link, words in (
            ("/bridges/held", "1 crossing to release or keep here"),
            ("/bridges/recalls", "1 recall to judge"),
            ("/bridges/versions", "1 event with two versions to settle"),
            ("/bridges/ledger", "1 ledger of a partner that began anew, to accept"),
            (f"/bridges/crossings?bridge={node.items['bridge']}", "no route to host"),
        ):
            (at,) = [one for one in shown.split("<li>") if f'href="{link}"' in one]
            assert words in at
            assert client.get(link).status_code == 200
        room = client.get("/bridges/recalls").text
    assert room.count('<span class="count">1<') >= 3


@pytest.mark.parametrize("who", ["publisher", "reader", "police"])
def test_whoever_may_do_nothing_about_it_does_not_hear_of_it(node: Node, who: str) -> None:
    with node.browser(who) as client:
        shown = client.get("/").text
    assert "Waits for you" not in shown
    assert "no route to host" not in shown


def test_what_is_due_in_cases_is_said_to_who_takes_part(node: Node) -> None:
    casework.hire(node)
    number = casework.opened(node, "Portal encrypted")
    entity = casework.join(node, number, "Bank ISAC", "entity")
    aware = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    casework.do(node, number, Recorded(fact="aware_at", at=aware, zone="UTC", of=entity))
    with node.browser("handler") as client:
        shown = client.get("/").text
    assert "Due in cases" in shown
    assert "Portal encrypted" in shown
    with node.browser("police") as client:
        assert "Portal encrypted" not in client.get("/").text
