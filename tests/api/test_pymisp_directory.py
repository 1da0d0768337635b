# SPDX-License-Identifier: EUPL-1.2
"""PyMISP, unchanged, on a node that is served: users, organisations, groups, settings."""

from typing import Any

import pytest
from pymisp import (
    MISPOrganisation,
    MISPRole,
    MISPSharingGroup,
    MISPUser,
    MISPUserSetting,
    PyMISP,
    register_user,
)


def connect(world: Any, who: str) -> Any:
    return PyMISP(world.url, world.keys[who], ssl=False)


@pytest.fixture
def admin(served: Any) -> Any:
    return connect(served, "admin")


def test_connecting_reads_version_and_rights(served: Any, admin: Any) -> None:
    assert admin.misp_instance_version["version"].startswith("2.5.")
    assert admin._current_role.perm_site_admin
    assert admin._current_user.email == "admin@csirt.example"
    assert not connect(served, "user")._current_role.perm_admin


def test_organisations_round_trip(admin: Any) -> None:
    new: Any = MISPOrganisation()
    new.name, new.nationality = "Verweg Overheid", "Verweg"
    made = admin.add_organisation(new, pythonify=True)
    assert (made.name, made.nationality, made.local) == (new.name, new.nationality, True)
    made.description = "changed"
    assert admin.update_organisation(made, pythonify=True).description == "changed"
    assert admin.get_organisation(made.uuid, pythonify=True).id == made.id
    assert admin.organisation_exists(made)
    assert not admin.organisation_exists(999_999)
    found = admin.organisations(scope="all", search="Verweg", pythonify=True)
    assert [one.name for one in found] == ["Verweg Overheid"]
    assert admin.delete_organisation(made)["saved"]
    assert "errors" in admin.get_organisation(made.id)


def test_users_round_trip(served: Any, admin: Any) -> None:
    new: Any = MISPUser()
    new.email, new.role_id = "new@people.example", 3
    new.org_id = served.orgs["Noordland Bank"]
    made = admin.add_user(new, pythonify=True)
    assert made.email == new.email
    again: Any = PyMISP(served.url, made.authkey, ssl=False)
    assert again._current_user.id == made.id
    made.autoalert = True
    assert admin.update_user(made, pythonify=True).autoalert is True
    user, role, settings = admin.get_user(made, pythonify=True, expanded=True)
    assert (user.email, role.name, settings) == (new.email, "User", [])
    assert [one.email for one in admin.users(search="new@", pythonify=True)] == [new.email]
    bank = admin.users(organisation=served.orgs["Noordland Bank"])
    assert {row["Organisation"]["name"] for row in bank} == {"Noordland Bank"}
    assert len(admin.get_new_authkey(made)) == 40
    assert admin.delete_user(made)["saved"]


def test_oneself(served: Any) -> None:
    user = connect(served, "user")
    me = user.get_user(pythonify=True)
    me.contactalert = True
    assert user.update_user(me, pythonify=True).contactalert is True
    assert len(user.get_new_authkey()) == 40
    assert user.change_user_password("Another-password-9")["saved"]
    assert user.users_heartbeat() == {"message": "PONG"}


def test_roles(admin: Any) -> None:
    listed = admin.roles(pythonify=True)
    assert all(isinstance(role, MISPRole) for role in listed)
    assert [role.name for role in listed if role.default_role] == ["User"]
    new: Any = MISPRole()
    new.name, new.perm_sighting = "Sensors", True
    made = admin.add_role(new, pythonify=True)
    assert (made.name, made.perm_sighting) == ("Sensors", True)
    made.name = "Probes"
    assert admin.update_role(made, pythonify=True).name == "Probes"
    assert admin.set_default_role(3)["saved"]
    assert admin.delete_role(made)["saved"]


