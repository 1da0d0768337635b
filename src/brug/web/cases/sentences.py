# SPDX-License-Identifier: EUPL-1.2
"""What the engine refuses, in the reader's words, and at which field of a form."""

from brug.cases.act_rules import Blocked, OutOfStep
from brug.cases.refusing import Refused
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Invalid
from brug.web.languages import N_
from brug.web.visit import Visit

# The engine's name of a field -> the form's, where they differ.
_FIELDS = {"org": "organisation", "uuid": "reference", "user": "person"}
_WRONG = {
    "title": N_("Give a title of at most 300 characters."),
    "text": N_("Write something, of at most 50,000 characters."),
    "outcome": N_("Say what was decided, in at most 50,000 characters."),
    "question": N_("Say what it was about, in at most 300 characters."),
    "because": N_("Say why, in at most 50,000 characters."),
    "source": N_("Give a text of at most 300 characters."),
    "name": N_("Give the name of the organisation, which this node does not know."),
    "org": N_("Give an organisation that this node knows, or the UUID of another."),
    "user": N_("This organisation has nobody with that e-mail address here."),
    "uuid": N_("Give something that you may see, by number, UUID or address; or a UUID."),
    "at": N_("Give a day and time such as 2026-11-27T14:20."),
    "due": N_("Give a day and time such as 2026-11-27T14:20."),
    "until": N_("Give a day and time such as 2026-11-27T14:20."),
    "file": N_("Choose one file."),
    "called": N_("Give a name of visible characters: no path, and no dot at its ends."),
    "document": N_("It is in the case no longer."),
    "zone": N_("Give a time zone such as Europe/Amsterdam."),
    "fact": N_("Choose one of the list."),
    "role": N_("Choose one of the list."),
    "kind": N_("Choose one of the list."),
    "tlp": N_("Choose one of the list."),
    "pap": N_("Choose one of the list."),
    "assignee": N_("Choose somebody who takes part."),
    "to": N_("Choose those whom it is for, among those who take part."),
    "participant": N_("They take part no longer."),
}  # fmt: skip
# What the engine says of a wall time that no clock showed.
_SKIPPED = "a time that the clocks"
_CONFLICTS = {
    "blocked": N_("This is not possible yet. What it needs stands with it."),
    "not_yours": N_("Your part in this case does not include this."),
    "meanwhile": N_(
        "Somebody else changed this meanwhile. This page shows what it is now, and keeps what you"
        " typed. Send it again if it still holds."
    ),
    "conflict": N_("This is so already."),
}


def field_of(error: BrugError) -> str:
    """The field of a form that was refused, if one was."""
    return _FIELDS.get(error.field, error.field) if isinstance(error, Invalid) else ""


def sentence(visit: Visit, error: BrugError, what: str = "") -> str:
    """`what` is the act, by its tag."""
    say = visit.gettext
    if isinstance(error, OutOfStep):
        said = visit.gettext(
            "Somebody was before you: “%(machine)s” is now “%(now)s” and no longer “%(leaves)s”."
            " Nothing was changed. See below what is possible from there."
        )
        titles = error.machine.states
        return said % {
            "machine": say(error.machine.title),
            "now": say(titles.get(error.now, error.now)),
            "leaves": say(titles[error.leaves]) if error.leaves in titles else error.leaves,
        }
    if isinstance(error, Blocked) and what == "left":
        return visit.gettext("Somebody else has to lead the case first.")
    if isinstance(error, Refused):
        return visit.sentence(error)
    if isinstance(error, Blocked | NotYours) or error.code in _CONFLICTS:
        return say(_CONFLICTS[error.code])
    if isinstance(error, Invalid) and error.expected.startswith(_SKIPPED):
        return visit.gettext("The clocks of that zone skip this time on that day. Give another.")
    if isinstance(error, Invalid) and error.field in _WRONG:
        return say(_WRONG[error.field])
    return visit.sentence(error)
