# SPDX-License-Identifier: EUPL-1.2
"""`/eventReports/*`: texts that belong to an event, at a level of their own."""

from collections.abc import Sequence
from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.event.showing import embedded_groups
from brug.api.misp.item import item_json
from brug.api.misp.outcomes import errors_of, is_on, reaching
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import SaveFailed, saved
from brug.api.misp.relating import analyst_json
from brug.formats.misp.reading import read_report
from brug.intel import deleting, loading, reports
from brug.intel.analysis import analyst
from brug.intel.editing import edit_report
from brug.intel.extending import add_report
from brug.intel.finding import claim_named, find
from brug.intel.levels import GroupRefused
from brug.model.errors import Invalid, NotFound
from brug.model.event import EventReport

INVALID_EVENT = (404, "Invalid event")
INVALID = (404, "Invalid report")
_TEXTS = {"Name cannot be empty.": "This field cannot be left blank"}
NOT_YOURS = (401, "Unauthorized")
_DESCRIPTION = {
    "name": "/event_reports/add API description",
    "description": "POST a report in JSON format to create a report for the provided event",
    "mandatory_fields": ["name"],
    "optional_fields": ["distribution", "content"],
    "url": "/event_reports/add",
}


def _shown(call: Call, several: Sequence[EventReport]) -> list[dict[str, Any]]:
    events = loading.heads(call.session, sorted({one.event_id for one in several}))
    groups = embedded_groups(call.session, [one.sharing_group_id for one in several])
    said = analyst_json.of_reports(call.session, [one.uuid for one in several])
    shown = [
        item_json.report(one, events[one.event_id], groups)
        for one in several
        if one.event_id in events
    ]
    for report in shown:
        report["EventReport"] |= said.get(("EventReport", report["EventReport"]["uuid"]), {})
    return shown


def report_answer(call: Call, report_id: int) -> dict[str, Any]:
    """A changed report as MISP shows it; {} where its changer sees it no more."""
    payload = _one(call, report_id).payload
    return payload if isinstance(payload, dict) else {}


def _one(call: Call, report_id: int, *, changed: bool = True) -> Answer:
    found = reports.by_ids(call.session, [report_id])
    if report_id not in found:
        return Answer(saved("Report saved.", f"/event_reports/view/{report_id}", str(report_id)))
    shown = _shown(call, [found[report_id]])[0]
    if changed:
        del shown["RelationshipInbound"]
    else:
        pointing = analyst.inbound(call.session, found[report_id].uuid)
        shown["RelationshipInbound"] = analyst_json.flat(call.session, pointing, related=False)
    return Answer(shown)


def _failed(verb: str, error: Invalid | GroupRefused) -> SaveFailed:
    """MISP's answer about reports is one text, without the field."""
    texts = [_TEXTS.get(text, text) for several in errors_of(error).values() for text in several]
    return SaveFailed(verb, "EventReport", " ".join(texts), f"/event_reports/{verb}")


@endpoint(
    "event_reports", "add",
    methods=("GET", *WRITE),
    right="add",
    changes=True,
    shows=("report", "event"),
    summary="Adds a report to an event",
    body={"name": "text", "content": "Markdown", "distribution": "0-5"},
)  # fmt: skip
def add(call: Call) -> Answer:
    if call.method == "GET":
        # A stock server asks so before it pushes an event with reports.
        return Answer(_DESCRIPTION)
    with reaching(INVALID_EVENT):
        held = claim_named(call.session, call.arg(0))
    try:
        report_id = add_report(call.session, held, read_report(call.data("EventReport")))
    except (Invalid, GroupRefused) as error:
        raise _failed("add", error) from error
    return _one(call, report_id)


@endpoint(
    "event_reports", "view",
    shows=("report", "event"),
    probes=(("GET", "/eventReports/view/{report}", None),),
    summary="One report",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(INVALID):
        report_id = find(call.session, "event_report", call.arg(0))
    return _one(call, report_id, changed=False)


@endpoint(
    "event_reports", "index",
    shows=("report", "event"),
    probes=(
        ("GET", "/eventReports/index", None),
        ("GET", "/eventReports/index/context:all", None),
        ("GET", "/eventReports/index/event_id:{event}", None),
    ),
    summary="Reports of an event, or all that one sees",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.data("EventReport"), **call.named}
    event_id = None
    if asked.get("event_id"):
        try:
            event_id = find(call.session, "event", str(asked["event_id"]))
        except NotFound:
            return Answer([])
    context = "default"
    if asked.get("context") in ("all", "deleted"):
        context = asked["context"]
    found = reports.every(call.session, event_id=event_id, context=context)
    return Answer(_shown(call, page_of(asked, found)))


@endpoint(
    "event_reports", "edit",
    methods=WRITE,
    right="modify",
    changes=True,
    shows=("report", "event"),
    summary="Changes the fields of a report that are sent",
    body={"name": "text", "content": "Markdown", "distribution": "0-5"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    with reaching(INVALID, NOT_YOURS):
        report_id = find(call.session, "event_report", call.arg(0))
        try:
            edit_report(call.session, report_id, call.data("EventReport"))
        except (Invalid, GroupRefused) as error:
            raise _failed("edit", error) from error
    return _one(call, report_id)


@endpoint(
    "event_reports", "delete",
    methods=DELETABLE,
    right="modify",
    changes=True,
    summary="Marks a report as deleted; with /1 or `hard` removes it",
    body={"hard": False},
)  # fmt: skip
def delete(call: Call) -> Answer:
    hard = is_on(call.arg(1)) or is_on(call.data("EventReport").get("hard"))
    with reaching(INVALID, NOT_YOURS):
        report_id = deleting.delete_report(call.session, call.arg(0), hard=hard)
    # Named as whoever deletes it named it.
    text = f"Event Report {call.arg(0)} {'hard' if hard else 'soft'} deleted"
    return Answer(saved(text, f"/event_reports/delete/{report_id}", str(report_id)))


@endpoint(
    "event_reports", "restore",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Takes the deletion of a report back",
)  # fmt: skip
def restore(call: Call) -> Answer:
    with reaching(INVALID, NOT_YOURS):
        report_id = deleting.restore_report(call.session, call.arg(0))
    text = f"Event Report {report_id} restored"
    return Answer(saved(text, f"/event_reports/restore/{report_id}", str(report_id)))
