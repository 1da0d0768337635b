# SPDX-License-Identifier: EUPL-1.2
"""Signing in and out, and what people choose before they have an account: language, theme."""

from urllib.parse import urlsplit

import msgspec

from brug.directory import account_changes, oidc, signing_in
from brug.model.errors import TooManyRequests, Unauthenticated
from brug.store import outbox, settings
from brug.store.session import Session
from brug.web.languages import LANGUAGES
from brug.web.page import page
from brug.web.rendering import address, asset
from brug.web.session import cookie_name, cookie_of, form_cookie, step_cookie
from brug.web.visit import Reply, Visit, local

LONGEST = 1024
THEMES = ("auto", "light", "dark")


@page("/sign-in", anonymous=True)
def ask(visit: Visit) -> Reply:
    if visit.reader is not None:
        return visit.redirect(local(visit.query.get("next")))
    return _form(visit)


class Ways(msgspec.Struct, frozen=True):
    """What the page to sign in offers."""

    openid: str
    passwords: bool
    forgotten: bool
    registration: bool


def ways_in(session: Session) -> Ways:
    """In a system session."""
    values = settings.all_settings(session)
    label = values["sign_in.oidc_label"] or urlsplit(values["sign_in.oidc_issuer"]).hostname
    return Ways(
        openid=str(label) if oidc.is_on(session) else "",
        passwords=values["sign_in.passwords"],
        forgotten=values["security.password_forgotten"] and outbox.is_set_up(session),
        registration=values["security.self_registration"],
    )


def _form(visit: Visit, status: int = 200, problem: str = "") -> Reply:
    with visit.node.database.system() as session:
        ways = ways_in(session)
    return visit.show(
        "sign_in.html",
        status,
        ways=ways,
        problem=problem,
        email=visit.form.text("email")[:320],
        next=local(visit.form.get("next") or visit.query.get("next")),
    )


@page("/sign-in", "POST", anonymous=True)
def sign_in(visit: Visit) -> Reply:
    email, password = visit.form.text("email")[:320], visit.form.get("password")[:LONGEST]
    try:
        made = signing_in.sign_in(visit.node.database, email, password, visit.address)
    except (TooManyRequests, Unauthenticated) as error:
        return _form(visit, error.status, visit.sentence(error))
    next_page = local(visit.form.get("next"))
    if isinstance(made, signing_in.CodeNeeded):
        reply = visit.redirect(address("/sign-in/code", {"next": next_page}))
        reply.cookies[step_cookie(visit.secure)] = made.cookie
        return reply
    return entered(visit, made, next_page)


def entered(visit: Visit, made: signing_in.SignedIn, next_page: str) -> Reply:
    """On with the new session; whoever was signed in here before is not any more."""
    if visit.open_session is not None:
        signing_in.sign_out(visit.session, cookie_of(visit))
    reply = visit.redirect(next_page)
    reply.cookies |= {
        cookie_name(visit.secure): made.cookie, form_cookie(visit.secure): "",
        step_cookie(visit.secure): "",
    }  # fmt: skip
    return reply


@page("/sign-in/code", anonymous=True)
def ask_code(visit: Visit) -> Reply:
    if step_cookie(visit.secure) not in visit.cookies:
        return visit.redirect("/sign-in")
    return _code(visit)


def _code(visit: Visit, status: int = 200, problem: str = "") -> Reply:
    next_page = local(visit.form.get("next") or visit.query.get("next"))
    return visit.show("sign_in_code.html", status, problem=problem, next=next_page)


@page("/sign-in/code", "POST", anonymous=True)
def give_code(visit: Visit) -> Reply:
    step, code = visit.cookies.get(step_cookie(visit.secure), ""), visit.form.get("code")[:40]
    try:
        made = signing_in.give_code(visit.node.database, step, code, visit.address)
    except signing_in.StepEnded as error:
        return visit.redirect("/sign-in", visit.sentence(error), "warn")
    except (TooManyRequests, Unauthenticated) as error:
        return _code(visit, error.status, visit.sentence(error))
    return entered(visit, made, local(visit.form.get("next")))


@page("/sign-out", "POST")
def sign_out(visit: Visit) -> Reply:
    signing_in.sign_out(visit.session, cookie_of(visit))
    reply = visit.redirect("/sign-in", visit.gettext("You have signed out."))
    reply.cookies[cookie_name(visit.secure)] = ""
    reply.headers["Clear-Site-Data"] = '"cache", "storage"'
    return reply


@page("/preferences", "POST", anonymous=True)
def prefer(visit: Visit) -> Reply:
    """Language and theme, from the foot of every page."""
    chosen = {}
    if visit.form.get("language") in LANGUAGES:
        chosen["language"] = visit.form.get("language")
    if visit.form.get("theme") in THEMES:
        chosen["theme"] = visit.form.get("theme")
    if visit.reader is not None and chosen:
        account_changes.edit_own(visit.session, chosen)
    reply = visit.redirect(local(visit.form.get("next")))
    reply.cookies |= {f"brug-{name}": value for name, value in chosen.items()}
    return reply


@page("/favicon.ico", anonymous=True)
def icon(visit: Visit) -> Reply:
    """Where browsers look that have not read a page."""
    return visit.redirect(asset("favicon.svg"))
