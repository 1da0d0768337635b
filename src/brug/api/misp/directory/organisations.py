# SPDX-License-Identifier: EUPL-1.2
"""`/organisations`: everybody lists and views, site admins change."""

from typing import Any

from brug.api.misp.directory import directory_json as shape
from brug.api.misp.directory.directory_refusals import finding, saving
from brug.api.misp.directory.given import flag, given, text, untouched
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, saved
from brug.directory import organisation_merging, organisations
from brug.directory.organisations import Organisation
from brug.directory.refusals import Refused

INVALID = "Invalid organisation"
_FIELDS = {
    "name": text, "uuid": text, "description": text, "type": text, "nationality": text,
    "sector": text, "contacts": text, "local": flag, "restricted_to_domain": untouched,
    "landingpage": text,
}  # fmt: skip
_SCOPES = {"local": True, "external": False, "all": None}


def _whole(found: Organisation, *, creator: bool) -> dict[str, Any]:
    shown = shape.organisation(found, creator=creator)
    return {"Organisation": shape.counted(found, shown, creator=creator)}


@endpoint(
    "organisations", "index",
    shows=("directory",),
    probes=(("GET", "/organisations/index/scope:all", None),),
    summary="Organisations; by default those of this node (scope:local, external, all)",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.query, **call.named, **call.data("Organisation")}
    scope = str(asked.get("scope", call.arg(0) or "local"))
    search = asked.get("searchall") or asked.get("quickFilter")
    found = organisations.listed(
        call.session,
        local=_SCOPES.get(scope, True),
        search=str(search)[:255].replace("\x00", "") if search else None,
    )
    creator = call.principal.is_site_admin
    return Answer([_whole(one, creator=creator) for one in page_of(asked, found)])


@endpoint(
    "organisations", "view",
    shows=("directory",),
    probes=(("GET", "/organisations/view/{organisation}", None),),
    summary="One organisation, by id, UUID or name",
)  # fmt: skip
def view(call: Call) -> Answer:
    with finding(404, INVALID):
        found = organisations.view(call.session, call.arg(0))
    mine = call.principal.org_id == found.id and call.principal.may("admin")
    answer = _whole(found, creator=mine or call.principal.is_site_admin)
    answer["Organisation"].pop("landingpage")
    return Answer(answer)


@endpoint(
    "organisations", "getUUIDs", right="sync", shows=("directory",),
    probes=(("GET", "/organisations/getUUIDs", None),),
    summary="The UUIDs of this node's organisations",
)  # fmt: skip
def uuids(call: Call) -> Answer:
    return Answer([one.uuid for one in organisations.listed(call.session, local=True)])


@endpoint(
    "organisations", "admin_add", methods=WRITE, right="site_admin", changes=True,
    shows=("directory",), summary="Adds an organisation",
    body={"name": "text", "uuid": "UUID", "local": True, "nationality": "text", "sector": "text"},
)  # fmt: skip
def add(call: Call) -> Answer:
    with saving("add", "Organisation", "/admin/organisations/add"):
        fields = given(_FIELDS, call.data("Organisation"))
        if not str(fields.get("uuid") or "").strip():
            # An empty column of a list is no UUID; the new one gets its own.
            fields.pop("uuid", None)
        made = organisations.add(call.session, fields)
    return Answer({"Organisation": shape.organisation(made, creator=True)})


@endpoint(
    "organisations", "admin_edit", methods=WRITE, right="site_admin", changes=True,
    shows=("directory",), summary="Changes the fields given of an organisation",
    body={"name": "text", "description": "text"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    with finding(404, INVALID), saving("edit", "Organisation", "/admin/organisations/edit"):
        fields = given(_FIELDS, call.data("Organisation"))
        changed = organisations.edit(call.session, call.arg(0), fields)
    return Answer({"Organisation": shape.organisation(changed, creator=True)})


@endpoint(
    "organisations", "admin_delete", methods=("GET", "POST", "PUT", "DELETE"),
    right="site_admin", changes=True, summary="Removes an organisation that nothing names",
)  # fmt: skip
def delete(call: Call) -> Answer:
    if call.method == "GET":
        raise MispError(405, "Action not allowed, post or delete request expected.")
    with finding(404, INVALID), saving("delete", "Organisation", call.path, call.arg(0)):
        gone = organisations.delete(call.session, call.arg(0))
    return Answer(saved("Organisation deleted", call.path, str(gone.id)))


@endpoint(
    "organisations", "admin_merge", methods=WRITE, right="site_admin", changes=True,
    shows=("directory",), summary="Makes one organisation part of another, which is answered",
    body={"targetOrgId": "organisation"},
)  # fmt: skip
def merge(call: Call) -> Answer:
    asked = call.data("Organisation")
    # MISP's form names a list, and in it the organisation.
    by_form = "orgsLocal" if str(asked.get("targetType", "0")) == "0" else "orgsExternal"
    into = asked.get("targetOrgId") or asked.get(by_form)
    with finding(404, INVALID), saving("merge", "Organisation", call.path, call.arg(0)):
        if not isinstance(into, int | str):
            raise Refused("targetOrgId", "empty", "id, UUID or name of the organisation that stays")
        try:
            done = organisation_merging.merge(call.session, call.arg(0), into)
        except Refused as error:
            raise Refused("targetOrgId", error.reason, error.expected, error.start) from error
    return Answer(_whole(done.organisation, creator=True))
