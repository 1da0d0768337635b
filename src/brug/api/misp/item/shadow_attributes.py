# SPDX-License-Identifier: EUPL-1.2
"""`/shadow_attributes/*` that read: lists as partners pull them, one proposal, its picture."""

from base64 import b64encode
from typing import Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.item import proposal_json
from brug.api.misp.item.attributes import is_key
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.paging import bounds
from brug.formats.misp import coercion
from brug.formats.pictures import is_picture
from brug.intel.finding import find
from brug.intel.proposal import proposals
from brug.intel.proposal.proposals import Listed
from brug.model.errors import Invalid, NotFound

INVALID = (404, "Invalid proposal.")
PULL = "/shadow_attributes/index/all:1/timestamp:1/limit:1000/page:1/deleted[]:0/deleted[]:1.json"


@endpoint(
    "shadow_attributes", "index",
    shows=("proposal",),
    probes=(
        ("GET", "/shadow_attributes", None),
        ("GET", PULL, None),
        ("GET", "/shadow_attributes/index/{event}", None),
    ),
    summary="The proposals that the reader sees, or those on one event",
    body={"limit": "number", "page": "number", "timestamp": "seconds", "deleted": [0, 1]},
)  # fmt: skip
def index(call: Call) -> Answer:
    said = {**call.data("ShadowAttribute"), **call.named}
    limit, offset = bounds(said)
    asked = Listed(None, _since(said.get("timestamp")), _deleted(said), limit, offset)
    if call.args:
        try:
            event_id = find(call.session, "event", call.arg(0))
        except NotFound:
            return Answer([])
        asked = Listed(event_id, asked.since, asked.deleted, limit, offset)
    found = proposals.listed(call.session, asked)
    return Answer([{"ShadowAttribute": proposal_json.listed(one)} for one in found])


def _since(value: Any) -> int | None:
    """Nonsense counts as not said, as in MISP."""
    try:
        return coercion.seconds("timestamp", value)
    except Invalid:
        return None


def _deleted(said: dict[str, Any]) -> frozenset[bool]:
    """Settled ones, open ones, or both, which is what is shown where nothing is said."""
    value = said.get("deleted")
    if value is None:
        return frozenset({True, False})
    return frozenset(is_on(one) for one in (value if isinstance(value, list) else [value]))


@endpoint(
    "shadow_attributes", "view",
    shows=("proposal",),
    probes=(("GET", "/shadow_attributes/view/{proposal}", None),),
    summary="One proposal",
)  # fmt: skip
def view(call: Call) -> Answer:
    if not is_key(call.arg(0)):
        raise NotFound("no proposal named")
    with reaching(INVALID):
        found = proposals.one(call.session, call.arg(0))
    return Answer({"ShadowAttribute": proposal_json.viewed(found)})


@endpoint(
    "shadow_attributes", "viewPicture",
    methods=("GET",),
    shows=("proposal",),
    probes=(("GET", "/shadow_attributes/viewPicture/{proposal}", None),),
    summary="The picture that is proposed as an attachment, in Base64",
)  # fmt: skip
def picture(call: Call) -> Answer:
    with reaching(INVALID):
        found = proposals.one(call.session, call.arg(0), data=True)
        if found.type != "attachment" or not is_picture(found.value1, found.data or b""):
            raise NotFound(f"proposal {found.id} carries no picture")
    return Answer({"message": b64encode(found.data or b"").decode()})
