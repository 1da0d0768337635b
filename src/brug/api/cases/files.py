# SPDX-License-Identifier: EUPL-1.2
"""Lists of cases, one case, its clocks and its signed entries, as the key's owner has them."""

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from brug.api.cases import forms
from brug.api.cases.table import VERSION, Call, in_language, route
from brug.cases import authors, due, entry_rows, files, keeping, listing, reaching
from brug.cases.case import Case
from brug.cases.entry_rows import Stored
from brug.cases.files import File
from brug.cases.listing import Wanted
from brug.cases.telling import document, steps, told_clock
from brug.model.errors import Invalid
from brug.store.session import Session


@route(
    "GET",
    "/cases",
    summary="Find cases",
    query=forms.Wanted,
    answers=(forms.Cases,),
    is_search=True,
)
def listed(call: Call) -> forms.Cases:
    asked: forms.Wanted = call.query
    wanted = Wanted(**{name: getattr(asked, name) for name in Wanted.__struct_fields__})
    found, total = listing.listed(call.session, wanted, asked.limit, asked.offset)
    return forms.Cases(total, total >= listing.cap(wanted), [row_of(one) for one in found])


def row_of(file: File) -> forms.Row:
    """Not how many entries there are: some are for others."""
    return forms.Row(**{name: getattr(file, name) for name in forms.Row.__struct_fields__})


@route(
    "POST", "/cases", summary="Open a case", body=forms.Opening, answers=(forms.Row,), status=201,
    changes=True,
)  # fmt: skip
def opened(call: Call) -> forms.Row:
    asked: forms.Opening = call.body
    file = keeping.open_case(call.session, asked.kind, asked.title, asked.fields)
    call.headers["Location"] = f"{call.base_url}{VERSION}/cases/{file.number}"
    return row_of(file)


@route(
    "GET", "/cases/{case}", summary="A case, and what may be done next", query=forms.Timeline,
    answers=(forms.CaseFile,),
)  # fmt: skip
def shown(call: Call) -> object:
    file, case = files.view(call.session, call.args["case"])
    first, last = _span(case, call.query)
    told = {"id": file.id} | document(file, case, slice(first, last))
    had = reaching.reached(call.session, case)
    return told | {"earlier": first, "next": steps(call.session, case), "reached": had}


def _span(case: Case, asked: forms.Timeline) -> tuple[int, int]:
    """From which place of the timeline up to, and without, which."""
    last = len(case.timeline)
    if asked.before:
        places = [at for at, one in enumerate(case.timeline) if one.id == asked.before.lower()]
        if not places:
            raise Invalid("before", "the UUID of an entry of the timeline", asked.before)
        (last,) = places
    return (0 if asked.latest is None else max(0, last - asked.latest)), last


@route("GET", "/cases/{case}/clocks", summary="What is due, for whom", answers=(forms.Clocks,))
def clocks(call: Call) -> object:
    case = files.view(call.session, call.args["case"])[1]
    bound = due.clocks_of(case, due.rules_here(call.session), datetime.now(UTC))
    language = in_language(call)
    return {"clocks": [told_clock(one, language) for one in bound]}


@route(
    "GET", "/cases/{case}/entries", summary="The signed entries", query=forms.Part,
    answers=(forms.Entries,),
)  # fmt: skip
def entries(call: Call) -> forms.Entries:
    file = files.find(call.session, call.args["case"])
    limit, after = call.query.limit, call.query.after
    if limit is None and not after:
        return forms.Entries(signed(call.session, entry_rows.stored_of(call.session, file.id)))
    uuids = entry_rows.uuids_of(call.session, file.id)
    if after and after.lower() not in uuids:
        raise Invalid("after", "the UUID of an entry of the case", after)
    rest = uuids[uuids.index(after.lower()) + 1 :] if after else uuids
    some = rest if limit is None else rest[:limit]
    stored = entry_rows.stored_several(call.session, some) if some else []
    return forms.Entries(signed(call.session, stored), len(some) < len(rest))


def signed(session: Session, stored: list[Stored]) -> list[forms.Signed]:
    """Entries as they were signed; what stands under `entry` are the very bytes."""
    known = authors.keys_of(session, {one.entry.author.node for one in stored})
    return [
        forms.Signed(
            entry=msgspec.Raw(one.data),
            digest=sha256(one.data).hexdigest(),
            key_id=one.key_id,
            key=_in_base64(known.get((one.entry.author.node, one.key_id))),
            signature=b64encode(one.signature).decode(),
        )
        for one in stored
    ]


def _in_base64(key: bytes | None) -> str | None:
    return None if key is None else b64encode(key).decode()
