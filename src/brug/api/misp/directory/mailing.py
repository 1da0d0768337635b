# SPDX-License-Identifier: EUPL-1.2
"""What sends mail: contacting an event's creator, writing to users, links for passwords.

Letters go out from the outbox after the answer; "sent" means that they are on their way.
"""

from typing import Any

from brug.api.misp.directory.directory_refusals import finding
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory import account_changes, accounts, writing_to_users
from brug.directory.accounts import Account
from brug.directory.refusals import Refused
from brug.formats.misp import coercion
from brug.intel.contacting import contact
from brug.model.errors import NotFound
from brug.store import outbox

NOT_SENT = "Sending of email failed."
CLOSED = "Cannot send an e-mail to this user as the account is disabled."


@endpoint(
    "events", "contact", methods=WRITE, changes=True,
    summary="Asks the event's creator about it, by mail",
    body={"message": "text", "person": False},
)  # fmt: skip
def contact_reporter(call: Call) -> Answer:
    body = call.data("Event")
    try:
        with reaching((404, "Invalid event.")):
            message = coercion.text("message", body.get("message"))
            event_id, noted = contact(
                call.session, call.arg(0), message, person=is_on(body.get("person"))
            )
    except Refused as error:
        raise MispError(405, "You must specify a message.") from error
    url = f"/events/contact/{event_id}"
    if not noted:
        raise SaveFailed("contact", "Event", NOT_SENT, url, event_id)
    return Answer(saved("Email sent to the reporter.", url, str(event_id)))


@endpoint(
    "users", "admin_quickEmail", methods=WRITE, right="admin", changes=True,
    summary="Writes to one user", body={"subject": "text", "body": "text"},
)  # fmt: skip
def quick_email(call: Call) -> Answer:
    def refused(why: str) -> SaveFailed:
        return SaveFailed("quickEmail", "User", why, "/admin/users/quickEmail")

    try:
        found = accounts.view(call.session, call.arg(0))
        account_changes.require_power_over(call.session, found)
    except NotFound as error:
        raise refused("Invalid user.") from error
    if found.disabled:
        raise refused(CLOSED)
    if not _write(call, [found], call.data("User")):
        raise refused(NOT_SENT)
    return Answer(saved("Email sent.", "/admin/users/quickEmail"))


def _write(call: Call, to: list[Account], body: dict[str, Any]) -> bool:
    try:
        return writing_to_users.write(
            call.session, to, coercion.text("subject", body.get("subject")),
            coercion.text("body", body.get("body")),
        )  # fmt: skip
    except Refused as error:
        raise MispError(405, f"Please provide a {error.field}.") from error


@endpoint(
    "users", "admin_email", methods=WRITE, right="admin", changes=True,
    summary="Writes to a user, an organisation's users or all of one's own",
    body={"recipient": "all", "recipientEmailList": "user@example.org", "subject": "text",
          "body": "text"},
)  # fmt: skip
def email(call: Call) -> Answer:
    body = call.data("User")
    to = [one for one in _chosen(call, body) if not one.disabled]
    if not to:
        raise MispError(404, "Invalid user")
    if not _write(call, to, body):
        raise SaveFailed("email", "User", NOT_SENT, "/admin/users/email")
    return Answer(saved(f"E-mails sent to {len(to)} user(s).", "/admin/users/email"))


def _chosen(call: Call, body: dict[str, Any]) -> list[Account]:
    """MISP's `recipient`: 0 or all, 1 or user, 2 or org; those one has no power over go."""
    kind = str(body.get("recipient", "user")).lower()
    site_admin = call.principal.is_site_admin
    if kind in {"0", "all"}:
        found = accounts.listed(call.session)
    elif kind in {"2", "org", "organisation"}:
        wanted = str(body.get("recipientOrganisationList") or body.get("org_id") or "")
        found = [one for one in accounts.listed(call.session) if str(one.org_id) == wanted]
    else:
        wanted = str(body.get("recipientEmailList") or body.get("user_id") or "")
        with finding(404, "Invalid user"):
            found = [accounts.view(call.session, wanted)]
    return found if site_admin else writing_to_users.reachable(call.session, found)


@endpoint(
    "users", "initiatePasswordReset", methods=WRITE, right="admin", changes=True,
    summary="Sends a user a link to choose a password; with /1 as a welcome",
)  # fmt: skip
def initiate_reset(call: Call) -> Answer:
    with finding(404, "Invalid user"):
        found = accounts.view(call.session, call.arg(0))
        account_changes.require_power_over(call.session, found)
    first = call.arg(1) == "1"
    noted = outbox.put(call.session, "password", user_id=found.id, details={"first": first})
    if not noted:
        raise SaveFailed(
            "initiatePasswordReset", "User", NOT_SENT, "/users/initiatePasswordReset", found.id
        )
    return Answer({"saved": True, "success": "New credentials sent."})
