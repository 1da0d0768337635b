# SPDX-License-Identifier: EUPL-1.2
"""CVE numbers of a disclosure, and the record that its numbering authority publishes."""

from typing import Annotated, Any

import msgspec

from brug.api.cases.reading import from_base64
from brug.api.cases.table import Call, route
from brug.cases import cve, files
from brug.formats.cve.ids import Reserved, State
from brug.formats.cve.record import Lack

_NUMBERS = "/cases/{case}/cve"


class Numbers(msgspec.Struct, frozen=True):
    """Each with its state, and the numbering authority where it is said."""

    numbers: list[Reserved]


class Keeping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number in its next state; without a number the next one that was reserved ahead."""

    number: str = ""
    state: State = "reserved"
    cna: str = ""


class Rejecting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a number is not used: the record then says that it is rejected."""

    rejected: Annotated[str, msgspec.Meta(max_length=4096)] = ""


class Reserving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers reserved ahead: `data` is JSON of the CVE services, or any text, in base64."""

    data: str
    cna: str = ""


class Pool(msgspec.Struct, frozen=True):
    """How many numbers are free for cases to take, and how many came just now."""

    free: int
    new: int = 0


class Record(msgspec.Struct, frozen=True):
    """`record` is CVE JSON 5; `lacking` names what it must or should have besides."""

    number: str
    state: str
    record: dict[str, Any]
    lacking: list[Lack]


@route("GET", _NUMBERS, summary="CVE numbers of a disclosure", answers=(Numbers,))
def numbers(call: Call) -> Numbers:
    return Numbers(cve.numbers(files.view(call.session, call.args["case"])[1]))


@route(
    "POST", _NUMBERS, summary="Keep a CVE number, or take one that was reserved ahead",
    body=Keeping, answers=(Numbers,), status=201, changes=True,
)  # fmt: skip
def kept(call: Call) -> Numbers:
    asked: Keeping = call.body
    file = files.find(call.session, call.args["case"])
    if asked.number:
        cve.keep(call.session, file.uuid, asked.number, asked.state, asked.cna)
    else:
        cve.take(call.session, file.uuid)
    return Numbers(cve.numbers(files.view(call.session, file.uuid)[1]))


@route("GET", _NUMBERS + "/{cve}", summary="A CVE record (CVE JSON 5)", query=Rejecting,
       answers=(Record,))  # fmt: skip
def record(call: Call) -> Record:
    file = files.find(call.session, call.args["case"])
    made = cve.made(call.session, file.uuid, call.args["cve"], call.query.rejected)
    return Record(made.number, made.state, made.record, made.lacking)


@route("GET", "/cve-numbers", summary="How many CVE numbers are free", answers=(Pool,))
def free(call: Call) -> Pool:
    """None for whoever writes no advisories of the host."""
    return Pool(cve.free(call.session))


@route("POST", "/cve-numbers", summary="Take in CVE numbers that were reserved ahead",
       body=Reserving, answers=(Pool,), status=201, changes=True)  # fmt: skip
def reserved(call: Call) -> Pool:
    asked: Reserving = call.body
    raw = from_base64(asked.data)
    new = cve.fill_pool(call.session, raw, asked.cna)
    return Pool(cve.free(call.session), new)
