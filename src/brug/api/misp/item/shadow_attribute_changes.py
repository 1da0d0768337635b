# SPDX-License-Identifier: EUPL-1.2
"""`/shadow_attributes/*` that write: proposing, accepting, discarding.

Several at once are settled for pages alone in MISP, which tell themselves by
`X-Requested-With`; to others it answers 405, and so does this.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.item import proposal_json
from brug.api.misp.outcomes import errors_of, reaching
from brug.api.misp.refusals import MispError
from brug.api.misp.several import texts
from brug.intel.proposal import proposals, proposing, settling
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.event import Proposal
from brug.store.session import Session

INVALID_EVENT = (404, "Invalid Event")
INVALID_ATTRIBUTE = (404, "Invalid Attribute.")
NO_INPUT = "Invalid input."
NOT_ACCEPTED = "Proposal not found or you are not authorised to accept it."
NOT_DISCARDED = "Proposal not found or you are not authorised to discard it."
DELETION = "The proposal to delete the attribute has been saved."
BODY = {"type": "ip-dst", "value": "text", "category": "text", "to_ids": True, "comment": "text"}
MOST = 1000


@contextmanager
def naming_fields() -> Iterator[None]:
    """MISP joins the texts of all fields, a line each."""
    try:
        yield
    except Invalid as error:
        texts = [
            f"[{field}]: {text}\n" for field, some in errors_of(error).items() for text in some
        ]
        raise MispError(404, "Could not save the proposal. Errors: " + "".join(texts)) from error


def _made(call: Call, proposal_id: int) -> Answer:
    found = proposals.one(call.session, proposal_id)
    return Answer({"ShadowAttribute": proposal_json.made(found, call.principal.email)})


@endpoint(
    "shadow_attributes", "add",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("proposal",),
    summary="Proposes a new attribute of an event",
    body=BODY,
)  # fmt: skip
def add(call: Call) -> Answer:
    with reaching(INVALID_EVENT), naming_fields():
        raw = call.data("ShadowAttribute")
        return _made(call, proposing.propose_attribute(call.session, call.arg(0), raw))


@endpoint(
    "shadow_attributes", "edit",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("proposal",),
    summary="Proposes other fields for an attribute",
    body=BODY,
)  # fmt: skip
def edit(call: Call) -> Answer:
    raw = call.data("ShadowAttribute")
    with reaching(INVALID_ATTRIBUTE), naming_fields():
        if not raw:
            proposing.shown(call.session, call.arg(0))
            raise MispError(405, NO_INPUT)
        return _made(call, proposing.propose_change(call.session, call.arg(0), raw))


@endpoint(
    "shadow_attributes", "delete",
    methods=DELETABLE,
    right="add",
    changes=True,
    summary="Proposes that an attribute be deleted",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(INVALID_ATTRIBUTE):
        proposing.propose_deletion(call.session, call.arg(0))
    return Answer({"saved": True, "success": DELETION})


def _told(call: Call, text: str) -> Answer:
    url = f"{call.base_url}{call.path}"
    return Answer({"name": text, "message": text, "url": url})


@endpoint(
    "shadow_attributes", "accept",
    methods=WRITE,
    right="add",
    changes=True,
    summary="Does what a proposal says",
)  # fmt: skip
def accept(call: Call) -> Answer:
    with reaching((405, NOT_ACCEPTED), (405, NOT_ACCEPTED)):
        found = settling.accept(call.session, call.arg(0))
    return _told(call, "Proposed change accepted." if found.attribute_id else "Proposal accepted.")


@endpoint(
    "shadow_attributes", "discard",
    methods=WRITE,
    right="add",
    changes=True,
    summary="Sets a proposal aside",
)  # fmt: skip
def discard(call: Call) -> Answer:
    with reaching((405, NOT_DISCARDED), (405, NOT_DISCARDED)):
        settling.discard(call.session, call.arg(0))
    return _told(call, "Proposal discarded.")


def _several(call: Call, field: str, settle: Callable[[Session, str], Proposal]) -> int:
    """How many of the named proposals could be settled."""
    if call.headers.get("x-requested-with", "").lower() != "xmlhttprequest":
        raise MispError(405, "Method Not Allowed")
    settled = 0
    for key in texts(field, call.data("ShadowAttribute").get(field), MOST):
        try:
            # One that cannot be settled leaves nothing half done.
            with call.session.connection.transaction():
                settle(call.session, key)
        except (NotFound, Forbidden, settling.CannotAccept):
            continue
        settled += 1
    if not settled:
        raise MispError(404, "None of the proposals could be settled.")
    return settled


@endpoint(
    "shadow_attributes", "acceptSelected",
    methods=WRITE,
    right="add",
    changes=True,
    summary="Does what several proposals say; for pages",
    body={"ids_accept": ["number"]},
)  # fmt: skip
def accept_selected(call: Call) -> Answer:
    count = _several(call, "ids_accept", settling.accept)
    return Answer({"saved": True, "success": f"{count} proposal(s) accepted."})


@endpoint(
    "shadow_attributes", "discardSelected",
    methods=WRITE,
    right="add",
    changes=True,
    summary="Sets several proposals aside; for pages",
    body={"ids_discard": ["number"]},
)  # fmt: skip
def discard_selected(call: Call) -> Answer:
    count = _several(call, "ids_discard", settling.discard)
    return Answer({"saved": True, "success": f"{count} proposal(s) discarded."})
