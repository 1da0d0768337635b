# SPDX-License-Identifier: EUPL-1.2
"""The pages of roles: made, changed, given to new users, removed."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.web.casework import text_of
from tests.web.node import Node, post

from brug.directory import roles
from brug.directory.roles import Role
from brug.web.administration.roles import groups

BASE = "/administration/roles"


def known(node: Node) -> dict[str, Role]:
    with node.database.system() as session:
        return {one.name: one for one in roles.listed(session)}


def send(client: httpx.Client, place: str, *rights: str, **fields: str) -> httpx.Response:
    body = "&".join([f"rights={one}" for one in rights] + [f"{k}={v}" for k, v in fields.items()])
    token = re.search(r'name="_csrf_token" value="([^"]+)"', client.get(f"{BASE}/new").text)
    assert token
    return client.post(
        place, content=f"{body}&_csrf_token={token[1]}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip


def test_a_role_is_made_changed_given_to_new_users_and_removed(node: Node) -> None:
    before = next(one for one in known(node).values() if one.default_role)
    with node.browser("admin") as client:
        assert send(client, f"{BASE}/new", "case", "add", name="Analyst").status_code == 303
        made = known(node)["Analyst"]
        assert made.rights == {"case", "add"}
        page = client.get(f"{BASE}/{made.id}")
        assert "Works on the cases in which the organisation takes part" in text_of(page)
        boxes = re.findall(r'name="rights"[^>]*value="(\w+)"[^>]* checked', page.text)
        assert set(boxes) == made.rights
        place = f"{BASE}/{made.id}"
        sent = send(client, place, "case", "release", name="Lead", default_role="1")
        assert sent.status_code == 303, text_of(sent)
        assert known(node)["Lead"].rights == {"case", "release"}
        assert known(node)["Lead"].default_role
        refused = send(client, place, "site_admin", name="Lead")
        assert refused.status_code == 400
        assert known(node)["Lead"].rights == {"case", "release"}
        assert send(client, f"{place}/delete").status_code == 409
        given = send(client, f"{BASE}/{before.id}", *before.rights, name=before.name,
                     default_role="1")  # fmt: skip
        assert given.status_code == 303
        assert known(node)[before.name].rights == before.rights
        assert send(client, f"{place}/delete").status_code == 303
        assert "Lead" not in known(node)


@pytest.mark.parametrize(
    ("rights", "fields", "said"),
    [
        (["fly"], {"name": "Pilot"}, "There is no right fly."),
        (["%3Cb%3E"], {"name": "Pilot"}, "There is no right"),
        ([], {"name": "admin"}, ""),
        ([], {"name": "+"}, ""),
        ([], {"name": "x" * 101}, ""),
        (["site_admin"], {"name": "Pilot", "default_role": "1"}, "take site_admin from it"),
    ],
)
def test_rubbish_is_refused_and_changes_nothing(
    node: Node, rights: list[str], fields: dict[str, str], said: str
) -> None:
    before = known(node)
    with node.browser("admin") as client:
        answered = send(client, f"{BASE}/new", *rights, **fields)
    assert answered.status_code == 400
    assert said in text_of(answered)
    assert known(node) == before


def test_who_is_left_with_the_node_and_who_has_a_role_stay(node: Node) -> None:
    before = known(node)
    used = before["admin"]
    with node.browser("admin") as client:
        refused = send(client, f"{BASE}/{used.id}", "case", name=used.name)
        assert refused.status_code == 409
        assert "Nobody would be left" in text_of(refused)
        assert send(client, f"{BASE}/{used.id}/delete").status_code == 409
        assert client.get(f"{BASE}/999999").status_code == 404
        assert post(client, f"{BASE}/999999/delete", {}, f"{BASE}/new").status_code == 404
    assert known(node) == before


def test_each_right_has_one_box() -> None:
    names = [name for _, several in groups() for name, _ in several]
    assert sorted(names) == sorted(roles.RIGHTS)
