# SPDX-License-Identifier: EUPL-1.2
"""Analyst data between nodes: what is here, what of a partner's is wanted, taking it in.

A stock MISP asks these three in its pull and its push; its times have no zone and are UTC.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import NO_RIGHT, MispError, saved
from brug.formats.misp.analyst import moment, read, time_of
from brug.formats.misp.analyst_inside import below
from brug.intel.analysis import analyst, analyst_taking
from brug.intel.levels import GroupRefused
from brug.model.analyst import KIND_NAMES
from brug.model.errors import Invalid
from brug.model.naming import is_uuid


@endpoint(
    "analyst_data", "indexMinimal",
    shows=("own",),
    probes=(("POST", "/analystData/indexMinimal", {"orgc_name": []}),),
    summary="When each note, opinion and relationship that one sees was last changed",
    body={"orgc_name": ["name", "!name"]},
)  # fmt: skip
def index_minimal(call: Call) -> Answer:
    asked = call.data().get("orgc_name") or []
    names = [str(name) for name in (asked if isinstance(asked, list) else [asked])]
    names = [name for name in names if "\0" not in name]
    found: dict[str, dict[str, str]] = {}
    for kind, uuid, modified in analyst.times(
        call.session,
        [name for name in names if not name.startswith("!")],
        [name[1:] for name in names if name.startswith("!")],
    ):
        found.setdefault(KIND_NAMES[kind], {})[uuid] = moment(modified)
    return Answer(found or [])


@endpoint(
    "analyst_data", "filterAnalystDataForPush",
    methods=("POST",),
    right="sync",
    summary="Which of a partner's notes, opinions and relationships are wanted here",
    body={"Note": {"UUID": "2026-01-31 12:00:00"}},
)  # fmt: skip
def filter_for_push(call: Call) -> Answer:
    raw = call.data()
    return Answer({name: _wanted(call, raw.get(name)) for name in KIND_NAMES})


def _wanted(call: Call, sent: Any) -> Any:
    """Those that are new or newer; a map by UUID, or a list of items."""
    if isinstance(sent, list):
        items = [item for item in sent if isinstance(item, dict)]
        wanted = _new(call, {str(i.get("uuid")): i.get("modified") for i in items})
        return [item for item in items if str(item.get("uuid")) in wanted]
    if not isinstance(sent, dict):
        return []
    wanted = _new(call, sent)
    return {uuid: modified for uuid, modified in sent.items() if uuid in wanted} or []


def _new(call: Call, offered: Mapping[str, Any]) -> set[str]:
    """Which UUIDs of a partner's are wanted here, as the partner writes them."""
    read = {uuid: uuid.strip().lower() for uuid in offered if is_uuid(uuid.strip())}
    times = {lower: _time(offered[uuid]) for uuid, lower in read.items()}
    wanted = analyst_taking.wanted(call.session, times)
    return {uuid for uuid, lower in read.items() if lower in wanted}


def _time(value: Any) -> datetime | None:
    try:
        return time_of("modified", value)
    except Invalid:
        return None


@endpoint(
    "analyst_data", "pushAnalystData",
    methods=WRITE,
    right="sync",
    changes=True,
    summary="Takes in a partner's notes, opinions and relationships",
    body={"Note": {"uuid": "UUID", "object_uuid": "UUID", "object_type": "Event", "note": "text"}},
)  # fmt: skip
def push(call: Call) -> Answer:
    if not (call.principal.may("analyst_data") or call.principal.is_site_admin):
        raise MispError(403, NO_RIGHT)
    counts = {"imported": 0, "ignored": 0, "failed": 0}
    for outcome in _outcomes(call, call.data()):
        counts[outcome] += 1
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    return Answer(saved(f"Analyst Data imported. {told}. ", "/analyst_data/pushAnalystData"))


def _outcomes(call: Call, raw: dict[str, Any]) -> Iterable[str]:
    for kind, name in enumerate(KIND_NAMES):
        sent = raw.get(name)
        for item in sent if isinstance(sent, list) else [sent]:
            if not isinstance(item, dict):
                continue
            try:
                yield analyst_taking.take(call.session, read(kind, item))
            except (Invalid, GroupRefused):
                yield "failed"
                continue
            analyst_taking.take_inside(call.session, below(kind, item))
