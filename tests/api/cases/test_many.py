# SPDX-License-Identifier: EUPL-1.2
"""Many cases by script: bulk, templates, statistics, merging, splitting; and rubbish for them."""

from typing import Any
from uuid import uuid4

import pytest
from tests.api.cases.conftest import World

from brug.cases import listing


def opened(world: World, title: str, **fields: Any) -> str:
    body = {"kind": "incident", "title": title, "fields": fields}
    return str(world.asked_within("lead", "POST", "/brug/v1/cases", body).body["number"])


def test_one_thing_is_done_in_many(world: World) -> None:
    one, two = opened(world, "Otter one"), opened(world, "Otter two")
    do = {"what": "marked", "tlp": "green"}
    body = {"do": do, "cases": [one, two, one, "absent"]}
    got = world.ask("lead", "POST", "/brug/v1/bulk", body).body
    assert (got["done"], got["refused"]) == (2, 1)
    assert [(c["case"], c["done"]) for c in got["cases"]] == [
        (one, True), (two, True), ("absent", False),
    ]  # fmt: skip
    assert got["cases"][2]["code"] == "not_found"
    found = {"do": {"what": "said", "text": "x"}, "find": {"text": "otter", "over": False}}
    assert world.ask("lead", "POST", "/brug/v1/bulk", found).body["done"] == 2
    assert world.ask("never", "POST", "/brug/v1/bulk", found).body["done"] == 0


def test_what_is_none_of_the_things_to_do_in_many_is_told_which_there_are(world: World) -> None:
    got = world.asked_within("lead", "POST", "/brug/v1/bulk", {"do": {"what": "say", "text": "x"}})
    assert got.body == {
        "code": "invalid", "field": "do.what",
        "message": "do.what: expected one of joined, linked, marked, moved, planned, said",
    }  # fmt: skip


def test_templates_are_kept_and_opened(world: World) -> None:
    place = "/brug/v1/case-templates"
    given = {"name": "Kept", "kind": "incident", "title": "At {whom}", "tasks": [{"title": "x"}]}
    made = world.ask("lead", "POST", place, given)
    assert (made.status, made.body["blanks"]) == (201, ["whom"])
    one = f"{place}/{made.body['id']}"
    changed = world.ask("lead", "PUT", f"{one}?version=1", given | {"about": "y"})
    assert changed.body["version"] == 2
    late = world.ask("lead", "PUT", f"{one}?version=1", given)
    assert (late.status, late.body["code"]) == (409, "meanwhile")
    case = world.ask("lead", "POST", f"{one}/cases", {"words": {"whom": "home"}})
    assert (case.status, case.body["title"]) == (201, "At home")
    assert case.headers["location"].endswith(case.body["number"])
    other = f"/brug/v1/cases/{case.body['number']}/template"
    taken = world.ask("lead", "POST", other, {"name": "Other"})
    assert taken.body["template"]["tasks"] == [{"title": "x", "after": "", "who": ""}]
    assert world.ask("lead", "DELETE", one).body["id"] == made.body["id"]
    assert world.ask("lead", "GET", one).status == 404
    assert [t["template"]["name"] for t in world.ask("lead", "GET", place).body["templates"]] == [
        "Known", "Other",
    ]  # fmt: skip


def test_cases_are_compared_merged_and_split(world: World) -> None:
    a, b = (opened(world, f"CVE-2026-91001 {n}") for n in "ab")
    (alike,) = world.ask("lead", "GET", f"/brug/v1/cases/{a}/duplicates").body["cases"]
    assert (alike["case"]["number"], alike["shared"][0]["kind"]) == (b, "cve")
    done = world.ask("lead", "POST", f"/brug/v1/cases/{a}/merge", {"merged": b})
    assert (done.body["merged"]["number"], done.body["merged"]["is_over"]) == (b, True)
    assert world.ask("lead", "DELETE", f"/brug/v1/cases/{b}/merge").body["is_over"] is False
    said = world.ask("lead", "POST", f"/brug/v1/cases/{a}/acts", {"what": "said", "text": "apart"})
    cut = {"title": "Apart", "entries": [said.body["entry"]["id"]]}
    made = world.ask("lead", "POST", f"/brug/v1/cases/{a}/split", cut)
    assert (made.status, made.body["title"]) == (201, "Apart")


