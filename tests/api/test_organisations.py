# SPDX-License-Identifier: EUPL-1.2
"""Organisations and roles through MISP's interface."""

from typing import Any

import pytest

FIELDS = {
    "id", "name", "date_created", "date_modified", "description", "type", "nationality",
    "sector", "created_by", "uuid", "contacts", "local", "restricted_to_domain", "landingpage",
}  # fmt: skip


def add(world: Any, **body: Any) -> Any:
    return world.ask("admin", "POST", "/admin/organisations/add", body)


def test_lists_hide_who_made_an_organisation_from_all_but_site_admins(world: Any) -> None:
    seen = world.ask("user", "GET", "/organisations").body[0]["Organisation"]
    assert set(seen) == FIELDS - {"created_by"} | {"user_count"}
    seen = world.ask("admin", "GET", "/organisations").body[0]["Organisation"]
    assert set(seen) == FIELDS | {"user_count", "created_by_email"}


def test_scopes_and_search(world: Any) -> None:
    add(world, name="Verweg Overheid", local=False)

    def names(path: str) -> set[str]:
        return {row["Organisation"]["name"] for row in world.ask("user", "GET", path).body}

    assert "Verweg Overheid" not in names("/organisations/index")
    assert names("/organisations/index/scope:external") == {"Verweg Overheid"}
    assert len(names("/organisations/index/scope:all")) == 4
    assert names("/organisations/index/searchall:bank") == {"Noordland Bank"}
    assert len(names("/organisations/index/limit:1/page:1")) == 1


def test_one_is_found_by_id_uuid_and_name(world: Any) -> None:
    org_id = world.orgs["Noordland Bank"]
    by_id = world.ask("other", "GET", f"/organisations/view/{org_id}").body
    uuid = by_id["Organisation"]["uuid"]
    assert world.ask("other", "GET", f"/organisations/view/{uuid}").body == by_id
    assert world.ask("other", "GET", "/organisations/view/Noordland%20Bank").body == by_id
    assert world.ask("other", "HEAD", f"/organisations/view/{org_id}").status == 200
    missing = world.ask("other", "GET", "/organisations/view/999999")
    assert (missing.status, missing.body["name"]) == (404, "Invalid organisation")


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"name": "Noordland Bank"}, "name", "An organisation with this name already exists."),
        ({"name": "x", "uuid": "x"}, "uuid", "Please provide a valid RFC 4122 UUID"),
        ({"name": ""}, "name", "name: expected something written"),
        ({"name": "x" * 300}, "name", None),
        ({"name": "x\x1b[2J"}, "name", None),
        ({"name": ["x"]}, "name", None),
    ],
)
def test_a_refused_organisation_names_the_field(
    world: Any, body: Any, field: str, text: str | None
) -> None:
    reply = add(world, **body)
    assert reply.status == 403
    assert set(reply.body["errors"]) == {field}
    assert text is None or reply.body["errors"][field] == [text]


def test_adding_and_editing_keep_misps_shape(world: Any) -> None:
    made = add(world, name="Verweg", restricted_to_domain="a.example\nb.example").body
    assert set(made["Organisation"]) == FIELDS
    assert made["Organisation"]["restricted_to_domain"] == ["a.example", "b.example"]
    path = f"/admin/organisations/edit/{made['Organisation']['id']}"
    edited = world.ask("admin", "PUT", path, {"Organisation": {"sector": "energy"}}).body
    assert edited["Organisation"]["sector"] == "energy"
    assert edited["Organisation"]["name"] == "Verweg"
    elsewhere = {"email": "x@c.example", "org_id": made["Organisation"]["id"], "role_id": 3}
    assert world.ask("admin", "POST", "/admin/users/add", elsewhere).status == 403


