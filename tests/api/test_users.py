# SPDX-License-Identifier: EUPL-1.2
"""Users through MISP's interface: shapes, who may do what, and that nobody rises."""

from typing import Any

import pytest

from brug.store import settings
from brug.store.session import Database

USER_FIELDS = {
    "id", "password", "org_id", "server_id", "email", "autoalert", "invited_by", "gpgkey",
    "certif_public", "nids_sid", "termsaccepted", "newsread", "role_id", "change_pw",
    "contactalert", "disabled", "expiration", "current_login", "last_login", "force_logout",
    "date_created", "date_modified", "sub", "external_auth_required", "external_auth_key",
    "last_api_access", "notification_daily", "notification_weekly", "notification_monthly",
    "totp", "hotp_counter", "last_pw_change", "totp_is_set",
}  # fmt: skip


def role_of(world: Any, who: str) -> int:
    with world.database.system() as session:
        return int(session.value("SELECT role_id FROM account WHERE id = %s", (world.ids[who],)))


def test_me_answers_user_role_settings_and_organisation(world: Any) -> None:
    reply = world.ask("user", "GET", "/users/view/me.json")
    assert reply.status == 200
    assert set(reply.body) == {"User", "Role", "UserSetting", "Organisation"}
    assert set(reply.body["User"]) == USER_FIELDS - {"server_id"}
    assert reply.body["User"]["password"] == "*****"
    assert reply.body["Role"]["perm_add"] is True
    assert reply.body["Role"]["permission_description"] == "manage_org"
    assert not any(name.startswith("perm_bridge") for name in reply.body["Role"])


@pytest.mark.parametrize(
    ("who", "target", "status"),
    [
        ("admin", "other", 200), ("orgadmin", "user", 200), ("user", "user", 200),
        ("user", "user2", 404), ("orgadmin", "other", 404), ("user", "admin", 404),
        ("orgadmin", "admin", 404),
    ],
)  # fmt: skip
def test_a_user_is_seen_by_itself_and_its_administrators(
    world: Any, who: str, target: str, status: int
) -> None:
    assert world.ask(who, "GET", f"/users/view/{world.ids[target]}").status == status


def test_a_hidden_user_and_an_absent_one_answer_alike(world: Any) -> None:
    for path in ("/users/view/{}", "/admin/users/view/{}"):
        hidden = world.ask("orgadmin", "GET", path.format(world.ids["other"]))
        absent = world.ask("orgadmin", "GET", path.format(999_999))
        assert (hidden.status, hidden.body["name"]) == (absent.status, absent.body["name"])


def test_adding_a_user_gives_a_first_key_that_works(world: Any) -> None:
    new = {"email": "new@people.example", "org_id": world.orgs["Noordland Bank"], "role_id": 3}
    made = world.ask("admin", "POST", "/admin/users/add", {"User": new}).body["User"]
    assert set(made) == USER_FIELDS | {"authkey"}
    assert made["password"] == "******"
    assert world.ask(made["authkey"], "GET", "/users/view/me").body["User"]["id"] == made["id"]


@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({}, 403, {"email": "Mandatory field not set."}),
        ({"email": "bad"}, 403, {"email": ["Please enter a valid email address."]}),
        (
            {"email": "USER@people.example"},
            403,
            {"email": ["An account with this email address already exists."]},
        ),
        (
            {"email": "x@people.example", "password": "short"},
            403,
            {"password": ["Password length requirement not met."]},
        ),
        (
            {"email": "x@people.example", "gpgkey": "garbage"},
            403,
            {"gpgkey": ["GnuPG key not valid, please enter a valid key."]},
        ),
        ({"email": "x@people.example", "org_id": 9999}, 403, ["Invalid organisation"]),
    ],
)
def test_a_refused_user_names_the_field(world: Any, body: Any, status: int, errors: Any) -> None:
    reply = world.ask("admin", "POST", "/admin/users/add", body)
    assert (reply.status, reply.body["errors"]) == (status, errors)
    assert reply.body["saved"] is False
    assert reply.body["name"] == "Could not add User"


