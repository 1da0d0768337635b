# SPDX-License-Identifier: EUPL-1.2
"""A site admin reads a case of others from a page, and the others see it on theirs."""

from __future__ import annotations

import pytest
from tests.web import casework
from tests.web.casework import opened, send, text_of
from tests.web.node import CANARY, Node, post

PLACE = "/administration/break-glass"


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def test_a_site_admin_reads_for_a_reason_that_all_see(node: Node) -> None:
    number = opened(node, "Pumps " + CANARY)
    form = {"which": number, "because": "A court asks " + CANARY}
    with node.browser("admin") as client:
        assert client.get(f"/cases/{number}").status_code == 404
        assert post(client, PLACE, form | {"because": " "}, PLACE).status_code == 400
        assert client.get(f"/cases/{number}").status_code == 404
        absent = post(client, PLACE, form | {"which": "INC-1999-0001"}, PLACE)
        assert absent.status_code == 404
        assert "No case has this number" in text_of(absent)
        assert post(client, PLACE, form, PLACE).headers["location"] == f"/cases/{number}"
        page = client.get(f"/cases/{number}")
        assert page.status_code == 200
        for button in ("Say something", "Fill in", "Attach a document", "Have somebody take part"):
            assert button not in page.text
        assert send(client, number, "said", text="x").status_code in {403, 404}
        assert number in client.get(PLACE).text
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}")
    assert "Reads by breaking the glass" in text_of(page)
    assert "A court asks" in text_of(page)
    assert "<script>window.hit" not in page.text


def test_nobody_else_has_the_page(node: Node) -> None:
    number = opened(node)
    with node.browser("officer") as client:
        assert client.get(PLACE).status_code == 403
        form = {"which": number, "because": "x"}
        assert post(client, PLACE, form, "/cases").status_code == 403
        assert client.get(f"/cases/{number}").status_code == 404
