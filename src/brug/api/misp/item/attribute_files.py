# SPDX-License-Identifier: EUPL-1.2
"""The bytes of attributes: handing them out, and taking files of a form.

What is handed out is always a file to keep, never something that a browser shows or runs
in the node's name.
"""

from base64 import b64encode
from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.item import item_json
from brug.api.misp.outcomes import is_on, not_saved, reaching
from brug.api.misp.refusals import MispError
from brug.formats.disposition import attachment
from brug.formats.form_files import File, base_name, read_form
from brug.formats.pictures import is_picture
from brug.intel import attachments, attributes
from brug.intel.extending import add_attributes
from brug.intel.finding import claim_named, find
from brug.intel.samples import Sample, Told, add_sample
from brug.model.attribute_types import Refused, check
from brug.model.errors import NotFound
from brug.model.event import Attribute, Proposal
from brug.model.new_event import NewAttribute

ABSENT = "Attribute does not exist or you do not have the permission to download this attribute."
NO_FILE = "Could not save attachment: no file was sent."


def _file(call: Call, key: str) -> tuple[Attribute, bytes]:
    try:
        attribute_id = find(call.session, "attribute", key)
    except NotFound as error:
        raise MispError(401, ABSENT) from error
    (found,) = attributes.by_ids(call.session, [attribute_id])
    data = attachments.get(call.session, attribute_id)
    if data is None:
        raise MispError(404, "Attribute has no file.")
    return found, data


@endpoint(
    "attributes", "download", "downloadAttachment",
    shows=("attribute",),
    probes=(("GET", "/attributes/download/{attribute}", None),),
    summary="The file of an attribute; a sample stays packed",
)  # fmt: skip
def download(call: Call) -> Answer:
    key = call.arg(1) if call.arg(0) == "download" else call.arg(0)
    found, data = _file(call, key)
    return as_file(found, data)


def as_file(of: Attribute | Proposal, data: bytes) -> Answer:
    """The bytes of an attachment or a packed sample, to keep."""
    sample = of.type == "malware-sample"
    name = f"{of.value2}.zip" if sample else base_name(of.value1) or "attachment"
    headers = {"Content-Disposition": attachment(name), "X-Content-Type-Options": "nosniff"}
    return Answer(
        data,
        headers=headers,
        media_type="application/zip" if sample else "application/octet-stream",
    )


@endpoint(
    "attributes", "viewPicture",
    shows=("attribute",),
    probes=(("GET", "/attributes/viewPicture/{attribute}", None),),
    summary="A picture among the attachments, in base64",
)  # fmt: skip
def view_picture(call: Call) -> Answer:
    found, data = _file(call, call.arg(0))
    if found.type != "attachment" or not is_picture(found.value1, data):
        raise MispError(404, "Invalid attribute: not a picture.")
    return Answer({"message": b64encode(data).decode()})


def sent_files(call: Call, wrapper: str = "Attribute") -> tuple[dict[str, Any], list[File]]:
    """The files of a form or of a JSON body, with what is said about them."""
    kind = call.headers.get("content-type", "")
    if kind.lower().startswith("multipart/form-data"):
        fields, files = read_form(kind, call.raw)
        return {name.rpartition("[")[2].strip("]"): v for name, v in fields.items()}, files
    return call.data(wrapper), []


@endpoint(
    "attributes", "add_attachment",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("attribute",),
    summary="Adds the files of a form to an event; with `malware`, packed and with their digests",
    body={"category": "text", "comment": "text", "malware": False, "distribution": "0-5"},
    takes_bytes=True,
)  # fmt: skip
def add_attachment(call: Call) -> Answer:
    with reaching((404, "Invalid event")):
        held = claim_named(call.session, call.arg(0))
    said, files = sent_files(call)
    if not files:
        return not_saved("add_attachment", "Attribute", NO_FILE, "/attributes/add_attachment")
    category = str(said.get("category") or "Payload delivery")
    comment = str(said.get("comment") or "")
    if is_on(said.get("malware")):
        for one in files:
            told = Told(category, comment=comment)
            add_sample(call.session, held, Sample(one.name, one.data), told)
        return Answer({"saved": True, "success": True, "message": f"{len(files)} samples added."})
    new = []
    for index, one in enumerate(files):
        try:
            checked = check("attachment", one.name, category, False)
        except Refused as error:
            return not_saved(
                "add_attachment", "Attribute", error.errors, "/attributes/add_attachment"
            )
        made = NewAttribute(None, "attachment", checked.category, False, checked.value1, "")
        made.comment, made.data = comment, one.data
        new.append((index, made))
    outcome = add_attributes(call.session, held, new, [])
    if not outcome.stored:
        errors = {refusal.place: refusal.errors for refusal in outcome.refused}
        return not_saved("add_attachment", "Attribute", errors, "/attributes/add_attachment")
    found = attributes.by_ids(call.session, sorted(outcome.stored.values()))
    return Answer({"Attribute": [item_json.attribute(a) for a in found]})
