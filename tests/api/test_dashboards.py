# SPDX-License-Identifier: EUPL-1.2
"""Dashboards over MISP's interface: one's board, what widgets show, boards that are kept."""

import time
from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.event_world import attribute, event, is_refused, published

from brug.intel.dashboard.widgets import WIDGETS

RENDER = "/dashboards/renderWidget/7"
BOARD = [
    {"widget": "TrendingTagsWidget", "config": {"threshold": 3, "alias": "Ours"},
     "position": {"x": 0, "y": 0, "width": 3, "height": 4}},
    {"widget": "WhoamiWidget", "config": [], "position": {"x": 3, "y": 0}},
]  # fmt: skip


def shown(world: World, who: str, widget: str, **config: Any) -> Any:
    reply = world.ask(who, "POST", RENDER, {"data": {"widget": widget, "config": config}})
    assert reply.status == 200, reply.body
    return reply.body


def counts(world: World, who: str, widget: str, **config: Any) -> dict[str, int]:
    return dict(shown(world, who, widget, **config)["data"]["data"])


@pytest.mark.parametrize("who", ["admin", "user", "readonly", "other"])
@pytest.mark.parametrize("name", sorted(WIDGETS))
def test_every_widget_shows_something_to_everybody(world: World, who: str, name: str) -> None:
    made = event(world, distribution=1, Tag=[{"name": "a:tag"}])
    attribute(world, made["id"])
    published(world, made["id"])
    reply = shown(world, who, name)
    kind = WIDGETS[name]
    assert (reply["widget_id"], reply["title"]) == ("7", kind.title)
    assert reply["config"] == {"render": kind.render, "autoRefreshDelay": False}
    if kind.render == "SimpleList":
        assert all({"title", "value"} <= line.keys() for line in reply["data"])
    elif kind.render == "Index":
        assert {"data", "fields"} <= reply["data"].keys()
    else:
        assert "data" in reply["data"]


def test_a_widget_counts_what_its_reader_sees(world: World) -> None:
    for level, name in ((1, "open:tag"), (0, "own:tag")):
        made = event(world, distribution=level, Tag=[{"name": name}, {"name": "both:tag"}])
        attribute(world, made["id"], value=f"192.0.2.{level + 1}")
        attribute(world, made["id"], type="text", value="the same", category="Other")
        published(world, made["id"])
    tags, values = "TrendingTagsWidget", "TrendingAttributesWidget"
    assert counts(world, "user", tags) == {"both:tag": 2, "open:tag": 1, "own:tag": 1}
    assert counts(world, "other", tags) == {"both:tag": 1, "open:tag": 1}
    assert counts(world, "user", values)["the same"] == 2
    assert counts(world, "other", values) == {"192.0.2.2": 1, "the same": 1}
    assert counts(world, "user", "OrgContributionToplistWidget") == {"Noordland Bank": 2}
    assert counts(world, "other", "OrgContributionToplistWidget") == {"Noordland Bank": 1}
    seen = shown(world, "other", "EventStreamWidget", fields=["id", "tags"])["data"]
    assert [len(seen["data"]), [f["name"] for f in seen["fields"]]] == [1, ["#", "Tags"]]
    usage = {i["title"]: i["value"] for i in shown(world, "other", "UsageDataWidget")["data"]}
    assert (usage["Events"], usage["Attributes"], usage["Organisations"]) == (1, 2, 3)
    months = shown(world, "other", "EventEvolutionLineWidget")["data"]["data"]
    assert months[-1]["Events"] == 1
    status = {i["title"]: i["value"] for i in shown(world, "other", "MispStatusWidget")["data"]}
    assert status == {"Events modified": 1, "Events published": 1}


