# SPDX-License-Identifier: EUPL-1.2
"""The parts of an event that are held on one bridge: each let go or kept by a person."""

import msgspec

from brug.bridges import judging_parts, partners
from brug.bridges.crossing import rows
from brug.bridges.partners import BridgeRow
from brug.model.errors import Invalid, NotFound
from brug.model.naming import is_uuid
from brug.web.bridges import gate_words
from brug.web.bridges.crossings import HELD, ONE
from brug.web.bridges.room import may, require_reader, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

KINDS = {
    "attribute": N_("Attribute"), "report": N_("Report"), "sighting": N_("Sighting"),
    "proposal": N_("Proposal"), "note": N_("Note"), "cluster": N_("Cluster"),
}  # fmt: skip
# Of an event in feeds nothing crossed that could be named.
OF_FEEDS = HELD + "/{bridge:int}/{event:str}"


class _Event(msgspec.Struct, frozen=True):
    """An event on a bridge, the crossing that is on record of it, and the address of its parts."""

    bridge: BridgeRow
    uuid: str
    crossing: int | None
    address: str


def _of_crossing(visit: Visit) -> _Event:
    crossing = rows.crossing(visit.session, int(visit.args["key"]))
    bridge = partners.view(visit.session, crossing.bridge_id)
    address = f"/bridges/crossings/{crossing.id}/parts"
    return _Event(bridge, crossing.event_uuid, crossing.id, address)


def _of_feeds(visit: Visit) -> _Event:
    uuid = visit.args["event"].lower()
    if not is_uuid(uuid):
        raise NotFound(f"no event {uuid[:40]!r}")
    bridge = partners.view(visit.session, visit.args["bridge"])
    return _Event(bridge, uuid, None, f"{HELD}/{bridge.id}/{uuid}")


@page(ONE + "/parts", shows=("event",))
def show(visit: Visit) -> Reply:
    return _shown(visit, _of_crossing(visit))


@page(OF_FEEDS, shows=("event",))
def show_of_feeds(visit: Visit) -> Reply:
    return _shown(visit, _of_feeds(visit))


def _shown(visit: Visit, event: _Event, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    found = judging_parts.held(visit.node.database, visit.session, event.bridge, event.uuid)
    return visit.show(
        "bridges/held_parts.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        event=event,
        found=found,
        kinds=KINDS,
        said=gate_words,
        gettext_of=visit.gettext,
        may_judge=may(visit, "release"),
        chosen=visit.form.all("part"),
        because=visit.form.text("because"),
        errors=errors or {},
    )


@page(ONE + "/parts/release", "POST")
def release(visit: Visit) -> Reply:
    return _judged(visit, _of_crossing(visit), release=True)


@page(ONE + "/parts/refuse", "POST")
def refuse(visit: Visit) -> Reply:
    return _judged(visit, _of_crossing(visit), release=False)


@page(OF_FEEDS + "/release", "POST")
def release_in_feeds(visit: Visit) -> Reply:
    return _judged(visit, _of_feeds(visit), release=True)


@page(OF_FEEDS + "/refuse", "POST")
def refuse_in_feeds(visit: Visit) -> Reply:
    return _judged(visit, _of_feeds(visit), release=False)


def _judged(visit: Visit, event: _Event, *, release: bool) -> Reply:
    try:
        done = judging_parts.judge(
            visit.node.database, visit.principal.user_id, event.bridge, event.uuid,
            visit.form.all("part"), visit.form.text("because"), release=release,
        )  # fmt: skip
    except Invalid as error:
        return _shown(visit, event, {error.field: visit.sentence(error)})
    if not release:
        said = visit.gettext("It stays here.")
    elif any(what == "first yes" for _, what in done):
        said = visit.gettext("Your yes is kept. A second person has to release it as well.")
    elif event.bridge.transport == "feed":
        said = visit.gettext("It is in the feeds from now on.")
    else:
        said = visit.gettext("It crosses now.")
    after = HELD if event.crossing is None else f"/bridges/crossings?event={event.uuid}"
    return visit.redirect(after, said)
