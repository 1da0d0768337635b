# SPDX-License-Identifier: EUPL-1.2
"""`/users/register` for people without an account, and what site admins do with requests."""

import hashlib
from typing import Any

import msgspec

from brug.api.misp.directory.directory_refusals import finding, saving, text_of
from brug.api.misp.directory.given import flag, given, number, text
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.several import texts
from brug.directory import registrations
from brug.directory.refusals import Refused
from brug.directory.registrations import Registration
from brug.model.errors import Forbidden, NotFound
from brug.store import audit

SENT = "Request sent. The administrators of this community have been notified."
NO_ORGANISATION = "No organisation selected. Supply an Organisation ID"
CLOSED = "Self registration is not enabled on this instance."
_FIELDS = {
    "email": text, "org_name": text, "org_uuid": text, "message": text, "pgp": text,
    "role_name": text, "perm_sync": flag, "perm_publish": flag, "perm_admin": flag,
}  # fmt: skip


@endpoint(
    "users", "register", methods=WRITE, changes=True, anonymous=True,
    summary="Asks for an account; a site admin decides",
    body={"email": "text", "org_name": "text", "message": "text"},
)  # fmt: skip
def register(call: Call) -> Answer:
    if call.principal.key_id is not None:
        raise MispError(403, "You have an account.")
    asked = given(_FIELDS, call.data("User"))
    asked.setdefault("email", "")
    asked.setdefault("message", "")
    address = audit.address(call.session)
    try:
        registrations.ask(call.session, asked, address, call.headers.get("user-agent", ""))
    except Refused as error:
        errors = msgspec.json.encode({error.field: [text_of("User", error)]}).decode()
        said = f"Request could not be created.Errors: {errors}"
        raise SaveFailed("register", "User", said, "/users/register") from error
    except Forbidden as error:
        raise MispError(403, CLOSED) from error
    return Answer(saved(SENT, "/users/register"))


def _inbox(one: Registration) -> dict[str, Any]:
    return {
        "Inbox": {
            "id": str(one.id),
            "uuid": one.uuid,
            "title": f"User registration for {one.email}.",
            "type": "registration",
            "ip": one.address,
            "user_agent": one.user_agent,
            "user_agent_sha256": hashlib.sha256(one.user_agent.encode()).hexdigest(),
            "comment": one.comment,
            "deleted": False,
            "timestamp": str(int(one.at.timestamp())),
            "store_as_file": False,
            "data": one.details,
        }
    }


@endpoint(
    "users", "registrations", right="site_admin",
    summary="Requests for an account that wait",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.query, **call.named}
    return Answer([_inbox(one) for one in page_of(asked, registrations.listed(call.session))])


def _wanted(call: Call) -> list[str]:
    """Ids from the path, or a list of them from the body."""
    if call.arg(0):
        return [call.arg(0)]
    ids = call.data("User").get("id")
    if isinstance(ids, str) and not ids.lstrip().startswith("["):
        ids = ids.split(",")
    return texts("id", ids)


@endpoint(
    "users", "acceptRegistrations", methods=WRITE, right="site_admin", changes=True,
    summary="Makes accounts of requests; their owners get a link",
    body={"role_id": 3, "org_id": 1},
)  # fmt: skip
def accept(call: Call) -> Answer:
    body, url = call.data("User"), "/users/acceptRegistrations"
    role_id, org_id = (number(name, body.get(name)) for name in ("role_id", "org_id"))
    if not org_id:
        # Nobody comes into the site admin's own organisation by an oversight.
        raise MispError(400, NO_ORGANISATION)
    made = 0
    for reference in _wanted(call):
        with finding(404, "Invalid registration."), saving("acceptRegistrations", "User", url):
            registrations.accept(call.session, reference, role_id=role_id, org_id=org_id)
            made += 1
    return Answer(saved(f"Added {made} user(s).", url))


@endpoint(
    "users", "discardRegistrations", methods=DELETABLE, right="site_admin",
    changes=True, summary="Discards requests",
)  # fmt: skip
def discard(call: Call) -> Answer:
    gone = 0
    for reference in _wanted(call):
        try:
            registrations.discard(call.session, reference)
        except NotFound:
            continue
        gone += 1
    return Answer(saved(f"{gone} registration(s) discarded.", "/users/discardRegistrations"))