def test_an_unknown_role_is_refused_in_misps_words(world: Any) -> None:
    body = {"email": "x@people.example", "role_id": 99}
    reply = world.ask("admin", "POST", "/admin/users/add", body)
    assert (reply.status, reply.body["name"]) == (405, "Invalid role")


@pytest.mark.parametrize("who", ["user", "publisher", "sync", "readonly", "other"])
def test_only_administrators_administer(world: Any, who: str) -> None:
    own = world.ids[who]
    for method, path, body in (
        ("GET", "/admin/users/index", None),
        ("POST", "/admin/users/add", {"email": "x@people.example"}),
        ("POST", f"/admin/users/edit/{own}", {"role_id": 2}),
        ("POST", f"/admin/users/delete/{own}", None),
    ):
        reply = world.ask(who, method, path, body)
        assert reply.status == 403
        assert reply.body["name"] == "You do not have permission to use this functionality."


EVERY_COLUMN = {
    "id": 1, "email": "stolen@people.example", "org_id": 1, "role_id": 1, "disabled": False,
    "password_hash": "x", "issuer": "https://issuer.example", "subject": "1", "invited_by": 1,
    "expiration": "2037-01-01", "force_logout": True, "change_pw": False, "last_login": 1,
    "current_login": 1, "date_created": 1, "last_pw_change": 1, "rights": ["site_admin"],
    "Role": {"id": 1, "perm_site_admin": True}, "perm_site_admin": True, "autoalert": True,
}  # fmt: skip


@pytest.mark.parametrize("who", ["user", "orgadmin", "readonly"])
@pytest.mark.parametrize("path", ["/users/edit", "/users/edit/1"])
def test_mass_assignment_on_oneself_changes_only_ones_own_fields(
    world: Any, who: str, path: str
) -> None:
    before = world.ask(who, "GET", "/users/view/me").body
    after = world.ask(who, "POST", path, {"User": EVERY_COLUMN})
    assert after.status == 200
    changed = {name for name, value in after.body["User"].items() if before["User"][name] != value}
    assert changed <= {"autoalert", "date_modified", "last_api_access"}
    assert after.body["Role"] == before["Role"]


def test_mass_assignment_by_an_org_admin_moves_nobody_out_or_up(world: Any) -> None:
    target = world.ids["user"]
    fields = {k: v for k, v in EVERY_COLUMN.items() if k != "role_id"}
    changed = world.ask("orgadmin", "POST", f"/admin/users/edit/{target}", fields).body["User"]
    assert changed["id"] == str(target)
    assert changed["org_id"] == str(world.orgs["Noordland Bank"])
    assert changed["role_id"] == "3"
    assert changed["sub"] is None


@pytest.mark.parametrize("role", [1, 5])
def test_an_org_admin_gives_no_role_with_rights_that_it_lacks(world: Any, role: int) -> None:
    for who in ("user", "orgadmin"):
        path = f"/admin/users/edit/{world.ids[who]}"
        assert world.ask("orgadmin", "POST", path, {"role_id": role}).status == 405
        assert role_of(world, who) != role
    new = {"email": "x@people.example", "role_id": role}
    assert world.ask("orgadmin", "POST", "/admin/users/add", new).status == 405


def test_an_org_admin_takes_over_nobody_who_may_more(world: Any) -> None:
    """Neither by password nor key nor edit: a sync user of the same organisation."""
    target = world.ids["sync"]
    for method, path, body in (
        ("POST", f"/admin/users/edit/{target}", {"password": "Another-password-9"}),
        ("POST", f"/admin/users/delete/{target}", None),
        ("POST", f"/auth_keys/add/{target}", {}),
        ("POST", f"/users/resetauthkey/{target}", None),
    ):
        assert world.ask("orgadmin", method, path, body).status in {404, 405}


