# SPDX-License-Identifier: EUPL-1.2
"""What of cases goes elsewhere: a whole one in three forms, calendars and their addresses."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec

from brug.api.cases.reports import Printed
from brug.api.cases.table import Call, in_language, route
from brug.bridges import case_archives
from brug.cases.calendar import feeds, gathering, telling
from brug.cases.clocks import facts as moments
from brug.cases.exporting import leaving
from brug.cases.exporting.document import Export as Exported
from brug.edge.exports import Export
from brug.formats.disposition import attachment
from brug.mail.speaking import say_in


class Span(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when up to when, as days or times in UTC; 30 days from now if nothing is said.

    At most `limit` times at which something ends in a case, behind what `next` was of another part.
    """

    since: str = ""
    until: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=gathering.MOST)] = 100
    after: str = ""


class Ending(msgspec.Struct, frozen=True):
    """A deadline (`strict`, `legal`), a task or an embargo, and when it ends."""

    what: str
    at: datetime
    case: str
    uuid: str
    title: str
    rule: str
    source: str
    is_verified: bool
    whose: str
    is_mine: bool
    says: str
    uid: str
    sequence: int


class Calendar(msgspec.Struct, frozen=True):
    """The first first. `is_cut`: more ends in the span, of which the part with `after` set to
    `next` is the following; ask for it with the same `since` and `until`.

    `is_broken`: no deadlines are told, since the node's own table of them has an error.
    """

    items: list[Ending]
    is_cut: bool
    next: str = ""
    is_broken: bool = False


class Addressing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A secret address of a calendar; titles of cases stand in it only on request."""

    name: str = ""
    with_titles: bool = False
    only_mine: bool = False


class Address(msgspec.Struct, frozen=True):
    """What is known of one; `address` only in the answer that makes it."""

    id: int
    name: str
    with_titles: bool
    only_mine: bool
    made: datetime
    used: datetime | None
    address: str = ""


class Addresses(msgspec.Struct, frozen=True):
    """Those of the key's owner, the newest first."""

    addresses: list[Address]


class Done(msgspec.Struct, frozen=True):
    """What was asked for is so now."""

    done: bool = True


@route("GET", "/cases/{case}/export", summary="A whole case, signed entries and all",
       answers=(Exported,))  # fmt: skip
def exported(call: Call) -> msgspec.Raw:
    """As docs/reference/case-export.md describes; that it was exported is put on record."""
    of = leaving.given(call.session, call.args["case"])
    return msgspec.Raw(leaving.as_json(call.session, of))


@route("GET", "/cases/{case}/export/pdf", summary="A whole case as PDF", answers=(Printed,))
def printed(call: Call) -> Printed:
    """That it was exported is put on record."""
    of = leaving.given(call.session, call.args["case"])
    language = in_language(call)
    data = leaving.as_pdf(call.session, of, say_in(language), language)
    return Printed(f"{of.file.number}.pdf", b64encode(data).decode())


@route("GET", "/cases/{case}/export/archive", summary="A whole case with its documents and proofs",
       answers=(), media_type=case_archives.MEDIA_TYPE)  # fmt: skip
def archived(call: Call) -> bytes | Export:
    """A file, no JSON; that it was exported is put on record."""
    of = leaving.given(call.session, call.args["case"])
    language = in_language(call)
    name = attachment(f"{of.file.number}.zip")
    call.headers |= case_archives.KEPT | {"Content-Disposition": name}
    return case_archives.made(call.session, call.exports, of, say_in(language), language)


@route("GET", "/calendar", summary="What ends when", query=Span, answers=(Calendar,))
def calendar(call: Call) -> object:
    asked: Span = call.query
    since = _moment("since", asked.since) or datetime.now(UTC)
    until = _moment("until", asked.until) or since + timedelta(days=30)
    gathering.require_span(since, until)
    after = gathering.Place.read(asked.after)
    wanted = gathering.Asked(since, until, asked.limit, after)
    found = gathering.gather_parts(call.session, [wanted])
    (part,) = found.parts
    language = in_language(call)
    return {
        "items": [telling.told(one, language) for one in part.items],
        "is_cut": part.last is not None,
        "next": str(part.last or ""),
        "is_broken": found.is_broken,
    }


def _moment(field: str, text: str) -> datetime | None:
    return moments.read_day(text, field=field).at if text else None


@route("GET", "/calendar/addresses", summary="Secret addresses of calendars", answers=(Addresses,))
def addresses(call: Call) -> Addresses:
    return Addresses([_address(one) for one in feeds.listed(call.session)])


@route("POST", "/calendar/addresses", summary="Make a secret address of a calendar",
       body=Addressing, answers=(Address,), status=201, changes=True)  # fmt: skip
def addressed(call: Call) -> Address:
    asked: Addressing = call.body
    number, url = feeds.make(
        call.session, asked.name, with_titles=asked.with_titles, only_mine=asked.only_mine
    )
    made = next(one for one in feeds.listed(call.session) if one.id == number)
    return _address(made, url)


def _address(one: feeds.Feed, url: str = "") -> Address:
    told: dict[str, Any] = msgspec.structs.asdict(one)
    return Address(**told, address=url)


@route("DELETE", "/calendar/addresses/{address}", summary="Take an address back",
       answers=(Done,), changes=True)  # fmt: skip
def revoked(call: Call) -> Done:
    feeds.revoke(call.session, call.args["address"])
    return Done()
