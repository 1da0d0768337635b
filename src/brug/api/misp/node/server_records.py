# SPDX-License-Identifier: EUPL-1.2
"""`/servers/*`: the records of servers that the node exchanges with, and asking them who they are.

Keys are taken and never given back: not on add, not on edit, not in lists. Pulling and
pushing are in `server_exchange`.
"""

from typing import Any

from brug.api.misp.directory.directory_refusals import finding
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.node.server_json import given_of, listed_json, server_json
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.several import from_text
from brug.directory import organisations, servers
from brug.directory.capturing import capture
from brug.directory.refusals import Refused
from brug.directory.servers import NoKey, Server
from brug.edge import partners
from brug.edge.outgoing import NotReached
from brug.formats.misp import coercion
from brug.intel.label import taglist
from brug.model.errors import Invalid, NotFound
from brug.model.event import OrganisationRef

_INVALID = "Invalid server"
_NO_ORGANISATION = "No remote org ID set. Please pass it as remote_org_id"
_TEXTS = {
    ("authkey", "empty"): "Empty authkey found. Make sure you set the 40 character long authkey.",
    ("authkey", "key"): "The authkey has to be exactly 40 characters long and consist of"
    " alphanumeric characters.",
    ("url", "address"): "Invalid baseurl, please make sure that the protocol is set.",
    ("url", "empty"): "Value not set.",
}  # fmt: skip


# MISP's names of what is called otherwise here.
_NAMES = {
    "ca_pem": "submitted_cert", "certificate": "submitted_client_cert",
    "key": "submitted_client_cert",
}  # fmt: skip


def _failed(verb: str, error: Invalid, item_id: Any = None) -> SaveFailed:
    reason = error.reason if isinstance(error, Refused) else ""
    text = _TEXTS.get((error.field, reason), error.public)
    field = _NAMES.get(error.field, error.field)
    return SaveFailed(verb, "Server", {field: [text]}, f"/servers/{verb}", item_id)


def one_server(call: Call) -> Server:
    with finding(404, _INVALID):
        return servers.view(call.session, call.arg(0))


@endpoint(
    "servers", "index", right="site_admin",
    summary="The servers that this node knows, by priority; never their keys",
)  # fmt: skip
def index(call: Call) -> Answer:
    return Answer([listed_json(call.session, one) for one in servers.listed(call.session)])


@endpoint(
    "servers", "view", right="site_admin", summary="One server, without its key",
)  # fmt: skip
def view(call: Call) -> Answer:
    with finding(404, "Not Found"):
        found = servers.view(call.session, call.arg(0))
    return Answer(listed_json(call.session, found))


@endpoint(
    "servers", "add", methods=WRITE, right="site_admin", changes=True,
    summary="Adds a server",
    body={"name": "text", "url": "https://...", "remote_org_id": 2, "authkey": "40 characters"},
)  # fmt: skip
def add(call: Call) -> Answer:
    body = call.data("Server")
    try:
        given = given_of(body)
        given["remote_org_id"] = _organisation(call, body)
        made = servers.add(call.session, given)
    except Invalid as error:
        raise _failed("add", error) from error
    return Answer({"Server": server_json(made)})


def _organisation(call: Call, body: dict[str, Any]) -> int:
    """The partner's organisation: one that is known, or a new one in `json`."""
    reference = body.get("remote_org_id")
    if reference in (None, "", 0, "0"):
        return _brought(call, body.get("json"))
    try:
        return organisations.view(call.session, str(reference)).id
    except NotFound as error:
        errors = {"Organisation": "Invalid Remote Organisation"}
        raise SaveFailed("add", "Server", errors, "/servers/add") from error


def _brought(call: Call, described: Any) -> int:
    described = from_text("json", described)
    if not isinstance(described, dict) or not described.get("uuid") or not described.get("name"):
        raise MispError(405, _NO_ORGANISATION)
    uuid = coercion.uuid("uuid", described["uuid"]) or ""
    name = coercion.text("name", described["name"])[:255]
    return capture(call.session, OrganisationRef(0, name, uuid, local=False))


