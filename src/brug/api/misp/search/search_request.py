# SPDX-License-Identifier: EUPL-1.2
"""What a restSearch asks: its parameters wherever they stand, its format, its headers."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import structlog

from brug.api.misp.dispatch import Call
from brug.api.misp.refusals import MispError
from brug.formats.misp import coercion
from brug.intel.search import filters
from brug.intel.search.filters import Filters, Scope

log = structlog.get_logger("brug.api.misp.search")

NO_PARAMETERS = (
    "Restsearch queries using GET and no parameters are not allowed. If you have passed"
    " parameters via a JSON body, make sure you use POST requests."
)
NO_FORMAT = "Invalid output format."
# Parameters that stand in the path without a name, in this order.
_IN_PATH = (
    "returnFormat", "value", "type", "category", "org", "tags", "from", "to", "last", "eventid",
    "withAttachments", "uuid",
)  # fmt: skip
_UNSAID = frozenset({"", "null", "false", "0"})

FLAGS = (
    "withAttachments", "metadata", "includeEventUuid", "includeEventTags", "includeProposals",
    "includeContext", "includeWarninglistHits", "includeCorrelations", "includeSightings",
    "includeGalaxy", "includeDecayScore", "headerless", "sgReferenceOnly", "excludeGalaxy",
    "excludeLocalTags", "includeAnalystData", "includeFullModel", "excludeDecayed",
    "includeFeedCorrelations", "includeServerCorrelations",
)  # fmt: skip
# Parameters of single formats.
_ZONE = (
    "policy", "walled_garden", "ns", "ns_alt", "email", "serial", "refresh", "retry", "expiry",
    "minimum_ttl", "ttl",
)  # fmt: skip
OF_FORMATS = ("requested_attributes", "sid", "stix-version", *_ZONE, *("rpz_" + z for z in _ZONE))
# Of scores, where they are asked for.
SCORES = ("decayingModel", "score", "modelOverrides")
KNOWN = frozenset({*FLAGS, "returnFormat", *OF_FORMATS, *SCORES})


class Asked(msgspec.Struct):
    """A search, read."""

    filters: Filters
    given: Mapping[str, Any]
    format: str

    def wants(self, flag: str) -> bool:
        return coercion.flag(flag, self.given.get(flag))

    @property
    def columns(self) -> list[str]:
        """`requested_attributes`."""
        raw = self.given.get("requested_attributes") or []
        if isinstance(raw, str):
            raw = raw.split(",")
        if not isinstance(raw, list):
            return []
        return [coercion.text("requested_attributes", one) for one in raw]


def read(call: Call, scope: Scope, formats: Collection[str]) -> Asked:
    """Raises MispError and Invalid."""
    given = parameters(call, scope)
    if call.method == "GET" and not given:
        raise MispError(400, NO_PARAMETERS)
    name = coercion.text("returnFormat", given.get("returnFormat")) or "json"
    if name == "download":  # how older clients spell it in the path
        name = "json"
    if name not in formats:
        raise MispError(404, NO_FORMAT)
    found = filters.read(scope, given, KNOWN)
    if found.ignored:
        log.info("parameters ignored", path=call.path, names=found.ignored[:20])
    return Asked(found, given, name)


def parameters(call: Call, scope: Scope) -> dict[str, Any]:
    """Of the path (by place and by name) and of the body, which wins."""
    given: dict[str, Any] = {
        name: value
        for name, value in zip(_IN_PATH, call.args, strict=False)
        if value.lower() not in _UNSAID
    }
    given.update(call.named)
    if call.method not in {"GET", "HEAD"}:
        given.update(call.data({"attributes": "Attribute", "events": "Event"}.get(scope, "Object")))
    return given


def headers(asked: Asked, count: int, shown: str, used: str = "") -> dict[str, str]:
    """What MISP says about a result."""
    return {
        "X-Result-Count": str(count),
        "X-Response-Format": shown,
        "X-Export-Module-Used": used or asked.format,
        "X-Skipped-Elements-Count": "0",
    }


def disposition(asked: Asked, ending: str) -> dict[str, str]:
    """The name under which MISP's pages save a result of events."""
    ids = asked.filters.eventid.any
    name = ids[0] if len(ids) == 1 and ids[0].isascii() and ids[0].isdigit() else "list"
    return {"Content-Disposition": f'attachment; filename="misp.event.{name}.{ending}"'}
