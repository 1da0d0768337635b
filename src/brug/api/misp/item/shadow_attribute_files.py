# SPDX-License-Identifier: EUPL-1.2
"""`/shadow_attributes/*` about files: proposing those of a form, handing one out.

A stock MISP leads from the form to a page; here the proposals are answered.
"""

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.item import proposal_json
from brug.api.misp.item.attribute_files import as_file, sent_files
from brug.api.misp.item.shadow_attribute_changes import INVALID_EVENT, naming_fields
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.refusals import MispError
from brug.formats.misp import coercion
from brug.intel import attachments
from brug.intel.finding import find
from brug.intel.proposal import proposals
from brug.intel.proposal.proposing_files import propose_file, propose_sample
from brug.intel.samples import Sample

INVALID = (404, "Invalid Proposal")
NO_BYTES = "Proposal not an attachment or malware-sample"
NO_FILE = "Could not save the proposal. Errors: [value]: no file was sent."


@endpoint(
    "shadow_attributes", "add_attachment",
    methods=("POST",),
    right="add",
    changes=True,
    shows=("proposal",),
    summary="Proposes the files of a form; with `malware`, packed and with their digests",
    body={"category": "text", "comment": "text", "malware": False},
    takes_bytes=True,
)  # fmt: skip
def add_attachment(call: Call) -> Answer:
    with reaching(INVALID_EVENT):
        event_id = find(call.session, "event", call.arg(0))
    said, files = sent_files(call, "ShadowAttribute")
    if not files:
        raise MispError(400, NO_FILE)
    category = coercion.text("category", said.get("category")) or "Payload delivery"
    comment = coercion.text("comment", said.get("comment"))
    propose = propose_sample if is_on(said.get("malware")) else propose_file
    made: list[int] = []
    with reaching(INVALID_EVENT), naming_fields():
        for one in files:
            sample = Sample(one.name, one.data)
            made += propose(call.session, event_id, sample, category, comment)
    email = call.principal.email
    shown = [proposal_json.made(proposals.one(call.session, number), email) for number in made]
    return Answer({"ShadowAttribute": shown})


@endpoint(
    "shadow_attributes", "download",
    methods=("GET",),
    shows=("proposal",),
    probes=(("GET", "/shadow_attributes/download/{proposal}", None),),
    summary="The file that is proposed; a sample stays packed",
)  # fmt: skip
def download(call: Call) -> Answer:
    with reaching(INVALID):
        found = proposals.one(call.session, call.arg(0), data=True)
    if found.type not in attachments.TYPES or found.data is None:
        raise MispError(404, NO_BYTES)
    return as_file(found, bytes(found.data))
