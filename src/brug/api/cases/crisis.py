# SPDX-License-Identifier: EUPL-1.2
"""How severe a case is and why (it is set with the act `filled`); who has read what."""

from datetime import UTC, datetime

import msgspec

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.table import Call, route
from brug.cases import countries, files, keeping, own_folder, severity
from brug.cases.crisis import acknowledging, escalating, releasing, remarks
from brug.cases.crisis.telling import (
    CrisisTold,
    DecisionLog,
    Readings,
    SituationTold,
    crisis_of,
    decisions_of,
    reading_of,
    situation_of,
)
from brug.cases.entries import Entry
from brug.cases.severity.telling import SeverityTold, told
from brug.model.errors import NotFound


@route(
    "GET",
    "/cases/{case}/severity",
    summary="How severe a case is, and why",
    answers=(SeverityTold,),
)
def shown(call: Call) -> SeverityTold:
    case = files.view(call.session, call.args["case"])[1]
    by = severity.scheme_here(call.session)
    found = severity.assess(case, by, datetime.now(UTC).date())
    if found is None:
        raise NotFound("cases of this kind have no severity")
    return told(found, by)


@route("GET", "/cases/{case}/crisis", summary="Where a crisis stands", answers=(CrisisTold,))
def crisis(call: Call) -> CrisisTold:
    """A step is the act `moved`."""
    case = files.view(call.session, call.args["case"])[1]
    if not escalating.machines(case):
        raise NotFound("cases of this kind have no levels of crisis")
    every = remarks.remarks(own_folder.config_of(call.session))
    country = countries.here(call.session).of_organisation(call.session.principal.org_uuid)
    return crisis_of(case, keeping.author(call.session), every, country)


@route("GET", "/cases/{case}/decisions", summary="What was decided", answers=(DecisionLog,))
def decisions(call: Call) -> DecisionLog:
    return decisions_of(files.view(call.session, call.args["case"])[1])


@route("GET", "/cases/{case}/reading", summary="Who has read what", answers=(Readings,))
def reading(call: Call) -> Readings:
    case = files.view(call.session, call.args["case"])[1]
    return reading_of(case, keeping.author(call.session))


@route(
    "POST", "/cases/{case}/entries/{entry}/ask", summary="Ask to be told when it is read",
    answers=(forms.Signed,), status=201, changes=True,
)  # fmt: skip
def ask(call: Call) -> forms.Signed:
    return _signed(call, acknowledging.ask(call.session, call.args["case"], call.args["entry"]))


@route(
    "POST", "/cases/{case}/entries/{entry}/acknowledge", summary="Say that you have read it",
    answers=(forms.Signed,), status=201, changes=True,
)  # fmt: skip
def acknowledge(call: Call) -> forms.Signed:
    done = acknowledging.acknowledge(call.session, call.args["case"], call.args["entry"])
    return _signed(call, done)


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """Since the last report, or the opening, until now, where nothing is said."""

    since: str = ""
    until: str = ""


class Releasing(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
    rename={"since": "from"},
):  # fmt: skip
    """A draft as it was approved; for the participants in `to`, or for all."""

    since: str = ""
    until: str = ""
    sections: dict[str, str]
    tlp: str = ""
    to: tuple[str, ...] = ()
    ask: bool = False


@route(
    "GET", "/cases/{case}/situation", summary="Draft a situation report", query=Period,
    answers=(SituationTold,),
)  # fmt: skip
def situation(call: Call) -> SituationTold:
    file, case = files.view(call.session, call.args["case"])
    asked: Period = call.query
    made, last = releasing.drafted(call.session, file, case, asked.since, asked.until)
    return situation_of(made, last)


@route(
    "POST", "/cases/{case}/situation", summary="Release a situation report", body=Releasing,
    answers=(forms.Entries,), status=201, changes=True,
)  # fmt: skip
def release(call: Call) -> forms.Entries:
    """The entries of its JSON, of its PDF, and of the asking where there is one."""
    given: Releasing = call.body
    asked = releasing.Asked(**{one: getattr(given, one) for one in given.__struct_fields__})
    done = releasing.release(call.session, call.args["case"], asked)
    written = [one.id for one in (done.json, done.pdf, done.asked) if one is not None]
    return forms.Entries(signed(call.session, files.stored_several(call.session, written)))


def _signed(call: Call, entry: Entry) -> forms.Signed:
    return signed(call.session, files.stored_several(call.session, [entry.id]))[0]
