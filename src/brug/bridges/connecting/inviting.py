# SPDX-License-Identifier: EUPL-1.2
"""Our invitations: made, shown to whoever brings the token, accepted once."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from brug.bridges import description, identity, partners, statements
from brug.bridges.connecting.rows import check_organisation, connect
from brug.bridges.connecting.saying import (
    ACCEPTANCE,
    ACCEPTED,
    INVITATION,
    INVITATIONS,
    authentication_string,
    checked_acceptance,
    commitment_to,
    new_nonce,
)
from brug.bridges.statements import Statement, text
from brug.directory import audit, fields, organisations
from brug.directory.route_changes import authorities
from brug.model.errors import Invalid, NotFound
from brug.store.session import Session, hash_of_key

DAYS = 7


class NoInvitation(NotFound):
    """No such token, used, withdrawn or expired: one answer for all."""

    code = "no_invitation"
    public = (
        "token: expected one of an invitation that is open; this one was accepted or withdrawn,"
        " is too old, or never was"
    )


class Invited(msgspec.Struct, frozen=True):
    """A new invitation: the document to hand over, or the address that leads to it."""

    bridge: UUID
    name: str
    document: bytes
    url: str
    expires: datetime


class Pending(msgspec.Struct, frozen=True):
    """An invitation that nobody has accepted yet."""

    bridge: UUID
    name: str
    made: datetime
    expires: datetime


def invite(
    session: Session, name: str, org: str | None = None, days: int = DAYS, ca_pem: str = ""
) -> Invited:
    """An invitation for a partner that will be called `name`; `org` is who it must be.

    `ca_pem` is whom to trust at the partner's address instead of the system's.
    """
    partners.require_admin(session)
    fields.text(255, empty=False)("partner", name)
    fields.number(1, 90)("days", days)
    ca_pem = authorities("ca_pem", ca_pem)
    expected = organisations.view(session, org) if org else None
    if expected:
        check_organisation(session, expected)
    again = _bridge_called(session, name)
    if again is None and _is_taken(session, name):
        raise Invalid("partner", "a name that no other partner has", name)
    bridge, token, nonce = again or uuid4(), secrets.token_urlsafe(32), new_nonce()
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    node = description.of_this_node(session)
    document = statements.make(
        session,
        {
            "statement": INVITATION,
            "bridge": str(bridge),
            "token": token,
            "commitment": commitment_to(nonce),
            "expires": identity.moment(expires),
            "node": node,
        },
    )
    session.execute(
        "INSERT INTO invitation (bridge_uuid, given, name, org_id, token_hash, nonce, document,"
        " ca_pem, made_by, expires) VALUES (%s, true, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (bridge_uuid) DO UPDATE SET given = true, name = excluded.name,"
        " org_id = excluded.org_id, token_hash = excluded.token_hash, nonce = excluded.nonce,"
        " document = excluded.document, ca_pem = excluded.ca_pem, acceptance = NULL, made = now(),"
        " made_by = excluded.made_by, expires = excluded.expires, used = NULL",
        (bridge, name, expected and expected.id, hash_of_key(token), nonce, document.decode(),
         ca_pem, session.principal.user_id, expires),
    )  # fmt: skip
    audit.record(session, "invite", "Bridge", 0, name, {"bridge": str(bridge)})
    return Invited(bridge, name, document, f"{node['url']}{INVITATIONS}#{token}", expires)


def pending(session: Session) -> list[Pending]:
    """What was given and is still open."""
    rows = session.all(
        "SELECT bridge_uuid, name, made, expires FROM invitation"
        " WHERE given AND used IS NULL AND expires > now() ORDER BY made DESC"
    )
    return [Pending(*row) for row in rows]


def withdraw(session: Session, bridge: UUID) -> None:
    """An invitation that is not to be accepted any more. Raises NotFound."""
    partners.require_admin(session)
    gone = session.execute(
        "DELETE FROM invitation WHERE bridge_uuid = %s AND given AND used IS NULL", (bridge,)
    )
    if gone.rowcount != 1:
        raise NotFound(f"no open invitation {bridge}")
    audit.record(session, "withdraw", "Bridge", 0, str(bridge))


def shown_to(session: Session, token: str) -> bytes:
    """The invitation itself, for whoever brings its token. Raises NoInvitation."""
    document = session.value(
        "SELECT document FROM invitation WHERE token_hash = %s AND given AND used IS NULL"
        " AND expires > now()",
        (hash_of_key(token),),
    )
    if document is None:
        raise NoInvitation("no open invitation has this token")
    return str(document).encode()


def accepted(session: Session, raw: bytes) -> bytes:
    """Takes an acceptance (a session of the system); the answer is for whoever sent it.

    The same acceptance again gets the same answer, since the first may have been lost.
    """
    said = statements.read(raw, ACCEPTANCE)
    row = session.one(
        "SELECT bridge_uuid, name, org_id, nonce, document, acceptance, ca_pem, used IS NOT NULL"
        " FROM invitation WHERE token_hash = %s AND given AND expires > now() FOR UPDATE",
        (hash_of_key(text(said.said, "token")),),
    )
    if row is None:
        raise NoInvitation("no open invitation has this token")
    bridge, name, org_id, nonce, document, earlier, ca_pem, used = row
    invitation = statements.read(document, INVITATION)
    if used:
        if earlier is None or statements.read(earlier, ACCEPTANCE).said != said.said:
            raise NoInvitation("the invitation was accepted already")
        return _answered(session, invitation, said, nonce)
    them = checked_acceptance(said, invitation)
    connect(
        session, bridge, name, org_id, them, authentication_string(invitation, said, nonce), ca_pem
    )
    session.execute(
        "UPDATE invitation SET used = now(), acceptance = %s WHERE bridge_uuid = %s",
        (raw.decode(), bridge),
    )
    return _answered(session, invitation, said, nonce)


def _bridge_called(session: Session, name: str) -> UUID | None:
    """The bridge of a partner that is known already, whose keys an invitation renews."""
    found: UUID | None = session.value(
        "SELECT b.uuid FROM bridge b JOIN partner p ON p.id = b.partner_id"
        " WHERE b.transport = 'native' AND lower(p.name) = lower(%s)",
        (name,),
    )
    return found


def _is_taken(session: Session, name: str) -> bool:
    """Whether a partner of another kind is called so, as a MISP server or a mailbox."""
    return bool(
        session.one(
            "SELECT 1 FROM partner WHERE kind <> 'brug' AND lower(name) = lower(%s)", (name,)
        )
    )


def _answered(session: Session, invitation: Statement, said: Statement, nonce: str) -> bytes:
    """Signed by the key of the invitation, which is the one that the other side holds."""
    answer = {
        "statement": ACCEPTED,
        "bridge": invitation.said["bridge"],
        "acceptance": said.digest,
        "nonce": nonce,
    }
    return statements.make(session, answer, invitation.key_id)