def test_an_org_admin_of_the_host_does_not_touch_its_site_admins(world: Any) -> None:
    with world.database.system() as session:
        world.add(session, "hostadmin", 1, 2)
    target = world.ids["admin"]
    for method, path, body in (
        ("POST", f"/admin/users/edit/{target}", {"email": "gone@people.example"}),
        ("POST", f"/admin/users/edit/{target}", {"disabled": True}),
        ("POST", f"/admin/users/delete/{target}", None),
        ("POST", f"/auth_keys/add/{target}", {}),
        ("POST", f"/users/resetauthkey/{target}", None),
        ("POST", f"/admin/users/destroy/{target}", None),
    ):
        assert world.ask("hostadmin", method, path, body).status in {404, 405}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/admin/users/edit/{id}", {"disabled": True}),
        ("POST", "/admin/users/delete/{id}", None),
        ("POST", "/auth_keys/add/{id}", {}),
        ("POST", "/users/resetauthkey/{id}", None),
        ("GET", "/auth_keys/index/{id}", None),
        ("GET", "/users/view/{id}", None),
        ("GET", "/admin/users/view/{id}", None),
        ("POST", "/admin/users/destroy/{id}", None),
    ],
)
def test_another_organisations_user_is_out_of_reach(
    world: Any, method: str, path: str, body: Any
) -> None:
    hidden = world.ask("orgadmin", method, path.format(id=world.ids["other"]), body)
    absent = world.ask("orgadmin", method, path.format(id=999_999), body)
    assert (hidden.status, str(hidden.body)[:60]) == (absent.status, str(absent.body)[:60])
    if method == "POST":
        assert hidden.status in {404, 405}
    assert "other@people.example" not in str(hidden.body)
    assert world.ask("other", "GET", "/users/view/me").status == 200


def test_an_administrators_list_holds_its_own_users(world: Any) -> None:
    seen = {row["User"]["email"] for row in world.ask("orgadmin", "GET", "/admin/users").body}
    assert "user@people.example" in seen
    assert "other@people.example" not in seen
    everyone = world.ask("admin", "GET", "/admin/users/index/value:people").body
    assert len(everyone) == 8
    row = everyone[0]
    assert set(row) == {"User", "Role", "Organisation"}
    assert set(row["Role"]) == {"id", "name", "perm_auth", "perm_site_admin", "perm_admin"}


def test_a_disabled_user_is_as_one_with_a_wrong_key(world: Any) -> None:
    path = f"/admin/users/edit/{world.ids['user']}"
    assert world.ask("orgadmin", "POST", path, {"disabled": "1"}).status == 200
    disabled = world.ask("user", "GET", "/users/view/me")
    assert disabled.status == 403
    assert disabled.body["name"] == world.ask("x" * 40, "GET", "/users/view/me").body["name"]


def test_the_last_site_admin_stays(world: Any) -> None:
    path = f"/admin/users/edit/{world.ids['admin']}"
    assert world.ask("admin", "POST", path, {"role_id": 3}).status == 403
    assert world.ask("admin", "POST", path, {"disabled": True}).status == 403
    assert world.ask("admin", "POST", f"/admin/users/delete/{world.ids['admin']}").status == 403
    assert world.ask("admin", "GET", "/users/view/me").body["User"]["role_id"] == "1"


def test_changing_ones_password_follows_misps_words(world: Any) -> None:
    def change(**body: str) -> Any:
        return world.ask("user", "POST", "/users/change_pw", body)

    assert "length / complexity" in change(password="short").body["errors"]
    wrong = change(password="Another-password-9", current_password="nope")
    assert wrong.body["errors"].startswith("Invalid password.")
    assert change(password="Another-password-9").body["message"] == "Password Changed."
    same = change(password="Another-password-9", current_password="Another-password-9")
    assert same.body["errors"].startswith("Submitted new password cannot be the same")


