# SPDX-License-Identifier: EUPL-1.2
"""Forms of a case that are seldom wanted: made when somebody asks for them, for whoever may."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.web import casework
from tests.web.casework import do, join, opened
from tests.web.node import Node

from brug.cases.acts import Embargoed, Planned, Recorded

TASK = "4f0c1c52-8f1c-4a53-9d1a-6b3f9f0b7a11"
# The part of the page, and the form's first field.
FORMS = {
    "planned": ("planned", "title"), f"planned.{TASK}": ("planned", "title"),
    "attached": ("attached", "file"), "linked": ("linked", "kind"),
    "decided": ("decided", "question"), "undone.aware_at.": ("recorded", "because"),
    "joined": ("joined", "organisation"), "marked": ("marked", "tlp"),
    "embargoed": ("marked", "until"), "embargoed.end": ("marked", "because"),
    "renamed": ("marked", "title"),
}  # fmt: skip


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


@pytest.fixture(scope="module")
def number(node: Node) -> str:
    made = opened(node, "Forms")
    do(node, made, Planned(task=TASK, title="Call them"))
    do(node, made, Recorded(fact="aware_at", at="2026-07-01T14:20:00Z", zone="UTC"))
    do(node, made, Embargoed(until="2190-01-01T00:00:00Z", zone="UTC"))
    join(node, made, "Zuidmark Police", "observer")
    return made


def scripted(key: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": f"form-{key}"}


@pytest.mark.parametrize("key", FORMS)
def test_a_link_opens_a_form_that_is_seldom_wanted(node: Node, number: str, key: str) -> None:
    place, first = FORMS[key]
    field = f'id="f-{key}.{first}"'
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}").text
        link = re.search(rf'<p [^>]*id="form-{re.escape(key)}"><a href="([^"]+)"', page)
        assert link, "without script it is a link"
        assert field not in page
        for answer in (
            client.get(link[1]),
            client.get(link[1], headers=scripted(key)),
        ):
            form = answer.text[answer.text.index(f'id="form-{key}" open') :]
            form = form[: form.index("</form>")]
            assert re.search(rf"<[^>]*{re.escape(field)}[^>]* autofocus", form), form
        assert answer.text.strip().startswith(f'<section id="{place}"'), "a part, for a script"


def test_what_is_done_every_day_is_in_the_page_at_once(node: Node, number: str) -> None:
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}").text
        for form, field in (
            ("said", "text"),
            ("recorded", "at"),
            ("moved.phase..dismiss", "because"),
        ):
            assert f'<details class="fold" id="form-{form}"><summary>' in page
            assert f'id="f-{form}.{field}"' in page
        assert " autofocus" not in page, "nothing takes the focus unasked"
        assert re.search(
            r'<textarea id="f-said.text"[^>]* autofocus',
            client.get(f"/cases/{number}?open=said").text,
        )


@pytest.mark.parametrize("key", [*FORMS, "moved.phase..dismiss"])
def test_who_may_not_do_something_gets_no_form_of_it(node: Node, number: str, key: str) -> None:
    with node.browser("officer") as client:
        assert f"form-{key}" not in client.get(f"/cases/{number}").text
        for headers in ({}, scripted(key)):
            answer = client.get(f"/cases/{number}?open={key}", headers=headers)
            assert answer.status_code == 200
            assert f"form-{key}" not in answer.text
            assert "f-" + key not in answer.text
    with node.browser("lead") as client:
        for headers in ({}, scripted(key)):
            assert client.get(f"/cases/{number}?open={key}", headers=headers).status_code == 404


def test_organisations_to_choose_from_are_told_with_the_form_alone(node: Node, number: str) -> None:
    choice = '<option value="Zuidmark Police">'
    with node.browser("handler") as client:
        assert choice not in client.get(f"/cases/{number}").text
        assert choice in client.get(f"/cases/{number}?open=joined").text
    with node.browser("officer") as client:
        assert choice not in client.get(f"/cases/{number}?open=joined").text


@pytest.mark.parametrize("target", ["form-", "form-nothing", "form-said", "main", "é"])
def test_what_is_no_part_of_the_page_is_answered_with_all_of_it(
    node: Node, number: str, target: str
) -> None:
    headers = httpx.Headers({b"HX-Request": b"true", b"HX-Target": target.encode()})
    with node.browser("handler") as client:
        answer = client.get(f"/cases/{number}?open={target}", headers=headers)
    assert answer.status_code == 200
    assert "<html" in answer.text
