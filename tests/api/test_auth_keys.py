# SPDX-License-Identifier: EUPL-1.2
"""Keys through MISP's interface: shapes, limits, and whose they are."""

import time
from typing import Any

import pytest

KEY_FIELDS = {
    "id", "uuid", "authkey_start", "authkey_end", "created", "expiration", "read_only",
    "user_id", "comment", "allowed_ips", "unique_ips",
}  # fmt: skip
NOT_YOURS = (
    "Invalid user or insufficient privileges to interact with an authkey for the given user."
)


def make(world: Any, who: str, **body: Any) -> Any:
    return world.ask(who, "POST", "/auth_keys/add", body).body["AuthKey"]


def test_a_new_key_is_forty_letters_and_digits_and_told_once(world: Any) -> None:
    made = make(world, "user", comment="c")
    text = made.pop("authkey_raw")
    assert set(made) == KEY_FIELDS
    assert len(text) == 40
    assert text.isalnum()
    assert (made["authkey_start"], made["authkey_end"]) == (text[:4], text[-4:])
    seen = world.ask("user", "GET", f"/auth_keys/view/{made['id']}").body
    assert set(seen) == {"AuthKey", "User"}
    assert text not in str(seen)
    with world.database.system() as session:
        rows = session.all("SELECT k::text FROM auth_key k")
    assert text not in str(rows)


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ({"expiration": "2030-01-01"}, "expiration", "1893456000"),
        ({"expiration": "1893456000"}, "expiration", "1893456000"),
        ({"expiration": ""}, "expiration", "0"),
        ({"expiration": None}, "expiration", "0"),
        ({"read_only": 1}, "read_only", True),
        ({"allowed_ips": ["127.0.0.1", "2001:db8::/32"]}, "allowed_ips",
         ["127.0.0.1", "2001:db8::/32"]),
        ({"allowed_ips": "127.0.0.1\n10.0.0.0/8"}, "allowed_ips", ["127.0.0.1", "10.0.0.0/8"]),
        ({"AuthKey": {"comment": "wrapped"}}, "comment", "wrapped"),
        ({"user_id": 1}, "comment", ""),
    ],
)  # fmt: skip
def test_what_a_key_is_made_with(world: Any, body: Any, field: str, value: Any) -> None:
    made = make(world, "user", **body)
    assert made[field] == value
    assert made["user_id"] == str(world.ids["user"])


def test_a_relative_expiry_counts_from_now(world: Any) -> None:
    made = make(world, "user", expiration="+10 days")
    assert abs(int(made["expiration"]) - int(made["created"]) - 864_000) < 60


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"allowed_ips": ["nonsense"]}, {"allowed_ips": ["nonsense is not valid IP range"]}),
        (
            {"expiration": "nonsense"},
            {"expiration": ["Expiration must be in YYYY-MM-DD format."]},
        ),
        ({"expiration": "9" * 30}, {"expiration": ["Expiration must be in YYYY-MM-DD format."]}),
        ({"uuid": "x"}, {"uuid": ["Please provide a valid RFC 4122 UUID"]}),
    ],
)
def test_a_refused_key_names_the_field(world: Any, body: Any, errors: Any) -> None:
    reply = world.ask("user", "POST", "/auth_keys/add", body)
    assert (reply.status, reply.body["errors"]) == (403, errors)
    assert reply.body["name"] == "Could not add auth_key"


def test_a_read_only_key_reads_and_changes_nothing(world: Any) -> None:
    key = make(world, "orgadmin", read_only=True)["authkey_raw"]
    assert world.ask(key, "GET", "/users/view/me").status == 200
    for path, body in (
        ("/auth_keys/add", {}),
        ("/users/edit", {"autoalert": True}),
        ("/users/change_pw", {"password": "Another-password-9"}),
        ("/admin/users/add", {"email": "x@people.example"}),
        ("/user_settings/setSetting", {"setting": "homepage", "value": {"path": "/x"}}),
        ("/sharing_groups/add", {"name": "g"}),
    ):
        assert world.ask(key, "POST", path, body).status == 403


def test_a_key_for_one_address_is_refused_elsewhere(world: Any) -> None:
    key = make(world, "user", allowed_ips=["198.51.100.0/24"])["authkey_raw"]
    refused = world.ask(key, "GET", "/users/view/me", address="192.0.2.7")
    assert refused.status == 403
    assert refused.body["name"] == "It is not possible to use this Auth key from your IP address"
    assert world.ask(key, "GET", "/users/view/me", address="198.51.100.9").status == 200
    assert world.ask(key, "GET", "/users/view/me", address="not an address").status == 403


def test_an_expired_key_is_as_a_wrong_one(world: Any) -> None:
    made = make(world, "user")
    path = f"/auth_keys/edit/{made['id']}"
    past = str(int(time.time()) - 10)
    assert world.ask("user", "POST", path, {"expiration": past}).status == 200
    expired = world.ask(made["authkey_raw"], "GET", "/users/view/me")
    wrong = world.ask("x" * 40, "GET", "/users/view/me")
    assert (expired.status, expired.body) == (wrong.status, wrong.body)


