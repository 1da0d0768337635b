# SPDX-License-Identifier: EUPL-1.2
"""`/dashboards`: a person's board, what its widgets show, and boards that are kept for others.

MISP draws most of these and answers programs with an error; here they are answered with
what MISP's pages are made of.
"""

from typing import Any

from brug.api.misp.directory import directory_json
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.node import widget_json
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.several import from_text
from brug.formats.misp import coercion
from brug.intel.dashboard import boards, widgets
from brug.intel.dashboard import saved as kept
from brug.intel.dashboard.saved import Saved
from brug.intel.dashboard.widgets import WIDGETS

URL = "/dashboards"
NO_TEMPLATE = (404, "Invalid dashboard template.")
NO_WIDGET = (404, "Invalid widget or widget not found.")
# Settings with which widgets show all that they can.
EVERYTHING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("TrendingTagsWidget", {"time_window": -1, "threshold": 100}),
    ("TrendingTagsWidget", {"time_window": -1, "threshold": 100, "over_time": 1}),
    ("TrendingAttributesWidget", {"time_window": "-1", "threshold": 100}),
    ("EventStreamWidget", {"limit": 100, "fields": ["id", "orgc", "info", "tags"]}),
    ("RecentSightingsWidget", {"last": "20000d", "limit": 100}),
    ("OrgContributionToplistWidget", {"limit": 100}),
    ("MispStatusWidget", {}),
)


_PROBES = tuple(
    ("POST", "/dashboards/renderWidget/1", {"widget": name, "config": config})
    for name, config in EVERYTHING
)


@endpoint(
    "dashboards", "index",
    shows=("own",),
    probes=(("GET", "/dashboards/index", None),),
    summary="The widgets on one's board, or on one that is kept (`index/ID`).",
)  # fmt: skip
def index(call: Call) -> Answer:
    if not call.arg(0):
        return Answer([widget_json.placed(one) for one in boards.own(call.session)])
    with reaching(NO_TEMPLATE):
        found = kept.view(call.session, call.arg(0))
    return Answer([widget_json.placed(one) for one in boards.read(found.value)])


@endpoint(
    "dashboards", "getForm",
    summary="`add`: every widget that there is; `edit`: what one of them can be set to.",
    body={"widget": "TrendingTagsWidget", "config": {}},
)  # fmt: skip
def get_form(call: Call) -> Answer:
    data = call.data("Dashboard", "data")
    if call.arg(0) == "add":
        return Answer({"widget_options": {name: widget_json.about(name) for name in WIDGETS}})
    if not data.get("widget"):
        raise MispError(405, "No widget name passed.")
    with reaching(NO_WIDGET):
        kind = widgets.find(data["widget"])
    params = {"alias": "Alias to use as the title of the widget"}
    params |= {name: one.description for name, one in kind.params.items()}
    said = {"widget": data["widget"], "config": data.get("config") or ""}
    return Answer(said | {"description": kind.description, "params": params})


@endpoint(
    "dashboards", "getEmptyWidget",
    summary="What a widget is called and how large it is drawn.",
)  # fmt: skip
def get_empty_widget(call: Call) -> Answer:
    with reaching(NO_WIDGET):
        kind = widgets.find(call.arg(0))
    return Answer(
        {
            "widget": call.arg(0), "config": "", "title": kind.title, "alias": kind.title,
            "width": kind.width, "height": kind.height,
        }
    )  # fmt: skip


@endpoint(
    "dashboards", "renderWidget",
    shows=("event", "tag", "attribute", "sighting", "directory"),
    probes=_PROBES,
    summary="What a widget shows of what one sees.",
    body={"widget": "TrendingTagsWidget", "config": {"time_window": "7d"}},
)  # fmt: skip
def render_widget(call: Call) -> Answer:
    if call.method != "POST":
        raise MispError(405, "This endpoint can only be reached via POST requests.")
    sent = call.body if isinstance(call.body, dict) else {}
    sent = from_text("data", sent.get("data") or sent)
    if not isinstance(sent, dict) or not sent:
        text = "You need to specify the widget to use along with the configuration."
        raise MispError(405, text)
    name, config = sent.get("widget"), from_text("config", sent.get("config") or {})
    with reaching(NO_WIDGET):
        what = widgets.show(call.session, name, config)
    return Answer(
        {
            "widget_id": call.arg(0),
            "title": widgets.find(name).title,
            "data": widget_json.shown(what, call),
            "config": {
                "render": widgets.render_of(str(name), config), "autoRefreshDelay": False,
            },
        }
    )  # fmt: skip


