# SPDX-License-Identifier: EUPL-1.2
"""A person's dashboard on the pages: what it shows, and in which order."""

from __future__ import annotations

import re

import pytest
from tests.web.node import CANARY, Node, plain, post

from brug.intel.dashboard.widgets import WIDGETS
from brug.web import dashboard_words
from brug.web.dashboards import spark

BASE = "/insight/dashboard"
ARRANGE = BASE + "/arrange"


def titles(text: str) -> list[str]:
    return re.findall(r'<h2 id="widget-\d+">([^<]*)</h2>', text)


def test_widgets_are_put_on_moved_and_taken_off(node: Node) -> None:
    with node.browser("analyst") as client:
        first = client.get(BASE).text
        assert titles(first) == ["What is new for you", "Most used tags", "Newest events"]
        assert "Open &lt;script&gt;" in first
        for act in (
            {"add": "WhoamiWidget"}, {"act": "up:3"}, {"act": "remove:0"}, {"act": "down:0"},
        ):  # fmt: skip
            assert post(client, ARRANGE, act).status_code == 303, act
        page = client.get(BASE).text
        assert titles(page) == ["Who you are here", "Most used tags", "Newest events"]
        assert "analyst@people.example" in page
        assert titles(client.get(f"{BASE}?only=1").text) == ["Most used tags"]
        for act in ({"act": "up:9"}, {"act": "up:"}, {"add": "NoWidget"}, {}):
            assert post(client, ARRANGE, act).status_code == 404, act
        assert titles(client.get(BASE).text) == titles(page)
    with node.browser("police") as client:
        assert "Who you are here" not in titles(client.get(BASE).text)


@pytest.mark.parametrize("name", sorted(WIDGETS))
def test_each_widget_is_drawn_with_its_numbers_in_words(node: Node, name: str) -> None:
    with node.browser("lead") as client:
        for place in range(len(titles(client.get(BASE).text)) - 1, -1, -1):
            post(client, ARRANGE, {"act": f"remove:{place}"})
        assert "An empty dashboard" in client.get(BASE).text
        post(client, ARRANGE, {"add": name})
        page = client.get(BASE).text
        assert titles(page) == [dashboard_words.TITLES[name]]
        assert "<script>window.hit" not in page
        assert "error-text" not in page
        assert "This page has used its time" not in page
        form = client.get(f"{BASE}/0")
        assert form.status_code == 200
        assert set(re.findall(r'<(?:input|select|textarea)[^>]*name="([a-z_]+)"', form.text)) >= {
            param for param, one in WIDGETS[name].params.items() if one.kind
        }


def test_a_widget_is_set_and_what_does_not_fit_is_marked(node: Node) -> None:
    with node.browser("publisher") as client:
        where = f"{BASE}/1"
        wrong = post(client, where, {"time_window": "soon", "alias": "Tags " + CANARY})
        assert wrong.status_code == 400
        assert "a span such as 7d" in wrong.text
        said = {"time_window": "-1", "alias": "Tags " + CANARY, "include": "tlp:\nset\n"}
        assert post(client, where, said).headers["location"] == BASE
        page = client.get(BASE).text
        assert "Tags &lt;script&gt;" in titles(page)[1]
        assert "tlp:amber" in page
        assert "event &lt;script" not in page
        form = client.get(where).text
        assert "tlp:\nset</textarea>" in form
        assert '<option value="-1" selected>' in form
        assert client.get(f"{BASE}/99").status_code == 404


def test_names_that_somebody_gave_are_text(node: Node) -> None:
    with node.browser("admin") as client:
        post(client, f"{BASE}/1", {"time_window": "-1", "over_time": "1", "alias": CANARY})
        for name in sorted(WIDGETS):
            post(client, ARRANGE, {"add": name})
        page = client.get(BASE).text
    assert "event &lt;script&gt;window.hit" in page
    for inside in ("<script>window.hit", "<img src=x", ">49<"):
        assert inside not in page


def test_counts_are_of_what_the_reader_sees(node: Node) -> None:
    hidden = plain("Hidden from the police", 0, "hidden.example")
    node.add("lead", hidden)
    for who, seen in (("reader", True), ("police", False)):
        with node.browser(who) as client:
            post(client, ARRANGE, {"add": "TrendingAttributesWidget"})
            page = client.get(BASE).text
            assert ("Hidden from the police" in page) is seen, who
            assert ("hidden.example" in page) is seen, who


def test_a_board_is_kept_and_used_by_others_of_the_organisation(node: Node) -> None:
    with node.browser("lead") as client:
        assert post(client, ARRANGE, {"keep": "1", "name": " "}).status_code == 400
        for place in range(len(titles(client.get(BASE).text)) - 1, -1, -1):
            post(client, ARRANGE, {"act": f"remove:{place}"})
        post(client, ARRANGE, {"add": "NewOrgsWidget"})
        kept = {"keep": "1", "name": "For us " + CANARY, "selectable": "1"}
        assert post(client, ARRANGE, kept).status_code == 303
        found = re.search(r'name="use" value="(\d+)"', client.get(ARRANGE).text)
        assert found
    with node.browser("police") as client:
        assert "For us" not in client.get(ARRANGE).text
        assert post(client, ARRANGE, {"use": found[1]}).status_code == 404
    with node.browser("reader") as client:
        page = client.get(ARRANGE).text
        assert "For us &lt;script&gt;" in page
        assert 'name="forget"' not in page
        assert post(client, ARRANGE, {"forget": found[1]}).status_code == 404
        post(client, ARRANGE, {"use": found[1]})
        assert titles(client.get(BASE).text) == ["New organisations"]
    with node.browser("lead") as client:
        assert post(client, ARRANGE, {"forget": found[1]}).status_code == 303
        assert "For us" not in client.get(ARRANGE).text


@pytest.mark.parametrize(
    ("counts", "points"),
    [([5], "0.0,1.0 100.0,1.0"), ([0, 0], "0.0,23.0 100.0,23.0"),
     ([0, 1, 2], "0.0,23.0 50.0,12.0 100.0,1.0")],
)  # fmt: skip
def test_a_line_goes_from_nothing_to_the_largest(counts: list[int], points: str) -> None:
    assert spark(counts) == points


def test_every_widget_and_option_has_words() -> None:
    assert dashboard_words.TITLES.keys() == dashboard_words.ABOUT.keys() == WIDGETS.keys()
    asked = {n for one in WIDGETS.values() for n, param in one.params.items() if param.kind}
    assert asked <= dashboard_words.LABELS.keys()
