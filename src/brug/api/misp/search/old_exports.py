# SPDX-License-Identifier: EUPL-1.2
"""The export endpoints from before restSearch: each names its parameters by place.

One table: which search an old address stands for. They answer as that search does, with the
body's parameters (`{"request": {...}}`) over those of the path.

All that a reader sees goes out where the address says `download` and no more. An address
that says something else is refused: a slip in it shall not become an export of everything.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from brug.api.misp.dispatch import Answer, Call, Shows, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError
from brug.api.misp.search import rest_search_attributes, rest_search_events
from brug.intel.finding import find

_UNSAID = frozenset({"", "null", "false", "all", "download"})
_SINCE = ("from", "to", "last")
# Where the address says that it is one; very old clients put their key there.
_DOWNLOAD = re.compile(r"download|[A-Za-z0-9]{40}")
_INVALID_EVENT = (404, "Invalid event")
_ZONE = (
    "policy", "walled_garden", "ns", "email", "serial", "refresh", "retry", "expiry",
    "minimum_ttl", "ttl",
)  # fmt: skip
# What Zeek's file calls a kind of indicator, as attribute types.
_ZEEK_TYPES = {
    "ip": ["ip-src", "ip-dst", "ip-src|port", "ip-dst|port", "domain|ip"],
    "url": ["url"],
    "domain": ["domain", "hostname", "domain|ip", "hostname|port"],
    "email": ["email", "email-src", "email-dst"],
    "filename": ["filename", "email-attachment", "filename|md5", "filename|sha1",
                 "filename|sha256"],
    "filehash": ["md5", "sha1", "sha256", "filename|md5", "filename|sha1", "filename|sha256"],
    "certhash": ["x509-fingerprint-sha1"],
    "software": ["user-agent"],
}  # fmt: skip


class Old(msgspec.Struct, frozen=True):
    """An old address: the search it stands for, and its parameters in their order."""

    action: str
    scope: Literal["events", "attributes"]
    places: tuple[str, ...]
    fixed: dict[str, Any]
    adapt: Callable[[dict[str, Any]], None] = lambda _: None


def _hashes(given: dict[str, Any]) -> None:
    kind = str(given.pop("kind", "md5"))
    given["type"] = [kind, f"filename|{kind}"]


def _network(given: dict[str, Any]) -> None:
    named = str(given.get("returnFormat") or "suricata")
    given["returnFormat"] = named if named in {"suricata", "snort"} else "suricata"


def _csv(given: dict[str, Any]) -> None:
    """What is for detection, unless one says to ignore that."""
    if not given.pop("ignore", None):
        given.setdefault("to_ids", 1)


def _zeek(given: dict[str, Any]) -> None:
    if isinstance(given.get("type"), str):
        given["type"] = _ZEEK_TYPES.get(given["type"], given["type"])


def _attributes(given: dict[str, Any]) -> None:
    if given.pop("sigOnly", None):
        given["to_ids"] = 1
    if given.get("returnFormat") not in {"json", "xml"}:
        given["returnFormat"] = "xml"


OLD = (
    Old("nids", "events",
        ("returnFormat", "download", "eventid", "continue", "tags", *_SINCE, "type",
         "enforceWarninglist"), {"returnFormat": "suricata"}, _network),
    Old("hids", "attributes",
        ("kind", "download", "tags", *_SINCE, "enforceWarninglist"),
        {"returnFormat": "hashes"}, _hashes),
    Old("csv", "events",
        ("download", "eventid", "ignore", "tags", "category", "type", "includeContext", *_SINCE,
         "headerless", "enforceWarninglist", "value", "timestamp"), {"returnFormat": "csv"}, _csv),
    Old("xml", "events",
        ("download", "eventid", "withAttachments", "tags", *_SINCE), {"returnFormat": "xml"}),
    Old("json", "events",
        ("download", "eventid", "withAttachments", "tags", *_SINCE), {"returnFormat": "json"}),
    Old("stix", "events",
        ("download", "eventid", "withAttachments", "tags", *_SINCE), {"returnFormat": "stix"}),
    Old("stix2", "events",
        ("download", "eventid", "withAttachments", "tags", *_SINCE), {"returnFormat": "stix2"}),
    Old("openioc", "events", ("download", "eventid"), {"returnFormat": "openioc"}),
    Old("downloadOpenIOCEvent", "events", ("eventid",), {"returnFormat": "openioc"}),
    Old("text", "attributes",
        ("download", "type", "tags", "eventid", "allowNonIDS", *_SINCE, "enforceWarninglist"),
        {"returnFormat": "text"}),
    Old("rpz", "attributes",
        ("download", "tags", "eventid", "from", "to", *_ZONE, "enforceWarninglist", "ns_alt"),
        {"returnFormat": "rpz"}),
    Old("bro", "attributes",
        ("download", "type", "tags", "eventid", *_SINCE, "enforceWarninglist"),
        {"returnFormat": "zeek"}, _zeek),
    Old("returnAttributes", "attributes",
        ("returnFormat", "eventid", "type", "sigOnly"), {"returnFormat": "xml"}, _attributes),
)  # fmt: skip
_SEARCHES = {
    "events": rest_search_events.rest_search,
    "attributes": rest_search_attributes.rest_search,
}
# Where an address lives: `hids` lists attributes under `/events`.
_UNDER_EVENTS = frozenset({"hids"})
_SHOWS: tuple[Shows, ...] = ("event", "attribute", "object", "tag", "report", "sighting")


def parameters(old: Old, args: list[str]) -> dict[str, Any]:
    """What an old path asks, by name."""
    return old.fixed | {
        name: value
        for name, value in zip(old.places, args, strict=False)
        if name != "download" and value.lower() not in _UNSAID
    }


def _check(old: Old, call: Call, given: dict[str, Any]) -> None:
    """Raises MispError for an address that means nothing, and for an event that is not there."""
    said = dict(zip(old.places, call.args, strict=False))
    if "download" in old.places:
        word = said.get("download")
        named = word is None and not given.keys().isdisjoint(old.places)
        if not named and not _DOWNLOAD.fullmatch(word or ""):
            raise MispError(404, "Not Found")
    event = said.get("eventid", "")
    needs_event = "download" not in old.places and "eventid" not in given
    if needs_event or event.lower() not in _UNSAID:
        with reaching(_INVALID_EVENT):
            find(call.session, "event", event)


def _handler(old: Old) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        given = call.named | call.data()
        _check(old, call, given)
        given = parameters(old, call.args) | given
        old.adapt(given)
        changed = msgspec.structs.replace(
            call, args=[], named=given, body=None, method="GET",
            accept="application/xml" if call.path.endswith(".xml") else call.accept,
        )  # fmt: skip
        return _SEARCHES[old.scope](changed)

    return answer


for _old in OLD:
    _controller = "events" if _old.action in _UNDER_EVENTS else _old.scope
    _path = f"/{_controller}/{_old.action}/" + {"nids": "suricata/download", "hids": "md5/download",
                                               "returnAttributes": "xml/{event}",
                                               "downloadOpenIOCEvent": "{event}"}.get(
        _old.action, "download"
    )  # fmt: skip
    endpoint(
        _controller, _old.action,
        methods=("GET", "POST", "HEAD"),
        shows=_SHOWS,
        probes=(("GET", _path, None),),
        summary=f"An older address of restSearch ({_old.fixed['returnFormat']})",
    )(_handler(_old))  # fmt: skip
