# SPDX-License-Identifier: EUPL-1.2
"""Partners without a node: who gets letters there, how often, and what is wrong."""

from typing import Any

from brug.bridges import partners
from brug.bridges.crossing import rows
from brug.bridges.mail import mailboxes
from brug.bridges.mail.mailboxes import FREQUENCIES, LANGUAGES
from brug.bridges.partners import BridgeRow
from brug.directory import organisations
from brug.store import outbox, settings
from brug.web import forms
from brug.web.bridges.room import RELATIONS, STATES, may_change, require_reader, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/mail"
ONE = BASE + "/{bridge:int}"
FREQUENCY_WORDS = {
    "immediately": N_("At once"), "daily": N_("Each day"), "weekly": N_("Each week"),
    "monthly": N_("Each month"),
}  # fmt: skip
LANGUAGE_WORDS = {"en": N_("English"), "nl": N_("Dutch")}
_NEW = ("organisation", "name", "relation", "frequency", "since", "email")


@page(BASE, shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    require_reader(visit)
    found = []
    for bridge in partners.listed(visit.session):
        if bridge.transport == "mail":
            mailbox = mailboxes.view(visit.session, bridge)
            found.append((bridge, mailbox, mailboxes.contacts(visit.session, bridge.id)))
    return visit.show(
        "bridges/mailboxes.html", tabs=tabs_of(visit), rows=found,
        progress=rows.progress(visit.session), states=STATES, frequencies=FREQUENCY_WORDS,
        may_change=may_change(visit), sends=outbox.is_set_up(visit.session),
    )  # fmt: skip


@page(BASE + "/new", shows=("directory",))
def ask_new(visit: Visit) -> Reply:
    partners.require_admin(visit.session)
    asked = visit.query.text("organisation")
    standard = {"relation": "community", "frequency": "immediately", "organisation": asked}
    return _form(visit, standard)


@page(BASE + "/new", "POST")
def add(visit: Visit) -> Reply:
    partners.require_admin(visit.session)
    given: dict[str, Any] = {name: visit.form.text(name) for name in _NEW}
    given["gpgkey"] = visit.form.get("gpgkey").strip()

    def save() -> Reply:
        made = mailboxes.add(visit.session, given["organisation"], given)
        if given["email"]:
            mailboxes.put_contact(visit.session, made, given)
        said = visit.gettext("Added. Nothing goes to it until an agreement is in force.")
        return visit.redirect(f"{BASE}/{made.id}", said)

    return forms.saved(visit, save, lambda errors: _form(visit, given, errors))


def _form(visit: Visit, values: dict[str, Any], errors: dict[str, str] | None = None) -> Reply:
    host = settings.get(visit.session, "node.host_org_id")
    return visit.show(
        "bridges/mailbox_form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        values=values,
        errors=errors or {},
        organisations=[
            (one.uuid, one.name) for one in organisations.listed(visit.session) if one.id != host
        ],
        relations=[(code, visit.gettext(label)) for code, label in RELATIONS.items()],
        frequencies=_frequencies(visit),
    )


def _frequencies(visit: Visit) -> list[tuple[str, str]]:
    return [(one, visit.gettext(FREQUENCY_WORDS[one])) for one in FREQUENCIES]


@page(ONE, shows=("directory",))
def show(visit: Visit) -> Reply:
    return shown(visit)


def _bridge(visit: Visit) -> BridgeRow:
    return partners.view(visit.session, visit.args["bridge"])


def shown(
    visit: Visit, errors: dict[str, str] | None = None, given: dict[str, Any] | None = None
) -> Reply:
    """The page of one mailbox, with what was typed and what is wrong with it."""
    require_reader(visit)
    bridge = _bridge(visit)
    mailbox = mailboxes.view(visit.session, bridge)
    return visit.show(
        "bridges/mailbox.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        bridge=bridge,
        mailbox=mailbox,
        state=STATES[bridge.state],
        frequency=FREQUENCY_WORDS[mailbox.frequency],
        frequencies=_frequencies(visit),
        contacts=mailboxes.contacts(visit.session, bridge.id),
        spoken=[(one, visit.gettext(LANGUAGE_WORDS[one])) for one in LANGUAGES],
        language_words=LANGUAGE_WORDS,
        progress=rows.progress(visit.session).get(bridge.id),
        last_letter=mailboxes.last_letters(visit.session).get(bridge.id),
        values={"language": settings.get(visit.session, "node.language")} | (given or {}),
        may_change=may_change(visit),
        sends=outbox.is_set_up(visit.session),
        errors=errors or {},
    )


@page(ONE, "POST")
def change(visit: Visit) -> Reply:
    """How often, and from when on."""
    given = {name: visit.form.text(name) or None for name in ("frequency", "since")}

    def save() -> Reply:
        bridge = _bridge(visit)
        known = mailboxes.view(visit.session, bridge)
        # A day that was not touched does not move the hour that it stands for.
        same = f"{known.since:%Y-%m-%d}" == given["since"]
        mailboxes.change(visit.session, bridge, given | ({"since": None} if same else {}))
        return visit.redirect(visit.path, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: shown(visit, errors, given))


@page(ONE + "/contacts", "POST")
def put_contact(visit: Visit) -> Reply:
    """Adds one; of one that is there, changes language and key."""
    given: dict[str, Any] = {name: visit.form.text(name) for name in ("email", "language")}
    given["gpgkey"] = visit.form.get("gpgkey").strip()
    base = visit.path.removesuffix("/contacts")

    def save() -> Reply:
        made = mailboxes.put_contact(visit.session, _bridge(visit), given)
        said = visit.gettext("Letters go to %(address)s.") % {"address": made.email}
        return visit.redirect(base, said)

    return forms.saved(visit, save, lambda errors: shown(visit, errors, given))


@page(ONE + "/contacts/drop", "POST")
def drop_contact(visit: Visit) -> Reply:
    gone = mailboxes.drop_contact(visit.session, _bridge(visit), visit.form.text("email"))
    said = visit.gettext("No letter goes to %(address)s any more.") % {"address": gone.email}
    return visit.redirect(visit.path.removesuffix("/contacts/drop"), said)