def test_options_narrow_what_is_shown(world: World) -> None:
    for number, name in enumerate(("tlp:red", "tlp:green", "kind:one", "kind:two")):
        made = event(world, distribution=1, info=f"Number {number}", Tag=[{"name": name}])
        attribute(world, made["id"], value=f"192.0.2.{number}", to_ids=bool(number % 2))
        published(world, made["id"])
    tags = "TrendingTagsWidget"
    assert set(counts(world, "user", tags, exclude=["tlp:"])) == {"kind:one", "kind:two"}
    assert set(counts(world, "user", tags, include="kind:,green")) == {
        "tlp:green", "kind:one", "kind:two"
    }  # fmt: skip
    assert len(counts(world, "user", tags, threshold="2")) == 2
    assert set(counts(world, "user", tags, filter_event_tags=["tlp:red"])) == {"tlp:red"}
    daily = shown(world, "user", tags, over_time=True, include=["kind:"])
    assert daily["config"]["render"] == "MultiLineChart"
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert daily["data"]["data"] == [{"date": today, "kind:one": 1, "kind:two": 1}]
    values = "TrendingAttributesWidget"
    assert set(counts(world, "user", values, to_ids=[1])) == {"192.0.2.1", "192.0.2.3"}
    assert set(counts(world, "user", values, exclude=["192.0.2.0"], to_ids=0)) == {"192.0.2.2"}
    assert counts(world, "user", values, type=["domain"]) == {}
    own = {"name": ["Noordland Bank"]}
    assert len(counts(world, "user", values, org_filter=own)) == 4
    assert counts(world, "user", values, org_filter={"name": ["!Noordland Bank"]}) == {}
    stream = "EventStreamWidget"

    def listed(**config: Any) -> list[str]:
        found = shown(world, "user", stream, **config)["data"]["data"]
        return [one["Event"]["info"] for one in found]

    assert listed(tags="tlp:red,kind:one") == ["Number 2", "Number 0"]
    assert listed(tags=["!kind:one"], limit=1) == ["Number 3"]
    assert listed(orgs=["Zuidland Energie"]) == []
    with world.database.system() as session:
        session.execute("UPDATE event SET timestamp = timestamp - 864000")
        session.execute("UPDATE attribute SET timestamp = timestamp - 864000")
    assert counts(world, "user", tags) == {}
    assert len(counts(world, "user", tags, time_window="P11D")) == 4
    assert len(counts(world, "user", tags, time_window=-1)) == 4
    assert counts(world, "user", values, time_window="12h") == {}
    assert counts(world, "user", "OrgContributionToplistWidget", days="7d") == {}
    assert counts(world, "user", "OrgContributionToplistWidget", days=11) == {"Noordland Bank": 4}


def test_sightings_are_those_that_the_policy_shows(world: World) -> None:
    made = event(world, distribution=1)
    one = attribute(world, made["id"], value="192.0.2.77")
    published(world, made["id"])
    world.ask("user", "POST", f"/sightings/add/{one['id']}", {"type": 1})
    (line,) = shown(world, "user", "RecentSightingsWidget")["data"]
    assert line["title"] == "False positive"
    wanted = f"192.0.2.77 (id: {one['id']}) in Phishing wave (id: {made['id']})"
    assert line["value"] == wanted
    assert shown(world, "other", "RecentSightingsWidget")["data"] == []


def test_organisations_by_country_and_the_newest(world: World) -> None:
    number = world.orgs["Zuidland Energie"]
    world.ask("admin", "POST", f"/admin/organisations/edit/{number}", {"nationality": "Noordland"})
    assert counts(world, "user", "OrganisationListWidget") == {"Noordland": 1}
    newest = shown(world, "user", "NewOrgsWidget", limit=2, fields=["name"])["data"]
    assert [one["Organisation"] for one in newest["data"]] == [
        {"name": "Zuidland Energie"}, {"name": "Noordland Bank"}
    ]  # fmt: skip
    abroad = shown(world, "user", "NewOrgsWidget", filter={"nationality": "!Noordland"})["data"]
    assert "Zuidland Energie" not in str(abroad)
    last = shown(world, "user", "NewOrgsWidget", start_date="2000-01", end_date="2000-02")
    assert last["data"]["data"] == []


@pytest.mark.parametrize(
    ("widget", "config", "field"),
    [
        ("TrendingTagsWidget", {"time_window": "soon"}, "time_window"),
        ("TrendingTagsWidget", {"time_window": ["7d"]}, "time_window"),
        ("TrendingTagsWidget", {"threshold": 101}, "threshold"),
        ("TrendingTagsWidget", {"threshold": "x"}, "threshold"),
        ("TrendingTagsWidget", {"exclude": {"a": 1}}, "exclude"),
        ("TrendingTagsWidget", {"exclude": ["x"] * 101}, "exclude"),
        ("TrendingAttributesWidget", {"org_filter": "Bank"}, "org_filter"),
        ("TrendingAttributesWidget", {"to_ids": "often"}, "to_ids"),
        ("EventStreamWidget", {"limit": -1}, "limit"),
        ("NewOrgsWidget", {"days": "many"}, "days"),
        ("NewOrgsWidget", {"start_date": "first"}, "start_date"),
        ("NewOrgsWidget", {"filter": {"local": "x"}}, "local"),
        ("MispStatusWidget", "x", "config"),
        ("MispStatusWidget", [1], "config"),
    ],
)
def test_an_option_that_does_not_fit_is_named(
    world: World, widget: str, config: Any, field: str
) -> None:
    reply = world.ask("user", "POST", RENDER, {"widget": widget, "config": config})
    assert reply.status == 400
    assert reply.body["message"].startswith(field)


