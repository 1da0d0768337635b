# SPDX-License-Identifier: EUPL-1.2
"""What widgets show, as the handlers of MISP's widgets give it to its pages."""

from typing import Any

from brug.api.misp.directory import directory_json
from brug.api.misp.dispatch import Call
from brug.api.misp.event.event_index import rows
from brug.intel.dashboard.boards import Placed
from brug.intel.dashboard.shown import Bars, Events, Items, Lines, Organisations, Shown
from brug.intel.dashboard.widgets import WIDGETS

# How MISP's page finds the cells of its tables.
_EVENT_FIELDS: dict[str, dict[str, Any]] = {
    "id": {"name": "#", "url": "/events/view", "element": "links", "data_path": "Event.id",
           "url_params_data_paths": "Event.id"},
    "orgc": {"name": "Org", "data_path": "Orgc", "element": "org"},
    "info": {"name": "Info", "data_path": "Event.info"},
    "tags": {"name": "Tags", "data_path": "EventTag", "element": "tags", "scope": "feeds"},
    "threat_level": {"name": "Threat Level", "data_path": "ThreatLevel.name"},
    "analysis": {"name": "Analysis", "data_path": "Event.analysis",
                 "element": "array_lookup_field",
                 "arrayData": ["Initial", "Ongoing", "Complete"]},
    "date": {"name": "Date", "data_path": "Event.date"},
}  # fmt: skip
_ORGANISATION_NAMES = {
    "id": "#", "date_created": "Creation date", "name": "Name", "uuid": "UUID",
    "sector": "Sector", "nationality": "Nationality", "type": "Type",
}  # fmt: skip
_THREATS = {1: "High", 2: "Medium", 3: "Low", 4: "Undefined"}


def shown(what: Shown, call: Call) -> Any:
    """The `data` of a widget."""
    match what:
        case Items():
            return _items(what, call)
        case Bars():
            return {"data": what.counts} | _colours(what)
        case Lines():
            days = [dict(zip(what.names, counts, strict=True)) for _, counts in what.points]
            data = [{"date": day} | counts
                    for (day, _), counts in zip(what.points, days, strict=True)]  # fmt: skip
            return {"data": data} | _colours(what)
        case Events():
            return _events(what, call)
        case Organisations():
            return _organisations(what, call)


def _colours(what: Bars | Lines) -> dict[str, Any]:
    return {} if what.colours is None else {"colours": what.colours}


def _items(what: Items, call: Call) -> Any:
    found = []
    for one in what.items:
        line: dict[str, Any] = {"title": one.title, "value": one.value}
        if one.path:
            # Made of this node's address and of numbers; nothing of it was ever sent.
            line["html"] = f' (<a href="{call.base_url}{one.path}">View</a>)'
        found.append(line)
    return found


def _events(what: Events, call: Call) -> Any:
    data = []
    for one in rows(call.session, what.found):
        head = {n: v for n, v in one.items() if n not in {"Org", "Orgc", "EventTag"}}
        level = int(head["threat_level_id"])
        data.append(
            {
                "Event": head,
                "Org": one["Org"],
                "Orgc": one["Orgc"],
                "ThreatLevel": {"id": str(level), "name": _THREATS.get(level, _THREATS[4])},
                "EventTag": one["EventTag"],
            }
        )
    fields = [dict(_EVENT_FIELDS[name]) for name in what.fields]
    for field in fields:
        if "url" in field:
            field["url"] = f"{call.base_url}{field['url']}"
    return {"data": data, "fields": fields}


def _organisations(what: Organisations, call: Call) -> Any:
    data = []
    for one in what.found:
        whole = directory_json.organisation(one, creator=False)
        data.append({"Organisation": {name: whole[name] for name in what.fields}})
    fields: dict[str, Any] = {
        name: {"name": _ORGANISATION_NAMES[name], "data_path": f"Organisation.{name}"}
        for name in what.fields
    }
    if "id" in fields:
        fields["id"] |= {
            "url": f"{call.base_url}/organisations/view", "element": "links",
            "url_params_data_paths": "Organisation.id",
        }  # fmt: skip
    return {"data": data, "fields": fields, "description": None}


def placed(one: Placed) -> dict[str, Any]:
    """A widget on a board, with what MISP's page takes from its class."""
    kind = one.kind
    return {
        "widget": one.widget, "config": one.config, "position": one.position,
        "width": kind.width, "height": kind.height, "title": kind.title,
        "alias": one.alias or kind.title,
    }  # fmt: skip


def about(name: str) -> dict[str, Any]:
    """What there is to know of a widget."""
    kind = WIDGETS[name]
    return {
        "widget": name,
        "title": kind.title,
        "render": kind.render,
        "params": {param: one.description for param, one in kind.params.items()},
        "description": kind.description,
        "height": kind.height,
        "width": kind.width,
        "placeholder": "",
        "autoRefreshDelay": False,
    }
