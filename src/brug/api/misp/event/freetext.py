# SPDX-License-Identifier: EUPL-1.2
"""`/events/freeTextImport`: the values of a text, stored, or only recognised where asked."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching
from brug.formats.misp import coercion
from brug.intel import attributes
from brug.intel.finding import claim_named
from brug.intel.intake import freetext
from brug.intel.intake.freetext import Recognised, Wanted, Warned
from brug.model.event import INHERIT, Attribute
from brug.store import settings

INVALID = (404, "Invalid event.")


def _asked(call: Call) -> dict[str, Any]:
    sent = call.data("Attribute", "Event")
    positions = ("adhereToWarninglists", "returnMetaAttributes")
    said = {
        name: call.arg(1 + place) for place, name in enumerate(positions) if call.arg(1 + place)
    }
    return {**call.named, **said, **sent}


def _warned(said: Any) -> Warned:
    if str(said).lower() == "soft":
        return "soft"
    return "drop" if is_on(said) else "keep"


@endpoint(
    "events", "freeTextImport",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("attribute",),
    summary="Adds the values found in a text; `returnMetaAttributes` only shows what it finds",
    body={"value": "text", "adhereToWarninglists": "0, 1 or soft", "distribution": "0-5",
          "returnMetaAttributes": False},
)  # fmt: skip
def free_text_import(call: Call) -> Answer:
    with reaching(INVALID):
        held = claim_named(call.session, call.arg(0))
    asked = _asked(call)
    text = coercion.text("value", asked.get("value"))
    warned = _warned(asked.get("adhereToWarninglists"))
    if is_on(asked.get("returnMetaAttributes")):
        return Answer(
            [offered(one, to_ids) for one, to_ids in freetext.chosen(call.session, text, warned)]
        )
    level = coercion.integer("distribution", asked.get("distribution"), 0, INHERIT)
    if level is None:
        level = int(settings.get(call.session, "events.default_attribute_distribution"))
    comment = coercion.text("comment", asked.get("comment"))
    stored = freetext.add_text(call.session, held, text, Wanted(warned, level, comment))
    found = {a.id: a for a in attributes.by_ids(call.session, [i for i, _ in stored])}
    return Answer([{"Attribute": _stored(found[i], one)} for i, one in stored if i in found])


def offered(one: Recognised, to_ids: bool) -> dict[str, Any]:
    """A value that nobody has decided about yet."""
    shown: dict[str, Any] = {"types": {name: name for name in one.types}}
    shown["default_type"] = one.checked.type
    if one.original != one.value or one.checked.type in {"hostname", "domain", "url"}:
        shown["comment"] = False
    return shown | {
        "value": one.value,
        "original_value": one.original,
        "to_ids": int(to_ids),
    }


def _stored(a: Attribute, one: Recognised) -> dict[str, Any]:
    """A stored value as this route alone shows it: numbers are numbers here, flags too."""
    return {
        "object_id": "0",
        "to_ids": int(a.to_ids),
        "timestamp": a.timestamp,
        "distribution": a.distribution,
        "deleted": "0",
        "disable_correlation": "0",
        "comment": a.comment,
        "value": one.value,
        "original_value": one.original,
        "type": a.type,
        "category": a.category,
        "event_id": str(a.event_id),
        "sharing_group_id": 0,
        "uuid": a.uuid,
        "value1": a.value1,
        "value2": a.value2,
        "id": str(a.id),
    }
