# SPDX-License-Identifier: EUPL-1.2
"""Reports to authorities as JSON: the forms as the case fills them, and that one was sent.

What is missing is filled in by acts (`filled`, `recorded`); here nobody fills anything.
"""

from base64 import b64encode
from typing import Any

import msgspec

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.table import Call, in_language, route
from brug.cases import entry_rows, files, reports
from brug.cases.clocks import facts
from brug.cases.reports import filling, printing, receipts, sending, telling
from brug.cases.reports.sending import Sent
from brug.mail.speaking import say_in

_ONE = "/cases/{case}/reports/{report}"


class Of(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose report, by UUID or name; may be left out where only one reports."""

    of: str = ""


class Forms(msgspec.Struct, frozen=True):
    """Each report of each who reports, as docs/spec/reports.md has them."""

    reports: list[dict[str, Any]]


class Printed(msgspec.Struct, frozen=True):
    """A form or a case as PDF (PDF/UA-1), in base64."""

    name: str
    data: str


class Sending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That it was sent. `at` is a time on the wall of `zone`, or one with an offset.

    Late and incomplete reports, and those of before the deadline began, ask for `because`;
    incomplete ones for `incomplete`, too.
    """

    at: str
    zone: str = "UTC"
    of: str = ""
    because: str = ""
    incomplete: bool = False


class Kept(msgspec.Struct, frozen=True):
    """What was written, and where the sender's machine is now, if the report has to do with one."""

    version: int
    entries: list[forms.Signed]
    state: str


@route(
    "GET", "/cases/{case}/reports", summary="Reports to authorities, and what is missing",
    answers=(Forms,),
)  # fmt: skip
def listed(call: Call) -> Forms:
    case = files.view(call.session, call.args["case"])[1]
    forms = reports.every(case, reports.given_here(call.session))
    return Forms([telling.document(form) for form in forms])


@route(
    "GET",
    _ONE,
    summary="A report, filled from the case, and who has it",
    query=Of,
    answers=(dict[str, Any],),
)
def shown(call: Call) -> dict[str, Any]:
    case = files.view(call.session, call.args["case"])[1]
    report = reports.find(call.args["report"], case)
    given = reports.given_here(call.session)
    one = filling.entity(case, call.query.of)
    return receipts.told(call.session, case, reports.filled(case, one, report, given))


@route("GET", _ONE + "/pdf", summary="A report as PDF", query=Of, answers=(Printed,))
def printed(call: Call) -> Printed:
    case = files.view(call.session, call.args["case"])[1]
    report = reports.find(call.args["report"], case)
    given = reports.given_here(call.session)
    one = filling.entity(case, call.query.of)
    form = reports.filled(case, one, report, given)
    language = in_language(call)
    data = printing.pdf(case, form, given.now, say_in(language), language)
    return Printed(f"{report.key}_draft{form.version}.pdf", b64encode(data).decode())


@route(
    "POST", _ONE + "/sent", summary="Say that a report was sent", body=Sending, answers=(Kept,),
    status=201, changes=True,
)  # fmt: skip
def sent(call: Call) -> Kept:
    asked: Sending = call.body
    facts.zone_named(asked.zone)
    done = sending.send(
        call.session, call.args["case"], call.args["report"], facts.read(asked.at, asked.zone),
        of=asked.of, because=asked.because, incomplete=asked.incomplete,
    )  # fmt: skip
    return Kept(done.form.version, _written(call, done), done.state)


def _written(call: Call, done: Sent) -> list[forms.Signed]:
    made = [one.id for one in (done.fact, done.document, done.step) if one is not None]
    return signed(call.session, entry_rows.stored_several(call.session, made))
