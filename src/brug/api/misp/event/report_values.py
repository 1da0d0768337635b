# SPDX-License-Identifier: EUPL-1.2
"""`/eventReports/*` beyond the reports themselves: values, pages, what a report speaks of."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.event.event_reports import INVALID, INVALID_EVENT, NOT_YOURS, report_answer
from brug.api.misp.event.freetext import offered
from brug.api.misp.item.item_json import attribute, misp_object
from brug.api.misp.outcomes import reaching
from brug.directory import routes
from brug.edge import outgoing
from brug.edge.outgoing import Limits, NotReached
from brug.formats.misp import coercion
from brug.formats.page_text import text_of, title_of
from brug.intel import reports
from brug.intel.extending import add_report
from brug.intel.finding import claim, claim_named, claim_parent, find
from brug.intel.intake import report_context, report_values
from brug.intel.label.taglist import ListedTag
from brug.intel.loading import event as load
from brug.intel.vocabulary.clusters_as_misp import cluster_json, galaxy_json
from brug.intel.vocabulary.galaxies import galaxies
from brug.model.attribute_types import CATEGORIES, CATEGORIES_OF
from brug.model.new_event import NewReport
from brug.store import settings

LARGEST_PAGE = 8 * 2**20


@endpoint(
    "event_reports", "extractAllFromReport",
    methods=WRITE, right="add", changes=True, shows=("report", "event"),
    summary="Adds the values of a report to its event, and names them in the report",
)  # fmt: skip
def extract_all(call: Call) -> Answer:
    with reaching(INVALID, NOT_YOURS):
        report_id = find(call.session, "event_report", call.arg(0))
        held = claim_parent(call.session, "event_report", report_id)
        report_values.take_values(call.session, held, report_id)
    return Answer({"report": report_answer(call, report_id)})


@endpoint(
    "event_reports", "extractFromReport",
    shows=("report", "event", "attribute", "object", "tag", "vocabulary"),
    probes=(("GET", "/eventReports/extractFromReport/{report}", None),),
    summary="What a report says: known and new values, tags and clusters; changes nothing",
)  # fmt: skip
def extract(call: Call) -> Answer:
    with reaching(INVALID):
        report_id = find(call.session, "event_report", call.arg(0))
    report = reports.by_ids(call.session, [report_id])[report_id]
    found = report_values.offer(call.session, report)
    return Answer(
        {
            "complexTypeToolResult": [offered(one, to_ids) for one, to_ids in found.fresh],
            "typeToCategoryMapping": {
                name: [one for one in CATEGORIES if one in those]
                for name, those in CATEGORIES_OF.items()
            },
            "replacementValues": {
                value: {"attributeUUIDs": uuids, "valueInReport": value}
                for value, uuids in found.known.items()
            } or [],
            "replacementContext": _context(call, found.text) or [],
        }
    )  # fmt: skip


def _context(call: Call, text: str) -> dict[str, dict[str, Any]]:
    """By what is written: the tags that it could become."""
    context: dict[str, dict[str, Any]] = {}
    for written, tag in report_context.tags_in(call.session, text):
        context.setdefault(written, {})[tag.name] = _tag(tag)
    for written, cluster in report_context.clusters_in(call.session, text):
        shown = cluster_json(cluster) | {"colour": "#0088cc"}
        context.setdefault(written, {})[cluster.tag_name] = shown
    return context


def _tag(tag: ListedTag) -> dict[str, Any]:
    return {
        "id": str(tag.id),
        "name": tag.name,
        "colour": tag.colour,
        "exportable": tag.exportable,
        "hide_tag": tag.hide_tag,
        "numerical_value": tag.numerical_value,
        "is_galaxy": tag.is_galaxy,
        "is_custom_galaxy": tag.is_custom_galaxy,
        "local_only": tag.local_only,
    }


@endpoint(
    "event_reports", "reportFromEvent",
    methods=WRITE, right="add", changes=True, shows=("report", "event"),
    summary="Writes a report of what an event says",
)  # fmt: skip
def report_from_event(call: Call) -> Answer:
    with reaching(INVALID_EVENT, NOT_YOURS):
        held = claim_named(call.session, call.arg(0))
    return Answer(report_answer(call, report_values.report_from_event(call.session, held)))


@endpoint(
    "event_reports", "importReportFromUrl",
    methods=WRITE, right="add", changes=True, shows=("report", "event"),
    summary="Fetches a page and keeps its text as a report of an event",
    body={"url": "http or https address"},
)  # fmt: skip
def import_report_from_url(call: Call) -> Answer:
    with reaching(INVALID_EVENT, NOT_YOURS):
        event_id = find(call.session, "event", call.arg(0))
        claim(call.session, event_id)
    url = coercion.text("url", call.data("EventReport").get("url")).strip()
    networks = settings.get(call.session, "outgoing.private_networks")
    try:
        route = routes.of_node(call.session, url)
        limits = Limits(20.0, LARGEST_PAGE, networks)
        page = outgoing.fetch("GET", url, limits=limits, route=route)
    except NotReached:
        # MISP's answer for a page that could not be fetched; which hosts answer is not told.
        return Answer([])
    if page.status >= 300:
        return Answer([])
    raw = page.body.decode("utf-8", "replace").replace("\0", "")
    longest = int(settings.get(call.session, "limits.text_characters"))
    name = f"From {title_of(raw) or url}"[:255]
    content = f"{url}\n\n{text_of(raw)}"[:longest]
    held = claim(call.session, event_id)
    return Answer(
        report_answer(call, add_report(call.session, held, NewReport(None, name, content)))
    )


@endpoint(
    "event_reports", "getProxyMISPElements",
    shows=("report", "event", "attribute", "object", "tag"),
    probes=(("GET", "/eventReports/getProxyMISPElements/{report}", None),),
    summary="What of its event a report can speak of, by UUID",
)  # fmt: skip
def proxy_elements(call: Call) -> Answer:
    with reaching(INVALID):
        report_id = find(call.session, "event_report", call.arg(0))
        event_id = reports.by_ids(call.session, [report_id])[report_id].event_id
        event = load(call.session, event_id)
    shown: dict[str, Any] = {
        "attribute": {a.uuid: attribute(a) | {"AttributeTag": [], "Galaxy": []}
                      for a in event.attributes},
        "object": {
            o.uuid: misp_object(o) | {"Attribute": [attribute(a) for a in o.attributes]}
            for o in event.objects
        },
        "objectTemplates": [],
        "galaxymatrix": {
            one.uuid: galaxy_json(one)
            for one in galaxies(call.session)
            if one.kill_chain_order is not None
        },
        "tagname": {tag.name: {"id": str(tag.id), "name": tag.name, "colour": tag.colour}
                    for tag in event.tags},
    }  # fmt: skip
    for name in ("attribute", "object", "galaxymatrix", "tagname"):
        shown[name] = shown[name] or []
    return Answer(shown)
