# SPDX-License-Identifier: EUPL-1.2
"""`/events/upload_sample` and `/attributes/downloadSample`: files that came in as they were."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching, saving
from brug.api.misp.refusals import MispError, SaveFailed
from brug.formats.misp import coercion
from brug.formats.misp.reading import read_event
from brug.intel import attachments
from brug.intel.adding import add
from brug.intel.extending import ObjectRefused
from brug.intel.finding import Claim, claim, claim_named, find
from brug.intel.samples import Sample, Told, add_sample
from brug.model.errors import NotFound

INVALID = (404, "Invalid event.")
NO_SAMPLES = (
    "No samples received, or samples not in the correct format. Please refer to the API"
    " documentation on the automation page."
)
NO_HITS = "No hits with the given parameters."
MOST_FILES = 100


def _files(asked: dict[str, Any]) -> list[Sample]:
    sent = asked.get("files")
    if sent is None and asked.get("data"):
        sent = [asked]
    sent = [sent] if isinstance(sent, dict) else sent
    found = []
    for one in sent if isinstance(sent, list) else []:
        data = coercion.base64("data", one.get("data")) if isinstance(one, dict) else None
        if data:
            name = coercion.text("filename", one.get("filename")).strip()
            found.append(Sample(name.replace("\\", "/").rpartition("/")[2], data))
    if not found or not all(one.filename for one in found) or len(found) > MOST_FILES:
        raise MispError(400, NO_SAMPLES)
    return found


def _held(call: Call, asked: dict[str, Any]) -> Claim:
    """The event that takes the files; a new one where none is named."""
    key = call.arg(0) or asked.get("event_id")
    if key:
        with reaching(INVALID):
            return claim_named(call.session, key)
    head = ("info", "distribution", "sharing_group_id", "threat_level_id", "analysis", "date")
    new = read_event({"info": "Malware samples"} | {k: asked[k] for k in head if asked.get(k)})
    return claim(call.session, add(call.session, new).event_id)


@endpoint(
    "events", "upload_sample",
    methods=WRITE,
    right="add",
    changes=True,
    summary="Adds files to an event, or to a new one: packed, each with its digests",
    body={"files": [{"filename": "text", "data": "base64"}], "info": "text", "comment": "text",
          "category": "text", "to_ids": True, "distribution": "0-5"},
)  # fmt: skip
def upload_sample(call: Call) -> Answer:
    asked = call.data("Event")
    files = _files(asked)
    with saving("upload_sample", "Event", "/events/upload_sample"):
        held = _held(call, asked)
        told = Told(
            coercion.text("category", asked.get("category")) or "Payload delivery",
            coercion.flag("to_ids", asked.get("to_ids"), default=True),
            coercion.text("comment", asked.get("comment")),
            coercion.integer("distribution", asked.get("distribution"), 0, 5),
        )
        for one in files:
            try:
                add_sample(call.session, held, one, told)
            except ObjectRefused as error:
                raise SaveFailed(
                    "upload_sample", "Event", error.public, "/events/upload_sample"
                ) from error
    return Answer(
        {
            "name": "Success",
            "message": "Success, saved all attributes.",
            "url": f"{call.base_url}/events/view/{held.event_id}",
            "id": str(held.event_id),
        }
    )


@endpoint(
    "attributes", "downloadSample",
    shows=("attribute", "event"),
    probes=(("POST", "/attributes/downloadSample", {"eventID": "{event}", "allSamples": 1}),),
    summary="The samples with a digest, or of an event, packed as they are kept",
    body={"hash": "MD5, SHA-1 or SHA-256", "eventID": "number", "allSamples": False},
)  # fmt: skip
def download_sample(call: Call) -> Answer:
    asked = {**call.named, **call.data("Attribute")}
    names = ("hash", "eventID", "allSamples")
    asked = {n: call.arg(i) for i, n in enumerate(names) if call.arg(i)} | asked
    digest = coercion.text("hash", asked.get("hash")).strip().lower()
    event_id = None
    if asked.get("eventID"):
        try:
            event_id = find(call.session, "event", str(asked["eventID"]))
        except NotFound:
            return Answer({"message": NO_HITS})
    found: list[attachments.Kept] = []
    if digest:
        found = attachments.samples_with(call.session, digest, event_id)
    elif event_id is not None and is_on(asked.get("allSamples")):
        found = attachments.samples_of(call.session, event_id)
    if not found:
        return Answer({"message": NO_HITS})
    return Answer({"result": [_shown(one) for one in found]})


def _shown(one: attachments.Kept) -> dict[str, Any]:
    return {
        "md5": one.digest,
        "base64": one.base64,
        "filename": one.filename,
        "attribute_id": str(one.attribute_id),
        "event_id": str(one.event_id),
        "event_info": one.event_info,
    }
