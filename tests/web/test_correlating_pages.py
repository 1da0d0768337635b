# SPDX-License-Identifier: EUPL-1.2
"""Correlation exclusions and decaying models on the pages."""

from __future__ import annotations

from tests.web.node import CANARY, Node, post

CORRELATIONS = "/administration/correlations"
MODELS = "/administration/decaying-models"


def test_an_administrator_excludes_a_value_and_takes_it_off_again(node: Node) -> None:
    with node.browser("admin") as client:
        assert post(client, CORRELATIONS, {"value": " "}).status_code == 400
        assert post(client, CORRELATIONS, {"value": f"v{CANARY}"}).status_code == 303
        page = client.get(CORRELATIONS).text
        assert "<script>window.hit" not in page
        assert post(client, CORRELATIONS, {"value": f"v{CANARY}"}).status_code == 400
        with node.database.system() as session:
            number = session.value("SELECT max(id) FROM correlation_exclusion")
        assert post(client, CORRELATIONS, {"include": str(number)}).status_code == 303
        assert "Every value relates events" in client.get(CORRELATIONS).text
        assert post(client, CORRELATIONS, {"count": "1"}).status_code == 303
    with node.browser("analyst") as client:
        assert client.get(CORRELATIONS).status_code == 403
        assert post(client, CORRELATIONS, {"value": "x"}).status_code == 403


def test_an_administrator_switches_a_model_and_changes_its_numbers(node: Node) -> None:
    numbers = {"lifetime": "20", "decay_speed": "2", "threshold": "40", "default_base_score": "70"}
    with node.browser("admin") as client:
        assert "Phishing model" in client.get(MODELS).text
        assert post(client, f"{MODELS}/2", {"enabled": "1"}).status_code == 303
        assert post(client, f"{MODELS}/2", numbers).status_code == 303
        assert "after 10 days" in client.get(MODELS).text
        assert post(client, f"{MODELS}/2", numbers | {"lifetime": "soon"}).status_code == 400
        assert post(client, f"{MODELS}/2", {"enabled": "0"}).status_code == 303
        assert post(client, f"{MODELS}/999", {"enabled": "1"}).status_code == 404
    with node.browser("analyst") as client:
        assert post(client, f"{MODELS}/2", {"enabled": "1"}).status_code == 403
