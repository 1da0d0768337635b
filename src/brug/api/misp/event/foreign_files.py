# SPDX-License-Identifier: EUPL-1.2
"""`/events/addIOC` and `/attributes/add_threatconnect`: files that other tools wrote.

The file is the body as it is, or that of a form. A stock MISP shows a page of what became of
it; here the new attributes are answered, what did not fit, and what was left out.
"""

from collections.abc import Callable

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.item import item_json
from brug.api.misp.item.attribute_files import sent_files
from brug.api.misp.outcomes import not_saved, reaching
from brug.intel import attributes
from brug.intel.finding import Claim, claim_named
from brug.intel.intake.foreign_files import Taken, take_openioc, take_threatconnect
from brug.model.errors import Invalid
from brug.store.session import Session

INVALID_EVENT = (404, "Invalid event")
NOTHING = "The file holds nothing that could become an attribute."


def _text(call: Call) -> str:
    """The file's text."""
    _, files = sent_files(call)
    raw = files[0].data if files else call.raw
    form = call.headers.get("content-type", "").lower().startswith("multipart/form-data")
    if not raw.strip() or (form and not files):
        raise Invalid("body", "a file, as it is or in a form")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("body", "text in UTF-8") from error
    if "\0" in text:
        raise Invalid("body", "text without NUL characters")
    return text


def _answer(
    call: Call, model: str, action: str, take: Callable[[Session, Claim, str], Taken]
) -> Answer:
    with reaching(INVALID_EVENT):
        held = claim_named(call.session, call.arg(0))
    taken = take(call.session, held, _text(call))
    errors = {one.place: one.errors for one in taken.refused}
    url = f"/{model.lower()}s/{action}/{held.event_id}"
    if not taken.ids and not taken.known:
        left = {"file": [NOTHING, *taken.left]}
        return not_saved(action, model, errors or left, url)
    found = attributes.by_ids(call.session, taken.ids)
    answer = {
        "saved": True,
        "message": f"{len(taken.ids)} attributes added, {taken.known} were there already.",
        "url": url,
        "Attribute": [item_json.attribute(a) for a in found],
    }
    if errors:
        answer["errors"] = errors
    return Answer(answer | ({"left_out": taken.left} if taken.left else {}))


@endpoint(
    "events", "addIOC",
    methods=WRITE,
    right="modify",
    changes=True,
    shows=("attribute",),
    summary="Adds the indicators of an OpenIOC file to an event",
    takes_bytes=True,
)  # fmt: skip
def add_ioc(call: Call) -> Answer:
    return _answer(call, "Event", "addIOC", take_openioc)


@endpoint(
    "attributes", "add_threatconnect",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("attribute",),
    summary="Adds the indicators of a CSV file of ThreatConnect to an event",
    takes_bytes=True,
)  # fmt: skip
def add_threatconnect(call: Call) -> Answer:
    return _answer(call, "Attribute", "add_threatconnect", take_threatconnect)
