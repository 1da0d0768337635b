# SPDX-License-Identifier: EUPL-1.2
"""`/auth_keys`: one's own keys, and those of an administrator's users.

A key's text is answered once, when it is made, as `authkey_raw`.
"""

from typing import Any

from brug.api.misp.directory import directory_json as shape
from brug.api.misp.directory.directory_refusals import finding, saving
from brug.api.misp.directory.given import flag, given, text, untouched
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory import accounts, keys
from brug.directory.keys import Key
from brug.model.errors import Forbidden, NotFound

INVALID = "Invalid AuthKey."
NOT_YOURS = (
    "Invalid user or insufficient privileges to interact with an authkey for the given user."
)
_FIELDS = {
    "comment": text, "expiration": untouched, "read_only": flag, "allowed_ips": untouched,
    "uuid": untouched,
}  # fmt: skip


def _shown(found: Key) -> dict[str, Any]:
    return {
        "AuthKey": shape.key(found),
        "User": {"id": str(found.user_id), "email": found.email},
    }


@endpoint(
    "auth_keys", "index", right="auth", shows=("own",),
    probes=(("GET", "/auth_keys/index", None),), summary="Keys, by user if one is named",
)  # fmt: skip
def index(call: Call) -> Answer:
    user = call.arg(0) or str(call.named.get("user_id", ""))
    found: list[Key] = []
    try:
        user_id = accounts.view(call.session, user).id if user else None
        found = keys.listed(call.session, user_id)
    except NotFound:
        pass  # as for a user without keys
    return Answer([_shown(one) for one in page_of({**call.query, **call.named}, found)])


@endpoint(
    "auth_keys", "view", right="auth", shows=("own",),
    probes=(("GET", "/auth_keys/view/{key}", None),), summary="One key, without its text",
)  # fmt: skip
def view(call: Call) -> Answer:
    with finding(404, INVALID):
        return Answer(_shown(keys.view(call.session, call.arg(0))))


@endpoint(
    "auth_keys", "add", methods=WRITE, right="auth", changes=True, shows=("own",),
    summary="Makes a key for oneself or a user of one's own",
    body={"comment": "text", "expiration": "2030-01-31", "read_only": False,
          "allowed_ips": ["192.0.2.0/24"]},
)  # fmt: skip
def add(call: Call) -> Answer:
    user_id = _user(call, call.arg(0, "me"))
    with saving("add", "auth_key", "/auth_keys/add"):
        try:
            made = keys.add(call.session, user_id, given(_FIELDS, call.data("AuthKey")))
        except Forbidden as error:
            raise MispError(405, NOT_YOURS) from error
    return Answer({"AuthKey": shape.key(made.key) | {"authkey_raw": made.text}})


def _user(call: Call, reference: str) -> int:
    try:
        return accounts.view(call.session, reference).id
    except NotFound as error:
        if call.principal.is_site_admin:
            errors = {"user_id": ["User doesn't exists"]}
            raise SaveFailed("add", "auth_key", errors, "/auth_keys/add") from error
        raise MispError(405, NOT_YOURS) from error


@endpoint(
    "auth_keys", "edit", methods=WRITE, right="auth", changes=True, shows=("own",),
    summary="Changes a key's comment, expiry, addresses, or makes it read-only",
    body={"comment": "text", "expiration": "+30 days"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    with finding(405, NOT_YOURS), saving("edit", "auth_key", "/auth_keys/edit", call.arg(0)):
        changed = keys.edit(call.session, call.arg(0), given(_FIELDS, call.data("AuthKey")))
    return Answer(_shown(changed))


@endpoint(
    "auth_keys", "delete", methods=DELETABLE, right="auth", changes=True,
    summary="Ends a key",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with finding(404, INVALID):
        gone = keys.delete(call.session, call.arg(0))
    return Answer(saved("AuthKey deleted.", f"/auth_keys/delete/{gone.id}", gone.id))