def test_a_widget_is_asked_for_in_each_way_that_clients_use(world: World) -> None:
    for body in (
        {"data": '{"config": "{}", "widget": "WhoamiWidget"}'},
        {"data": {"widget": "WhoamiWidget", "config": '{"alias": "x"}'}},
        {"widget": "WhoamiWidget"},
    ):
        reply = world.ask("user", "POST", RENDER, body)
        assert reply.body["data"][0] == {"title": "Email", "value": "user@people.example"}
    reply = world.ask("user", "GET", "/dashboards/renderWidget/WhoamiWidget")
    assert is_refused(reply, 405, "This endpoint can only be reached via POST requests.")
    assert is_refused(world.ask("user", "POST", RENDER, {}), 405, "You need to specify")
    for name in ("NoWidget", "../Event", ["x"], None):
        reply = world.ask("user", "POST", RENDER, {"widget": name})
        assert is_refused(reply, 404, "Invalid widget"), name


def test_a_board_is_kept_and_shown(world: World) -> None:
    first = world.ask("user", "GET", "/dashboards").body
    assert [one["widget"] for one in first] == [
        "MispStatusWidget", "TrendingTagsWidget", "EventStreamWidget"
    ]  # fmt: skip
    assert world.ask("user", "GET", "/dashboards/export").body == []
    done = world.ask("user", "POST", "/dashboards/updateSettings", {"value": BOARD})
    assert done.body == {
        "saved": True, "success": True, "name": "Settings updated.",
        "message": "Settings updated.", "url": "/dashboards/updateSettings",
    }  # fmt: skip
    whole = world.ask("user", "GET", "/dashboards/index").body
    assert [(one["widget"], one["alias"], one["width"]) for one in whole] == [
        ("TrendingTagsWidget", "Ours", 3), ("WhoamiWidget", "Whoami", 2)
    ]  # fmt: skip
    exported = world.ask("user", "GET", "/dashboards/export").body
    assert exported["UserSetting"]["value"] == BOARD
    assert len(world.ask("user2", "GET", "/dashboards/index").body) == 3
    named = {"setting": "dashboard", "user_id": world.ids["user"]}
    setting = world.ask("user", "POST", "/user_settings/getSetting", named).body
    assert setting["value"] == BOARD
    assert world.ask("readonly", "POST", "/dashboards/updateSettings", {"value": []}).status == 200
    with world.database.system() as session:
        session.execute("UPDATE auth_key SET read_only = true")
    assert world.ask("user", "POST", "/dashboards/updateSettings", {"value": []}).status == 403
    assert shown(world, "user", "WhoamiWidget")


def test_a_board_is_taken_over_without_what_is_not_here(world: World) -> None:
    foreign = [*BOARD, {"widget": "PewPewMapWidget", "config": {}}]
    for body in (foreign, {"UserSetting": {"value": foreign}}, {"Dashboard": {"value": foreign}}):
        reply = world.ask("user", "POST", "/dashboards/import", body)
        assert reply.status == 200, reply.body
        assert reply.body["errors"] == {"widget": ["PewPewMapWidget: there is no such widget here"]}
        assert world.ask("user", "GET", "/dashboards/export").body["UserSetting"]["value"] == BOARD
    empty = world.ask("user", "POST", "/dashboards/import", {"Dashboard": {"value": "[]"}})
    assert empty.body["saved"] is True
    assert world.ask("user", "GET", "/dashboards/index").body == []


@pytest.mark.parametrize(
    "value", ["x", {"a": 1}, 5, None, [1], [{"widget": ""}], [{"config": {}}], [{"widget": []}],
              [{"widget": "x"}] * 51, '[{"widget": "x"']
)  # fmt: skip
def test_what_is_no_board_is_refused(world: World, value: Any) -> None:
    for route in ("updateSettings", "import"):
        reply = world.ask("user", "POST", f"/dashboards/{route}", {"Dashboard": {"value": value}})
        assert reply.status == 403, (route, value)
        assert set(reply.body["errors"]) <= {"value", "widget"}
    assert world.ask("user", "GET", "/dashboards/export").body == []


def test_a_setting_that_is_no_board_shows_no_widget(world: World) -> None:
    for value in ({"a": 1}, [1, {"widget": "x"}, {"widget": ["x"]}, {"widget": "WhoamiWidget"}]):
        said = {"setting": "dashboard", "value": value}
        world.ask("user", "POST", "/user_settings/setSetting", said)
    (only,) = world.ask("user", "GET", "/dashboards").body
    assert (only["widget"], only["config"]) == ("WhoamiWidget", {})


def keep(world: World, who: str, **fields: Any) -> dict[str, Any]:
    reply = world.ask(who, "POST", "/dashboards/saveTemplate", {"name": "Ours", **fields})
    assert reply.status == 200, reply.body
    return dict(world.ask(who, "GET", "/dashboards/listTemplates").body[-1]["Dashboard"])


