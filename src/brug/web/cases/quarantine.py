# SPDX-License-Identifier: EUPL-1.2
"""Mail for cases that is held: read as text, let into the case, or left out with the reason.

Nothing of a mail is rendered, and no file of it is given out before it is let in.
"""

from brug.cases.persons import quarantine
from brug.cases.persons.quarantine import Held
from brug.model.errors import BrugError, Conflict, Invalid, NotFound
from brug.web.cases import room
from brug.web.cases.room import BASE
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/quarantine"
ONE = PLACE + "/{mail:int}"
SHOWN = 20_000  # characters of a text
REASONS = {
    "unreadable": N_("It cannot be read as a mail."),
    "too_large": N_("It is too large: only its beginning is here, the rest is in the mailbox."),
    "loop": N_("A machine seems to have sent it: a holiday notice, a list, a bounce, or a loop."),
    "unknown": N_("It names no case: its token is missing, or nobody's."),
    "several": N_("It names several cases or persons."),
    "removed": N_("Its person takes part no longer."),
    "sender": N_("Another address sent it than the person's."),
    "not_authentic": N_("The mail server's checks of its sender failed."),
    "unchecked": N_("The mail server that should have checked it did not."),
    "mixed": N_("Only a part of it is encrypted: what stands around it keeps it shut."),
    "encrypted": N_("It is encrypted, and to none of the keys of this node."),
    "tampered": N_("What is encrypted in it is damaged, was changed, or is not protected."),
    "nested": N_("Within what is encrypted something is encrypted once more."),
    "signature": N_("It lacks a signature by the key that is known for the person."),
    "replayed": N_("What it says, signed or encrypted, came before, perhaps as somebody else's."),
    "same_id": N_("It has the name (Message-ID) of another mail, and says something else."),
    "many": N_("The person sent many mails within the hour."),
    "bomb": N_("A file of it would unpack to far more than it is."),
    "html_only": N_("It is HTML alone: only text was taken out of it."),
    "empty": N_("It holds neither text nor files."),
    "role": N_("The case does not take it from this person: the role does not include it."),
}
_WRONG = {
    "because": N_("Say why, in at most 1,000 characters."),
    "case": N_("Give the number of a case that you lead."),
}
_GONE = N_("There is no such person, or they take part no longer.")
_CANNOT = N_("This cannot be put into a case as it is.")


@page(PLACE, probe=PLACE)
def listed(visit: Visit) -> Reply:
    room.require_reader(visit)
    return visit.show(
        "cases/quarantine.html",
        tabs=room.tabs_of(visit),
        held=quarantine.listed(visit.session),
        reasons=REASONS,
    )


@page(ONE)
def show(visit: Visit) -> Reply:
    return _shown(visit)


@page(ONE + "/release", "POST")
def release(visit: Visit) -> Reply:
    given = {name: visit.form.get(name) for name in ("because", "case", "person")}
    try:
        with visit.session.connection.transaction():
            done: Held = quarantine.release(visit.session, _number(visit), given)
    except (Invalid, Conflict) as error:
        return _shown(visit, error)
    except BrugError as error:
        # Somebody else decided on it meanwhile, or the case or person is not there.
        quarantine.show(visit.session, _number(visit))
        return _shown(visit, error)
    said = visit.gettext("It is in case %(number)s now.") % {"number": done.case}
    return visit.redirect(PLACE, said)


@page(ONE + "/discard", "POST")
def discard(visit: Visit) -> Reply:
    try:
        quarantine.discard(visit.session, _number(visit), {"because": visit.form.get("because")})
    except Invalid as error:
        return _shown(visit, error)
    return visit.redirect(PLACE, visit.gettext("It is left out."))


def _number(visit: Visit) -> int:
    return int(visit.args["mail"])


def _shown(visit: Visit, error: BrugError | None = None) -> Reply:
    room.require_reader(visit)
    opened = quarantine.show(visit.session, _number(visit))
    field = error.field if isinstance(error, Invalid) else ""
    said = ""
    if isinstance(error, Invalid):
        said = visit.gettext(_WRONG[field]) if field in _WRONG else visit.sentence(error)
    elif isinstance(error, NotFound):
        said = visit.gettext(_GONE)
    elif error is not None:
        said = visit.gettext(_CANNOT)
    mail = opened.mail
    text = mail.text if mail else ""
    return visit.show(
        "cases/held_mail.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        held=opened.held,
        mail=mail,
        text=text[:SHOWN],
        is_cut=len(text) > SHOWN,
        reason=REASONS.get(opened.held.reason, opened.held.reason),
        given={name: visit.form.get(name) for name in ("because", "case", "person")},
        errors={field: said} if field else {},
        said=said,
    )
