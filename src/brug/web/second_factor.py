# SPDX-License-Identifier: EUPL-1.2
"""One-time codes for oneself: set up with a QR code, codes on paper, taken away again.

The secret is shown until its first code is given; paper codes on one answer only.
"""

import io

import segno

from brug.directory import second_factor
from brug.model.errors import NotFound
from brug.web import forms
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/account/one-time-codes"


@page(BASE, shows=("own",))
def mine(visit: Visit) -> Reply:
    return _mine(visit)


def _mine(
    visit: Visit, errors: dict[str, str] | None = None, paper: list[str] | None = None
) -> Reply:
    session = visit.session
    is_set = second_factor.is_set(session, visit.principal.user_id)
    return visit.show(
        "account/one_time_codes.html",
        400 if errors else 200,
        is_set=is_set,
        is_due=second_factor.is_due(session),
        pending=None if is_set else _pending(visit),
        left=second_factor.paper_left(session),
        paper=paper or [],
        errors=errors or {},
    )


def _pending(visit: Visit) -> second_factor.Enrolment | None:
    try:
        return second_factor.pending(visit.session)
    except NotFound:
        return None


@page(BASE + "/begin", "POST")
def begin(visit: Visit) -> Reply:
    second_factor.begin(visit.session)
    return visit.redirect(BASE)


@page(BASE + "/qr.svg")
def qr(visit: Visit) -> Reply:
    """The waiting secret as a picture: the page's policy takes no picture in the page itself."""
    uri = second_factor.pending(visit.session).uri
    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, border=4, light="#fff")
    return Reply(out.getvalue(), media_type="image/svg+xml")


@page(BASE + "/confirm", "POST")
def confirm(visit: Visit) -> Reply:
    def save() -> Reply:
        paper = second_factor.confirm(visit.session, visit.form.get("code")[:40])
        return _mine(visit, paper=paper)

    return forms.saved(visit, save, lambda errors: _mine(visit, errors))


@page(BASE + "/paper", "POST")
def paper(visit: Visit) -> Reply:
    return _mine(visit, paper=second_factor.new_paper(visit.session))


@page(BASE + "/remove", "POST")
def remove(visit: Visit) -> Reply:
    """Only with a code that holds: a browser left open takes nothing away."""

    def save() -> Reply:
        second_factor.remove_own(visit.node.database, visit.session, visit.form.get("code")[:40])
        return visit.redirect("/account", visit.gettext("The second factor is gone."))

    return forms.saved(visit, save, lambda errors: _mine(visit, errors))
