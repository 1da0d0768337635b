# SPDX-License-Identifier: EUPL-1.2
"""Putting a bridge over a user that synchronises, as people do it."""

from tests.bridges.world import SYNC_USER
from tests.web.node import Node, post

from brug.bridges.misp import binding
from brug.directory import account_changes, keys, organisations


def test_a_user_who_synchronises_is_bound_and_an_agreement_is_next(node: Node) -> None:
    with node.database.system() as session:
        org = organisations.add(session, {"name": "Cert Eastland", "local": False})
        made = account_changes.add(
            session,
            {"email": "sync@eastland.example", "org_id": org.id, "role_id": SYNC_USER,
             "password": "Correct-horse-battery-1", "change_pw": False},
        )  # fmt: skip
        keys.add(session, made.account.id)
    with node.browser("admin") as client:
        assert "Users who synchronise without a bridge" in client.get("/bridges").text
        assert "sync@eastland.example" in client.get("/bridges/bind").text
        done = post(client, "/bridges/bind", {"email": "sync@eastland.example"}, "/bridges/bind")
        assert done.status_code == 303
        assert client.get(done.headers["location"]).status_code == 200
        assert "sync@eastland.example" not in client.get("/bridges/bind").text
        again = post(client, "/bridges/bind", {"email": "sync@eastland.example"}, "/bridges/bind")
        assert again.status_code == 409
    with node.database.system() as session:
        assert "sync@eastland.example" not in [one.email for one in binding.unbound(session)]


def test_only_who_looks_after_bridges_binds(node: Node) -> None:
    with node.browser("analyst") as client:
        assert client.get("/bridges/bind").status_code == 403
