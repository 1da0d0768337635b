# SPDX-License-Identifier: EUPL-1.2
"""What an authority is notified of, as JSON: taken in, listed, answered, forwarded, summed up."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.reading import from_base64
from brug.api.cases.table import Call, route
from brug.cases import entry_rows
from brug.cases.authority import (
    answering,
    forwarding,
    notification,
    received,
    receiving,
    remarks,
    summarising,
    summary,
    telling,
)
from brug.cases.authority.answering import Feedback
from brug.cases.authority.remarks import Remark
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.entries import Entry

Names = Annotated[tuple[str, ...], msgspec.Meta(max_length=100)]


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those that go on, or those that are over, or with `all` both."""

    over: bool = False
    all: bool = False


class Queue(msgspec.Struct, frozen=True):
    """What is due first comes first. `late` are rows of the table of deadlines."""

    received: list[dict[str, Any]]


class Receiving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data` is a notification's JSON in base64, as it came; `at` when, or now.

    `into` is an own case that it belongs to; `org` which organisation here the entity is.
    """

    data: str
    at: str = ""
    zone: str = "UTC"
    channel: str = ""
    into: str = ""
    org: str = ""
    role: str = "authority"


class Taken(msgspec.Struct, frozen=True):
    """The case that has it now."""

    number: str
    uuid: str


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A quarter such as 2026-Q4; the last, if not said."""

    period: str = ""


class Remarks(msgspec.Struct, frozen=True):
    """By what a case says, for who was notified. `is_verified`: its source was looked at."""

    remarks: list[Remark]


class Acknowledging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it came; when it reached this node, if not said."""

    at: str = ""
    zone: str = "UTC"
    of: str = ""


class Answering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """First feedback, or more of it."""

    text: str
    guidance: str = ""
    police: str = ""
    at: str = ""
    zone: str = "UTC"
    of: str = ""


class Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report on how matters stand, by a time."""

    until: str
    zone: str = "UTC"
    text: str = ""
    of: str = ""


class Forwarding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To which countries, and what: only that goes there. `fields` may name times, too."""

    countries: Names
    fields: Names = forwarding.USUAL
    title: str = ""
    text: str = ""
    with_name: bool = False
    of: str = ""


@route(
    "GET", "/received", summary="What you were notified of", query=Listing, answers=(Queue,)
)  # fmt: skip
def listed(call: Call) -> Queue:
    asked: Listing = call.query
    several = received.listed(call.session, over=None if asked.all else asked.over)
    return Queue([telling.row(one) for one in several])


@route(
    "POST", "/received", summary="Take in a notification", body=Receiving, answers=(Taken,),
    status=201, changes=True,
)  # fmt: skip
def taken(call: Call) -> Taken:
    asked: Receiving = call.body
    data = from_base64(asked.data)
    told = notification.read(data, asked.channel)
    at = _moment(asked.at, asked.zone) or moments.moment(datetime.now(UTC))
    made = receiving.take(
        call.session, told, at, into=asked.into, organisation=asked.org, role=asked.role
    )
    return Taken(made.number, made.uuid)


@route(
    "GET", "/received/summary", summary="The anonymous totals of a quarter", query=Period,
    answers=(dict[str, Any],),
)  # fmt: skip
def summed(call: Call) -> dict[str, Any]:
    now, said = datetime.now(UTC), call.query.period
    quarter = summary.read_quarter(said) if said else summary.quarter_of(now).before
    return summary.document(summarising.of_quarter(call.session, quarter, now))


@route(
    "GET", "/cases/{case}/remarks", summary="Whom else one may have to tell, with the sources",
    answers=(Remarks,),
)  # fmt: skip
def remarked(call: Call) -> Remarks:
    return Remarks(remarks.here(call.session, call.args["case"]))


@route(
    "POST", "/cases/{case}/acknowledged", summary="Confirm that a notification came",
    body=Acknowledging, answers=(forms.Entries,), status=201, changes=True,
)  # fmt: skip
def acknowledged(call: Call) -> forms.Entries:
    asked: Acknowledging = call.body
    at = _moment(asked.at, asked.zone)
    done = answering.acknowledge(call.session, call.args["case"], at, of=asked.of)
    return _written(call, done)


@route(
    "POST", "/cases/{case}/feedback", summary="Give the entity feedback", body=Answering,
    answers=(forms.Entries,), status=201, changes=True,
)  # fmt: skip
def answered(call: Call) -> forms.Entries:
    asked: Answering = call.body
    told = Feedback(text=asked.text, guidance=asked.guidance, police=asked.police)
    at = _moment(asked.at, asked.zone)
    done = answering.feedback(call.session, call.args["case"], told, at, of=asked.of)
    return _written(call, done)


@route(
    "POST", "/cases/{case}/asked", summary="Ask the entity for a report", body=Asking,
    answers=(forms.Entries,), status=201, changes=True,
)  # fmt: skip
def asked_for(call: Call) -> forms.Entries:
    asked: Asking = call.body
    moments.zone_named(asked.zone)
    until = moments.read(asked.until, asked.zone, "until")
    done = answering.ask(call.session, call.args["case"], until, asked.text, of=asked.of)
    return _written(call, done)


@route(
    "POST", "/cases/{case}/forwarded", summary="Tell other countries what was chosen",
    body=Forwarding, answers=(dict[str, Any],), status=201, changes=True,
)  # fmt: skip
def forwarded(call: Call) -> dict[str, Any]:
    asked: Forwarding = call.body
    wanted = forwarding.Wanted(
        countries=asked.countries, fields=asked.fields, title=asked.title, text=asked.text,
        with_name=asked.with_name,
    )  # fmt: skip
    made = forwarding.forward(call.session, call.args["case"], wanted, of=asked.of)
    return telling.forwarded(made)


def _moment(at: str, zone: str) -> Moment | None:
    moments.zone_named(zone)
    return moments.read(at, zone) if at else None


def _written(call: Call, done: list[Entry]) -> forms.Entries:
    stored = entry_rows.stored_several(call.session, [one.id for one in done])
    return forms.Entries(signed(call.session, stored))
