# SPDX-License-Identifier: EUPL-1.2
"""How severe a case is and why, and setting it; steps of a crisis; who has read what."""

from datetime import UTC, datetime

import msgspec

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.table import Call, route
from brug.cases import countries, entry_rows, files, keeping, own_folder, severity
from brug.cases.clocks import facts as moments
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
from brug.cases.severity import setting
from brug.cases.severity.telling import SeverityTold, told
from brug.model.errors import NotFound


class Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level of the node's scheme and why it is set; no level takes back what was set."""

    level: str = ""
    because: str = ""


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, if it is said; without it the body may be empty."""

    because: str = ""


class Escalating(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step with its record. `leaves` is the state that is left, where one has seen it; `review`
    a time on the wall of `zone`, or with an offset.
    """

    machine: str
    trigger: str
    because: str
    leaves: str = ""
    criteria: str = ""
    decided_by: str = ""
    informed: tuple[str, ...] = ()
    review: str = ""
    zone: str = "UTC"


@route(
    "GET",
    "/cases/{case}/severity",
    summary="How severe a case is, and why",
    answers=(SeverityTold,),
)
def shown(call: Call) -> SeverityTold:
    return _severity(call)


def _severity(call: Call) -> SeverityTold:
    case = files.view(call.session, call.args["case"])[1]
    by = severity.scheme_here(call.session)
    found = severity.assess(case, by, datetime.now(UTC).date())
    if found is None:
        raise NotFound("cases of this kind have no severity")
    return told(found, by)


@route(
    "PUT", "/cases/{case}/severity", summary="Set how severe a case is, or let the scheme say",
    body=Level, answers=(SeverityTold,), changes=True,
)  # fmt: skip
def put(call: Call) -> SeverityTold:
    setting.set_level(call.session, call.args["case"], call.body.level, call.body.because)
    return _severity(call)


@route("GET", "/cases/{case}/crisis", summary="Where a crisis stands", answers=(CrisisTold,))
def crisis(call: Call) -> CrisisTold:
    case = files.view(call.session, call.args["case"])[1]
    if not escalating.machines(case):
        raise NotFound("cases of this kind have no levels of crisis")
    every = remarks.remarks(own_folder.config_of(call.session))
    country = countries.here(call.session).of_organisation(call.session.principal.org_uuid)
    return crisis_of(case, keeping.author(call.session), every, country)


@route(
    "POST", "/cases/{case}/crisis", summary="Bring a crisis to another level or mode",
    body=Escalating, answers=(forms.Entries,), status=201, changes=True,
)  # fmt: skip
def escalated(call: Call) -> forms.Entries:
    """The entries of its record, and of the step."""
    asked: Escalating = call.body
    moments.zone_named(asked.zone)
    record = escalating.Record(
        because=asked.because, criteria=asked.criteria, decided_by=asked.decided_by,
        informed=asked.informed,
        review=moments.read(asked.review, asked.zone, "review") if asked.review else None,
    )  # fmt: skip
    done = escalating.escalate(
        call.session, call.args["case"], asked.machine, asked.trigger, record, asked.leaves
    )
    written = entry_rows.stored_several(call.session, [one.id for one in done])
    return forms.Entries(signed(call.session, written))


@route("GET", "/cases/{case}/decisions", summary="What was decided", answers=(DecisionLog,))
def decisions(call: Call) -> DecisionLog:
    return decisions_of(files.view(call.session, call.args["case"])[1])


@route("GET", "/cases/{case}/reading", summary="Who has read what", answers=(Readings,))
def reading(call: Call) -> Readings:
    case = files.view(call.session, call.args["case"])[1]
    return reading_of(case, keeping.author(call.session))


@route(
    "POST", "/cases/{case}/entries/{entry}/ask", summary="Ask to be told when it is read",
    body=Because, may_be_empty=True, answers=(forms.Signed,), status=201, changes=True,
)  # fmt: skip
def ask(call: Call) -> forms.Signed:
    done = acknowledging.ask(call.session, call.args["case"], call.args["entry"], call.body.because)
    return _signed(call, done)


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
    return forms.Entries(signed(call.session, entry_rows.stored_several(call.session, written)))


def _signed(call: Call, entry: Entry) -> forms.Signed:
    return signed(call.session, entry_rows.stored_several(call.session, [entry.id]))[0]
