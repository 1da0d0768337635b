# SPDX-License-Identifier: EUPL-1.2
"""`/attributes/attributeReplace`: one list of values in the place of another."""

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching, saving
from brug.formats.misp import coercion
from brug.intel import replacing
from brug.intel.finding import claim_named
from brug.intel.replacing import Wanted
from brug.model.errors import Invalid

NOT_FOUND = "Event not found or you don't have permissions to create attributes"
MOST = 10_000


@endpoint(
    "attributes", "attributeReplace",
    methods=("POST",), right="add", changes=True,
    summary="Makes a list of values, one a line, all that an event has of a category and type",
    body={"category": "Network activity", "type": "ip-dst", "value": "one value a line",
          "to_ids": True},
)  # fmt: skip
def attribute_replace(call: Call) -> Answer:
    with reaching((405, NOT_FOUND), (405, NOT_FOUND)):
        held = claim_named(call.session, call.arg(0))
    body = call.data("Attribute")
    text = coercion.text("value", body.get("value"))
    values = [line.strip() for line in text.splitlines() if line.strip()]
    if not values or len(values) > MOST:
        raise Invalid("value", f"1 to {MOST} values, one a line")
    said = body.get("to_ids")
    wanted = Wanted(
        coercion.text("type", body.get("type")),
        coercion.text("category", body.get("category")),
        None if said is None else is_on(said),
        values,
    )
    with saving("replace", "Attribute", f"/attributes/attributeReplace/{held.event_id}"):
        done = replacing.replace(call.session, held, wanted)
    return Answer({"saved": True, "success": _told(done.created, done.deleted, done.untouched)})


def _told(created: int, deleted: int, untouched: int) -> str:
    told = ["Update completed without any issues."]
    for count, what in ((created, "created"), (deleted, "deleted"), (untouched, "left untouched")):
        if count or what == "left untouched":
            told.append(f"{count} attribute{'' if count == 1 else 's'} {what}.")
    return " ".join(told)