@endpoint(
    "servers", "edit", methods=WRITE, right="site_admin", changes=True,
    summary="Changes what is given of a server", body={"name": "text", "push": True},
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = one_server(call)
    body = call.data("Server")
    try:
        given = given_of(body)
        if not given.get("authkey"):
            given.pop("authkey", None)
        if body.get("remote_org_id") not in (None, ""):
            given["remote_org_id"] = _organisation(call, body)
        changed = servers.edit(call.session, found.id, given)
    except Invalid as error:
        raise _failed("edit", error, found.id) from error
    return Answer({"Server": server_json(changed)})


@endpoint(
    "servers", "delete", methods=DELETABLE, right="site_admin", changes=True,
    summary="Removes a server",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with finding(404, _INVALID):
        gone = servers.delete(call.session, call.arg(0))
    return Answer(saved("Server deleted", f"/servers/delete/{gone.id}", str(gone.id)))


@endpoint(
    "servers", "import", methods=WRITE, right="site_admin", changes=True,
    summary="Adds a server from the description that createSync of the other side gave",
    body={"Server": {"url": "https://...", "authkey": "40 characters", "Organisation": {}}},
)  # fmt: skip
def import_(call: Call) -> Answer:
    body = call.data("Server")
    organisation = body.get("Organisation")
    try:
        given = given_of(body)
        given.setdefault("name", given.get("url", ""))
        if "url" not in given:
            raise Refused("url", "empty", "an address")
        if not isinstance(organisation, dict):
            raise Refused("Organisation", "empty", "name and uuid of the other side")
        given["remote_org_id"] = _brought(call, organisation)
        made = servers.add(call.session, given)
    except Invalid as error:
        raise _failed("addFromJson", error) from error
    return Answer({"Server": server_json(made)})


@endpoint(
    "servers", "createSync", right="sync",
    summary="What the other side imports: address, organisation, and the key that was asked with",
)  # fmt: skip
def create_sync(call: Call) -> Answer:
    if call.principal.is_site_admin:
        text = "Site admin accounts cannot be used to create server sync configurations."
        raise MispError(405, text)
    return Answer({"Server": partners.description(call.session, call.headers["authorization"])})


@endpoint(
    "servers", "testConnection", right="site_admin",
    summary="Asks a server for its version and whether what is posted arrives",
)  # fmt: skip
def test_connection(call: Call) -> Answer:
    return Answer(partners.test_connection(call.session, one_server(call)))


@endpoint(
    "servers", "getRemoteUser", right="site_admin",
    summary="Asks a server whose key it is that we hold",
)  # fmt: skip
def remote_user(call: Call) -> Answer:
    try:
        return Answer(partners.remote_user(call.session, one_server(call)))
    except NotReached as error:
        return Answer({"error": str(error)[:300]})
    except NoKey as error:
        return Answer({"error": error.public})


@endpoint(
    "servers", "changePriority", methods=WRITE, right="site_admin", changes=True,
    summary="Moves a server up or down: changePriority/ID/up",
)  # fmt: skip
def change_priority(call: Call) -> Answer:
    found = one_server(call)
    direction = call.arg(1) or "down"
    url = f"/servers/changePriority/{found.id}"
    moved = direction in {"up", "down"} and servers.move(
        call.session, found.id, up=direction == "up"
    )
    if not moved:
        text = "Priority could not be changed."
        raise SaveFailed("changePriority", "Server", text, url, str(found.id))
    return Answer(saved("Priority changed.", url, str(found.id)))


@endpoint(
    "servers", "getAvailableSyncFilteringRules", shows=("directory", "tag"),
    probes=(("GET", "/servers/getAvailableSyncFilteringRules", None),),
    summary="Names of organisations and tags that rules may name, as far as one sees them",
)  # fmt: skip
def filtering_rules(call: Call) -> Answer:
    names = sorted(one.name for one in organisations.listed(call.session))
    tags = sorted(one.name for one in taglist.listed(call.session, counted=False))
    return Answer({"organisations": names, "tags": tags})
