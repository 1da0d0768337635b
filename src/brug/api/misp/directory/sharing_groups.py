# SPDX-License-Identifier: EUPL-1.2
"""`/sharing_groups`: the groups that one is in or owns, and changing them."""

from collections.abc import Callable
from typing import Any

from brug.api.misp.directory import directory_json as shape
from brug.api.misp.directory.directory_refusals import finding, saving
from brug.api.misp.directory.given import flag, given, text
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory import organisations, sharing_group_changes, sharing_groups
from brug.directory.sharing_group_changes import AlreadyThere, NotThere
from brug.directory.sharing_groups import SharingGroup
from brug.directory.sharing_groups_as_misp import this_node
from brug.formats.misp import coercion
from brug.model.errors import NotFound
from brug.store import settings
from brug.store.session import Session

NO_ACCESS = "Sharing group doesn&#039;t exist or you do not have permission to access it."
NO_EDITING = "Invalid sharing group or no editing rights."
_NOT_SAVED = "Could not save sharing group."
_FIELDS = {
    "name": text, "releasability": text, "description": text, "uuid": text,
    "organisation_uuid": text, "active": flag, "roaming": flag,
}  # fmt: skip


def _listed(found: SharingGroup) -> dict[str, Any]:
    own = shape.group(found)
    names = ("id", "uuid", "name", "description", "releasability", "local", "active", "roaming")
    servers = [
        {
            "all_orgs": one.all_orgs, "server_id": str(one.server_id),
            "sharing_group_id": str(one.sharing_group_id), "Server": [],
        }
        for one in found.servers
    ]  # fmt: skip
    return {
        "SharingGroup": {name: own[name] for name in names}
        | {"org_count": str(len(found.members))},
        "Organisation": shape.owner(found),
        "SharingGroupOrg": shape.members(found),
        "SharingGroupServer": servers,
        "editable": found.editable,
        "deletable": found.deletable,
    }


def _saved(found: SharingGroup) -> dict[str, Any]:
    return {
        "SharingGroup": shape.group(found),
        "SharingGroupOrg": shape.members(found),
        "SharingGroupServer": shape.servers(found),
        "Organisation": shape.owner(found),
    }


@endpoint(
    "sharing_groups", "index", shows=("directory",),
    probes=(("GET", "/sharing_groups/index", None),),
    summary="The groups that one is in or owns; index/true: those that are passive",
)  # fmt: skip
def index(call: Call) -> Answer:
    passive = is_on(call.arg(0)) or is_on(call.named.get("passive"))
    found = sharing_groups.listed(call.session, active=False if passive else None)
    shown = page_of({**call.query, **call.named}, found)
    return Answer({"response": [_listed(one) for one in shown]})


@endpoint(
    "sharing_groups", "view", shows=("directory",),
    probes=(("GET", "/sharing_groups/view/{sharing_group}", None),),
    summary="One group with its members",
)  # fmt: skip
def view(call: Call) -> Answer:
    # PyMISP asks by HEAD whether a group exists, and takes nothing but 404 for no.
    with finding(404 if call.method == "HEAD" else 405, NO_ACCESS):
        found = sharing_groups.view(call.session, call.arg(0))
    owner = organisations.view(call.session, found.org_id)
    return Answer(
        {
            "SharingGroup": shape.group(found)
            | {"sync_org_name": found.org_name, "sync_org": shape.owner(found)},
            "Organisation": shape.organisation(owner, creator=True),
            "SharingGroupOrg": shape.members(found, local=True),
            "SharingGroupServer": shape.servers(found, this_node(call.session, "Local instance")),
        }
    )


@endpoint(
    "sharing_groups", "add", methods=WRITE, right="sharing_group", changes=True,
    shows=("directory",), summary="Adds a group, with the organisations given",
    body={"name": "text", "releasability": "text", "description": "text"},
)  # fmt: skip
def add(call: Call) -> Answer:
    body = call.data("SharingGroup")
    url = "/sharing_groups/add"
    if not body.get("name"):
        raise SaveFailed("add", "SharingGroup", _NOT_SAVED, url)
    if known := _known(call, body.get("uuid")):
        return _edited(call, known.id, body, url)
    with saving("add", "SharingGroup", url):
        made = sharing_group_changes.add(call.session, given(_FIELDS, body))
        if not made.roaming and "SharingGroupServer" not in body:
            sharing_group_changes.add_this_node(call.session, made.id, all_orgs=False)
        _attach(call.session, made.id, body)
    return Answer(_saved(sharing_groups.view(call.session, made.id)))


def _known(call: Call, uuid: Any) -> SharingGroup | None:
    """A group that the caller may change and that is added again is changed instead."""
    if not isinstance(uuid, str) or len(uuid) != 36:
        return None
    try:
        found = sharing_groups.view(call.session, uuid)
    except NotFound:
        return None
    return found if found.editable else None


@endpoint(
    "sharing_groups", "edit", methods=WRITE, right="sharing_group", changes=True,
    shows=("directory",), summary="Changes a group's fields, and adds the organisations given",
    body={"name": "text", "active": True},
)  # fmt: skip
def edit(call: Call) -> Answer:
    return _edited(call, call.arg(0), call.data("SharingGroup"), "/sharing_groups/edit")


