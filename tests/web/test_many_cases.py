# SPDX-License-Identifier: EUPL-1.2
"""Many cases on the pages: those alike, bulk actions, templates, statistics, merging, splitting."""

from __future__ import annotations

import re

import pytest
from tests.web import casework
from tests.web.casework import do, join, opened, seen, text_of
from tests.web.node import Node, post, token_in

from brug.cases.acts import Marked, Recorded, Said
from brug.web.cases.many import statistics_page


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def test_a_case_like_another_is_shown_before_it_is_opened_and_after(node: Node) -> None:
    known = opened(node, "Hole in the pump CVE-2026-80001")
    form = {"kind": "incident", "title": "Again CVE-2026-80001"}
    with node.browser("handler") as client:
        shown = post(client, "/cases/new", form, "/cases/new?kind=incident")
        assert known in text_of(shown)
        assert "Open it all the same" in shown.text
        made = post(client, "/cases/new", form | {"anyway": "1"}, "/cases/new?kind=incident")
        place = made.headers["location"]
        assert f"{known} Hole in the pump" in text_of(client.get(place))
        page = client.get(f"{place}/related")
        assert "CVE number: CVE-2026-80001" in text_of(page)
        assert f"{place}/merge?from=" in page.text
    with node.browser("officer") as client:
        own = post(client, "/cases/new", form, "/cases/new?kind=incident")
        assert own.status_code == 303
        assert known not in client.get(f"{own.headers['location']}/related").text


def test_something_is_done_in_the_ticked_ones(node: Node) -> None:
    numbers = [opened(node, f"Ticked {n}") for n in range(2)]
    with node.browser("handler") as client:
        ticks = re.findall(r'name="case" value="([0-9a-f-]{36})"', client.get("/cases").text)
        board = client.get("/cases/board?kind=incident").text
        assert all(f'value="{one}"' in board for one in ticks[:2])
        place = f"/cases/bulk?case={ticks[0]}&case={ticks[1]}"
        page = client.get(place).text
        assert "2 cases together" in page
        form = {
            "what": "marked", "tlp": "amber", "pap": "keep", "case": ticks[:2],
            **{f"saw.{one}": "detection||" for one in ticks[:2]},
        }  # fmt: skip
        do(node, numbers[1], Marked(tlp="red"))
        done = text_of(post(client, "/cases/bulk", form, place))
        assert "Done in 1 case." in done
        assert "Not done in 1 case: it is as it was." in done
        assert [seen(node, one).marking.tlp for one in numbers] == ["amber", "red"]
        again = post(client, "/cases/bulk", form | {"what": "said", "text": " "}, place)
        assert again.status_code == 400
        assert "Nothing was done." in again.text
        odd = {"what": "x", "case": ticks[0]}
        assert post(client, "/cases/bulk", odd, place).status_code == 400
    with node.browser("officer") as client:
        assert "No case was ticked" in client.get(place).text
        form = {"what": "said", "text": "hello", "case": ticks[:1]}
        refused = text_of(post(client, "/cases/bulk", form, "/cases/bulk"))
        assert "No such case, or none of yours." in refused
    with node.browser("lead") as client:
        assert client.get("/cases/bulk").status_code == 403


def test_a_template_is_made_changed_taken_as_a_file_and_opened(node: Node) -> None:
    form = {
        "kind": "incident", "name": "Phishing", "title": "{date} at {whom}", "tlp": "amber",
        "tasks": "Take it down | PT4H | lead\nLook back", "fields.sector": "energy",
        "participants": "Zuidmark Police | observer",
    }  # fmt: skip
    with node.browser("handler") as client:
        new = "/cases/templates/new?kind=incident"
        odd = {"tasks": "x | soon", "participants": "Zuidmark Police | king", "title": " "}
        for name, value in odd.items():
            refused = post(client, "/cases/templates/new", form | {name: value}, new)
            assert refused.status_code == 400
            assert f'aria-describedby="f-{name}' in refused.text
        place = post(client, "/cases/templates/new", form, new).headers["location"]
        assert "Take it down | PT4H | lead" in client.get(place).text
        changed = form | {"about": "For mail", "version": "1"}
        assert post(client, place, changed, place).status_code == 303
        assert "meanwhile" in post(client, place, changed, place).text
        fetched = client.get(f"{place}/file")
        assert fetched.json()["about"] == "For mail"
        assert "attachment" in fetched.headers["content-disposition"]
        page = client.get(f"{place}/open").text
        assert 'name="words.whom"' in page
        assert post(client, f"{place}/open", {}, place).status_code == 400
        made = post(client, f"{place}/open", {"words.whom": "the bank"}, place)
        case = seen(node, made.headers["location"].rpartition("/")[2])
        assert case.title.endswith(" at the bank")
        assert [one.title for one in case.tasks.values()] == ["Take it down", "Look back"]
        assert place in client.get("/cases/new").text
    with node.browser("officer") as client:
        assert "Phishing" not in client.get("/cases/templates").text
        assert client.get(place).status_code == client.get(f"{place}/file").status_code == 404
        sent = {"file": ("a.json", fetched.content)}
        token = token_in(client.get("/cases/templates").text)
        taken = client.post("/cases/templates", data={"_csrf_token": token}, files=sent)
        assert taken.status_code == 303
        bad = {"file": ("a.json", b"{}")}
        again = client.post("/cases/templates", data={"_csrf_token": token}, files=bad)
        assert again.status_code == 400
        assert "Nothing was kept." in again.text
        gone = taken.headers["location"]
        assert post(client, f"{gone}/delete", {}, gone).status_code == 303
        assert client.get(gone).status_code == 404


