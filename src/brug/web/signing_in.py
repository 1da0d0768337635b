# SPDX-License-Identifier: EUPL-1.2
"""Signing in and out, and what people choose before they have an account: language, theme."""

from brug.directory import account_changes, signing_in
from brug.model.errors import TooManyRequests, Unauthenticated
from brug.web.languages import LANGUAGES
from brug.web.page import page
from brug.web.rendering import asset
from brug.web.session import cookie_name, cookie_of, form_cookie
from brug.web.visit import Reply, Visit, local

LONGEST = 1024
THEMES = ("auto", "light", "dark")


@page("/sign-in", anonymous=True)
def ask(visit: Visit) -> Reply:
    if visit.reader is not None:
        return visit.redirect(local(visit.query.get("next")))
    return _form(visit)


def _form(visit: Visit, status: int = 200, problem: str = "") -> Reply:
    return visit.show(
        "sign_in.html",
        status,
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
    if visit.open_session is not None:
        # Whoever was signed in here before is not any more.
        signing_in.sign_out(visit.session, cookie_of(visit))
    reply = visit.redirect(local(visit.form.get("next")))
    reply.cookies |= {cookie_name(visit.secure): made.cookie, form_cookie(visit.secure): ""}
    return reply


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
