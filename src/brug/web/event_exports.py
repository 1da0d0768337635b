# SPDX-License-Identifier: EUPL-1.2
"""What a list of events shows, as a file."""

import csv
import io
from collections.abc import Callable, Sequence

import msgspec

from brug.formats.csv import safe
from brug.formats.sensors.table import SENSORS
from brug.intel import loading
from brug.intel.browsing import EventRow
from brug.intel.leaving import sensors
from brug.intel.leaving.files import FILES
from brug.intel.search import filters
from brug.model.errors import Invalid
from brug.store import settings
from brug.web.page import page
from brug.web.visit import Reply, Visit

MOST_ROWS = 10_000
_COLUMNS = (
    "id", "uuid", "date", "info", "orgc", "published", "distribution", "threat_level_id",
    "analysis", "timestamp",
)  # fmt: skip


def _csv(rows: Sequence[EventRow]) -> Reply:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*_COLUMNS, "tags"])
    for row in rows:
        cells = [getattr(row, name) for name in _COLUMNS]
        names = ", ".join(tag.name for tag in row.tags)
        writer.writerow([safe(c) if isinstance(c, str) else c for c in (*cells, names)])
    return _file(out.getvalue().encode(), "text/csv; charset=utf-8", "events.csv")


def _json(rows: Sequence[EventRow]) -> Reply:
    listed = [
        {name: getattr(row, name) for name in _COLUMNS} | {"tags": [tag.name for tag in row.tags]}
        for row in rows
    ]
    return _file(msgspec.json.encode(listed), "application/json", "events.json")


def _file(body: bytes, media_type: str, name: str) -> Reply:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Reply(body, 200, headers, media_type=media_type)


LISTS: dict[str, Callable[[Sequence[EventRow]], Reply]] = {"csv": _csv, "json": _json}


@page(
    "/intelligence/events/{key:str}/export",
    shows=("event", "attribute", "object", "tag", "report"),
    probe="/intelligence/events/{event}/export",
)
def event_file(visit: Visit) -> Reply:
    """One event with all that the reader sees of it: as MISP writes it, or in another format."""
    found = loading.event(visit.session, visit.args["key"])
    if name := visit.query.get("format"):
        return _in_format(visit, found.head.id, name)
    body = msgspec.json.encode({"Event": visit.site.event_json(visit.session, found)})
    return _file(body, "application/json", f"event-{found.head.id}.json")


def _in_format(visit: Visit, event_id: int, name: str) -> Reply:
    form = FILES.get(name)
    if form is None:
        raise Invalid("format", ", ".join(FILES), name)
    url = str(settings.get(visit.session, "node.url")).rstrip("/")
    out = io.BytesIO()
    asked = filters.read(form.scope, {"eventid": str(event_id)})
    form.write(visit.session, asked, out, sensors.settings_of(visit.session, url, {}))
    return _file(out.getvalue(), form.media_type, f"event-{event_id}-{name}.{form.ending}")


# The formats that the page of an event offers, in this order.
OFFERED = (
    "stix2", "stix", "suricata", "snort", "zeek", "yara", "rpz", "hosts", "netfilter", "openioc",
    "text", "attack", "context-markdown",
)  # fmt: skip


@page(
    "/intelligence/events/{key:str}/formats",
    shows=("event",),
    probe="/intelligence/events/{event}/formats",
)
def event_formats(visit: Visit) -> Reply:
    """The formats in which an event can be had, and what each is for."""
    found = loading.event(visit.session, visit.args["key"])
    rows = [(name, name in SENSORS) for name in OFFERED]
    return visit.show("events/formats.html", event=found.head, rows=rows)
