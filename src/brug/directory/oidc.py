# SPDX-License-Identifier: EUPL-1.2
"""Signing in through an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE).

1. A browser is sent out with a state, a nonce and a challenge, all bound to a cookie of its
own. 2. What comes back must carry that state, from that browser, once. 3. The code is
changed for tokens with the verifier; the ID token's signature, issuer, audience, times and
nonce are checked. 4. The person is (issuer, subject): an account is found by that alone,
never by e-mail. 5. Groups give role and organisation, again at each sign-in; who is in no
group of the table does not get in.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec
from psycopg import errors

from brug.directory import audit, organisations, roles, routes
from brug.directory.oidc_provider import Provider, claims_of
from brug.directory.signing_in import SignedIn, enter
from brug.model.errors import Forbidden, NotFound, Unauthenticated
from brug.store import settings
from brug.store.session import Database, Session, hash_of_key

FLOW_MINUTES = 10


class Outward(msgspec.Struct, frozen=True):
    """Where the browser goes, and the cookie that it takes along for its return."""

    url: str
    cookie: str


class NotLetIn(Unauthenticated):
    """The provider knows the person; this node has no place for them."""

    code = "not_let_in"
    public = "The provider knows you, but nothing there gives you an account here."


class FlowEnded(Unauthenticated):
    """Another browser's, used, too old or forged."""

    code = "flow_ended"
    public = "That sign-in did not come from here or took too long. Try again."


def is_on(session: Session) -> bool:
    values = settings.all_settings(session)
    return bool(values["sign_in.oidc_issuer"] and values["sign_in.oidc_client_id"])


def provider_of(session: Session) -> Provider:
    """In a system session."""
    if not is_on(session):
        raise NotFound("no OpenID provider is set")
    values = settings.all_settings(session)
    return Provider(
        issuer=values["sign_in.oidc_issuer"],
        client_id=values["sign_in.oidc_client_id"],
        client_secret=settings.secret(session, "sign_in.oidc_client_secret"),
        scopes=" ".join(values["sign_in.oidc_scopes"]),
        back_to=str(values["node.url"]).rstrip("/") + "/sign-in/openid/back",
        proxy=routes.proxy_of_node(session, values["sign_in.oidc_issuer"]),
    )


def go(database: Database, next_page: str) -> Outward:
    """Raises Unavailable where the provider does not answer."""
    with database.system() as session:
        provider = provider_of(session)
    state, nonce, cookie, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    url = provider.address_for(state, nonce, verifier)
    with database.system() as session:
        session.execute(
            "INSERT INTO oidc_flow VALUES (%s, %s, %s, %s, %s, now() + make_interval(mins => %s))",
            (hash_of_key(cookie), state, nonce, verifier, next_page, FLOW_MINUTES),
        )
    return Outward(url, cookie)


def back(
    database: Database, cookie: str, query: Mapping[str, str], address: str
) -> tuple[SignedIn, str]:
    """The session and the page to go on to. Raises FlowEnded, NotLetIn, Unavailable."""
    with database.system() as session:
        flow = session.one(
            "DELETE FROM oidc_flow WHERE hash = %s AND expires > now()"
            " RETURNING state, nonce, verifier, next",
            (hash_of_key(cookie),),
        )
        provider = provider_of(session)
    if flow is None or not secrets.compare_digest(
        flow[0].encode(), query.get("state", "").encode()
    ):
        raise FlowEnded("a return from the provider without its beginning")
    if "code" not in query:
        raise FlowEnded(f"the provider says {query.get('error', 'nothing')[:100]!r}")
    claims = claims_of(provider, query["code"], flow[2], flow[1])
    with database.system() as session:
        user_id = _account(session, provider.issuer, claims)
    return enter(database, user_id, address), str(flow[3])


def _account(session: Session, issuer: str, claims: Mapping[str, Any]) -> int:
    """The account of a subject, made or brought up to date by the groups."""
    subject = str(claims["sub"])
    role_id, org_id = _place(session, claims)
    found = session.one(
        "SELECT id, disabled OR coalesce(expiration < now(), false), role_id, org_id FROM account"
        " WHERE issuer = %s AND subject = %s",
        (issuer, subject),
    )
    if found is None:
        return _made(session, issuer, subject, claims, role_id, org_id)
    if found[1]:
        raise NotLetIn(f"account {found[0]} is closed")
    if (found[2], found[3]) != (role_id, org_id):
        session.execute(
            "UPDATE account SET role_id = %s, org_id = %s WHERE id = %s",
            (role_id, org_id, found[0]),
        )
        change = {"role_id": [found[2], role_id], "org_id": [found[3], org_id]}
        audit.record(session, "edit", "User", found[0], "by the groups at the provider", change)
    return int(found[0])


def _made(
    session: Session,
    issuer: str,
    subject: str,
    claims: Mapping[str, Any],
    role_id: int,
    org_id: int,
) -> int:
    email = str(claims.get("email", ""))
    if claims.get("email_verified") is not True or "@" not in email or len(email) > 320:
        raise NotLetIn("the provider vouches for no e-mail address of a new person")
    try:
        with session.connection.transaction():
            made = session.value(
                "INSERT INTO account (email, issuer, subject, role_id, org_id, language)"
                " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
                (
                    email, issuer, subject, role_id, org_id,
                    settings.get(session, "node.language"),
                ),
            )  # fmt: skip
    except errors.UniqueViolation as error:
        # Whoever has the address here is not thereby the one who has it there.
        raise NotLetIn("the address belongs to an account that is not linked") from error
    audit.record(session, "add", "User", int(made), email, {"issuer": issuer})
    return int(made)


def _place(session: Session, claims: Mapping[str, Any]) -> tuple[int, int]:
    """(role, organisation) that the groups give; raises NotLetIn."""
    values = settings.all_settings(session)
    groups = claims.get(values["sign_in.oidc_groups_claim"]) or []
    mine = {str(one) for one in (groups if isinstance(groups, list) else [groups])}
    for row in values["sign_in.oidc_groups"]:
        group, _, target = row.partition("=")
        role_name, _, organisation = target.partition(":")
        if unquote(group) in mine:
            return _named(session, unquote(role_name), unquote(organisation))
    raise NotLetIn("none of the person's groups is in the table")


def _named(session: Session, role: str, organisation: str) -> tuple[int, int]:
    values = settings.all_settings(session)
    try:
        role_id = roles.view(session, role).id
        wanted = organisation or values["sign_in.oidc_organisation"] or values["node.host_org_id"]
        return role_id, organisations.view(session, str(wanted)).id
    except NotFound as error:
        raise NotLetIn(f"the table of groups names what is not there: {error}") from error


def link(session: Session, reference: int | str, subject: str) -> None:
    """A site admin says whose subject an account is; "" unlinks."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} links no accounts")
    issuer = settings.get(session, "sign_in.oidc_issuer") if subject else None
    session.execute(
        "UPDATE account SET issuer = %s, subject = %s WHERE id = %s",
        (issuer or None, subject or None, int(reference)),
    )
    audit.record(session, "edit", "User", int(reference), "", {"subject": subject})
