# SPDX-License-Identifier: EUPL-1.2
"""What two nodes say to each other while they are being connected, checked; asks no database."""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from brug.bridges import description, identity
from brug.bridges.description import Described
from brug.bridges.statements import Statement, text
from brug.formats.canonical import canonical
from brug.model.errors import Invalid

INVITATION, ACCEPTANCE, ACCEPTED = "brug-invitation/1", "brug-acceptance/1", "brug-accepted/1"
INVITATIONS, ACCEPTANCES = "/native/v1/invitations", "/native/v1/acceptances"
LARGEST = 256 * 1024
# How far clocks may differ where a key has just been made.
CLOCK = timedelta(minutes=5)


def authentication_string(invitation: Statement, acceptance: Statement, nonce: str) -> str:
    """The authentication string: twelve digits in three groups."""
    whole = canonical({
        "statement": "brug-authentication/1",
        "invitation": invitation.digest,
        "acceptance": acceptance.digest,
        "nonce": nonce,
    })  # fmt: skip
    number = int.from_bytes(sha256(whole).digest()[:16]) % 10**12
    digits = f"{number:012}"
    return " ".join((digits[:4], digits[4:8], digits[8:]))


def new_nonce() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(16)


def commitment_to(nonce: str) -> str:
    return identity.in_text(sha256(b"brug-commitment/1\n" + nonce.encode()).digest())


def digits_of(shown: str) -> str:
    return "".join(c for c in shown if c.isascii() and c.isdecimal())


def checked_invitation(invitation: Statement) -> Described:
    """Whoever invites, with a signature of one of the keys that it names and that are valid."""
    them = description.read(invitation.said.get("node"))
    _checked_signer(invitation, them)
    if identity.read_moment(invitation.said.get("expires"), "expires") < datetime.now(UTC):
        raise Invalid("expires", "a time to come: the invitation has expired")
    try:
        UUID(text(invitation.said, "bridge", 36))
    except ValueError as error:
        raise Invalid("bridge", "a UUID") from error
    text(invitation.said, "token", 100)
    text(invitation.said, "commitment", 100)
    return them


def checked_acceptance(said: Statement, invitation: Statement) -> Described:
    for field, expected in (
        ("bridge", invitation.said["bridge"]), ("invitation", invitation.digest),
    ):  # fmt: skip
        if said.said.get(field) != expected:
            raise Invalid(field, "that of the invitation", str(said.said.get(field)))
    text(said.said, "nonce", 100)
    them = description.read(said.said.get("node"))
    _checked_signer(said, them)
    return them


def _checked_signer(said: Statement, them: Described) -> None:
    key = them.key(said.key_id)
    if not key.is_valid(datetime.now(UTC) + CLOCK):
        raise Invalid("key_id", "a key that is valid now", said.key_id)
    said.verified_by(key)