def test_figures_are_given(world: World) -> None:
    got = world.ask("lead", "GET", "/brug/v1/case-statistics?months=1").body
    assert got["open"][0]["kind"] == "incident"
    assert got["since"] == got["until"]
    assert world.ask("former", "GET", "/brug/v1/case-statistics").body["open"] == []


def test_a_total_that_is_cut_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(world, "One"), opened(world, "Two")
    for counted, capped in ((1, True), (10_000, False)):
        monkeypatch.setattr(listing, "COUNTED", counted)
        got = world.asked_within("lead", "GET", "/brug/v1/cases?limit=1").body
        assert got["total_is_at_least"] is capped


SAID = {"what": "said", "text": "x"}
RUBBISH: list[tuple[str, str, Any, str]] = [
    ("POST", "/bulk", {}, "do"), ("POST", "/bulk", {"do": SAID}, "cases"),
    ("POST", "/bulk", {"do": SAID, "cases": ["x"], "find": {}}, "cases"),
    ("POST", "/bulk", {"do": SAID, "cases": ["x"] * 201}, "cases"),
    ("POST", "/bulk", {"do": SAID, "cases": [5]}, "cases[0]"),
    ("POST", "/bulk", {"do": SAID, "cases": ["a\0"]}, ""),
    ("POST", "/bulk", {"do": {"what": "left"}, "cases": ["x"]}, "do.what"),
    ("POST", "/bulk", {"do": SAID | {"to": []}, "cases": ["x"]}, "do.to"),
    ("POST", "/bulk", {"do": SAID, "find": {"kind": "lawsuit"}}, "kind"),
    ("POST", "/bulk", {"do": {"what": "marked", "tlp": "blue"}, "cases": ["x"]}, "tlp"),
    ("GET", "/case-statistics?months=0", None, "months"),
    ("GET", "/case-statistics?months=61", None, "months"),
    ("GET", "/case-statistics?months=x", None, "months"),
    ("POST", "/case-templates", {"name": "x", "kind": "lawsuit", "title": "x"}, "kind"),
    ("POST", "/case-templates", {"name": "x", "kind": "incident"}, "title"),
    ("POST", "/case-templates", {"name": "Known", "kind": "incident", "title": "x"}, "name"),
    ("PUT", "/case-templates/Known?version=0", {"name": "x", "kind": "incident", "title": "x"},
     "version"),
    ("POST", "/case-templates/Known/cases", {"words": {"x": "y"}}, "words.x"),
    ("POST", "/cases/{case}/template", {"name": 5}, "name"),
    ("POST", "/cases/{case}/merge", {"merged": "{case}"}, "merged"),
    ("POST", "/cases/{case}/merge", {"merged": 5}, "merged"),
    ("POST", "/cases/{case}/split", {"title": "x", "entries": []}, "entries"),
    ("POST", "/cases/{case}/split", {"title": "x", "entries": [str(uuid4())]}, "entries"),
    ("POST", "/cases/{case}/split", {"title": "x", "entries": "x"}, "entries"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "field"), RUBBISH)
def test_rubbish_is_refused_by_its_field_and_nothing_is_written(
    world: World, method: str, path: str, body: Any, field: str
) -> None:
    with world.database.system() as session:
        before = session.value("SELECT count(*) FROM case_entry")
    if isinstance(body, dict) and body.get("merged") == "{case}":
        body = {"merged": world.number}
    reply = world.asked_within(
        "lead", method, "/brug/v1" + path.replace("{case}", world.number), body
    )
    if field:
        assert (reply.status, reply.body["field"]) == (400, field), reply.raw
    else:
        assert reply.status < 500
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM case_entry") == before