def test_sharing_groups_round_trip(served: Any) -> None:
    lead = connect(served, "orgadmin")
    new: Any = MISPSharingGroup()
    new.name, new.releasability, new.description = "Banks", "banks only", "d"
    made = lead.add_sharing_group(new, pythonify=True)
    assert made.name == "Banks"
    org: Any = MISPOrganisation()
    org.id = served.orgs["Zuidland Energie"]
    assert lead.add_org_to_sharing_group(made, org, extend=True)["saved"]
    assert lead.add_server_to_sharing_group(made, 0, all_orgs=False)["saved"]
    seen = lead.get_sharing_group(made, pythonify=True)
    assert [member["org_id"] for member in seen.sgorgs] == [str(org.id)]
    assert lead.sharing_group_exists(made)
    made.description = "changed"
    changed = lead.update_sharing_group(made, pythonify=True)
    assert changed.description == "changed"
    assert [one.name for one in lead.sharing_groups(pythonify=True)] == ["Banks"]
    assert lead.remove_org_from_sharing_group(made, org)["saved"]
    assert lead.remove_server_from_sharing_group(made, 0)["saved"]
    assert lead.delete_sharing_group(made)["saved"]
    assert not lead.sharing_group_exists(made)


def test_settings_of_the_node_and_of_users(served: Any, admin: Any) -> None:
    assert admin.set_server_setting("MISP.default_event_distribution", 0)["saved"]
    assert admin.get_server_setting("MISP.default_event_distribution")["value"] == 0
    assert admin.server_settings()["finalSettings"]
    user = connect(served, "user")
    stored = user.set_user_setting("homepage", {"path": "/events/index"}, pythonify=True)
    assert isinstance(stored, MISPUserSetting)
    assert user.get_user_setting("homepage", pythonify=True).value == {"path": "/events/index"}
    assert len(user.user_settings()) == 1
    assert user.delete_user_setting("homepage")["saved"]


def test_logs_and_statistics(served: Any, admin: Any) -> None:
    found = admin.search_logs(model="User", action="add", limit=2, pythonify=True)
    assert [entry.action for entry in found] == ["add", "add"]
    for context in ("data", "orgs", "users", "tags", "attributehistogram", "sightings"):
        assert "errors" not in admin.users_statistics(context)


def test_settings_that_nobody_set_have_a_value_of_their_kind(admin: Any) -> None:
    assert admin.get_server_setting("MISP.max_correlations_per_event")["value"] == 5000
    assert admin.get_server_setting("MISP.live")["value"] is True
    assert admin.get_server_setting("MISP.background_jobs")["value"] is False
    assert admin.get_server_setting("debug")["value"] == 0
    # What is read can be written back.
    assert admin.set_server_setting("MISP.background_jobs", False, force=True)["saved"]
    assert admin.set_server_setting("MISP.live", False, force=True)["saved"]
    assert admin.get_server_setting("MISP.live")["value"] is False
    assert admin.set_server_setting("debug", 1, force=True)["saved"]
    listed = {one["setting"]: one["value"] for one in admin.server_settings()["finalSettings"]}
    assert (listed["MISP.live"], listed["debug"]) == (False, 1)


def test_nobody_who_registers_comes_into_an_organisation_by_an_oversight(
    served: Any, admin: Any
) -> None:
    admin.set_server_setting("Security.allow_self_registration", True, force=True)
    asked: Any = register_user(served.url, "new@people.example", verify=False)
    assert asked["saved"]
    (waiting,) = admin.user_registrations(pythonify=True)
    refused = admin.accept_user_registration(waiting, unsafe_fallback=True)
    assert refused["errors"][0] == 400
    assert "Supply an Organisation ID" in refused["errors"][1]["message"]
    (still,) = admin.user_registrations(pythonify=True)
    org: Any = MISPOrganisation()
    org.id = served.orgs["Noordland Bank"]
    assert admin.accept_user_registration(still, organisation=org)["saved"]
    (made,) = [one for one in admin.users(pythonify=True) if one.email == "new@people.example"]
    assert made.org_id == str(org.id)


def test_an_organisation_with_an_empty_uuid_gets_its_own(admin: Any) -> None:
    new: Any = MISPOrganisation()
    new.name, new.uuid = "From a list", ""
    made = admin.add_organisation(new, pythonify=True)
    assert len(made.uuid) == 36
    refused = admin.add_organisation({"name": "Elsewhere", "uuid": "x"})["errors"]
    assert "UUID" in str(refused[1]["errors"]["uuid"])
