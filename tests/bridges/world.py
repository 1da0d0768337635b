# SPDX-License-Identifier: EUPL-1.2
"""A node with two partners and their bridges, for the tests of agreements and the gate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.bridges import agreements, identity, partners
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.directory import account_changes, organisations
from brug.directory.node import create_node
from brug.store.session import Database, Session, SessionContext

ONE, TWO = "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
SYNC_USER, USER = 5, 3


class World(msgspec.Struct):
    """The first bridge is native; `key` is the partner's."""

    database: Database
    bridge: BridgeRow
    other: BridgeRow
    key: Ed25519PrivateKey
    key_id: str
    host: str
    ids: dict[str, int]

    def admin(self) -> SessionContext:
        return self.database.as_user(self.ids["admin"])

    def analyst(self) -> SessionContext:
        return self.database.as_user(self.ids["analyst"])

    def partner(self) -> SessionContext:
        return self.database.as_user(self.bridge.account_id)

    def other_partner(self) -> SessionContext:
        return self.database.as_user(self.other.account_id)

    def terms(self, session: Session, **changes: Any) -> Terms:
        """Terms of the next version."""
        return agreements.draft(session, self.bridge, drafted(self.host, **changes))

    def agree(self, **changes: Any) -> agreements.Agreement:
        """An agreement that is in force."""
        with self.admin() as session:
            made = agreements.propose(session, self.bridge, self.terms(session, **changes))
        with self.partner() as session:
            signature = self.key.sign(made.document)
            return agreements.take(session, self.bridge, made.document, self.key_id, signature)


def drafted(host: str, **changes: Any) -> dict[str, Any]:
    return {
        "our_country": "NL", "their_country": "FR", "senders": [host, ONE],
        "purposes": ["cyber-defence"], "legal_basis": "GDPR art. 6(1)(e)",
        "personal_data": {"regime": "gdpr", "handling": "drop", "transfer": {"tool": "eea"}},
        "valid_from": (datetime.now(UTC) - timedelta(days=1)).isoformat(),
        "document": "Convenant 2026/7", **changes,
    }  # fmt: skip


def world_of(database: Database) -> World:
    with database.system() as session:
        made = create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://node.example")
        ids = {"admin": 1}
        analyst = {"email": "a@csirt.example", "org_id": 1, "role_id": USER}
        ids["analyst"] = account_changes.add(session, analyst | _PASSWORD).account.id
        one = _bridge(session, "Cert Sudland", ONE)
        two = _bridge(session, "Bank ISAC", TWO)
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        key_id = identity.id_of(public)
        session.execute(
            "INSERT INTO partner_key (partner_id, key_id, public, valid_from)"
            " VALUES (%s, %s, %s, now() - interval '1 day')",
            (one.partner_id, key_id, public),
        )
    return World(database, one, two, key, key_id, made.organisation_uuid, ids)


_PASSWORD = {"password": "Correct-horse-battery-1", "change_pw": False}


def _bridge(session: Session, name: str, uuid: str) -> BridgeRow:
    org = organisations.add(session, {"name": name, "uuid": uuid, "local": False})
    email = f"bridge-{org.id}@bridges.example"
    account = account_changes.add(
        session, {"email": email, "org_id": org.id, "role_id": SYNC_USER} | _PASSWORD
    )
    partner = session.value(
        "INSERT INTO partner (org_id, kind, name, relation) VALUES (%s, 'brug', %s, 'community')"
        " RETURNING id",
        (org.id, name),
    )
    number = session.value(
        "INSERT INTO bridge (partner_id, transport, account_id, state)"
        " VALUES (%s, 'native', %s, 'open') RETURNING id",
        (partner, account.account.id),
    )
    return partners.view(session, int(number))
