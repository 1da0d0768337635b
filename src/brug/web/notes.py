# SPDX-License-Identifier: EUPL-1.2
"""What analysts say about an event and what it holds: read, said, answered, taken back."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import msgspec

from brug.directory import sharing_groups
from brug.formats.misp import analyst as form
from brug.intel import loading
from brug.intel.analysis import analyst, analyst_changes
from brug.intel.finding import find
from brug.model.analyst import KIND_NAMES, AnalystData, Kind
from brug.model.attribute_types import Refused
from brug.model.errors import NotFound
from brug.model.naming import is_uuid
from brug.store import settings
from brug.store.session import Session
from brug.web.event_values import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

EVENT = "/intelligence/events/{key:str}"
# What a form may be about: the event, what stands in it, or what was said of these.
_ABOUT = frozenset({"Event", "Attribute", "Object", "EventReport", *KIND_NAMES})


class Said(msgspec.Struct):
    """One note, opinion or relationship as a page shows it."""

    item: AnalystData
    org: str
    own: bool
    about: str = ""
    answers: list["Said"] = []


def of_event(visit: Visit, event_id: int, uuid: str) -> list[Said]:
    """What is said about an event and what it holds, each with its answers."""
    said, _ = analyst.of_events(visit.session, [event_id], uuid)
    return nested(visit, said, event_id) if said else []


def nested(visit: Visit, said: Sequence[AnalystData], event_id: int) -> list[Said]:
    session = visit.session
    names = {key: org["name"] for key, org in analyst.organisations(session, said).items()}
    labels = _labels(session, event_id, said)
    made = {
        item.uuid: Said(
            item,
            names.get(item.orgc_id, ""),
            analyst.may_change(session, item),
            labels.get(item.object_uuid, ""),
            [],
        )
        for item in said
    }
    first: list[Said] = []
    for one in made.values():
        above = made.get(one.item.object_uuid) if one.item.object_type in KIND_NAMES else None
        (above.answers if above is not None else first).append(one)
    return first


def _labels(session: Session, event_id: int, said: Iterable[AnalystData]) -> dict[str, str]:
    """What of the event it is about, in words, by UUID."""
    uuids = sorted({item.object_uuid for item in said if item.object_type != "Event"})
    if not uuids:
        return {}
    rows = session.all(
        "SELECT uuid::text, value1 FROM attribute"
        "   WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s)"
        " UNION ALL SELECT uuid::text, name FROM object"
        "   WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s)"
        " UNION ALL SELECT uuid::text, name FROM event_report"
        "   WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s)",
        {"event": event_id, "uuids": uuids},
    )
    return {row[0]: row[1][:120] for row in rows}


@page(
    EVENT + "/notes",
    shows=("event", "attribute", "object", "report"),
    probe="/intelligence/events/{event}/notes",
)
def notes(visit: Visit) -> Reply:
    """All of them, and the form to say something about the event or what the query names."""
    query = visit.query
    return _show(visit, {"kind": query.text("kind") or "Event", "uuid": query.text("uuid")})


def _show(visit: Visit, values: dict[str, Any], errors: dict[str, str] | None = None) -> Reply:
    session = visit.session
    event_id = find(session, "event", visit.args["key"])
    head = loading.heads(session, [event_id])[event_id].head
    if values["kind"] not in _ABOUT or not is_uuid(values["uuid"]):
        values = values | {"kind": "Event", "uuid": head.uuid}
    level = int(settings.get(session, "events.default_distribution"))
    return visit.show(
        "events/notes.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        event=head,
        said=of_event(visit, event_id, head.uuid),
        about=_named(visit, event_id, values["kind"], values["uuid"]),
        groups=sharing_groups.listed(session, active=True),
        may_say=visit.principal.may("analyst_data"),
        values={"level": level, "opinion": "", "text": "", "group": ""} | values,
        errors=errors or {},
        base=f"/intelligence/events/{event_id}",
    )


def _named(visit: Visit, event_id: int, kind: str, uuid: str) -> str:
    """What the form is about, in words; nothing for the event itself or what is not seen."""
    if kind == "Event":
        return ""
    if kind in KIND_NAMES:
        try:
            item = analyst.find(visit.session, KIND_NAMES.index(kind), uuid)
        except NotFound:
            return ""
        return (item.note or item.comment or item.relationship_type or "")[:120]
    names: dict[str, LiteralString] = {
        "Attribute": "SELECT value1 FROM attribute WHERE event_id = %s AND uuid = %s",
        "Object": "SELECT name FROM object WHERE event_id = %s AND uuid = %s",
        "EventReport": "SELECT name FROM event_report WHERE event_id = %s AND uuid = %s",
    }  # fmt: skip
    return str(visit.session.value(names[kind], (event_id, uuid)) or "")


@page(EVENT + "/notes", "POST", right="analyst_data")
def say(visit: Visit) -> Reply:
    """Text alone is a note; with a number it is an opinion."""
    given = visit.form
    event_id = find(visit.session, "event", visit.args["key"])
    values = {
        "kind": given.text("kind"), "uuid": given.text("uuid"),
        "text": given.get("text").strip()[:100_000], "opinion": given.text("opinion"),
        "level": given.number("level", 1, high=4), "group": given.text("group"),
    }  # fmt: skip
    raw: dict[str, Any] = {"distribution": values["level"], "sharing_group_id": values["group"]}
    if values["opinion"]:
        raw |= {"opinion": values["opinion"], "comment": values["text"]}
    else:
        raw["note"] = values["text"]
    kind = Kind.Opinion if values["opinion"] else Kind.Note
    try:
        new = form.read(kind, raw, (values["kind"], values["uuid"]))
    except Refused as error:
        return _show(visit, values, _errors(visit, error))
    analyst_changes.add(visit.session, new)
    said = visit.gettext("Your words are kept.")
    return visit.redirect(f"/intelligence/events/{event_id}#notes-title", said)


def _errors(visit: Visit, error: Refused) -> dict[str, str]:
    field = "opinion" if "opinion" in error.errors else "text"
    texts = {
        "opinion": visit.gettext("Give a number from 0 (against) to 100 (for)."),
        "text": visit.gettext("Fill this in."),
    }
    return {field: texts[field]}


@page(EVENT + "/notes/delete", "POST", right="analyst_data")
def take_back(visit: Visit) -> Reply:
    event_id = find(visit.session, "event", visit.args["key"])
    item = analyst.find(visit.session, None, visit.form.text("uuid"))
    analyst_changes.delete(visit.session, item)
    said = visit.gettext("It is taken back.")
    return visit.redirect(f"/intelligence/events/{event_id}#notes-title", said)