def test_one_that_is_used_stays(world: Any) -> None:
    path = f"/admin/organisations/delete/{world.orgs['Noordland Bank']}"
    refused = world.ask("admin", "POST", path)
    assert (refused.status, refused.body["name"]) == (403, "Could not delete Organisation")
    host = world.ask("admin", "POST", "/admin/organisations/delete/1")
    assert host.status == 403
    made = add(world, name="Verweg").body["Organisation"]["id"]
    gone = world.ask("admin", "POST", f"/admin/organisations/delete/{made}").body
    assert (gone["message"], gone["id"]) == ("Organisation deleted", made)


@pytest.mark.parametrize("who", ["orgadmin", "user", "sync"])
def test_only_site_admins_change_organisations(world: Any, who: str) -> None:
    own = world.orgs["Noordland Bank"]
    for path in ("add", f"edit/{own}", f"delete/{own}"):
        reply = world.ask(who, "POST", f"/admin/organisations/{path}", {"name": "x"})
        assert reply.status == 403


def test_uuids_are_for_those_who_synchronise(world: Any) -> None:
    assert world.ask("user", "GET", "/organisations/getUUIDs").status == 403
    assert len(world.ask("sync", "GET", "/organisations/getUUIDs").body) == 3


def test_roles_are_misps_with_their_flags(world: Any) -> None:
    listed = world.ask("user", "GET", "/roles").body
    assert [(row["Role"]["id"], row["Role"]["name"]) for row in listed] == [
        ("1", "admin"), ("2", "Org Admin"), ("3", "User"), ("4", "Publisher"),
        ("5", "Sync user"), ("6", "Read Only"),
    ]  # fmt: skip
    one = world.ask("user", "GET", "/roles/view/2").body["Role"]
    assert one | {"default": False} == listed[1]["Role"]
    assert (one["perm_admin"], one["perm_sync"], one["permission"]) == (True, False, "3")
    missing = world.ask("user", "GET", "/roles/view/999")
    assert (missing.status, missing.body["name"]) == (404, "Invalid Role.")


def test_site_admins_make_and_change_roles(world: Any) -> None:
    new = {"Role": {"name": "Sensors", "permission": "1", "perm_sighting": 1}}
    made = world.ask("admin", "POST", "/admin/roles/add", new).body["Role"]
    assert (made["perm_add"], made["perm_modify"], made["perm_modify_org"]) == (True, True, False)
    assert made["perm_sighting"] is True
    again = world.ask("admin", "POST", "/admin/roles/add", new)
    assert again.body["errors"] == {"name": ["A role with this name already exists."]}
    path = f"/admin/roles/edit/{made['id']}"
    changed = world.ask("admin", "POST", path, {"perm_sighting": False}).body["Role"]
    assert (changed["perm_sighting"], changed["perm_add"]) == (False, True)
    assert world.ask("admin", "POST", f"/admin/roles/set_default/{made['id']}").status == 200
    assert world.ask("admin", "POST", f"/admin/roles/delete/{made['id']}").status == 403
    world.ask("admin", "POST", "/admin/roles/set_default/3")
    gone = world.ask("admin", "POST", f"/admin/roles/delete/{made['id']}").body
    assert (gone["message"], gone["id"]) == ("Role deleted.", int(made["id"]))


def test_a_role_change_keeps_brugs_rights_and_a_site_admin(world: Any) -> None:
    world.ask("admin", "POST", "/admin/roles/edit/1", {"perm_warninglist": False})
    with world.database.system() as session:
        rights = session.value("SELECT rights FROM role WHERE id = 1")
    assert "bridge_admin" in rights
    assert "warninglist" not in rights
    last = world.ask("admin", "POST", "/admin/roles/edit/1", {"perm_site_admin": False})
    assert last.status == 403
    assert world.ask("admin", "GET", "/servers/serverSettings").status == 200
    assert world.ask("admin", "POST", "/admin/roles/delete/3").status == 403


@pytest.mark.parametrize("who", ["orgadmin", "user", "sync"])
def test_nobody_else_changes_roles(world: Any, who: str) -> None:
    for path in ("add", "edit/2", "delete/6", "set_default/1"):
        reply = world.ask(who, "POST", f"/admin/roles/{path}", {"perm_site_admin": True})
        assert reply.status == 403
