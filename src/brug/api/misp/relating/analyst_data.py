# SPDX-License-Identifier: EUPL-1.2
"""`/analystData/*`: notes, opinions and relationships about whatever has a UUID.

The path names the kind (`Note`, `Opinion`, `Relationship`, or `all` with a UUID), then the
item by number or UUID, or what the new one is about.
"""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, Shows, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.relating import analyst_json, analyst_related
from brug.formats.misp.analyst import read
from brug.formats.misp.analyst_inside import below
from brug.intel.analysis import analyst, analyst_changes, analyst_taking
from brug.intel.finding import Table, find, uuid_of
from brug.model.analyst import KIND_NAMES, AnalystData
from brug.model.naming import is_uuid, number_in

Json = dict[str, Any]
SHOWS: tuple[Shows, ...] = ("event", "attribute", "object", "report", "directory")
NOT_YOURS = (405, "You are not authorised to do that.")
_FINDABLE: dict[Any, Table] = {
    "Event": "event", "Attribute": "attribute", "Object": "object", "EventReport": "event_report",
}  # fmt: skip


def kind_of(call: Call) -> int:
    """The kind that the path names first. Raises MispError."""
    name = call.arg(0, "Note")
    if name not in KIND_NAMES:
        raise MispError(405, "Invalid type.")
    return KIND_NAMES.index(name)


def _item(call: Call) -> AnalystData:
    """The item that the path names. Raises MispError."""
    if call.arg(0) == "all":
        with reaching((404, "Invalid analyst data.")):
            return analyst.find(call.session, None, call.arg(1))
    kind = kind_of(call)
    with reaching((404, f"Invalid {KIND_NAMES[kind]}.")):
        return analyst.find(call.session, kind, call.arg(1))


def _changed(call: Call, item: AnalystData) -> Answer:
    return Answer({item.name: analyst_json.flat(call.session, [item])[0]})


def _about(call: Call, raw: Json) -> tuple[Any, Any]:
    """What a new one is about: from the path, else as it says; a number is looked up."""
    kind = call.arg(2) or raw.get("object_type")
    key = call.arg(1) or raw.get("object_uuid")
    if number_in(str(key)) is not None and kind in _FINDABLE:
        table = _FINDABLE[kind]
        with reaching((404, f"Invalid {kind}.")):
            key = uuid_of(call.session, table, find(call.session, table, str(key)))
    return kind, key


@endpoint(
    "analyst_data", "add",
    methods=WRITE,
    right="analyst_data",
    changes=True,
    shows=SHOWS,
    summary="Adds a note, opinion or relationship about an item",
    body={"note": "text", "language": "en", "distribution": "0-4"},
)  # fmt: skip
def add(call: Call) -> Answer:
    kind = kind_of(call)
    name = KIND_NAMES[kind]
    raw = call.data(name)
    with saving("add", name, f"/analyst_data/add/{name}"):
        new = read(kind, raw, _about(call, raw))
        item = analyst_changes.add(call.session, new)
        analyst_taking.take_inside(call.session, below(kind, raw | {"uuid": item.uuid}))
    return _changed(call, item)


@endpoint(
    "analyst_data", "edit",
    methods=WRITE,
    right="analyst_data",
    changes=True,
    shows=SHOWS,
    summary="Changes the fields that are sent and takes in what is said of it; its subject stays",
    body={"note": "text", "opinion": "0-100", "comment": "text"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    stored = _item(call)
    with (
        reaching((404, f"Invalid {stored.name}."), NOT_YOURS),
        saving("edit", stored.name, f"/analyst_data/edit/{stored.name}/{stored.id}", stored.id),
    ):
        raw = call.data(stored.name)
        item = analyst_changes.edit(call.session, stored, read(stored.kind, raw, partial=True))
        inside = below(stored.kind, raw | {"uuid": item.uuid})
        analyst_taking.take_inside(call.session, inside)
    return _changed(call, item)


@endpoint(
    "analyst_data", "delete",
    methods=DELETABLE,
    right="analyst_data",
    changes=True,
    summary="Takes a note, opinion or relationship back; it is kept out from now on",
)  # fmt: skip
def delete(call: Call) -> Answer:
    stored = _item(call)
    with reaching((404, f"Invalid {stored.name}."), NOT_YOURS):
        analyst_changes.delete(call.session, stored)
    url = f"/{stored.name.lower()}s/delete/{stored.id}"
    return Answer(saved(f"{stored.name} deleted.", url, stored.id))


@endpoint(
    "analyst_data", "view",
    shows=SHOWS,
    probes=(
        ("GET", "/analystData/view/Note/{note}", None),
        ("GET", "/analystData/view/Opinion/{opinion}", None),
        ("GET", "/analystData/view/Relationship/{relationship}", None),
    ),
    summary="One note, opinion or relationship with what is said about it",
)  # fmt: skip
def view(call: Call) -> Answer:
    item = _item(call)
    shown = analyst_json.whole(call.session, item)
    shown.pop("_canEdit", None)
    return Answer({item.name: shown})


@endpoint(
    "analyst_data", "index",
    shows=SHOWS,
    probes=tuple(("GET", f"/analystData/index/{name}", None) for name in KIND_NAMES),
    summary="Notes, opinions or relationships that one sees, by UUID or by what they are about",
    body={"uuid": ["UUID"], "object_uuid": ["UUID"], "object_type": "Event"},
)  # fmt: skip
def index(call: Call) -> Answer:
    kind = kind_of(call)
    name = KIND_NAMES[kind]
    asked = {**call.data(name), **call.named}
    found = analyst.listed(
        call.session,
        kind,
        uuids=_uuids(asked.get("uuid", asked.get("uuid[]"))),
        object_uuids=_uuids(asked.get("object_uuid")),
        object_type=_text(asked.get("object_type")),
        orgc=_text(asked.get("orgc_name", asked.get("orgc_uuid"))),
    )
    shown = analyst_json.flat(call.session, page_of(asked, found))
    return Answer([{name: item} for item in shown])


def _uuids(asked: Any) -> list[str] | None:
    """What is asked for, without what is no UUID; None where nothing was asked."""
    if asked is None:
        return None
    several = asked if isinstance(asked, list) else [asked]
    return [text for one in several if is_uuid(text := str(one).strip())]


def _text(asked: Any) -> str | None:
    return asked if isinstance(asked, str) and asked and "\0" not in asked else None


@endpoint(
    "analyst_data", "getChildren",
    shows=SHOWS,
    probes=(("GET", "/analystData/getChildren/Note/{note}", None),),
    summary="One item with all that is nested in it",
)  # fmt: skip
def get_children(call: Call) -> Answer:
    return Answer(analyst_json.whole(call.session, _item(call)))


@endpoint(
    "analyst_data", "getRelatedElement",
    shows=("event", "attribute", "object", "report", "directory", "vocabulary"),
    summary="What something is about, in short, by kind and UUID",
)  # fmt: skip
def get_related_element(call: Call) -> Answer:
    found = analyst_related.related(call.session, [(call.arg(0), call.arg(1))])
    return Answer({kind: item for (kind, _), item in found.items()} or [])
