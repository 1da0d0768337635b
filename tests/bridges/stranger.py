# SPDX-License-Identifier: EUPL-1.2
"""Another node as far as one can see it from outside: a key, a description, what it says."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.bridges import connecting, identity, partners, statements
from brug.bridges.connecting.saying import ACCEPTANCE, INVITATION, authentication_string
from brug.bridges.identity import PublicKey
from brug.bridges.partners import BridgeRow
from brug.formats.canonical import canonical
from brug.store.session import Session


class Stranger:
    """Says what a node of Brug would say, or what the test wants it to."""

    def __init__(self, name: str = "CERT Oostland", url: str = "https://oost.example") -> None:
        self.name = name
        self.url = url
        self.node, self.org = str(uuid4()), str(uuid4())
        self.contacts = "cert@oost.example"
        self.key = Ed25519PrivateKey.generate()
        self.made = datetime.now(UTC)

    @property
    def public(self) -> PublicKey:
        data = self.key.public_key().public_bytes_raw()
        return PublicKey(identity.id_of(data), data, self.made)

    def described(self, **more: Any) -> dict[str, Any]:
        return {
            "node": self.node,
            "name": self.name,
            "url": self.url,
            "organisation": {
                "uuid": self.org, "name": self.name, "nationality": "", "sector": "",
                "contacts": self.contacts,
            },
            "keys": [identity.as_document(self.public)],
            "transports": ["native"],
            "native": {"versions": [1]},
        } | more  # fmt: skip

    def signed(self, said: dict[str, Any]) -> bytes:
        """A statement under the stranger's key."""
        return canonical({
            "signed": said,
            "key_id": self.public.key_id,
            "signature": identity.in_text(self.key.sign(canonical(said))),
        })  # fmt: skip

    def acceptance(self, invitation: bytes, /, **more: Any) -> bytes:
        """The answer to an invitation; `more` replaces what it says."""
        found = statements.read(invitation, INVITATION)
        return self.signed(
            {
                "statement": ACCEPTANCE,
                "bridge": found.said["bridge"],
                "token": found.said["token"],
                "invitation": found.digest,
                "nonce": "n" * 22,
                "node": self.described(),
            }
            | more
        )

    def connected(self, session: Session, name: str) -> tuple[BridgeRow, str]:
        """Invited, accepted and confirmed at a node; the bridge there, and the string."""
        invited = connecting.invite(session, name)
        acceptance = self.acceptance(invited.document)
        answer = json.loads(connecting.accepted(session, acceptance))
        shown = authentication_string(
            statements.read(invited.document, INVITATION),
            statements.read(acceptance, ACCEPTANCE),
            answer["signed"]["nonce"],
        )
        bridge = partners.view(session, UUID(str(invited.bridge)))
        return connecting.confirm(session, bridge, shown), shown
