# SPDX-License-Identifier: EUPL-1.2
"""Sources of advisories of others, for site admins: what they are, how each stands, what of them
did not fit. What is asked for is fetched within seconds, by the node itself.
"""

from base64 import b64encode
from datetime import datetime
from typing import Any

import msgspec

from brug.api.cases.catalogue import Removed
from brug.api.cases.table import VERSION, Call, route
from brug.cases.catalogue import refusing
from brug.cases.catalogue.refusing import Kept
from brug.cases.catalogue.sources import records
from brug.model.errors import Forbidden
from brug.store.session import Session

_SOURCES, _ONE = "/sources", "/sources/{source}"


class Source(msgspec.Struct, frozen=True):
    """One, with what became of the last runs; keys by fingerprint. What is sealed stays sealed."""

    id: int
    name: str
    kind: str
    url: str
    has_headers: bool
    audience: str
    enabled: bool
    every_minutes: int
    due: datetime | None
    failures: int
    succeeded: datetime | None
    failed: datetime | None
    reason: str
    outcome: dict[str, Any]
    publisher: str
    keys: list[str]
    refusals: int


class Sources(msgspec.Struct, frozen=True):
    """By name."""

    sources: list[Source]


class Adding(records.Given, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A domain or metadata of a provider, or the address of a feed (`rolie`) or folder
    (`directory`). `headers` are lines that are sent to its own host.
    """


class OfSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Id or name of a source; of all, and of files, if not said."""

    source: str = ""


class Refusals(msgspec.Struct, frozen=True):
    """The latest first, at most 200."""

    refusals: list[Kept]


class Unfitting(msgspec.Struct, frozen=True):
    """What came, in base64."""

    data: str


@route("GET", _SOURCES, summary="Sources of advisories of others", answers=(Sources,))
def listed(call: Call) -> Sources:
    _require(call.session)
    kept = refusing.counts(call.session)
    return Sources([_told(one, kept) for one in records.listed(call.session)])


@route("POST", _SOURCES, summary="Add a source of advisories", body=Adding, answers=(Source,),
       status=201, changes=True)  # fmt: skip
def added(call: Call) -> Source:
    _require(call.session)
    given = {name: getattr(call.body, name) for name in records.Given.__struct_fields__}
    made = records.add(call.session, records.Given(**given))
    call.headers["Location"] = f"{call.base_url}{VERSION}/sources/{made.id}"
    return _told(made, {})


@route("GET", "/source-refusals", summary="Documents of sources and files that did not fit",
       query=OfSource, answers=(Refusals,))  # fmt: skip
def refusals(call: Call) -> Refusals:
    _require(call.session)
    asked: OfSource = call.query
    number = records.find(call.session, asked.source).id if asked.source else None
    return Refusals(refusing.listed(call.session, number))


@route("GET", "/source-refusals/{refusal}", summary="A document that did not fit, as it came",
       answers=(Unfitting,))  # fmt: skip
def refused(call: Call) -> Unfitting:
    _require(call.session)
    wanted = call.args["refusal"]
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else 0
    return Unfitting(b64encode(refusing.content(call.session, number)).decode())


@route("GET", _ONE, summary="A source of advisories", answers=(Source,))
def shown(call: Call) -> Source:
    return _again(call, _found(call))


@route("DELETE", _ONE, summary="Remove a source; its advisories stay", answers=(Removed,),
       changes=True)  # fmt: skip
def removed(call: Call) -> Removed:
    one = _found(call)
    records.remove(call.session, one)
    return Removed(one.id)


@route("POST", _ONE + "/fetch", summary="Have a source fetched now", answers=(Source,),
       changes=True)  # fmt: skip
def fetched(call: Call) -> Source:
    one = _found(call)
    records.ask(call.session, one)
    return _again(call, one)


@route("POST", _ONE + "/replay", summary="Have fetched anew what was refused", answers=(Source,),
       changes=True)  # fmt: skip
def replayed(call: Call) -> Source:
    one = _found(call)
    records.forget_copies(call.session, one)
    records.ask(call.session, one)
    return _again(call, one)


@route("POST", _ONE + "/pause", summary="Fetch a source only when somebody asks",
       answers=(Source,), changes=True)  # fmt: skip
def paused(call: Call) -> Source:
    one = _found(call)
    records.pause(call.session, one, paused=True)
    return _again(call, one)


@route("POST", _ONE + "/resume", summary="Fetch a paused source again", answers=(Source,),
       changes=True)  # fmt: skip
def resumed(call: Call) -> Source:
    one = _found(call)
    records.pause(call.session, one, paused=False)
    return _again(call, one)


def _require(session: Session) -> None:
    if not session.principal.may("site_admin"):
        raise Forbidden(f"{session.principal.email} may not look after sources of advisories")


def _found(call: Call) -> records.Source:
    _require(call.session)
    return records.find(call.session, call.args["source"])


def _again(call: Call, one: records.Source) -> Source:
    return _told(records.find(call.session, one.id), refusing.counts(call.session))


def _told(one: records.Source, kept: dict[int | None, int]) -> Source:
    said: dict[str, Any] = {
        name: getattr(one, name)
        for name in Source.__struct_fields__
        if name not in {"keys", "refusals"}
    }
    keys = [key["fingerprint"] for key in one.keys]
    return Source(**said, keys=keys, refusals=kept.get(one.id, 0))
