# SPDX-License-Identifier: EUPL-1.2
"""Templates of the key's organisation, and cases that are opened from them."""

from brug.api.cases import many_forms as forms
from brug.api.cases.files import row_of
from brug.api.cases.forms import Row
from brug.api.cases.table import VERSION, Call, route
from brug.cases import templates, templating
from brug.cases.templates import Kept, Template

PLACE = "/case-templates"
ONE = PLACE + "/{template}"


@route("GET", PLACE, summary="Templates of cases", answers=(forms.Templates,))
def listed(call: Call) -> forms.Templates:
    return forms.Templates([_kept(one) for one in templates.listed(call.session)])


@route(
    "POST", PLACE, summary="Keep a template", body=Template, answers=(forms.Template,), status=201,
    changes=True,
)  # fmt: skip
def added(call: Call) -> forms.Template:
    return _kept(templates.add(call.session, call.body))


@route("GET", ONE, summary="A template", answers=(forms.Template,))
def shown(call: Call) -> forms.Template:
    return _kept(templates.find(call.session, call.args["template"]))


@route(
    "PUT", ONE, summary="Replace a template", query=forms.Version, body=Template,
    answers=(forms.Template,), changes=True,
)  # fmt: skip
def replaced(call: Call) -> forms.Template:
    """With `version` only if nobody has replaced it since."""
    asked: forms.Version = call.query
    return _kept(templates.save(call.session, call.args["template"], call.body, asked.version))


@route("DELETE", ONE, summary="Delete a template", answers=(forms.Template,), changes=True)
def deleted(call: Call) -> forms.Template:
    """What was deleted."""
    found = templates.find(call.session, call.args["template"])
    templates.delete(call.session, str(found.id))
    return _kept(found)


@route(
    "POST", ONE + "/cases", summary="Open a case from a template", body=forms.Words,
    answers=(Row,), status=201, changes=True,
)  # fmt: skip
def opened(call: Call) -> Row:
    """`words` fill the blanks of the title."""
    asked: forms.Words = call.body
    kept = templates.find(call.session, call.args["template"])
    file = templating.open_case(call.session, kept.template, asked.words)
    call.headers["Location"] = f"{call.base_url}{VERSION}/cases/{file.number}"
    return row_of(file)


@route(
    "POST", "/cases/{case}/template", summary="Use a case as a template", body=forms.Named,
    answers=(forms.Template,), status=201, changes=True,
)  # fmt: skip
def made(call: Call) -> forms.Template:
    """With what the key's organisation said in it, and nothing of others."""
    asked: forms.Named = call.body
    return _kept(
        templates.add(call.session, templating.of_case(call.session, call.args["case"], asked.name))
    )


def _kept(one: Kept) -> forms.Template:
    return forms.Template(one.id, one.version, one.changed, one.template.blanks, one.template)
