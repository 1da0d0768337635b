# SPDX-License-Identifier: EUPL-1.2
"""`/events/add_misp_export`: a file of events, as MISP exports them, from a form."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.refusals import MispError
from brug.formats.form_files import read_form
from brug.formats.json_text import decode
from brug.intel.intake.importing import Overrides, take_event
from brug.model.errors import Forbidden, Invalid

NO_FILE = "No file uploaded."
MOST_EVENTS = 1_000


def _events(value: Any) -> list[dict[str, Any]]:
    """Events in any of the forms in which MISP writes them out."""
    found = value.get("response", value) if isinstance(value, dict) else value
    several = found if isinstance(found, list) else [found]
    events = [one.get("Event", one) for one in several if isinstance(one, dict)]
    if not events or len(events) > MOST_EVENTS or not all(isinstance(one, dict) for one in events):
        raise MispError(405, f"The file holds no events, or more than {MOST_EVENTS}.")
    return events


@endpoint(
    "events", "add_misp_export",
    methods=WRITE, right="add", changes=True,
    summary="Takes in the events of a file that a form sends; they stay what they are",
    takes_bytes=True,
)  # fmt: skip
def add_misp_export(call: Call) -> Answer:
    kind = call.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise MispError(405, NO_FILE)
    fields, files = read_form(kind, call.raw)
    if not files:
        raise MispError(405, NO_FILE)
    publish = any(is_on(value) for name, value in fields.items() if "publish" in name)
    try:
        events = _events(decode(files[0].data))
    except Invalid as error:
        raise MispError(405, f"The file is no JSON: {error.public}") from error
    results = []
    # Whoever has a file published here shares it; otherwise importing shares nothing.
    overrides = Overrides(unpublished=not publish, share=publish)
    for raw in events:
        line: dict[str, Any] = {"info": str(raw.get("info", ""))[:200]}
        try:
            taken = take_event(call.session, raw, overrides)
            line |= {"result": taken.outcome, "id": str(taken.event_id)}
            if taken.refused:
                line["errors"] = {r.place: r.errors for r in taken.refused}
        except (Invalid, Forbidden) as error:
            line |= {"result": "refused", "errors": error.public}
        results.append(line)
    return Answer({"results": results})
