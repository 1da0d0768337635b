# SPDX-License-Identifier: EUPL-1.2
"""`/sharingGroupBlueprints/*`: rules that fill sharing groups."""

import json
from typing import Any

from brug.api.misp.directory.directory_refusals import finding, saving
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, saved
from brug.directory import blueprints
from brug.directory.blueprints import Blueprint
from brug.model.errors import NotFound

INVALID = "Invalid SharingGroupBlueprint."
_NAME = "sharing_group_blueprints"
_MODEL = "SharingGroupBlueprint"


def _own(found: Blueprint) -> dict[str, Any]:
    return {
        _MODEL: {
            "id": str(found.id), "uuid": found.uuid, "name": found.name,
            "timestamp": str(found.timestamp), "user_id": str(found.user_id),
            "org_id": str(found.org_id),
            "sharing_group_id": str(found.group_id) if found.group_id else None,
            "rules": json.dumps(found.rules, indent=4, ensure_ascii=False),
        }
    }  # fmt: skip


def _whole(found: Blueprint) -> dict[str, Any]:
    return {
        **_own(found),
        "Organisation": {"name": found.org_name, "uuid": found.org_uuid, "id": str(found.org_id)},
        "SharingGroup": {
            "id": str(found.group_id) if found.group_id else None, "name": found.group_name,
        },
    }  # fmt: skip


def _found(call: Call) -> Blueprint:
    with finding(404, INVALID):
        return blueprints.view(call.session, call.arg(0))


@endpoint(
    _NAME, "index", shows=("directory",), probes=(("GET", f"/{_NAME}/index", None),),
    summary="The blueprints of one's organisation",
)  # fmt: skip
def index(call: Call) -> Answer:
    return Answer([_whole(one) for one in blueprints.listed(call.session)])


@endpoint(_NAME, "view", shows=("directory",), summary="One blueprint")
def view(call: Call) -> Answer:
    return Answer(_whole(_found(call)))


@endpoint(
    _NAME, "viewOrgs", shows=("directory",), summary="Whom a blueprint's rules name now",
)  # fmt: skip
def view_orgs(call: Call) -> Answer:
    found = blueprints.named(call.session, _found(call))
    return Answer([{"id": str(one.id), "uuid": one.uuid, "name": one.name} for one in found])


@endpoint(
    _NAME, "add", methods=WRITE, right="sharing_group", changes=True, shows=("directory",),
    summary="Adds a blueprint", body={"name": "text", "rules": {"OR": {"org_sector": ["text"]}}},
)  # fmt: skip
def add(call: Call) -> Answer:
    with saving("add", _MODEL, f"/{_NAME}/add"):
        return Answer(_own(blueprints.add(call.session, call.data(_MODEL))))


@endpoint(
    _NAME, "edit", methods=WRITE, right="sharing_group", changes=True, shows=("directory",),
    summary="Changes a blueprint", body={"name": "text"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = _found(call)
    with saving("edit", _MODEL, f"/{_NAME}/edit/{found.id}", str(found.id)):
        return Answer(_own(blueprints.edit(call.session, str(found.id), call.data(_MODEL))))


@endpoint(
    _NAME, "delete", methods=DELETABLE, right="sharing_group", changes=True,
    summary="Deletes a blueprint; its group stays",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = blueprints.delete(call.session, str(_found(call).id))
    url = f"/{_NAME}/delete/{found.id}"
    return Answer(saved(f"{_MODEL} deleted.", url, found.id))


@endpoint(
    _NAME, "detach", methods=WRITE, right="sharing_group", changes=True,
    summary="Parts a blueprint from the group that it filled",
)  # fmt: skip
def detach(call: Call) -> Answer:
    found = blueprints.detach(call.session, str(_found(call).id))
    url = f"/{_NAME}/detach/{found.id}"
    return Answer(saved("Sharing group detached.", url, str(found.id)))


@endpoint(
    _NAME, "execute", methods=WRITE, right="sharing_group", changes=True,
    summary="Makes a blueprint's group hold whom its rules name (without an id: all of one's own)",
)  # fmt: skip
def execute(call: Call) -> Answer:
    wanted = [_found(call)] if call.args else blueprints.listed(call.session)
    if not wanted:
        raise MispError(404, INVALID)
    try:
        done = [blueprints.execute(call.session, str(one.id)) for one in wanted]
    except NotFound as error:
        raise MispError(404, INVALID) from error
    made = sum(one.made for one in done)
    text = (
        f"Done, {len(done)} sharing group blueprint(s) matched. Sharing group changes:"
        f" Created: {made}. Updated: {len(done)}. Failed to create: 0."
    )
    item = str(wanted[0].id) if call.args else None
    return Answer(saved(text, f"/{_NAME}/execute/{item or ''}".rstrip("/"), item))
