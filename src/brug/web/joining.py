# SPDX-License-Identifier: EUPL-1.2
"""Pages for people who are not in yet: a lost password, a new one, a request for an account.

The answer is the same whoever asks: none of these pages tells whether an address has an
account.
"""

from brug.directory import password_links, registrations
from brug.directory.password_links import LinkEnded
from brug.model.errors import Invalid, NotFound
from brug.store import settings
from brug.web.page import page
from brug.web.visit import Reply, Visit


def _sends_links(visit: Visit) -> bool:
    with visit.node.database.system() as session:
        return password_links.are_sent(session)


def _require_forgotten(visit: Visit) -> None:
    if not _sends_links(visit):
        raise NotFound("this node sends no links for lost passwords")


@page("/forgot-password", anonymous=True)
def ask_forgotten(visit: Visit) -> Reply:
    _require_forgotten(visit)
    return _forgot(visit)


def _forgot(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    return visit.show("joining/forgot.html", status, problem=problem)


@page("/forgot-password", "POST", anonymous=True)
def forgotten(visit: Visit) -> Reply:
    _require_forgotten(visit)
    with visit.node.database.system() as session:
        password_links.ask(session, visit.form.text("email"), visit.address)
    said = visit.gettext("If this address has an account, a link is on its way to it.")
    return visit.redirect("/sign-in", said)


@page("/new-password", anonymous=True)
def ask_new(visit: Visit) -> Reply:
    token = visit.query.get("token")[:100]
    try:
        with visit.node.database.system() as session:
            password_links.holder(session, token)
    except LinkEnded as error:
        return _ended(visit, error)
    return _new(visit, token)


def _ended(visit: Visit, error: LinkEnded) -> Reply:
    """Where another link can be asked for."""
    if not _sends_links(visit):
        raise error
    return _forgot(visit, visit.sentence(error), error.status)


def _new(visit: Visit, token: str, errors: dict[str, str] | None = None) -> Reply:
    reply = visit.show(
        "joining/new_password.html", 400 if errors else 200, token=token, errors=errors or {},
        least=visit.node.setting("security.password_length"),
    )  # fmt: skip
    # The address holds the token: it goes to no other page.
    reply.headers["Referrer-Policy"] = "no-referrer"
    return reply


@page("/new-password", "POST", anonymous=True)
def new(visit: Visit) -> Reply:
    form = visit.form
    token = form.get("token")[:100]
    if form.get("password") != form.get("again"):
        return _new(visit, token, {"again": visit.gettext("The two are not the same.")})
    try:
        password_links.use(visit.node.database, token, form.get("password"))
    except LinkEnded as error:
        return _ended(visit, error)
    except Invalid as error:
        return _new(visit, token, {error.field: visit.sentence(error)})
    return visit.redirect("/sign-in", visit.gettext("Your password is changed. Sign in with it."))


@page("/register", anonymous=True)
def ask_register(visit: Visit) -> Reply:
    return _register(visit)


def _register(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    with visit.node.database.system() as session:
        if not registrations.is_open(session):
            raise NotFound("nobody may ask for an account here")
        message = settings.get(session, "security.self_registration_message")
    return visit.show(
        "joining/register.html", 400 if errors else 200,
        given=visit.form, errors=errors or {}, message=message,
    )  # fmt: skip


@page("/register", "POST", anonymous=True)
def register(visit: Visit) -> Reply:
    form = visit.form
    given = {name: form.text(name) for name in ("email", "org_name", "message")}
    agent = visit.headers.get("user-agent", "")
    try:
        with visit.node.database.system() as session:
            registrations.ask(session, given, visit.address, agent)
    except Invalid as error:
        return _register(visit, {error.field: visit.sentence(error)})
    said = visit.gettext(
        "Your request is with the administrators. You get a mail when they decide."
    )
    return visit.redirect("/sign-in", said)