def _edited(call: Call, reference: int | str, body: dict[str, Any], url: str) -> Answer:
    fields = {name: value for name, value in body.items() if name != "name" or value}
    with finding(404, "Invalid sharing group."), saving("edit", "SharingGroup", url):
        changed = sharing_group_changes.edit(call.session, reference, given(_FIELDS, fields))
        _attach(call.session, changed.id, body)
    return Answer(_saved(sharing_groups.view(call.session, changed.id)))


def _attach(session: Session, group_id: int, body: dict[str, Any]) -> None:
    """Organisations and this node, as they come inside a group; unknown ones are left out."""
    for member in _dicts(body.get("SharingGroupOrg")):
        inner = member.get("Organisation")
        named = inner if isinstance(inner, dict) else {}
        reference = named.get("uuid") or member.get("uuid")  # stock takes both forms
        reference = reference or member.get("org_id") or named.get("id")
        try:
            sharing_group_changes.add_organisation(
                session, group_id, str(reference), extend=flag("extend", member.get("extend"))
            )
        except (NotFound, AlreadyThere):
            continue
    for server in _dicts(body.get("SharingGroupServer")):
        if str(server.get("server_id", "")) == "0":
            all_orgs = flag("all_orgs", server.get("all_orgs"))
            sharing_group_changes.add_this_node(session, group_id, all_orgs=all_orgs)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


@endpoint(
    "sharing_groups", "delete", methods=DELETABLE, right="sharing_group",
    changes=True, summary="Removes a group that nothing is shared with",
)  # fmt: skip
def delete(call: Call) -> Answer:
    try:
        with (
            finding(405, "Action not allowed."),
            saving("delete", "SharingGroup", call.path, call.arg(0)),
        ):
            gone = sharing_group_changes.delete(call.session, call.arg(0))
    except SaveFailed as error:
        error.errors = "The sharing group could not be deleted."
        raise
    return Answer(saved("SharingGroup deleted", call.path, str(gone.id)))


def _pair(call: Call, second: str) -> tuple[str, str, dict[str, Any]]:
    body = call.data("SharingGroup")
    group = call.arg(0) or coercion.text("sg_id", body.get("sg_id"))
    return group, call.arg(1) or coercion.text(second, body.get(second)), body


def _member(call: Call, verb: str, act: Callable[[str, str, bool], Any], done: str) -> Answer:
    group, org, body = _pair(call, "org_id")
    url = f"/sharing_groups/{verb}Org"
    extend = flag("extend", call.arg(2) or body.get("extend"))
    with finding(405, NO_EDITING):
        sharing_group_changes.editable(call.session, group)
    with finding(405, "Invalid organisation."):
        member = organisations.view(call.session, org)
    preposition = "to" if verb == "add" else "from"
    model = f"Organisation {preposition} SharingGroup"
    try:
        act(group, str(member.id), extend)
    except (AlreadyThere, NotThere) as error:
        state = "already" if verb == "add" else "not"
        errors = f"Organisation is {state} in the sharing group."
        raise SaveFailed(verb, model, errors, url) from error
    return Answer(saved(f"Organisation {done} the sharing group.", url))


@endpoint(
    "sharing_groups", "addOrg", methods=WRITE, right="sharing_group", changes=True,
    summary="Adds an organisation to a group",
    body={"sg_id": 1, "org_id": 2, "extend": False},
)  # fmt: skip
def add_organisation(call: Call) -> Answer:
    def act(group: str, org: str, extend: bool) -> None:
        sharing_group_changes.add_organisation(call.session, group, org, extend=extend)

    return _member(call, "add", act, "added to")


@endpoint(
    "sharing_groups", "removeOrg", methods=WRITE, right="sharing_group", changes=True,
    summary="Removes an organisation from a group", body={"sg_id": 1, "org_id": 2},
)  # fmt: skip
def remove_organisation(call: Call) -> Answer:
    def act(group: str, org: str, _extend: bool) -> None:
        sharing_group_changes.remove_organisation(call.session, group, org)

    return _member(call, "remove", act, "removed from")


def _node(call: Call) -> tuple[str, dict[str, Any]]:
    """The group of a call about a node; only this node, 0, can be named as yet."""
    group, server, body = _pair(call, "server_id")
    with finding(405, NO_EDITING):
        sharing_group_changes.editable(call.session, group)
    if server not in {"0", "Local instance", settings.get(call.session, "node.url")}:
        raise MispError(405, "Invalid Server.")
    return group, body


@endpoint(
    "sharing_groups", "addServer", methods=WRITE, right="sharing_group", changes=True,
    summary="Has a group reach this node (server 0), with all its organisations or not",
    body={"sg_id": 1, "server_id": 0, "all_orgs": True},
)  # fmt: skip
def add_server(call: Call) -> Answer:
    group, body = _node(call)
    all_orgs = flag("all_orgs", call.arg(2) or body.get("all_orgs"))
    sharing_group_changes.add_this_node(call.session, group, all_orgs=all_orgs)
    return Answer(saved("Server added to the sharing group.", "/sharing_groups/addServer"))


@endpoint(
    "sharing_groups", "removeServer", methods=WRITE, right="sharing_group", changes=True,
    summary="Takes this node out of a group", body={"sg_id": 1, "server_id": 0},
)  # fmt: skip
def remove_server(call: Call) -> Answer:
    group, _body = _node(call)
    url = "/sharing_groups/removeServer"
    try:
        sharing_group_changes.remove_this_node(call.session, group)
    except NotThere as error:
        errors = "Server is not in the sharing group."
        raise SaveFailed("remove", "Server from SharingGroup", errors, url) from error
    return Answer(saved("Server removed from the sharing group.", url))
