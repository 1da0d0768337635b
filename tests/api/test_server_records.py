# SPDX-License-Identifier: EUPL-1.2
"""Servers that the node knows: records, rights, and a connection test against a real node."""

from typing import Any

import pytest
from pymisp import PyMISP

KEY = "k" * 40


def new_server(world: Any, **more: Any) -> Any:
    body = {
        "name": "partner", "url": "https://partner.example/", "authkey": KEY,
        "remote_org_id": world.orgs["Zuidland Energie"],
    }  # fmt: skip
    return world.ask("admin", "POST", "/servers/add", body | more)


def test_a_server_is_kept_and_its_key_is_never_given_back(world: Any) -> None:
    made = new_server(world, push=True).body["Server"]
    assert (made["url"], made["push"], made["pull"]) == ("https://partner.example", True, False)
    changed = world.ask("admin", "POST", f"/servers/edit/{made['id']}", {"pull": 1, "authkey": ""})
    assert (changed.body["Server"]["pull"], changed.body["Server"]["push"]) == (True, True)
    answers = [
        changed.raw,
        world.ask("admin", "GET", "/servers/index").raw,
        world.ask("admin", "GET", f"/servers/view/{made['id']}").raw,
        world.ask("admin", "GET", "/admin/logs/index").raw,
    ]
    assert all(KEY.encode() not in answer for answer in answers)
    with world.database.system() as session:
        sealed = session.value("SELECT sealed_key FROM server")
        assert KEY.encode() not in bytes(sealed)
        assert session.seal.open(bytes(sealed), f"server {made['id']}") == KEY
    assert world.ask("admin", "POST", f"/servers/delete/{made['id']}").status == 200
    assert world.ask("admin", "POST", f"/servers/delete/{made['id']}").status == 404


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"authkey": "short"}, "authkey"),
        ({"authkey": None}, "authkey"),
        ({"url": "nonsense"}, "url"),
        ({"url": "ftp://partner.example"}, "url"),
        ({"url": "https://user:secret@partner.example"}, "url"),
        ({"remote_org_id": 9999}, "Organisation"),
        ({"pull_rules": "no json"}, "pull_rules"),
        ({"pull_rules": [1]}, "pull_rules"),
        ({"name": ""}, "name"),
        ({"name": "x" * 300}, "name"),
        ({"push": "perhaps"}, "push"),
        ({"submitted_cert": "no certificate"}, "submitted_cert"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(world: Any, more: Any, field: str) -> None:
    refused = new_server(world, **more)
    assert (refused.status, list(refused.body["errors"])) == (403, [field])
    assert world.ask("admin", "GET", "/servers").body == []


@pytest.mark.parametrize("who", ["orgadmin", "user", "sync", "readonly", "otheradmin"])
def test_only_site_admins_reach_servers(world: Any, who: str) -> None:
    made = new_server(world).body["Server"]["id"]
    for method, path in (
        ("GET", "/servers/index"), ("GET", f"/servers/view/{made}"), ("POST", "/servers/add"),
        ("POST", f"/servers/edit/{made}"), ("POST", f"/servers/delete/{made}"),
        ("GET", f"/servers/testConnection/{made}"), ("GET", f"/servers/getRemoteUser/{made}"),
        ("POST", "/servers/import"), ("POST", f"/servers/changePriority/{made}/up"),
        ("POST", f"/servers/pull/{made}"), ("POST", f"/servers/push/{made}"),
        ("GET", "/servers/queryACL/printAllFunctionNames"), ("GET", "/servers/ipUser"),
        ("GET", "/servers/dbSchemaDiagnostic"), ("POST", "/servers/update"),
    ):  # fmt: skip
        assert world.ask(who, method, path, {} if method == "POST" else None).status == 403, path


def test_priority_moves_one_place_at_a_time(world: Any) -> None:
    first, second = (new_server(world, name=name).body["Server"]["id"] for name in ("a", "b"))
    assert world.ask("admin", "POST", f"/servers/changePriority/{first}/up").status == 403
    assert world.ask("admin", "POST", f"/servers/changePriority/{second}/up").status == 200
    listed = world.ask("admin", "GET", "/servers/index").body
    assert [one["Server"]["id"] for one in listed] == [second, first]


def test_what_one_node_describes_another_imports(served_node: Any) -> None:
    """PyMISP's whole round: describe, import, test against a real server."""
    sync: Any = PyMISP(served_node.url, served_node.keys["sync"])
    admin: Any = PyMISP(served_node.url, served_node.keys["admin"])
    described = sync.get_sync_config(pythonify=True)
    assert type(described).__name__ == "MISPServer"
    assert described.authkey == served_node.keys["sync"]
    admin.set_server_setting("outgoing.private_networks", "127.0.0.0/8")
    made = admin.import_server(described, pythonify=True)
    assert type(made).__name__ == "MISPServer"
    made = admin.update_server(
        {"url": served_node.url, "name": "ourselves"}, made.id, pythonify=True
    )
    assert (made.name, made.url) == ("ourselves", served_node.url)
    tested = admin.test_server(made)
    assert (tested["status"], tested["post"], tested["mismatch"]) == (1, 1, False)
    user = admin._check_json_response(
        admin._prepare_request("GET", f"servers/getRemoteUser/{made.id}")
    )
    assert user == {
        "User": "sync@people.example", "Role name": "Sync user", "Sync flag": "Yes",
    }  # fmt: skip
    for done in (admin.server_pull(made), admin.server_push(made)):
        assert done["errors"][0] == 403
    assert [one.name for one in admin.servers(pythonify=True)] == ["ourselves"]
    admin.set_server_setting("outgoing.private_networks", "")
    assert admin.test_server(made)["status"] == 2
    assert admin.delete_server(made)["success"] is True


def test_everything_that_pymisp_asks_an_administrator_for_is_answered(served_node: Any) -> None:
    admin: Any = PyMISP(served_node.url, served_node.keys["admin"])
    assert admin.get_workers() == ["Background jobs not enabled"]
    for refused in (
        admin.start_worker("default"), admin.stop_worker_by_pid(1), admin.kill_all_workers(),
        admin.restart_workers(), admin.restart_dead_workers(), admin.update_misp(),
        admin.push_event_to_ZMQ(1), admin.request_community_access("x", "x", "x", "x", "x", "x"),
        admin.get_community("x"),
    ):  # fmt: skip
        assert refused["errors"][0] in {403, 404}
    assert admin.communities() == []
    assert len(admin.get_all_functions()) == 1
    assert "add" in admin.remote_acl("printAllFunctionNames")["events"]
    assert "/events/add" in admin.remote_acl("printRoleAccess")["3"]["urls"]
    schema = admin.db_schema_diagnostic()
    assert schema["actual_db_version"] == schema["expected_db_version"]
    assert schema["diagnostic"] == {}
    assert admin.sign_blob("text to sign").startswith("-----BEGIN PGP SIGNATURE-----")
    admin.set_server_setting("MISP.footermidleft", "kept")
    assert admin.get_server_setting("MISP.footermidleft")["value"] == "kept"
    assert admin.get_server_setting("Security.salt")["errors"][0] == 403
