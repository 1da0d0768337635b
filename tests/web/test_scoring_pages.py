# SPDX-License-Identifier: EUPL-1.2
"""Calculators on pages: chosen or pasted, computed by `formats.scoring`, taken over by a case."""

from __future__ import annotations

from html import unescape
from urllib.parse import urlencode

import pytest
from tests.web import casework
from tests.web.casework import do, seen, text_of
from tests.web.node import CANARY, Node, post

from brug.cases import keeping, scoring
from brug.cases.acts import Filled
from brug.formats.scoring import choosing, cvss
from brug.formats.scoring.ssvc import decide
from brug.formats.scoring.ssvc_tables import POINTS, TABLES
from brug.web.cases import scoring_words as words
from brug.web.cases import ssvc_words

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A"
TRIAGE = {
    "report_public": "N", "supplier_contacted": "Y", "report_credibility": "C",
    "supplier_cardinality": "M", "supplier_engagement": "U", "automatable": "Y",
    "value_density": "C", "safety_impact": "C",
}  # fmt: skip


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def disclosure(node: Node) -> str:
    with node.database.as_user(node.ids["handler"]) as session:
        return keeping.open_case(session, "disclosure", "Pump stops " + CANARY).number


def chosen(scheme: str, values: dict[str, str]) -> str:
    return "?" + urlencode({"scheme": scheme} | {f"m.{key}": v for key, v in values.items()})


def hidden(page: str, name: str) -> str:
    at = page[page.rindex(f'name="{name}" value="') :]
    return unescape(at.split('"')[3])


def test_every_metric_and_point_has_words_for_all_its_values() -> None:
    for version in choosing.VERSIONS:
        for one in cvss.metrics_of(version):
            answers = words.asked(version, one.key).answers
            assert set(answers) == set(one.of_values) - {"X"}, (version, one.key)
    for table in set(words.SCHEMES) & set(TABLES):
        for name in scoring.points_asked(table):
            assert set(ssvc_words.POINTS[name].answers) == set(POINTS[name].values), name


@pytest.mark.parametrize("vector", [V31, V40, V31 + "/E:P/RL:W/CR:H"])
def test_a_score_of_what_was_chosen_or_pasted(node: Node, vector: str) -> None:
    read = cvss.score(vector)
    with node.browser("handler") as client:
        for query in (
            chosen(f"cvss-{read.version}", read.metrics), "?" + urlencode({"vector": vector}),
        ):  # fmt: skip
            page = client.get(f"/cases/score{query}")
            assert f'class="figure">{read.score}<' in page.text
            assert read.vector in page.text
            for key, value in read.metrics.items():
                assert f'name="m.{key}" value="{value}" checked' in page.text
        part = client.get(
            f"/cases/score{chosen(f'cvss-{read.version}', read.metrics)}",
            headers={"hx-request": "true", "hx-target": "score"},
        )
        assert f'class="figure">{read.score}<' in part.text
        assert "<html" not in part.text


def test_what_is_still_to_be_chosen_is_named(node: Node) -> None:
    with node.browser("handler") as client:
        said = text_of(client.get("/cases/score" + chosen("cvss-3.1", {"AV": "N"})))
        assert "Still to be chosen: Attack complexity, Privileges required" in said
        for table in set(words.SCHEMES) & set(TABLES):
            assert "Still to be chosen" in text_of(client.get(f"/cases/score?scheme={table}"))


@pytest.mark.parametrize(
    "query",
    ["vector=x", "vector=CVSS:3.1/AV:Z", "vector=SSVC/x", "scheme=x", "scheme=cvss-3.1&m.AV=<x>",
     "vector=" + "x" * 900, "scheme=supplier&m.exploitation=Q", "m.__=1&scheme=cvss-4.0",
     "vector=AV:N/AC:L/Au:N/C:P/I:P/A:P", "vector=%00"],
)  # fmt: skip
def test_rubbish_is_answered_with_words(node: Node, query: str) -> None:
    number = disclosure(node)
    with node.browser("handler") as client:
        for place in ("/cases/score", f"/cases/{number}/score"):
            page = client.get(f"{place}?{query}")
            assert page.status_code == 200
            assert "<x>" not in page.text
            assert "Take it over" not in page.text


@pytest.mark.parametrize(("vector", "name"), [(V31, "cvss_31"), (V40, "cvss_40")])
def test_a_case_takes_a_vector_over_and_shows_it(node: Node, vector: str, name: str) -> None:
    number = disclosure(node)
    place = f"/cases/{number}/score"
    with node.browser("handler") as client:
        assert place in client.get(f"/cases/{number}").text
        page = client.get(f"{place}?" + urlencode({"vector": vector})).text
        form = {"vector": hidden(page, "vector"), f"seen.{name}": hidden(page, f"seen.{name}")}
        assert post(client, place, form, place).status_code == 303
        scheme = "cvss-" + cvss.score(vector).version
        assert vector in client.get(f"{place}?scheme={scheme}").text
        late = post(client, place, form, place)
        assert late.status_code == 409
        wrong = post(client, place, {"vector": "CVSS:3.1/AV:Z"}, place)
        assert wrong.status_code == 400
    assert seen(node, number).fields[name] == vector


def test_a_case_takes_a_decision_over_with_what_follows_of_it(node: Node) -> None:
    number = disclosure(node)
    place = f"/cases/{number}/score"
    do(node, number, Filled(fields={"ssvc": ["SSVC/other/kept/"]}))
    with node.browser("handler") as client:
        page = client.get(place + chosen("coordinator_triage", TRIAGE)).text
        decision = decide("coordinator_triage", TRIAGE)
        assert hidden(page, "vector") == decision.vector()
        form = {"vector": decision.vector()}
        form |= {f"seen.{one}": hidden(page, f"seen.{one}") for one in ("ssvc", "triage")}
        assert post(client, place, form, place).status_code == 303
        again = text_of(client.get(f"{place}?scheme=coordinator_triage"))
        assert decision.vector() in again
        publish = chosen("coordinator_publish", {
            "supplier_involvement": "UU", "exploitation": "A", "public_value_added": "L",
        })  # fmt: skip
        assert "seen.exploitation" in client.get(place + publish).text
    case = seen(node, number)
    assert case.fields["triage"] == "coordinate"
    assert case.fields["ssvc"] == ["SSVC/other/kept/", decision.vector()]


def test_a_kind_without_scores_has_the_calculator_and_no_place_for_its_result(node: Node) -> None:
    number = casework.opened(node)
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}/score?" + urlencode({"vector": V31}))
        assert "Take it over" not in page.text
        assert post(client, f"/cases/{number}/score", {"vector": V31}, "/").status_code == 400
    with node.browser("officer") as client:
        assert client.get(f"/cases/{number}/score").status_code == 404
