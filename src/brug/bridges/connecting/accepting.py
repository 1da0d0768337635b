# SPDX-License-Identifier: EUPL-1.2
"""The other side's invitation: read, answered, and the bridge made of it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from brug.bridges import description, identity, partners, statements
from brug.bridges.connecting.rows import check_partner, connect
from brug.bridges.connecting.saying import (
    ACCEPTANCE,
    ACCEPTANCES,
    ACCEPTED,
    INVITATION,
    INVITATIONS,
    LARGEST,
    authentication_string,
    checked_invitation,
    commitment_to,
    new_nonce,
)
from brug.bridges.description import Described
from brug.bridges.partners import BridgeRow
from brug.bridges.statements import Statement, text
from brug.directory import route_changes, routes
from brug.directory.route_changes import Change
from brug.directory.routes import Holder, Route
from brug.edge import outgoing
from brug.edge.outgoing import Limits
from brug.formats import json_text
from brug.formats.canonical import canonical
from brug.model.errors import BrugError, Invalid
from brug.store import settings
from brug.store.session import Database, Session, SessionContext


class NotReadable(BrugError):
    """The other node did not answer as one of Brug does."""

    code = "no_invitation_there"
    status = 502
    public = "The other node did not take part in this as expected."


def accept(
    database: Database,
    user_id: int | None,
    source: str | bytes,
    name: str = "",
    way: Mapping[str, Any] | None = None,
) -> BridgeRow:
    """Accepts an invitation: its text, or its address. `user_id` is None for the system.

    `way` is how the other node is reached, by the fields of `directory.route_changes`; of a
    partner that is known, what is stored holds where nothing is given. Raises Invalid for a
    document that is none, NotReached, NotReadable and Conflict.
    """
    with _acting(database, user_id) as session:
        partners.require_admin(session)
        limits = Limits(30.0, LARGEST, settings.get(session, "outgoing.private_networks"))
        change = route_changes.checked(session, None, way or {})

    def route(url: str) -> Route:
        with database.system() as session:
            return _route(session, change, url)

    raw = _read(source, limits, route)
    invitation = statements.read(raw, INVITATION)
    them = checked_invitation(invitation)
    with database.system() as session:
        acceptance = _own_acceptance(session, invitation, them, name, user_id or 0)
    url = them.url + ACCEPTANCES
    answer = _posted(url, acceptance, limits, route(url))
    said = statements.read(answer, ACCEPTED).verified_by(them.key(invitation.key_id))
    ours = statements.read(acceptance, ACCEPTANCE)
    nonce = text(said.said, "nonce", 100)
    if said.said.get("acceptance") != ours.digest:
        raise Invalid("acceptance", "the digest of what was sent")
    if commitment_to(nonce) != invitation.said.get("commitment"):
        raise Invalid("nonce", "the one that the invitation committed itself to")
    with database.system() as session:
        bridge = UUID(text(invitation.said, "bridge"))
        called = name or them.org_name
        made = connect(
            session,
            bridge,
            called,
            None,
            them,
            authentication_string(invitation, ours, nonce),
            "",
        )
        route_changes.store(session, Holder("channel", made.id), change)
        session.execute("UPDATE invitation SET used = now() WHERE bridge_uuid = %s", (bridge,))
    return made


def _route(session: Session, change: Change, url: str) -> Route:
    known = None
    if not change.columns:
        known = session.value(
            "SELECT b.id FROM bridge b JOIN partner p ON p.id = b.partner_id"
            " WHERE b.transport = 'native' AND p.url <> '' AND starts_with(%s, p.url || '/')",
            (url,),
        )
    if known is not None:
        return routes.route(session, Holder("channel", known), url)
    return route_changes.route_of(session, change, url)


def _acting(database: Database, user_id: int | None) -> SessionContext:
    return database.system() if user_id is None else database.as_user(user_id)


def _read(source: str | bytes, limits: Limits, route: Callable[[str], Route]) -> bytes:
    """An invitation's bytes: they themselves, or fetched with the token in the address."""
    if isinstance(source, bytes) or source.lstrip().startswith("{"):
        return source if isinstance(source, bytes) else source.encode()
    parts = urlsplit(source.strip())
    if not parts.fragment or not parts.path.endswith(INVITATIONS):
        raise Invalid("invitation", f"a document, or an address with {INVITATIONS}#token", source)
    url = parts._replace(fragment="").geturl()
    return _posted(url, canonical({"token": parts.fragment}), limits, route(url))


def _posted(url: str, body: bytes, limits: Limits, route: Route) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = outgoing.fetch(
        "POST", url, headers=headers, body=body, limits=limits, route=route, follow=False
    )
    if answer.status == 200:
        return answer.body
    try:
        said = json_text.decode(answer.body)
        message = str(said.get("message", ""))[:300] if isinstance(said, dict) else ""
    except (Invalid, RecursionError):
        message = ""
    raise NotReadable(f"{url} answered {answer.status}: {message or 'no reason given'}")


def _own_acceptance(
    session: Session, invitation: Statement, them: Described, name: str, by: int
) -> bytes:
    """What we answer; kept, so that a second try answers the same."""
    check_partner(session, them)
    bridge = invitation.said["bridge"]
    row = session.one(
        "SELECT given, document, acceptance FROM invitation WHERE bridge_uuid = %s", (bridge,)
    )
    if row is not None and not row[0] and row[1] == canonical(invitation.said).decode():
        return str(row[2]).encode()
    acceptance = statements.make(
        session,
        {
            "statement": ACCEPTANCE,
            "bridge": bridge,
            "token": invitation.said["token"],
            "invitation": invitation.digest,
            "nonce": new_nonce(),
            "node": description.of_this_node(session),
        },
    )
    session.execute(
        "INSERT INTO invitation (bridge_uuid, given, name, nonce, document, acceptance,"
        " made_by, expires) VALUES (%(bridge)s, false, %(name)s, '', %(document)s, %(acceptance)s,"
        " %(by)s, %(expires)s) ON CONFLICT (bridge_uuid) DO UPDATE SET given = false,"
        " name = excluded.name, token_hash = NULL, nonce = '', document = excluded.document,"
        " acceptance = excluded.acceptance, ca_pem = '', made = now(),"
        " made_by = excluded.made_by, expires = excluded.expires, used = NULL",
        {
            "bridge": bridge, "name": name, "document": canonical(invitation.said).decode(),
            "acceptance": acceptance.decode(), "by": by,
            "expires": identity.read_moment(invitation.said["expires"], "expires"),
        },
    )  # fmt: skip
    return acceptance