def _done(url: str, text: str, **more: Any) -> Answer:
    return Answer(saved(text, f"{URL}/{url}", **more))


@endpoint(
    "dashboards", "updateSettings", methods=WRITE, changes=True,
    summary="Make a list of widgets one's board.",
    body={"value": [{"widget": "MispStatusWidget", "config": {}, "position": {}}]},
)  # fmt: skip
def update_settings(call: Call) -> Answer:
    data = call.data("Dashboard", "UserSetting")
    if "value" not in data:
        raise MispError(405, "No setting data found.")
    with saving("updateSettings", "Dashboard", f"{URL}/updateSettings"):
        boards.store(call.session, data["value"])
    return _done("updateSettings", "Settings updated.")


@endpoint(
    "dashboards", "import", methods=WRITE, changes=True,
    summary="Take over a board as `export` gives it; widgets that are not here are named.",
    body={"UserSetting": {"value": [{"widget": "MispStatusWidget", "config": {}}]}},
)  # fmt: skip
def take_in(call: Call) -> Answer:
    value = call.body
    for wrapper in ("Dashboard", "UserSetting"):
        if isinstance(value, dict) and isinstance(value.get(wrapper), dict):
            value = value[wrapper].get("value")
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    with saving("import", "Dashboard", f"{URL}/import"):
        missing = boards.take_in(call.session, value)
    unknown = {"widget": [f"{name}: there is no such widget here" for name in missing]}
    return _done("import", "Settings updated.", **({"errors": unknown} if missing else {}))


@endpoint(
    "dashboards", "export", shows=("own",),
    probes=(("GET", "/dashboards/export", None),),
    summary="One's board, as `import` takes it.",
)  # fmt: skip
def export(call: Call) -> Answer:
    found = boards.setting(call.session)
    return Answer([] if found is None else {"UserSetting": directory_json.user_setting(found)})


def _saved(found: Saved) -> dict[str, Any]:
    right = f"{kept.RIGHT}{found.right}" if found.right else ""
    return {
        "Dashboard": {
            "id": str(found.id),
            "uuid": found.uuid,
            "name": found.name,
            "description": found.description,
            "default": found.is_default,
            "selectable": found.selectable,
            "user_id": str(found.user_id),
            "restrict_to_org_id": str(found.org_id or 0),
            "restrict_to_role_id": str(found.role_id or 0),
            "restrict_to_permission_flag": right,
            "value": found.value,
            "timestamp": str(found.timestamp),
        }
    }


@endpoint(
    "dashboards", "saveTemplate", methods=WRITE, changes=True,
    summary="Keep one's board under a name, or change one that is kept (`saveTemplate/ID`).",
    body={"name": "text", "description": "text", "selectable": False},
)  # fmt: skip
def save_template(call: Call) -> Answer:
    data = call.data("Dashboard")
    found = None
    if call.arg(0):
        with reaching(NO_TEMPLATE):
            found = kept.editable(call.session, call.arg(0))
    with saving("saveDashboardTemplate", "Dashboard", f"{URL}/saveDashboardTemplate"):
        said = kept.drafted(call.session, data)
        if found is None:
            own = boards.setting(call.session)
            kept.add(call.session, said, boards.as_stored() if own is None else own.value)
        else:
            value = data.get("value")
            given = None if value in (None, "") else boards.checked(value)
            kept.edit(call.session, found, said, given)
    return _done("saveDashboardTemplate", "Dashboard template updated.")


@endpoint(
    "dashboards", "listTemplates",
    shows=("own",),
    probes=(("GET", "/dashboards/listTemplates", None),),
    summary="Boards that one keeps, and those that others offer.",
)  # fmt: skip
def list_templates(call: Call) -> Answer:
    asked = {**call.query, **call.named}
    text = coercion.text("value", asked.get("value")).strip()[:255]
    found = kept.listed(call.session, text)
    return Answer([_saved(one) for one in page_of(asked, found)])


@endpoint(
    "dashboards", "deleteTemplate", methods=DELETABLE, changes=True,
    summary="Delete a board that one keeps.",
)  # fmt: skip
def delete_template(call: Call) -> Answer:
    with reaching(NO_TEMPLATE):
        found = kept.editable(call.session, call.arg(0))
    kept.delete(call.session, found)
    return _done("delete", "Dashboard template removed.", id=call.arg(0))
