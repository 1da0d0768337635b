# SPDX-License-Identifier: EUPL-1.2
"""Handing a node's content to a MISP, through its interface.

In the order in which one names another: organisations, sharing groups, tags, events with
proposals. Everything is known there by UUID (tags: by name), so that repeating it changes
nothing. What that interface does not take is listed as lost. Numbers are the MISP's own.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import LiteralString

import msgspec

from brug.directory import organisations, sharing_groups
from brug.model.errors import Forbidden
from brug.moving.client import Misp, Refused
from brug.moving.documents import Document, documents, group_json
from brug.moving.report import Lost, Report, Told
from brug.moving.report import Refused as Left
from brug.moving.taking import unwrapped
from brug.store.session import Database, Session

NOT_NEWER = "not newer than the local copy"


class Destination(msgspec.Struct):
    """Where a node's content goes, and what it says of itself."""

    misp: Misp
    database: Database
    user_id: int
    report: Report
    told: Told
    organisations: dict[str, str] = {}  # UUID -> number there


def export_to(
    misp: Misp, database: Database, user_id: int, ids: Sequence[int], told: Told
) -> Report:
    """Hands over the events of `ids` and what they name. Raises Refused, Unreachable."""
    report = Report(misp.url)
    found = misp.get("/servers/getVersion")
    report.version = str(found.get("version", "")) if isinstance(found, dict) else ""
    if not unwrapped(misp.get("/users/view/me"), "Role").get("perm_site_admin"):
        raise Forbidden("the key has to be a site admin's: others cannot bring organisations")
    to = Destination(misp, database, user_id, report, told)
    _organisations(to)
    _groups(to)
    _tags(to)
    _events(to, ids)
    with database.as_user(user_id) as session:
        report.lost += losses(session)
    return report


def _attempt(to: Destination, kind: str, name: str, act: Callable[[], object]) -> bool:
    to.report.count(kind, there=1)
    try:
        act()
    except Refused as error:
        to.report.refused.append(Left(f"{kind} {name}", str(error)))
        return False
    to.report.count(kind, here=1)
    return True


def _organisations(to: Destination) -> None:
    _learn(to)
    with to.database.as_user(to.user_id) as session:
        ours = organisations.listed(session)
    for done, one in enumerate(ours):
        to.told("organisation", done, len(ours))
        body = {
            "name": one.name, "uuid": one.uuid, "description": one.description,
            "type": one.type, "nationality": one.nationality, "sector": one.sector,
            "contacts": one.contacts, "local": one.local,
        }  # fmt: skip
        add: Callable[[], object] = partial(to.misp.post, "/admin/organisations/add", body)
        if one.uuid in to.organisations:
            add = _nothing
        _attempt(to, "organisation", one.name, add)
    _learn(to)


def _nothing() -> None:
    """It is there already."""


def _learn(to: Destination) -> None:
    for page in to.misp.pages("/organisations/index/scope:all"):
        for item in page:
            raw = unwrapped(item, "Organisation")
            to.organisations[str(raw.get("uuid")).lower()] = str(raw.get("id"))


def _groups(to: Destination) -> None:
    with to.database.as_user(to.user_id) as session:
        ours = sharing_groups.listed(session)
    for done, one in enumerate(ours):
        to.told("sharing group", done, len(ours))
        _attempt(to, "sharing group", one.name, partial(_group, to, group_json(one)))


def _group(to: Destination, body: Document) -> None:
    """Adds a group, or finds it by its UUID; then its members, one by one."""
    uuid = body["uuid"]
    members = body.pop("SharingGroupOrg")
    if not to.misp.exists(f"/sharing_groups/view/{uuid}"):
        to.misp.post("/sharing_groups/add", body)
    there = to.misp.get(f"/sharing_groups/view/{uuid}")
    number = unwrapped(there, "SharingGroup").get("id")
    known = {str(m.get("org_id")) for m in there.get("SharingGroupOrg") or []}
    for member in members:
        org = to.organisations.get(member["Organisation"]["uuid"])
        if org is not None and org not in known:
            extend = int(member["extend"])
            to.misp.post(f"/sharing_groups/addOrg/{number}/{org}/{extend}", {})


def _tags(to: Destination) -> None:
    there = {
        str(unwrapped(item, "Tag").get("name"))
        for page in to.misp.pages("/tags/index")
        for item in page
    }
    with to.database.as_user(to.user_id) as session:
        ours = session.all(
            "SELECT t.name, t.colour, t.exportable, t.hide_tag, t.numerical_value,"
            " coalesce(o.uuid::text, '') FROM tag t LEFT JOIN organisation o ON o.id = t.org_id"
            " ORDER BY t.id"
        )
    for done, (name, colour, exportable, hidden, number, org) in enumerate(ours):
        to.told("tag", done, len(ours))
        body = {
            "name": name, "colour": colour, "exportable": exportable, "hide_tag": hidden,
            "numerical_value": number, "org_id": to.organisations.get(org, "0"),
        }  # fmt: skip
        add: Callable[[], object] = partial(to.misp.post, "/tags/add", body)
        _attempt(to, "tag", name, _nothing if name in there else add)


def _events(to: Destination, ids: Sequence[int]) -> None:
    for done, event in enumerate(documents(to.database, to.user_id, ids)):
        to.told("event", done, len(ids))
        _attempt(to, "event", event["uuid"], partial(_event, to, event))
        if event["ShadowAttribute"]:
            path = f"/events/pushProposals/{event['uuid']}"
            name = f"of event {event['uuid']}"
            sent = event["ShadowAttribute"]
            _attempt(to, "proposals", name, partial(to.misp.post, path, sent))


def _event(to: Destination, event: Document) -> None:
    """Adds it; one that is there is changed, unless it is as new there."""
    body = {"Event": event | {"ShadowAttribute": [], "Galaxy": [], "RelatedEvent": []}}
    try:
        to.misp.post("/events/add", body)
    except Refused as error:
        if error.status != 404:
            raise
        _edit(to, event["uuid"], body)


def _edit(to: Destination, uuid: str, body: Document) -> None:
    try:
        to.misp.post(f"/events/edit/{uuid}", body)
    except Refused as error:
        if NOT_NEWER not in str(error):
            raise


_LOST: tuple[tuple[str, LiteralString, str], ...] = (
    ("users", "SELECT count(*) FROM account", "add them there; their keys and passwords stay"),
    ("settled proposals", "SELECT count(*) FROM proposal WHERE deleted", "they stay here"),
    (
        "own clusters", "SELECT count(*) FROM galaxy_cluster WHERE NOT is_default",
        "push them with a server's record (push_galaxy_clusters)",
    ),
    ("servers", "SELECT count(*) FROM server", "add them there, with their keys"),
    ("feeds", "SELECT count(*) FROM feed WHERE NOT is_default", "add them there"),
    ("user settings", "SELECT count(*) FROM user_setting", "set them there"),
)  # fmt: skip


def losses(session: Session) -> list[Lost]:
    """What is here and does not go along."""
    counted = ((what, session.value(query), advice) for what, query, advice in _LOST)
    return [Lost(what, int(count), advice) for what, count, advice in counted if count]
