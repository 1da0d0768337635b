# SPDX-License-Identifier: EUPL-1.2
"""`/eventBlocklists/*` and its four sisters: what is not to come in (again).

One table says what each list's fields are called; the routes are the same for all.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from brug.api.misp.directory.directory_json import moment
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.several import several, texts
from brug.intel import blocklists
from brug.intel.blocklists import Entry, List
from brug.model.errors import NotFound

INVALID = (404, "Invalid blocklist entry")


class Named(msgspec.Struct, frozen=True):
    """What MISP calls a list and its fields; a field without a name is not shown."""

    list: List
    controller: str
    model: str
    uuid: str
    info: str
    orgc: str = ""
    counted: bool = False  # shows how often something was kept out
    by_number: bool = False  # a deletion answers the entry's number, whatever named it
    many: str = ""  # what massDelete says of no ids; no such route where empty

    @property
    def path(self) -> str:
        return f"/{self.controller}"


LISTS = (
    Named(
        "event", "event_blocklists", "EventBlocklist", "event_uuid", "event_info", "event_orgc",
        many="Invalid event IDs.",
    ),
    Named("organisation", "org_blocklists", "OrgBlocklist", "org_uuid", "org_name", counted=True),
    Named(
        "cluster", "galaxy_cluster_blocklists", "GalaxyClusterBlocklist", "cluster_uuid",
        "cluster_info", "cluster_orgc", by_number=True, many="Invalid cluster IDs.",
    ),
    Named(
        "analyst_data", "analyst_data_blocklists", "AnalystDataBlocklist", "analyst_data_uuid",
        "analyst_data_info", "analyst_data_orgc", by_number=True, many="Invalid Analyst Data IDs.",
    ),
    Named("sighting", "sighting_blocklists", "SightingBlocklist", "org_uuid", "org_name"),
)  # fmt: skip


def _shown(named: Named, entry: Entry) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": str(entry.id),
        named.uuid: entry.uuid,
        "created": moment(entry.created),
        named.info: entry.info,
        "comment": entry.comment,
    }
    if named.orgc:
        made[named.orgc] = entry.orgc
    if named.counted:
        last = entry.last_time
        made["blocked_data"] = {
            "blocked_amount": entry.times or False,
            "blocked_last_time": int(last.timestamp()) if last else False,
        }
    return made


def _fields(named: Named, raw: Mapping[str, Any]) -> dict[str, str]:
    """The texts that a body names, by what the list calls them here."""
    names = {"comment": "comment", "info": named.info, "orgc": named.orgc}
    return {
        field: text
        for field, name in names.items()
        if name and (text := _text(raw.get(name))) is not None
    }


def _text(value: Any) -> str | None:
    return value[:65_000].replace("\0", "") if isinstance(value, str) else None


def _uuids(sent: Any) -> list[str]:
    """A list, or a text with one UUID a line."""
    lines = sent if isinstance(sent, list) else str(sent or "").split("\n")
    return [str(one).strip() for one in several("uuids", lines)]


def _index(named: Named, call: Call) -> Answer:
    asked = {**call.data(named.model), **call.named}
    wanted = {
        "uuid": _text(asked.get(named.uuid)),
        "info": _text(asked.get(named.info)),
        "comment": _text(asked.get("comment")),
        "orgc": _text(asked.get(named.orgc)) if named.orgc else None,
    }
    found = blocklists.entries(call.session, named.list, **wanted)
    return Answer([_shown(named, entry) for entry in page_of(asked, found)])


def _add(named: Named, call: Call) -> Answer:
    raw = call.data(named.model)
    done = blocklists.add(call.session, named.list, _uuids(raw.get("uuids")), **_fields(named, raw))
    text = (
        f"Done. Added {len(done.successes)} new entries to the blocklist."
        f" {len(done.fails)} entries could not be saved."
    )
    result = {"successes": done.successes, "fails": done.fails}
    return Answer({"result": result, "message": text})


def _edit(named: Named, call: Call) -> Answer:
    with reaching(INVALID):
        changes: dict[str, Any] = dict(_fields(named, call.data(named.model)))
        entry = blocklists.edit(call.session, named.list, call.arg(0), changes)
    return Answer({named.model: _shown(named, entry)})


def _delete(named: Named, call: Call) -> Answer:
    with reaching(INVALID):
        entry = blocklists.remove(call.session, named.list, call.arg(0))
    key = str(entry.id) if named.by_number else call.arg(0)
    return Answer(saved("Blocklist entry removed", f"{named.path}/delete/{key}", key))


def _mass_delete(named: Named, call: Call) -> Answer:
    keys = texts("ids", call.data(named.model).get("ids"))
    gone = sum(_removed(call, named, key) for key in keys)
    if not gone:
        raise MispError(404, named.many)
    return Answer(saved(f"{gone} blocklist entries removed", f"{named.path}/massDelete"))


def _removed(call: Call, named: Named, key: str) -> bool:
    try:
        blocklists.remove(call.session, named.list, key)
    except NotFound:
        return False
    return True


def _bound(named: Named, how: Callable[[Named, Call], Answer]) -> Callable[[Call], Answer]:
    def handler(call: Call) -> Answer:
        return how(named, call)

    handler.__module__ = __name__
    handler.__name__ = f"{named.list}{how.__name__}"
    return handler


def _list_routes(named: Named) -> None:
    what = {
        "event": "events", "organisation": "organisations whose events are", "cluster": "clusters",
        "analyst_data": "analyst data", "sighting": "organisations whose sightings are",
    }[named.list]  # fmt: skip
    fields = {named.uuid: "UUID", named.info: "text", "comment": "text"}
    endpoint(
        named.controller, "index", right="site_admin",
        shows=("own",), probes=(("GET", f"{named.path}/index", None),),
        summary=f"The {what} not to be taken in", body=fields,
    )(_bound(named, _index))  # fmt: skip
    endpoint(
        named.controller, "add", methods=WRITE, right="site_admin", changes=True,
        summary=f"Adds to the {what} not to be taken in",
        body={"uuids": ["UUID"], "comment": "text"},
    )(_bound(named, _add))  # fmt: skip
    endpoint(
        named.controller, "edit", methods=WRITE, right="site_admin", changes=True,
        summary="Changes what is noted about an entry", body={"comment": "text"},
    )(_bound(named, _edit))  # fmt: skip
    endpoint(
        named.controller, "delete", methods=DELETABLE, right="site_admin", changes=True,
        summary="Takes one off the list",
    )(_bound(named, _delete))  # fmt: skip
    if named.many:
        endpoint(
            named.controller, "massDelete", methods=DELETABLE, right="site_admin", changes=True,
            summary="Takes several off the list, by number or UUID", body={"ids": ["number"]},
        )(_bound(named, _mass_delete))  # fmt: skip


for _named in LISTS:
    _list_routes(_named)