def names(world: World, who: str) -> list[str]:
    found = world.ask(who, "GET", "/dashboards/listTemplates").body
    return [one["Dashboard"]["name"] for one in found]


def test_a_board_is_kept_for_ones_own_organisation(world: World) -> None:
    world.ask("user", "POST", "/dashboards/updateSettings", {"value": BOARD})
    made = keep(world, "user", description="d")
    assert made["value"] == BOARD
    assert made["restrict_to_org_id"] == str(world.orgs["Noordland Bank"])
    assert names(world, "user2") == []
    no = "Invalid dashboard template."
    assert is_refused(world.ask("user2", "GET", f"/dashboards/index/{made['id']}"), 404, no)
    save = f"/dashboards/saveTemplate/{made['uuid']}"
    changed = {"Dashboard": {"selectable": 1, "name": "Shared", "default": 1,
                             "restrict_to_org_id": 0}}  # fmt: skip
    assert world.ask("user", "POST", save, changed).status == 200
    assert names(world, "user2") == ["Shared"]
    assert names(world, "other") == []
    board = world.ask("user2", "GET", f"/dashboards/index/{made['id']}").body
    assert [one["widget"] for one in board] == ["TrendingTagsWidget", "WhoamiWidget"]
    assert is_refused(world.ask("user2", "POST", save, {"name": "x"}), 404, no)
    gone = f"/dashboards/deleteTemplate/{made['id']}"
    assert is_refused(world.ask("user2", "POST", gone), 404, no)
    assert is_refused(world.ask("other", "POST", gone), 404, no)
    assert world.ask("user", "POST", gone).body["message"] == "Dashboard template removed."
    assert names(world, "user") == []


def test_a_site_admin_says_for_whom_a_board_is(world: World) -> None:
    wide = keep(world, "admin", name="All", selectable=1, default=1)
    assert (wide["default"], wide["restrict_to_org_id"]) == (True, "0")
    value = [{"widget": "WhoamiWidget", "config": {}}]
    save = f"/dashboards/saveTemplate/{wide['id']}"
    assert world.ask("admin", "POST", save, {"value": value}).status == 200
    assert [one["widget"] for one in world.ask("other", "GET", "/dashboards").body] == [
        "WhoamiWidget"
    ]
    second = keep(world, "admin", name="Second", selectable=1, default=1)
    listed = world.ask("admin", "GET", "/dashboards/listTemplates").body
    assert [one["Dashboard"]["default"] for one in listed] == [False, True]
    path = f"/dashboards/saveTemplate/{second['id']}"
    for said, seen in (
        ({"restrict_to_org_id": world.orgs["Zuidland Energie"]}, {"other"}),
        ({"restrict_to_org_id": 0, "restrict_to_role_id": 6}, {"readonly"}),
        ({"restrict_to_role_id": 0, "restrict_to_permission_flag": "perm_sync"}, {"sync"}),
        ({"restrict_to_permission_flag": 0}, {"other", "readonly", "sync", "user"}),
    ):
        assert world.ask("admin", "POST", path, said).status == 200
        who = ("other", "readonly", "sync", "user")
        assert {one for one in who if "Second" in names(world, one)} == seen, said
    for field in ("restrict_to_org_id", "restrict_to_role_id", "restrict_to_permission_flag"):
        reply = world.ask("admin", "POST", path, {field: "9999"})
        assert reply.status == 403
        assert list(reply.body["errors"]) == [field]
    assert is_refused(world.ask("user", "POST", path, {"name": "x"}), 404, "Invalid")
    assert world.ask("user", "POST", "/dashboards/saveTemplate", {"description": "x"}).status == 403
    found = world.ask("user", "GET", "/dashboards/listTemplates/value:secon").body
    assert [one["Dashboard"]["name"] for one in found] == ["Second"]


def test_what_widgets_there_are_is_told(world: World) -> None:
    options = world.ask("user", "POST", "/dashboards/getForm/add").body["widget_options"]
    assert set(options) == set(WIDGETS)
    assert "time_window" in options["TrendingTagsWidget"]["params"]
    asked = {"widget": "TrendingTagsWidget", "config": {"threshold": 3}}
    form = world.ask("user", "POST", "/dashboards/getForm/edit", asked).body
    assert form["config"] == {"threshold": 3}
    assert {"alias", "threshold"} <= form["params"].keys()
    assert world.ask("user", "POST", "/dashboards/getForm/edit", {"widget": "x"}).status == 404
    empty = world.ask("user", "GET", "/dashboards/getEmptyWidget/WhoamiWidget").body
    assert empty["title"] == "Whoami"
    assert world.ask("user", "GET", "/dashboards/getEmptyWidget/x").status == 404
