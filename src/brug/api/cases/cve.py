# SPDX-License-Identifier: EUPL-1.2
"""CVE numbers of a disclosure, and the record that its numbering authority publishes."""

from typing import Any

import msgspec

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


@route("GET", _NUMBERS + "/{cve}", summary="A CVE record (CVE JSON 5)", answers=(Record,))
def record(call: Call) -> Record:
    file = files.find(call.session, call.args["case"])
    made = cve.made(call.session, file.uuid, call.args["cve"])
    return Record(made.number, made.state, made.record, made.lacking)
