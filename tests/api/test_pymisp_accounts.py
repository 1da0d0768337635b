# SPDX-License-Identifier: EUPL-1.2
"""PyMISP's calls about registrations, passwords, keys, alerts and a user's own settings."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest
from pymisp import MISPEvent, MISPInbox, MISPUser, MISPUserSetting, PyMISP
from pysequoia import Tsk
from tests.listening import NO_TLS

from brug.store import settings

from .conftest import World


def client(node: World, who: str) -> Any:
    return PyMISP(node.url, node.keys[who], ssl=False)


def switch(node: World, name: str, value: Any) -> None:
    with node.database.system() as session:
        settings.set_value(session, name, value)


def ask_for_account(node: World, **wishes: Any) -> httpx.Response:
    return httpx.post(
        f"{node.url}/users/register",
        json={"User": wishes},
        headers={"Accept": "application/json"},
        trust_env=False,
        verify=NO_TLS,
    )


def test_registrations_are_asked_for_listed_accepted_and_discarded(served_node: World) -> None:
    assert ask_for_account(served_node, email="a@new.example").status_code == 403
    switch(served_node, "security.self_registration", True)
    for name in ("a", "b"):
        said = ask_for_account(
            served_node, email=f"{name}@new.example", org_name="New", message="x"
        )
        assert said.status_code == 200, said.text
    misp = client(served_node, "admin")
    found = misp.user_registrations(pythonify=True)
    assert all(isinstance(one, MISPInbox) for one in found)
    first, second = found
    assert first.data["email"] == "a@new.example"
    org = served_node.orgs["Noordland Bank"]
    assert misp.accept_user_registration(first.id, organisation=org)["saved"] is True
    assert misp.discard_user_registration(second.id)["name"] == "1 registration(s) discarded."
    assert misp.user_registrations() == []
    made = [one for one in misp.users(pythonify=True) if one.email == "a@new.example"]
    assert [int(one.org_id) for one in made] == [org]
    assert int(made[0].role_id) == 3


def test_who_asks_gets_no_rights_by_asking_and_learns_of_no_account(served_node: World) -> None:
    switch(served_node, "security.self_registration", True)
    known = ask_for_account(served_node, email="admin@csirt.example")
    wished = ask_for_account(
        served_node, email="wish@new.example", perm_admin=True, perm_sync=True, role_id=1
    )
    assert (known.status_code, known.text) == (wished.status_code, wished.text)
    misp = client(served_node, "admin")
    waiting = {
        one["Inbox"]["data"]["email"]: one["Inbox"]["id"] for one in misp.user_registrations()
    }
    assert "admin@csirt.example" not in waiting
    request = waiting["wish@new.example"]
    said = misp.accept_user_registration(request, unsafe_fallback=True)
    assert said["errors"][1]["message"].startswith("No organisation selected"), said
    misp.accept_user_registration(request, organisation=served_node.orgs["Noordland Bank"])
    made = next(u for u in misp.users(pythonify=True) if u.email == "wish@new.example")
    assert int(made.role_id) == 3


@pytest.mark.parametrize("who", ["orgadmin", "user", "readonly"])
def test_registrations_are_for_site_admins(served_node: World, who: str) -> None:
    said = client(served_node, who).user_registrations()
    assert isinstance(said, dict)
    assert said["errors"][0] == 403


def test_an_event_is_published_with_an_alert_and_its_reporter_is_asked(served_node: World) -> None:
    misp = client(served_node, "publisher")
    event = MISPEvent()
    event.info = "Phishing"
    event.distribution = 1
    made = misp.add_event(event, pythonify=True)
    assert isinstance(made, MISPEvent)
    said = misp.publish(made, alert=True)
    assert said["message"] == "Email sent to all participants."
    unset = client(served_node, "other").contact_event_reporter(made, "Seen here too")
    assert "Sending of email failed." in str(unset)
    switch(served_node, "mail.host", "127.0.0.1")
    switch(served_node, "mail.from", "node@csirt.example")
    said = client(served_node, "other").contact_event_reporter(made, "Seen here too")
    assert said["saved"] is True
    with served_node.database.system() as session:
        assert session.value("SELECT details->>'message' FROM mail_cause") == "Seen here too"
    switch(served_node, "mail.host", "")


def test_a_password_and_keys_are_changed(served_node: World) -> None:
    misp = client(served_node, "user2")
    assert misp.change_user_password("Another-horse-battery-2")["saved"] is True
    key = misp.get_new_authkey()
    assert isinstance(key, str)
    served_node.keys["user2"] = key
    me = client(served_node, "user2").get_user("me", pythonify=True)
    assert isinstance(me, MISPUser)
    assert me.email == "user2@people.example"


def test_own_settings_come_and_go(served_node: World) -> None:
    misp = client(served_node, "user")
    rule = {"Tag.name": ["%ransom%"]}
    misp.set_user_setting("publish_alert_filter", rule)
    stored = misp.get_user_setting("publish_alert_filter", pythonify=True)
    assert isinstance(stored, MISPUserSetting)
    assert stored.to_dict()["value"] == rule
    misp.delete_user_setting("publish_alert_filter")
    assert misp.user_settings() == []


def test_the_limit_of_a_role_counts_searches_and_says_what_is_left(world: World) -> None:
    said = world.ask(
        "admin", "POST", "/admin/roles/add",
        {"name": "limited", "perm_auth": 1, "enforce_rate_limit": 1, "rate_limit_count": 2},
    )  # fmt: skip
    with world.database.system() as session:
        world.add(session, "limited", world.orgs["Noordland Bank"], int(said.body["Role"]["id"]))
    left = []
    for _ in range(2):
        reply = world.ask("limited", "POST", "/events/restSearch", {"limit": 1})
        assert reply.status == 200
        left.append(reply.headers["X-Rate-Limit-Remaining"])
    assert left == ["1", "0"]
    over = world.ask("limited", "POST", "/events/restSearch", {"limit": 1})
    assert (over.status, over.body["message"]) == (429, "Rate limit exceeded.")
    assert over.headers["X-Rate-Limit-Limit"] == "2"
    assert world.ask("limited", "GET", "/users/view/me").status == 200
    assert "X-Rate-Limit-Limit" not in world.ask("user", "POST", "/events/restSearch", {}).headers


def test_requests_of_a_monitored_user_are_on_record(world: World) -> None:
    user = world.ids["user"]
    assert world.ask("orgadmin", "POST", f"/admin/users/monitor/{user}", {"value": 1}).status == 403
    assert world.ask("admin", "POST", f"/admin/users/monitor/{user}", {"value": 1}).body == 1
    world.ask("user", "GET", "/users/view/me")
    world.ask("user2", "GET", "/users/view/me")
    with world.database.system() as session:
        rows = session.all("SELECT user_id, title FROM audit WHERE action = 'request'")
    assert rows == [(user, "GET /users/view/me")]


def test_fields_are_switched_for_users_whom_one_administers_alone(world: World) -> None:
    ids = [world.ids[who] for who in ("user", "user2")]
    path = "/admin/users/massToggleField/autoalert/1"
    assert world.ask("orgadmin", "POST", path, {"user_ids": ids}).status == 200
    mixed = [world.ids["user"], world.ids["other"]]
    off = "/admin/users/massToggleField/disabled/1"
    assert world.ask("orgadmin", "POST", off, {"user_ids": mixed}).status == 404
    assert world.ask("user", "GET", "/users/view/me").body["User"]["autoalert"] is True
    for field in ("role_id", "org_id", "monitored", "password_hash"):
        bad = world.ask(
            "admin", "POST", f"/admin/users/massToggleField/{field}/1", {"user_ids": ids}
        )
        assert bad.status == 405


def test_a_key_whose_uuid_is_anothers_is_made_with_one_of_its_own(world: World) -> None:
    theirs = world.ask("other", "POST", "/auth_keys/add", {}).body["AuthKey"]["uuid"]
    free = str(secrets.token_hex(16))
    free = f"{free[:8]}-{free[8:12]}-4{free[13:16]}-8{free[17:20]}-{free[20:]}"
    answers = [world.ask("user", "POST", "/auth_keys/add", {"uuid": one}) for one in (theirs, free)]
    assert [one.status for one in answers] == [200, 200]
    assert all(a.body["AuthKey"]["uuid"] not in {theirs, free} for a in answers)


def test_keys_of_people_are_found_among_those_that_one_sees(world: World) -> None:
    key = str(Tsk.generate("other <other@people.example>").extract_certificate())
    assert world.ask("other", "POST", "/users/edit", {"gpgkey": key}).status == 200
    assert world.ask("other", "POST", "/users/edit", {"gpgkey": "x"}).status == 403
    found = world.ask("admin", "GET", "/users/searchGpgKey/other@people.example")
    assert found.status == 200
    assert world.ask("orgadmin", "GET", "/users/searchGpgKey/other@people.example").status == 404
    fingerprint = found.body[0]["fingerprint"]
    assert world.ask("user", "GET", f"/users/fetchGpgKey/{fingerprint}").status == 404


def test_a_summary_holds_what_its_reader_sees(world: World) -> None:
    for level, info in ((0, "Only ours"), (1, "For all here")):
        made = world.ask("publisher", "POST", "/events/add", {"info": info, "distribution": level})
        world.ask("publisher", "POST", f"/events/publish/{made.body['Event']['id']}")
    seen = {
        who: {
            one["info"]
            for one in world.ask(who, "GET", "/users/viewPeriodicSummary/daily").body["events"]
        }
        for who in ("user", "other")
    }  # fmt: skip
    assert seen == {"user": {"Only ours", "For all here"}, "other": {"For all here"}}
