# SPDX-License-Identifier: EUPL-1.2
"""`/events/upload_stix`: documents of STIX 2 (`/2`) and STIX 1 become events."""

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.event.events import EXISTS, VIEWED, event_or_404
from brug.api.misp.event.showing import answered, shown
from brug.api.misp.refusals import MispError, SaveFailed
from brug.api.misp.request_body import BAD_JSON
from brug.formats.json_text import decode
from brug.intel.adding import EventExists
from brug.intel.intake import stix_import
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid

URL = "/events/upload_stix"


@endpoint(
    "events", "upload_stix",
    methods=WRITE, right="modify", changes=True, shows=VIEWED,
    summary="Makes an event of a STIX document: /2 for STIX 2 (JSON), else STIX 1 (XML)",
    takes_bytes=True,
)  # fmt: skip
def upload_stix(call: Call) -> Answer:
    second = call.arg(0) == "2"
    if second or "json" in call.headers.get("content-type", ""):
        try:
            decode(call.raw)
        except Invalid as error:
            raise MispError(405, f"{BAD_JSON} {error.public}") from error
    try:
        if second:
            added = stix_import.take_bundle(call.session, call.raw, "uploaded_stix_file.json")
        else:
            added = stix_import.take_package(call.session, call.raw, "uploaded_stix_file.xml")
    except Refused as error:
        raise SaveFailed("upload_stix", "Event", {"Event": error.errors}, URL) from error
    except Invalid as error:
        text = f"Error while loading the STIX file: {error.public}"
        raise SaveFailed("upload_stix", "Event", text, URL) from error
    except EventExists as error:
        location = f"{call.base_url}/events/{error.event_id}"
        raise MispError(404, EXISTS, {"Location": location}) from error
    made = shown(call.session, event_or_404(call, str(added.event_id)))
    return answered(call, made, added.refused)
