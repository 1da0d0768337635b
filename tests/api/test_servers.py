# SPDX-License-Identifier: EUPL-1.2
"""What the node says of itself, its settings, and what users set for themselves."""

from typing import Any

import pytest

from brug import __version__
from brug.store import settings


def test_the_version_is_misps_and_says_brugs_beside_it(world: Any) -> None:
    seen = world.ask("user", "GET", "/servers/getVersion.json").body
    assert set(seen) == {
        "version", "pymisp_recommended_version", "perm_sync", "perm_sighting",
        "perm_galaxy_editor", "perm_analyst_data", "uuid", "request_encoding",
        "filter_sightings", "brug_version",
    }  # fmt: skip
    assert seen["version"].startswith("2.5.")
    assert (seen["brug_version"], seen["uuid"], seen["perm_sync"]) == (__version__, "-", False)
    assert len(world.ask("sync", "GET", "/servers/getVersion").body["uuid"]) == 36


def test_settings_answer_to_misps_names_and_brugs(world: Any) -> None:
    for name in ("MISP.default_event_distribution", "events.default_distribution"):
        path = f"/servers/serverSettingsEdit/{name}"
        assert world.ask("admin", "POST", path, {"value": "2"}).body["name"] == "Field updated"
        shown = world.ask("admin", "GET", f"/servers/getSetting/{name}").body
        assert (shown["name"], shown["value"]) == (name, 2)
        assert world.ask("admin", "GET", path).body == {name: 2}
    everything = world.ask("admin", "GET", "/servers/serverSettings").body["finalSettings"]
    assert "MISP.baseurl" in {one["setting"] for one in everything}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MISP.default_event_distribution", "99"),
        ("MISP.default_event_distribution", "-1"),
        ("MISP.unpublishedprivate", "abc"),
        ("MISP.language", "xx"),
        ("MISP.baseurl", "javascript:alert(1)"),
        ("MISP.baseurl", ["x"]),
        ("web.trusted_proxies", "nonsense"),
        ("node.misp_version", "3.0"),
        ("security.password_length", "2"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(world: Any, name: str, value: Any) -> None:
    path = f"/servers/serverSettingsEdit/{name}"
    before = world.ask("admin", "GET", path).body
    refused = world.ask("admin", "POST", path, {"value": value})
    assert refused.status == 403
    assert settings.named(name).name in refused.body["errors"]
    assert world.ask("admin", "GET", path).body == before


def test_unknown_settings_are_not_found(world: Any) -> None:
    for path in ("/servers/getSetting/nosuch", "/servers/serverSettingsEdit/MISP.nosuch"):
        assert world.ask("admin", "GET", path).status == 404


@pytest.mark.parametrize("who", ["orgadmin", "user", "sync"])
def test_only_site_admins_see_and_change_settings(world: Any, who: str) -> None:
    for path in (
        "/servers/serverSettings",
        "/servers/getSetting/MISP.baseurl",
        "/servers/serverSettingsEdit/MISP.baseurl",
    ):
        assert world.ask(who, "GET", path).status == 403
    body = {"value": "http://evil.example"}
    assert world.ask(who, "POST", "/servers/serverSettingsEdit/MISP.baseurl", body).status == 403


def test_what_users_set_for_themselves(world: Any) -> None:
    body = {"setting": "homepage", "value": {"path": "/events/index"}}
    stored = world.ask("user", "POST", "/user_settings/setSetting", body).body["UserSetting"]
    assert set(stored) == {"id", "setting", "value", "user_id", "timestamp"}
    assert world.ask("user", "GET", "/user_settings/getSetting/me/homepage").body == stored
    assert world.ask("user", "GET", "/user_settings").body == [{"UserSetting": stored}]
    me = world.ask("user", "GET", "/users/view/me").body
    assert me["UserSetting"] == {"homepage": {"path": "/events/index"}}
    text = {"setting": "publish_alert_filter", "value": '{"OR":{"Tag.name":"y"}}'}
    parsed = world.ask("user", "POST", "/user_settings/setSetting", text).body["UserSetting"]
    assert parsed["value"] == {"OR": {"Tag.name": "y"}}
    gone = world.ask("user", "POST", "/user_settings/delete", {"setting": "homepage"}).body
    assert gone["message"] == "Setting deleted."


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ({}, 405, "This endpoint expects both a setting and a value to be set."),
        ({"setting": "nosuch", "value": 1}, 405, "Invalid setting."),
        ({"setting": "homepage", "value": "x"}, 403, "Could not add UserSetting"),
        (
            {"setting": "dashboard_access", "value": 1},
            405,
            "This setting is restricted and requires the following permission(s): site_admin",
        ),
    ],
)
def test_refused_user_settings(world: Any, body: Any, status: int, name: str) -> None:
    reply = world.ask("user", "POST", "/user_settings/setSetting", body)
    assert (reply.status, reply.body["name"]) == (status, name)


def test_another_users_settings_are_out_of_reach(world: Any) -> None:
    body = {"setting": "homepage", "value": {"path": "/x"}}
    mine = world.ask("user", "POST", "/user_settings/setSetting", body).body["UserSetting"]
    for who in ("user2", "other", "otheradmin"):
        assert world.ask(who, "GET", f"/user_settings/view/{mine['id']}").status == 404
        assert world.ask(who, "POST", f"/user_settings/delete/{mine['id']}").status == 404
        for_other = body | {"user_id": world.ids["user"], "value": {"path": "/evil"}}
        stored = world.ask(who, "POST", "/user_settings/setSetting", for_other).body
        assert stored["UserSetting"]["user_id"] == str(world.ids[who])
    kept = world.ask("user", "GET", f"/user_settings/view/{mine['id']}").body["UserSetting"]
    assert kept["value"] == {"path": "/x"}
    managed = f"/user_settings/setSetting/{world.ids['user']}/homepage"
    changed = world.ask("orgadmin", "POST", managed, {"value": {"path": "/y"}}).body
    assert changed["UserSetting"]["user_id"] == str(world.ids["user"])
