# SPDX-License-Identifier: EUPL-1.2
"""Who asks, and whether a form is theirs: cookies, tokens, where a form came from.

Over https the cookie is `__Host-brug`, which browsers take from this host alone, over
https alone. A form must name this node as its origin where the browser says any, and carry
the session's token; before signing in, a token of its own in a cookie (double submit).
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from brug.directory.signing_in import is_own_form
from brug.model.errors import Forbidden
from brug.store.principal import Principal
from brug.web.visit import Visit

TOKEN_FIELD = "_csrf_token"  # noqa: S105 — the name of a field
KEPT_A_YEAR = {"brug-language", "brug-theme"}


class FormExpired(Forbidden):
    """A form without the token of this session, or from another origin."""

    code = "form_expired"


def cookie_name(secure: bool) -> str:
    return "__Host-brug" if secure else "brug"


def form_cookie(secure: bool) -> str:
    return "__Host-brug-form" if secure else "brug-form"


def step_cookie(secure: bool) -> str:
    """Between the password and the one-time code."""
    return "__Host-brug-step" if secure else "brug-step"


def flow_cookie(secure: bool) -> str:
    """While the browser is at the OpenID provider."""
    return "__Host-brug-flow" if secure else "brug-flow"


def cookie_of(visit: Visit) -> str:
    return visit.cookies.get(cookie_name(visit.secure), "")


def prepare_form_token(visit: Visit, principal: Principal | None) -> dict[str, str]:
    """Settles the token that forms of this answer carry; the cookie it needs, if new."""
    if principal is not None and principal.csrf:
        visit.form_token = principal.csrf
        return {}
    known = visit.cookies.get(form_cookie(visit.secure), "")
    visit.form_token = known if len(known) == 43 else secrets.token_urlsafe(32)
    return {} if visit.form_token == known else {form_cookie(visit.secure): visit.form_token}


def require_own_form(visit: Visit, own_address: str) -> None:
    """Raises FormExpired for a form that no page of ours sent."""
    require_own_origin(visit, own_address)
    token = visit.headers.get("x-csrftoken") or visit.form.get(TOKEN_FIELD)
    if visit.open_session is not None:
        fine = is_own_form(visit.open_session, token)
    else:
        known = visit.cookies.get(form_cookie(visit.secure), "")
        fine = len(known) == 43 and secrets.compare_digest(known.encode(), token.encode())
    if not fine:
        raise FormExpired(f"a form for {visit.path} without the token of its session")


def require_own_origin(visit: Visit, own_address: str) -> None:
    """Raises FormExpired for a form that a browser says it sends from elsewhere."""
    site = visit.headers.get("sec-fetch-site", "same-origin")
    origin = visit.headers.get("origin")
    if site not in {"same-origin", "none"}:
        raise FormExpired(f"a form for {visit.path} from another site")
    if origin is not None:
        parts = urlsplit(origin)
        own = {visit.headers.get("host", ""), urlsplit(own_address).netloc}
        if parts.scheme not in {"http", "https"} or parts.netloc not in own:
            raise FormExpired(f"a form for {visit.path} from {origin[:100]}")


def to_set(cookies: Mapping[str, str], *, secure: bool) -> list[Cookie]:
    """As they go out: for pages of this node alone, unread by scripts."""
    return [
        Cookie(
            key=name,
            value=value,
            path="/",
            httponly=True,
            secure=secure,
            samesite="lax",
            max_age=None if value and name not in KEPT_A_YEAR else 365 * 86_400 * bool(value),
        )
        for name, value in cookies.items()
    ]