def test_nobody_widens_a_key_with_itself(world: Any) -> None:
    soon = str(int(time.time()) + 3600)
    made = make(world, "user", expiration=soon, allowed_ips=["198.51.100.0/24"])
    limited = {"who": made["authkey_raw"], "address": "198.51.100.9"}

    def ask(path: str, body: Any) -> Any:
        return world.ask(limited["who"], "POST", path, body, address=limited["address"])

    child = ask("/auth_keys/add", {}).body["AuthKey"]
    assert child["expiration"] == soon
    assert child["allowed_ips"] == ["198.51.100.0/24"]
    assert ask("/auth_keys/add", {"allowed_ips": ["0.0.0.0/0"]}).status == 403
    edited = ask(f"/auth_keys/edit/{made['id']}", {"expiration": "", "comment": "x"})
    assert edited.body["AuthKey"]["expiration"] == soon
    assert ask("/users/change_pw", {"password": "Another-password-9"}).status == 403


def test_whose_keys_one_sees(world: Any) -> None:
    def emails(who: str, path: str = "/auth_keys") -> set[str]:
        return {row["User"]["email"] for row in world.ask(who, "GET", path).body}

    assert emails("user") == {"user@people.example"}
    assert "sync@people.example" in emails("orgadmin")
    assert "other@people.example" not in emails("orgadmin")
    assert {"other@people.example", "admin@csirt.example"} <= emails("admin")
    assert emails("orgadmin", f"/auth_keys/index/{world.ids['user']}") == {"user@people.example"}
    assert emails("user", f"/auth_keys/index/{world.ids['user2']}") == set()


@pytest.mark.parametrize("who", ["user2", "other", "otheradmin", "sync", "readonly"])
def test_another_persons_key_is_out_of_reach(world: Any, who: str) -> None:
    made = make(world, "user")
    absent = world.ask(who, "GET", "/auth_keys/view/999999")
    hidden = world.ask(who, "GET", f"/auth_keys/view/{made['id']}")
    assert (hidden.status, hidden.body["name"]) == (404, absent.body["name"])
    by_uuid = world.ask(who, "GET", f"/auth_keys/view/{made['uuid']}")
    assert by_uuid.status == 404
    edit = world.ask(who, "POST", f"/auth_keys/edit/{made['id']}", {"comment": "x"})
    assert (edit.status, edit.body["name"]) == (405, NOT_YOURS)
    assert world.ask(who, "POST", f"/auth_keys/delete/{made['id']}").status == 404
    add = world.ask(who, "POST", f"/auth_keys/add/{world.ids['user']}", {})
    assert (add.status, add.body["name"]) == (405, NOT_YOURS)
    assert world.ask(made["authkey_raw"], "GET", "/users/view/me").status == 200


def test_mass_assignment_on_a_key_moves_it_to_nobody(world: Any) -> None:
    made = make(world, "user")
    every = {
        "id": 1, "user_id": 1, "hash": "00", "authkey": "a" * 40, "authkey_start": "aaaa",
        "authkey_end": "aaaa", "created": 1, "last_used": 5, "unique_ips": ["192.0.2.1"],
        "uuid": "00000000-0000-4000-8000-000000000000",
    }  # fmt: skip
    edited = world.ask("user", "POST", f"/auth_keys/edit/{made['id']}", every).body["AuthKey"]
    made.pop("authkey_raw")
    assert edited == made
    added = make(world, "user", **every)
    assert added["user_id"] == str(world.ids["user"])
    assert added["authkey_raw"] != "a" * 40


def test_deleting_a_key_ends_it(world: Any) -> None:
    made = make(world, "user")
    gone = world.ask("user", "DELETE", f"/auth_keys/delete/{made['id']}").body
    assert (gone["name"], gone["id"]) == ("AuthKey deleted.", int(made["id"]))
    assert world.ask(made["authkey_raw"], "GET", "/users/view/me").status == 403
    assert world.ask("user", "POST", f"/auth_keys/delete/{made['id']}").status == 404


def test_resetting_ends_the_old_keys_and_tells_the_new_one(world: Any) -> None:
    reply = world.ask("user", "POST", "/users/resetauthkey/me").body
    text = reply["message"].removeprefix("Authkey updated: ")
    assert world.ask("user", "GET", "/users/view/me").status == 403
    assert world.ask(text, "GET", "/users/view/me").status == 200


@pytest.mark.parametrize("spelt", ["Bearer {}", "{}x", ""])
def test_only_the_key_itself_is_a_key(world: Any, spelt: str) -> None:
    reply = world.ask(spelt.format(world.keys["user"]), "GET", "/users/view/me")
    assert reply.status == 403


def test_a_key_notes_when_and_from_where_it_was_used(world: Any) -> None:
    made = make(world, "user")
    world.ask(made["authkey_raw"], "GET", "/users/view/me", address="198.51.100.9")
    world.ask(made["authkey_raw"], "GET", "/users/view/me", address="198.51.100.10")
    seen = world.ask("user", "GET", f"/auth_keys/view/{made['id']}").body["AuthKey"]
    assert seen["unique_ips"] == ["198.51.100.9"]  # noted at most once a minute


def test_a_node_may_limit_how_long_keys_live(world: Any) -> None:
    path = "/servers/serverSettingsEdit/Security.advanced_authkeys_validity"
    assert world.ask("admin", "POST", path, {"value": 30}).status == 200
    for asked in ("", "2037-01-01"):
        made = make(world, "user", expiration=asked)
        assert 0 < int(made["expiration"]) - int(made["created"]) <= 30 * 86_400 + 60
