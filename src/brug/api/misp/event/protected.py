# SPDX-License-Identifier: EUPL-1.2
"""Protected events on the wire: `x-pgp-signature` out and in, and the routes about keys.

A synchronising user brings a protected event only with a signature by one of its keys; a
site admin and those who edit their own events by hand need none, as in MISP.
"""

import base64
from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory import node_keys
from brug.formats.json_text import encode
from brug.formats.openpgp_signing import without_whitespace
from brug.intel import protecting
from brug.intel.leaving.for_servers import key_json
from brug.model.errors import Invalid, NotFound, Unavailable
from brug.model.event import EventHead
from brug.model.new_event import NewEvent

HEADER = "x-pgp-signature"
_NOT_YOURS = (405, "Invalid Event.")


def signed(call: Call, head: EventHead, payload: Any) -> Answer:
    """The answer that shows an event; a protected one is signed if the node's key is listed."""
    if not head.protected:
        return Answer(payload)
    content = encode(payload)
    try:
        own = node_keys.own(call.session)
        listed = protecting.of_event(call.session, head.id)
        if not any(k.fingerprint == own.fingerprint and not k.revoked for k in listed):
            return Answer(content)
        signature = node_keys.sign(call.session, own, without_whitespace(content))
    except (NotFound, Unavailable):
        # Unsigned, which whoever pulls it refuses; a reader of the node still reads it.
        return Answer(content)
    return Answer(content, headers={HEADER: base64.b64encode(signature).decode()})


def _must_sign(call: Call) -> bool:
    return call.principal.may("sync") and not call.principal.is_site_admin


def check_added(call: Call, new: NewEvent) -> None:
    """Raises NotSigned where a synchronising user brings a protected event unsigned."""
    if _must_sign(call):
        protecting.check_new(new, call.raw, call.headers.get(HEADER, ""))


def check_edited(call: Call, event_id: int, new: NewEvent) -> None:
    """The same for a known event, by the keys that are stored."""
    if _must_sign(call):
        header = call.headers.get(HEADER, "")
        protecting.check_known(call.session, event_id, new, call.raw, header)


def _switched(call: Call, action: str, mode: str) -> Answer:
    with reaching((404, "Invalid event.")):
        event_id = protecting.set_protected(call.session, call.arg(0), on=action == "protect")
    text = f"Event switched to {mode} mode."
    return Answer(saved(text, f"/events/{action}/{event_id}", str(event_id)))


@endpoint(
    "events", "protect", methods=WRITE, right="modify", changes=True,
    summary="Protects an event: partners bring it only signed by one of its keys",
)  # fmt: skip
def protect(call: Call) -> Answer:
    return _switched(call, "protect", "protected")


@endpoint(
    "events", "unprotect", methods=WRITE, right="modify", changes=True,
    summary="Takes the protection of an event back",
)  # fmt: skip
def unprotect(call: Call) -> Answer:
    return _switched(call, "unprotect", "unprotected")


@endpoint(
    "cryptographicKeys", "add", methods=WRITE, right="add", changes=True,
    shows=("event",), summary="Lists a key as signer of a protected event: add/Event/ID",
    body={"type": "pgp", "key_data": "armoured OpenPGP public key"},
)  # fmt: skip
def add(call: Call) -> Answer:
    url = "/cryptographicKeys/add"
    if call.arg(0) != "Event" or not call.arg(1):
        raise MispError(405, "No type and/or parent_id supplied.")
    body = call.data("CryptographicKey")
    text = body.get("key_data")
    with reaching(_NOT_YOURS, _NOT_YOURS):
        protecting.claim_own(call.session, call.arg(1))
    if body.get("type", "pgp") != "pgp":
        raise SaveFailed("add", "Cryptographic Key", {"type": ["Invalid key type"]}, url)
    if not isinstance(text, str) or not text.strip():
        raise SaveFailed("add", "Cryptographic Key", {"key_data": ["No key data received."]}, url)
    try:
        added = protecting.add_key(call.session, call.arg(1), text)
    except protecting.KeyListed as error:
        raise SaveFailed("add", "Cryptographic Key", {"key_data": [error.public]}, url) from error
    except Invalid as error:
        raise SaveFailed("add", "Cryptographic Key", {"key_data": ["Invalid key."]}, url) from error
    return Answer({"CryptographicKey": key_json(added)})


@endpoint(
    "cryptographicKeys", "delete", methods=DELETABLE, right="add", changes=True,
    summary="Takes a key off its event",
)  # fmt: skip
def delete(call: Call) -> Answer:
    absent = (404, "Invalid Cryptographic Key.")
    with reaching(absent, absent):
        gone = protecting.remove_key(call.session, call.arg(0))
    text = "Cryptographic Key deleted."
    return Answer(saved(text, f"/cryptographicKeys/delete/{gone.id}", str(gone.id)))


@endpoint(
    "cryptographicKeys", "view", shows=("event",),
    summary="One key that an event lists",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching((404, "Invalid Cryptographic Key.")):
        found = protecting.view(call.session, call.arg(0))
    return Answer({"CryptographicKey": key_json(found)})


@endpoint(
    "cryptographicKeys", "index", shows=("event",),
    probes=(("GET", "/cryptographicKeys/index", None),),
    summary="The keys that visible events list; index/Event/ID: those of one",
)  # fmt: skip
def index(call: Call) -> Answer:
    found = protecting.listed(call.session)
    if call.arg(0) == "Event":
        found = [one for one in found if str(one.event_id) == call.arg(1)]
    return Answer([{"CryptographicKey": key_json(one)} for one in found])


@endpoint(
    "cryptographicKeys", "serverSign", methods=("POST",), right="site_admin", takes_bytes=True,
    summary="Signs the body with the node's OpenPGP key: an armoured detached signature",
)  # fmt: skip
def server_sign(call: Call) -> Answer:
    with reaching((404, "The node has no OpenPGP key.")):
        own = node_keys.own(call.session)
    text = node_keys.sign_armoured(call.session, own, call.raw)
    return Answer(text.encode(), media_type="application/pgp-signature; charset=UTF-8")


@endpoint(
    "users", "getGpgPublicKey",
    summary="The node's OpenPGP public key, armoured",
)  # fmt: skip
def public_key(call: Call) -> Answer:
    with reaching((404, "The node has no OpenPGP key.")):
        own = node_keys.own(call.session)
    return Answer(own.text.encode(), media_type="application/pgp-keys; charset=UTF-8")
