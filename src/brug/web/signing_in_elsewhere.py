# SPDX-License-Identifier: EUPL-1.2
"""Signing in through the OpenID provider: out and back.

Coming back is a GET that begins a session; it holds only with the cookie that this browser
was sent out with, once, and with the state that belongs to it.
"""

from brug.directory import oidc
from brug.model.errors import BrugError
from brug.web.page import page
from brug.web.session import flow_cookie
from brug.web.signing_in import entered
from brug.web.visit import Reply, Visit, local


@page("/sign-in/openid", "POST", anonymous=True)
def go(visit: Visit) -> Reply:
    """A page that leads on: a form's own redirect may not leave this node."""
    outward = oidc.go(visit.node.database, local(visit.form.get("next")))
    reply = visit.show("sign_in_elsewhere.html", target=outward.url)
    reply.headers["Refresh"] = f"0; url={outward.url}"
    reply.cookies[flow_cookie(visit.secure)] = outward.cookie
    return reply


@page("/sign-in/openid/back", anonymous=True)
def back(visit: Visit) -> Reply:
    query = {
        name: visit.query.get(name) for name in ("state", "code", "error") if name in visit.query
    }
    cookie = visit.cookies.get(flow_cookie(visit.secure), "")
    try:
        made, next_page = oidc.back(visit.node.database, cookie, query, visit.address)
    except BrugError as error:
        reply = visit.redirect("/sign-in", visit.sentence(error), "bad")
    else:
        reply = entered(visit, made, local(next_page))
    reply.cookies[flow_cookie(visit.secure)] = ""
    return reply
