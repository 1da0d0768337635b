# SPDX-License-Identifier: EUPL-1.2
"""For whoever found a vulnerability: a report without an account, and the way back to it.

Nothing here asks who it is, or stores where it came from. The code that leads back is typed into a
form and stands in no address. Nor is a cookie needed, which browsers for anonymity may not keep.
"""

from typing import Any

from brug.cases import intake, returning
from brug.cases.intake import FIELDS
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.pacing import TooFast
from brug.cases.returning import Conversation
from brug.model.errors import BrugError, Invalid
from brug.web.cases import kind_fields
from brug.web.page import page
from brug.web.visit import Reply, Visit

PAGE = "/report-vulnerability"
BACK = PAGE + "/answer"
LISTS = frozenset({"products", "others_told"})


def _private(visit: Visit, template: str, status: int = 200, **more: Any) -> Reply:
    """What is between a finder and this node stays on no disk and in no other address.

    Raises NoIntake where the node takes no reports.
    """
    with visit.node.database.system() as session:
        visit.host = intake.coordinator(session)
        key = intake.key_address(session)
    reply = visit.show(f"reporting/{template}.html", status, key=key, **more)
    reply.headers |= {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return reply


@page(PAGE, anonymous=True)
def ask(visit: Visit) -> Reply:
    return _form(visit)


def _form(visit: Visit, errors: dict[str, str] | None = None, status: int = 400) -> Reply:
    given, shown = visit.form, errors or {}
    return _private(visit, "report", status if errors else 200, given=given, errors=shown)


@page(PAGE, "POST", anonymous=True, is_open=True)
def report(visit: Visit) -> Reply:
    given = {
        name: visit.form.get(name).splitlines() if name in LISTS else [visit.form.get(name)]
        for name in FIELDS
    }
    try:
        with visit.node.database.system() as session:
            taken = intake.report(session, given, visit.form.text("name"))
    except Invalid as error:
        return _form(visit, {error.field.removeprefix("fields."): _complaint(visit, error)})
    except returning.NoIntake:
        raise
    except BrugError as error:
        return _form(visit, {"": visit.sentence(error)}, error.status)
    return _private(visit, "taken", taken=taken)


def _complaint(visit: Visit, error: Invalid) -> str:
    """In words for somebody who never saw this form before."""
    if error.expected == intake.ANSWER:
        return visit.gettext("Fill this in.")
    fields = {one.input: one for one in kind_fields.fields_of(DISCLOSURE)}
    field = fields.get(error.field)
    return kind_fields.complaint(visit, field, error) if field else visit.sentence(error)


@page(BACK, anonymous=True)
def ask_code(visit: Visit) -> Reply:
    return _private(visit, "code", problem="", code="")


@page(BACK, "POST", anonymous=True, is_open=True)
def answer(visit: Visit) -> Reply:
    """The conversation of a code; with a text, also an answer to it."""
    code, said = visit.form.text("code"), visit.form.get("text")
    try:
        with visit.node.database.system() as session:
            found = returning.look(session, code)
            if said.strip():
                found = returning.answer(session, code, said)
    except returning.NoIntake:
        problem = visit.gettext("No report has this code.")
        return _private(visit, "code", 404, problem=problem, code=code[:100])
    except (Invalid, TooFast) as error:
        with visit.node.database.system() as session:
            found = returning.look(session, code)
        field = error.field if isinstance(error, Invalid) else "text"
        return _conversation(visit, found, code, {field: visit.sentence(error)}, error.status)
    return _conversation(visit, found, code)


def _conversation(
    visit: Visit,
    found: Conversation,
    code: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Reply:
    return _private(
        visit,
        "conversation",
        status,
        found=found,
        state=DISCLOSURE.machines[0].states[found.state],
        code=code,
        text=visit.form.get("text") if errors else "",
        errors=errors or {},
    )