def test_deleting_a_user_ends_its_keys(world: Any) -> None:
    path = f"/admin/users/delete/{world.ids['user']}"
    assert world.ask("orgadmin", "POST", path).body["name"] == "User deleted."
    assert world.ask("user", "GET", "/users/view/me").status == 403
    assert world.ask("orgadmin", "POST", path).status == 404


def test_administrative_acts_are_in_the_log_without_secrets(world: Any) -> None:
    path = f"/admin/users/edit/{world.ids['user']}"
    world.ask("orgadmin", "POST", path, {"password": "Another-password-9", "autoalert": True})
    world.ask("otheradmin", "POST", "/admin/users/add", {"email": "z@people.example"})
    seen = [row["Log"] for row in world.ask("orgadmin", "GET", "/admin/logs/index").body]
    edit = seen[0]
    assert (edit["model"], edit["action"], edit["ip"]) == ("User", "edit", "192.0.2.7")
    assert "password () => (*)" in edit["change"]
    assert "Another-password-9" not in str(seen)
    assert "argon2" not in str(seen)
    assert "z@people.example" not in str(seen)
    everything = world.ask("admin", "POST", "/admin/logs/index", {"email": "otheradmin%"}).body
    assert {row["Log"]["model"] for row in everything} == {"User", "AuthKey"}
    assert world.ask("user", "GET", "/logs").body == []


def test_statistics_count_what_the_reader_sees(world: Any) -> None:
    for page in ("data", "orgs", "users", "tags", "attributehistogram", "sightings"):
        assert world.ask("user", "GET", f"/users/statistics/{page}").status == 200
    assert world.ask("user", "GET", "/users/statistics/usage").status == 404
    stats = world.ask("user", "GET", "/users/statistics").body["stats"]
    assert stats["user_count"] == "9"
    assert stats["event_count"] == "0"


def test_the_database_refuses_what_a_careless_handler_lets_through(world: Any) -> None:
    """Rows of accounts, keys and sessions as brug_app, without any of our functions."""
    statements = (
        ("user", "UPDATE account SET role_id = 1 WHERE id = current_user_id()"),
        ("user", "UPDATE account SET org_id = 1 WHERE id = current_user_id()"),
        ("orgadmin", "UPDATE account SET role_id = 5 WHERE email = 'user@people.example'"),
        ("orgadmin", "INSERT INTO account (email, org_id, role_id) VALUES ('q@x.example', 1, 3)"),
        (
            "orgadmin",
            """INSERT INTO auth_key (hash, authkey_start, authkey_end, user_id)
            SELECT '\\x00', 'a', 'b', id FROM account WHERE email = 'sync@people.example'""",
        ),
        (
            "orgadmin",
            """INSERT INTO web_session (hash, user_id, csrf, expires)
            SELECT '\\x00', id, 'c', now() FROM account WHERE email = 'user@people.example'""",
        ),
    )
    for who, statement in statements:
        with pytest.raises(Exception, match=r"row-level security|changed by an administrator"):
            _run(world.database, world.ids[who], statement)


def _run(database: Database, user_id: int, statement: Any) -> None:
    with database.as_user(user_id) as session:
        session.execute(statement)


def test_who_has_lost_the_password_asks_without_a_key(world: Any) -> None:
    asked = {"email": "user@people.example"}
    assert world.ask("", "POST", "/users/forgot", asked).status == 403
    with world.database.system() as session:
        settings.set_value(session, "mail.host", "mail.example")
        settings.set_value(session, "mail.from", "node@csirt.example")
    for email in ("user@people.example", "nobody@people.example"):
        reply = world.ask("", "POST", "/users/forgot", {"email": email})
        assert reply.body["message"].startswith("If this address has an account, a link is on")
    with world.database.system() as session:
        assert session.all("SELECT user_id FROM mail_cause") == [(world.ids["user"],)]
    assert world.ask("user", "POST", "/users/forgot", asked).status == 405
