# SPDX-License-Identifier: EUPL-1.2
"""The node's own OpenPGP key: made with the node, kept sealed, public to everyone.

It signs what the node serves of protected events, and whatever a site admin has signed.
"""

from base64 import b64decode, b64encode

import msgspec

from brug.formats import openpgp_signing as openpgp
from brug.formats.openpgp_signing import Signer
from brug.model.errors import NotFound
from brug.store.session import Session

_PURPOSE = "node_key openpgp"


class NodeKey(msgspec.Struct, frozen=True):
    """The public part, and the sealed secret."""

    fingerprint: str
    text: str
    sealed: bytes


def make(session: Session, user_id: str) -> Signer:
    """Makes the node's key, unless it has one; only the system and site admins may."""
    secret, public = openpgp.new_key(user_id)
    session.execute(
        "INSERT INTO node_key (name, public, fingerprint, sealed) VALUES ('openpgp', %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (public.text, public.fingerprint, session.seal.close(b64encode(secret).decode(), _PURPOSE)),
    )
    return public


def own(session: Session) -> NodeKey:
    """The node's key. Raises NotFound where it has none."""
    row = session.one("SELECT fingerprint, public, sealed FROM node_key WHERE name = 'openpgp'")
    if row is None:
        raise NotFound("the node has no OpenPGP key")
    return NodeKey(*row)


def exists(session: Session) -> bool:
    """Whether the node has a key."""
    return bool(session.value("SELECT EXISTS (SELECT 1 FROM node_key WHERE name = 'openpgp')"))


def sign_armoured(session: Session, key: NodeKey, data: bytes) -> str:
    """The same in armour, for people and files."""
    return openpgp.armoured_signature(sign(session, key, data))


def sign(session: Session, key: NodeKey, data: bytes) -> bytes:
    """A detached signature. Raises Unavailable where the key cannot be unsealed."""
    return openpgp.sign_detached(b64decode(session.seal.open(key.sealed, _PURPOSE)), data)
