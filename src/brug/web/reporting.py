# SPDX-License-Identifier: EUPL-1.2
"""For whoever found a vulnerability: a report without an account, and the way back to it.

Nothing here asks who it is, or stores where it came from. The code that leads back is typed into a
form and stands in no address.
"""

from brug.cases import intake
from brug.cases.intake import FIELDS, Conversation
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.model.errors import BrugError, Invalid
from brug.web.page import page
from brug.web.visit import Reply, Visit

PAGE = "/report-vulnerability"
BACK = PAGE + "/answer"
LISTS = frozenset({"products", "others_told"})


def _require_open(visit: Visit) -> None:
    with visit.node.database.system() as session:
        if not intake.is_open(session):
            raise intake.NoIntake("cases.intake is off")


def _private(reply: Reply) -> Reply:
    """What is between a finder and this node stays on no disk and in no other address."""
    reply.headers |= {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return reply


@page(PAGE, anonymous=True)
def ask(visit: Visit) -> Reply:
    _require_open(visit)
    return _form(visit)


def _form(visit: Visit, errors: dict[str, str] | None = None, status: int = 400) -> Reply:
    return _private(
        visit.show(
            "reporting/report.html",
            status if errors else 200,
            given=visit.form,
            errors=errors or {},
        )
    )


@page(PAGE, "POST", anonymous=True)
def report(visit: Visit) -> Reply:
    given = {
        name: visit.form.get(name).splitlines() if name in LISTS else [visit.form.get(name)]
        for name in FIELDS
    }
    try:
        with visit.node.database.system() as session:
            taken = intake.report(session, given, visit.form.text("name"))
    except Invalid as error:
        return _form(visit, {error.field.removeprefix("fields."): visit.sentence(error)})
    except intake.NoIntake:
        raise
    except BrugError as error:
        return _form(visit, {"": visit.sentence(error)}, error.status)
    return _private(visit.show("reporting/taken.html", taken=taken))


@page(BACK, anonymous=True)
def ask_code(visit: Visit) -> Reply:
    _require_open(visit)
    return _private(visit.show("reporting/code.html", problem=""))


@page(BACK, "POST", anonymous=True)
def answer(visit: Visit) -> Reply:
    """The conversation of a code; with a text, also an answer to it."""
    code, said = visit.form.text("code"), visit.form.get("text")
    try:
        with visit.node.database.system() as session:
            found = intake.look(session, code)
            if said.strip():
                found = intake.answer(session, code, said)
    except intake.NoIntake:
        problem = visit.gettext("No report has this code.")
        return _private(visit.show("reporting/code.html", 404, problem=problem))
    except Invalid as error:
        with visit.node.database.system() as session:
            found = intake.look(session, code)
        return _conversation(visit, found, code, {error.field: visit.sentence(error)})
    return _conversation(visit, found, code)


def _conversation(
    visit: Visit, found: Conversation, code: str, errors: dict[str, str] | None = None
) -> Reply:
    return _private(
        visit.show(
            "reporting/conversation.html",
            400 if errors else 200,
            found=found,
            state=DISCLOSURE.machines[0].states[found.state],
            code=code,
            text=visit.form.get("text") if errors else "",
            errors=errors or {},
        )
    )
