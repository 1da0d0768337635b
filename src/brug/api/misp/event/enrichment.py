# SPDX-License-Identifier: EUPL-1.2
"""Looking attributes up through a server of misp-modules, where one is set up."""

from collections.abc import Iterable
from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.item.item_json import attribute as attribute_json
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.refusals import MispError, saved
from brug.edge import modules
from brug.edge.modules import Module, ModuleFailed, Off
from brug.edge.outgoing import NotReached
from brug.intel import attributes
from brug.intel.finding import claim, find
from brug.intel.intake.enriching import take_in
from brug.model.errors import Unavailable
from brug.model.event import Attribute

NO_MODULE = "No module chosen. The request body has to have the module key set."
INVALID_EVENT = (404, "Invalid event.")
INVALID = (404, "Invalid attribute")
# Of one call: more than these is work for a script that goes through the attributes.
MOST_LOOK_UPS = 200


def _available(call: Call) -> list[Module]:
    try:
        return modules.modules(call.session)
    except NotReached as error:
        raise Unavailable(str(error)) from error


def _wanted(call: Call) -> list[Module]:
    """The modules that the body names, out of those that can look something up."""
    sent = call.data("Event", "Attribute")
    names = {name for name, value in sent.items() if is_on(value)}
    if not names:
        raise MispError(405, NO_MODULE)
    found = [m for m in _available(call) if m.name in names and "expansion" in m.kinds]
    if not found:
        raise MispError(404, "None of these modules is available.")
    return found


def _looked_up(
    call: Call, wanted: Iterable[Module], several: Iterable[Attribute]
) -> tuple[list[tuple[str, dict[str, list[Any]]]], list[str]]:
    """Results by module, and what failed."""
    found, failed, left = [], [], MOST_LOOK_UPS
    for one in several:
        shown = attribute_json(one)
        for module in wanted:
            if one.type not in module.inputs or left <= 0:
                continue
            left -= 1
            try:
                found.append((module.name, modules.look_up(call.session, module, shown)))
            except (NotReached, ModuleFailed) as error:
                failed.append(f"{module.name}: {error}")
    return found, failed


def _enriched(call: Call, event_id: int, several: Iterable[Attribute], url: str) -> Answer:
    wanted = _wanted(call)
    # Who may not write need not ask. The claim is given back, lock and all, before modules think.
    with reaching(INVALID_EVENT), call.session.connection.transaction(force_rollback=True):
        claim(call.session, event_id)
    found, failed = _looked_up(call, wanted, several)
    held = claim(call.session, event_id)
    count = sum(take_in(call.session, held, results, name) for name, results in found)
    more = {"errors": failed[:20]} if failed else {}
    return Answer(saved(f"{count} items added.", url, str(event_id)) | more)


@endpoint(
    "events", "enrichEvent",
    methods=WRITE, right="modify", changes=True,
    summary="Looks the attributes of an event up in modules, and adds what they find",
    body={"name of a module": True},
)  # fmt: skip
def enrich_event(call: Call) -> Answer:
    with reaching(INVALID_EVENT):
        event_id = find(call.session, "event", call.arg(0))
    several = attributes.of_event(call.session, event_id)
    return _enriched(call, event_id, several, f"/events/enrichEvent/{event_id}")


@endpoint(
    "attributes", "enrich",
    methods=WRITE, right="modify", changes=True,
    summary="Looks an attribute up in modules, and adds what they find",
    body={"name of a module": True},
)  # fmt: skip
def enrich_attribute(call: Call) -> Answer:
    with reaching(INVALID):
        attribute_id = find(call.session, "attribute", call.arg(0))
    (one,) = attributes.by_ids(call.session, [attribute_id])
    return _enriched(call, one.event_id, [one], f"/attributes/enrich/{attribute_id}")


@endpoint(
    "events", "queryEnrichment",
    right="add", shows=("attribute",),
    summary="What a module knows about an attribute, or which modules may; stores nothing",
)  # fmt: skip
def query_attribute(call: Call) -> Answer:
    with reaching(INVALID):
        attribute_id = find(call.session, "attribute", call.arg(0))
    (one,) = attributes.by_ids(call.session, [attribute_id])
    fitting = [m for m in _available(call) if "expansion" in m.kinds and one.type in m.inputs]
    if not call.arg(1):
        return Answer([module.listed for module in fitting])
    wanted = [module for module in fitting if module.name == call.arg(1)]
    if not wanted:
        raise MispError(404, "None of these modules is available.")
    try:
        return Answer(modules.look_up(call.session, wanted[0], attribute_json(one)))
    except NotReached as error:
        raise Unavailable(str(error)) from error


@endpoint(
    "modules", "index",
    summary="The modules that attributes can be looked up in",
)  # fmt: skip
def index(call: Call) -> Answer:
    try:
        return Answer([module.listed for module in _available(call)])
    except (Off, Unavailable):
        return Answer([])


@endpoint(
    "modules", "queryEnrichment",
    right="add", summary="Asks one module about a value; stores nothing",
    body={"module": "text", "ip-dst": "192.0.2.1"},
)  # fmt: skip
def query_enrichment(call: Call) -> Answer:
    sent = call.data()
    if not isinstance(sent.get("module"), str) or call.method == "GET":
        raise MispError(405, NO_MODULE)
    try:
        return Answer(modules.query_raw(call.session, sent))
    except NotReached as error:
        raise Unavailable(str(error)) from error