def test_a_case_is_used_as_a_template(node: Node) -> None:
    number = opened(node, "Went well")
    with node.browser("handler") as client:
        place = f"/cases/{number}/template"
        assert f'href="{place}"' in client.get(f"/cases/{number}").text
        made = post(client, place, {"name": "As it went well"}, place)
        assert "As it went well" in client.get(made.headers["location"]).text
        assert post(client, place, {"name": "As it went well"}, place).status_code == 400
    with node.browser("officer") as client:
        assert client.get(place).status_code == 404
    with node.browser("lead") as client:
        assert client.get("/cases/templates").status_code == 403


def test_figures_are_those_of_the_readers_cases(node: Node) -> None:
    number = opened(node, "Counted")
    join(node, number, "Zuidmark Police", "entity")
    do(node, number, Recorded(fact="aware_at", at="2026-11-20T08:00:00Z", zone="UTC"))
    with node.browser("officer") as client:
        page = client.get("/cases/statistics?months=3")
        said = text_of(page)
        assert "Detection" in said
        assert "Deadlines by rule" in said
        assert 'href="/cases?kind=incident&amp;state=detection&amp;over=0"' in page.text
        rows = client.get("/cases/statistics/csv?months=3").text.splitlines()
        assert rows[0] == "what,of,detail,month,value"
        assert any(row.startswith("deadline missed,nis2-early-warning") for row in rows)
        assert "Early warning" in said
        post(client, "/preferences", {"language": "nl", "next": "/"})
        assert '<span lang="nl">Vroegtijdige waarschuwing' in client.get(page.url).text
        post(client, "/preferences", {"language": "en", "next": "/"})
    with node.browser(casework.TRAINEE) as client:
        assert client.get("/cases/statistics").status_code == 403
    join(node, number, "Zuidmark Police", "observer", node.ids[casework.TRAINEE])
    with node.browser(casework.TRAINEE) as client:
        assert "Open: 1 case" in client.get("/cases/statistics").text


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 minutes"), (1, "1 minute"), (119, "119 minutes"), (120, "2 hours"),
     (2870, "2 days"), (43_000, "30 days")],
)  # fmt: skip
def test_lengths_of_time_are_said_as_people_do(minutes: int, said: str) -> None:
    class Reader:
        def ngettext(self, one: str, many: str, count: int) -> str:
            return one if count == 1 else many

    assert statistics_page.lasted(Reader(), minutes) == said  # type: ignore[arg-type]


def test_two_cases_are_merged_and_that_is_taken_back(node: Node) -> None:
    a, b = opened(node, "Goes on"), opened(node, "Is over then")
    join(node, b, "Zuidmark Police", "observer")
    do(node, b, Said(text="told to all"))
    with node.browser("handler") as client:
        place = f"/cases/{a}/merge"
        assert f'href="{place}"' in client.get(f"/cases/{a}").text
        assert "Give a case that you take part in" in client.get(f"{place}?from=INC-1").text
        page = client.get(f"{place}?from={b}")
        assert "Messages, quoted with author and time (1)" in page.text
        form = {"from": b, "messages": "1", "links": "1"}
        refused = post(client, place, form, place)
        assert refused.status_code == 400
        assert 'id="f-because-error"' in refused.text
        done = post(client, place, form | {"because": "the same"}, place)
        assert done.headers["location"] == f"/cases/{a}"
        assert "told to all" in text_of(client.get(f"/cases/{a}"))
        over = text_of(client.get(f"/cases/{b}"))
        assert f"This case goes on in another one, and is over. {a} Goes on" in over
        assert post(client, place, form | {"because": "x"}, place).status_code == 400
    with node.browser("officer") as client:
        over = text_of(client.get(f"/cases/{b}"))
        assert "That one is not on this node, or not for you to see." in over
        assert "Goes on by" not in over
        assert client.get(place).status_code == 404
        assert client.get(f"/cases/{b}/merge").status_code == 403
        assert post(client, f"/cases/{b}/unmerge", {}, f"/cases/{b}").status_code == 403
    with node.browser("handler") as client:
        assert post(client, f"/cases/{b}/unmerge", {}, f"/cases/{b}").status_code == 303
        assert "goes on in another one" not in client.get(f"/cases/{b}").text
        assert post(client, f"/cases/{b}/unmerge", {}, f"/cases/{b}").status_code == 303


def test_a_case_is_split(node: Node) -> None:
    number = opened(node, "Two things")
    join(node, number, "Zuidmark Police", "entity")
    chosen = do(node, number, Said(text="the other thing"))
    place = f"/cases/{number}/split"
    with node.browser("handler") as client:
        assert "the other thing" in client.get(place).text
        refused = post(client, place, {"title": "Apart"}, place)
        assert refused.status_code == 400
        assert "Choose what the new case begins with." in refused.text
        form = {"title": "Apart", "entry": chosen, "kind": "assistance"}
        made = post(client, place, form, place).headers["location"]
        assert "the other thing" in text_of(client.get(made))
        assert "Two things" in text_of(client.get(made))
    with node.browser("officer") as client:
        assert client.get(made).status_code == 404
        assert "Apart" not in client.get(f"/cases/{number}").text
        assert client.get(place).status_code == 200
    with node.browser("lead") as client:
        assert client.get(place).status_code in {403, 404}
