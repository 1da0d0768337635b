# SPDX-License-Identifier: EUPL-1.2
"""For whoever leads a case: people who take part without an account, and their way in.

A link is shown to nobody but its person; what is seen here is how many hold and when one was used.
"""

from brug.cases.persons import joining
from brug.cases.persons.joining import LANGUAGES
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.web.cases import room, sentences
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/persons"
_FIELDS = ("email", "name", "organisation", "role", "gpgkey", "language")
_WRONG = {
    "email": N_("Give an e-mail address."),
    "name": N_("Give a name, which the others in the case read."),
    "role": N_("Choose one of the list, which does not lead the case."),
    "gpgkey": N_("Give an OpenPGP public key, armoured, that can be used now."),
    "language": N_("Choose one of the list."),
}
_DONE = {
    "renew": N_("The old links hold no longer; a mail with a new one goes."),
    "revoke": N_("No link leads in any more."),
    "quiet": N_("They get no more mails about what is new."),
    "mails": N_("They get mails about what is new."),
    "key": N_("The key is kept: letters go encrypted, and answers have to be signed."),
    "no_key": N_("The key is taken away."),
}


@page(PLACE, probe="/cases/{case}/persons")
def listed(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(PLACE, "POST")
def invite(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"], writes=True)
    given = {name: visit.form.get(name).strip() for name in _FIELDS}
    try:
        with visit.session.connection.transaction():
            joining.invite(visit.session, view.file.uuid, given)
    except (Invalid, Conflict) as error:
        return _shown(visit, view, given, error)
    said = visit.gettext("They take part. A mail with a link goes to them.")
    return visit.redirect(f"{view.place}/persons", said)


@page(PLACE + "/{participant:str}/{what:str}", "POST")
def change(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"], writes=True)
    which, what, who = view.file.uuid, visit.args["what"], visit.args["participant"]
    session = visit.session
    if what not in _DONE:
        raise NotFound(f"nothing such is done: {what[:40]}")
    try:
        with session.connection.transaction():
            if what == "renew":
                joining.renew(session, which, who)
            elif what == "revoke":
                joining.revoke(session, which, who)
            elif what in {"quiet", "mails"}:
                joining.change(session, which, who, {"mails": str(int(what == "mails"))})
            else:
                key = visit.form.get("gpgkey") if what == "key" else ""
                joining.change(session, which, who, {"gpgkey": key})
    except Invalid as error:
        return _shown(visit, view, {}, error, about=who)
    return visit.redirect(f"{view.place}/persons", visit.gettext(_DONE[what]))


def _shown(
    visit: Visit,
    view: View,
    given: dict[str, str] | None = None,
    error: BrugError | None = None,
    about: str = "",
) -> Reply:
    if not view.may("joined"):
        raise Forbidden(f"{visit.principal.email} does not lead {view.file.number}")
    field, said = "", ""
    if isinstance(error, Invalid):
        field = error.field
        known = _WRONG.get(field)
        said = visit.gettext(known) if known else sentences.sentence(visit, error)
    elif error is not None:
        said = sentences.sentence(visit, error)
    kind = view.case.kind
    return visit.show(
        "cases/persons.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=view.case,
        persons=joining.listed(visit.session, view.file.uuid),
        given=given or {},
        errors={field: said} if field else {},
        said=said,
        about=about,
        roles=[("", ""), *((one.key, visit.gettext(one.title))
                           for one in kind.roles if not one.leads)],
        role_titles={one.key: visit.gettext(one.title) for one in kind.roles},
        language_names=[("", ""), *((one, name) for one, name in _names(visit))],
    )  # fmt: skip


def _names(visit: Visit) -> list[tuple[str, str]]:
    known: dict[str, str] = visit.context()["languages"]
    return [(code, known.get(code, code)) for code in LANGUAGES]
