# SPDX-License-Identifier: EUPL-1.2
"""Own advisories: begun on a disclosure, put as edited documents, checked, released."""

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from brug.api.cases.table import VERSION, Call, route
from brug.cases import files
from brug.cases.advisories import editing, publishing_party, releasing, storing
from brug.cases.advisories.storing import Own
from brug.formats.csaf.checking import check
from brug.formats.csaf.finding import Finding
from brug.formats.csaf.reading import decoded, read
from brug.formats.csaf.records import plain
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.json_text import encode
from brug.model.errors import Invalid

_ONE = "/advisories/{advisory}"


class Beginning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft made of what the case says; or a whole first one, as CSAF 2.0, with its own id."""

    tlp: Literal["clear", "green", "amber", "amber+strict", "red"] = "clear"
    document: dict[str, Any] | None = None


class Putting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An edited document. With `is_trial` it is looked at and not kept."""

    document: dict[str, Any]
    summary: str = "Draft"
    step: Literal["major", "minor", "patch"] | None = None
    is_trial: bool = False


class Releasing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`summary` is for readers. Interim: more changes come soon."""

    summary: str
    status: Literal["interim", "final"] = "final"
    step: Literal["major", "minor", "patch"] | None = None


class Row(msgspec.Struct, frozen=True):
    """What is known of one; `version` and what follows are of what was released last."""

    id: str
    case: str
    has_draft: bool
    changed: datetime
    version: str | None
    status: str | None
    label: str | None
    released: datetime | None
    url: str | None


class Rows(msgspec.Struct, frozen=True):
    """The last changed first."""

    advisories: list[Row]


class Obstacle(msgspec.Struct, frozen=True):
    """What would keep it from being released: `embargo`, or a place in the `document`."""

    kind: str
    pointer: str
    message: str


class One(msgspec.Struct, frozen=True):
    """An advisory with its newest document, what the tests find, and what keeps it back."""

    advisory: Row
    document: dict[str, Any]
    findings: list[Finding]
    obstacles: list[Obstacle]


class Looked(msgspec.Struct, frozen=True):
    """What was put: kept as which version (nothing, where it was a trial), with its findings."""

    id: str
    version: str | None
    findings: list[Finding]


class Done(msgspec.Struct, frozen=True):
    """What was released; `url` is null for TLP:RED, which is served to nobody."""

    id: str
    version: str
    status: str
    label: str
    url: str | None
    sha256: str


@route("GET", "/advisories", summary="Own advisories", answers=(Rows,))
def listed(call: Call) -> Rows:
    base = publishing_party.base_url(call.session)
    return Rows([_row(base, one) for one in storing.listed(call.session)])


@route("GET", "/cases/{case}/advisories", summary="Own advisories of a case", answers=(Rows,))
def of_case(call: Call) -> Rows:
    file = files.find(call.session, call.args["case"])
    base = publishing_party.base_url(call.session)
    return Rows([_row(base, one) for one in storing.listed(call.session, file.id)])


@route(
    "POST", "/cases/{case}/advisories", summary="Begin an advisory on a disclosure",
    body=Beginning, answers=(One,), status=201, changes=True,
)  # fmt: skip
def begun(call: Call) -> One:
    asked: Beginning = call.body
    file = files.find(call.session, call.args["case"])
    if asked.document is None:
        own, advisory = editing.begin(call.session, file.uuid, asked.tlp)
    else:
        storing.require_author(call.session)
        _require_new(call, asked.document)
        own, advisory = editing.put(call.session, file.uuid, encode(asked.document), "Draft")
    call.headers["Location"] = f"{call.base_url}{VERSION}/advisories/{own.tracking_id}"
    return _one(call, own, advisory)


def _require_new(call: Call, document: dict[str, Any]) -> None:
    """One that there is already is put at its own address."""
    tracking_id = read(encode(document)).advisory.document.tracking.id
    if any(one.tracking_id == tracking_id for one in storing.listed(call.session)):
        raise Invalid("document", "an id that is new here", tracking_id)


@route("GET", _ONE, summary="An own advisory, with what keeps it back", answers=(One,))
def shown(call: Call) -> One:
    own = storing.find(call.session, call.args["advisory"])
    return _one(call, own, storing.newest(call.session, own))


@route(
    "PUT", _ONE, summary="Put an edited document as the next draft, or only check it",
    body=Putting, answers=(Looked,), changes=True,
)  # fmt: skip
def put(call: Call) -> Looked:
    asked: Putting = call.body
    own = storing.find(call.session, call.args["advisory"])
    raw = encode(asked.document)
    if asked.is_trial:
        return Looked(own.tracking_id, None, check(decoded(raw)))
    if not 0 < len(asked.summary.strip()) <= 1000:
        raise Invalid("summary", "what changed, in at most 1,000 characters")
    _, advisory = editing.put(
        call.session, str(own.case_id), raw, asked.summary, asked.step, only=own.tracking_id
    )
    version = advisory.document.tracking.version
    return Looked(own.tracking_id, version, check(plain(advisory)))


@route(
    "POST", _ONE + "/release", summary="Release an own advisory", body=Releasing, answers=(Done,),
    status=201, changes=True,
)  # fmt: skip
def released(call: Call) -> Done:
    asked: Releasing = call.body
    if not 0 < len(asked.summary.strip()) <= 1000:
        raise Invalid("summary", "what changed, for readers, in at most 1,000 characters")
    own = storing.find(call.session, call.args["advisory"])
    done = releasing.release(call.session, own.tracking_id, asked.summary, asked.status, asked.step)
    return Done(done.tracking_id, done.version, done.status, done.label, done.url, done.sha256)


def _row(base: str, one: Own) -> Row:
    url = None
    if one.path and one.label and one.label != "RED":
        url = releasing.address(base, one.label, one.path)
    return Row(
        one.tracking_id, one.case, one.has_draft, one.changed, one.version, one.status, one.label,
        one.released, url,
    )  # fmt: skip


def _one(call: Call, own: Own, advisory: Advisory) -> One:
    case = files.view(call.session, str(own.case_id))[1]
    document = plain(advisory)
    kept_back = releasing.obstacles(call.session, own, case, datetime.now(UTC))
    return One(
        _row(publishing_party.base_url(call.session), own),
        document,
        check(document),
        [Obstacle(one.kind, one.pointer, one.message) for one in kept_back],
    )
