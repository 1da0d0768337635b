# SPDX-License-Identifier: EUPL-1.2
"""A request to a page, from its fields to the reply, in one transaction of the reader.

The order is the security: the session, then whether the form is its own, then the right,
then the handler, which renders before the transaction ends. What no one foresaw becomes a
number; nothing here shows a stack trace.
"""

from typing import Any
from urllib.parse import urlsplit

import structlog

from brug.directory import signing_in
from brug.directory.second_factor import is_due
from brug.edge.border import refused, unforeseen
from brug.model.errors import BrugError, Forbidden, Unauthenticated
from brug.web import rendering, words
from brug.web.page import Page
from brug.web.session import cookie_of, prepare_form_token, require_own_form, require_own_origin
from brug.web.visit import Reply, Visit, local

log = structlog.get_logger("brug.web")

CHANGE_PASSWORD = "/account/password"  # noqa: S105 — an address
_CODES = "/account/one-time-codes"
# What somebody may do who must change the password first.
_ALWAYS = frozenset({CHANGE_PASSWORD, "/sign-out", "/preferences"})


def answer(page: Page, visit: Visit) -> Reply:
    """The reply; every error is a page."""
    fresh: dict[str, str] = {}
    try:
        visit.title = visit.node.setting("node.title")
        if cookie_of(visit):
            reply = _signed_in(page, visit)
        else:
            fresh = prepare_form_token(visit, None)
            reply = _anonymous(page, visit)
    except Unauthenticated as error:
        reply = _to_sign_in(visit, error)
    except BrugError as error:
        refused(visit.path, error)
        reply = problem(visit, error.status, visit.sentence(error))
    except Exception as error:  # noqa: BLE001 — the border of a request
        number = unforeseen(visit.path, error)
        sentence = words.ERRORS["error"]
        reply = problem(visit, 500, visit.gettext(sentence), number)
    reply.cookies = fresh | reply.cookies
    return reply


def _signed_in(page: Page, visit: Visit) -> Reply:
    own_address = visit.node.setting("node.url")
    try:
        with visit.node.database.as_web_session(cookie_of(visit), visit.address) as session:
            visit.open_session = session
            visit.reader = session.principal
            fresh = prepare_form_token(visit, session.principal)
            if visit.method == "POST":
                require_own_form(visit, own_address)
            if page.right is not None and not session.principal.may(page.right):
                raise Forbidden(f"{session.principal.email} lacks {page.right}")
            if session.principal.change_pw and page.path not in _ALWAYS:
                return visit.redirect(CHANGE_PASSWORD)
            if not page.path.startswith(_CODES) and page.path not in _ALWAYS and is_due(session):
                return visit.redirect(_CODES)
            signing_in.prolong(session, cookie_of(visit))
            _look_round(visit)
            reply = page.handler(visit)
            reply.cookies = fresh | reply.cookies
            return reply
    except Unauthenticated:
        if not page.anonymous or visit.open_session is not None:
            raise
        # A cookie that holds no longer: the page is for anyone.
        fresh = prepare_form_token(visit, None)
        reply = _anonymous(page, visit)
        reply.cookies = fresh | reply.cookies
        return reply
    finally:
        visit.open_session = None


def _look_round(visit: Visit) -> None:
    """What the frame of every page says: whose node it is, and whether there are cases."""
    me = visit.principal
    visit.host = me.host_org_name or ""
    visit.takes_part = me.may("case") or bool(
        visit.session.value("SELECT EXISTS (SELECT 1 FROM case_file)")
    )


def _anonymous(page: Page, visit: Visit) -> Reply:
    if not page.anonymous:
        raise Unauthenticated(f"{visit.path} needs someone who has signed in")
    if visit.method == "POST":
        require = require_own_origin if page.is_open else require_own_form
        require(visit, visit.node.setting("node.url"))
    return page.handler(visit)


def _to_sign_in(visit: Visit, error: Unauthenticated) -> Reply:
    visit.reader = None
    log.info("not signed in", code=error.code, path=visit.path)
    back = visit.here if visit.method == "GET" and not visit.partial else _stands(visit)
    target = rendering.address("/sign-in", {"next": back if back != "/" else ""})
    return visit.redirect(target)


def _stands(visit: Visit) -> str:
    """The page that a form or a script was on, as the browser says; never one of elsewhere."""
    try:
        said = urlsplit(visit.headers.get("hx-current-url") or visit.headers.get("referer", ""))
    except ValueError:
        return "/"
    return local(said.path + (f"?{said.query}" if said.query else ""))


def problem(visit: Visit, status: int, sentence: str, number: str = "") -> Reply:
    """A page that says what happened, what was kept and what to do."""
    title = visit.gettext(words.TITLES.get(status, words.TITLES[500]))
    more: dict[str, Any] = {
        "title": title, "sentence": sentence, "number": number, "code": status,
        "changed_nothing": visit.method == "POST",
    }  # fmt: skip
    return visit.show("problem.html", status, **more)
