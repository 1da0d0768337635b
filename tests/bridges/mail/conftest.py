# SPDX-License-Identifier: EUPL-1.2
"""A node, a real mail server on this machine, and a partner that has nothing but mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from pysequoia import Tsk, decrypt
from tests.mail.conftest import Post, a_world, post, settled, spare_world

from brug.bridges import agreements, partners
from brug.bridges.crossing import outbox, rows
from brug.bridges.crossing.rows import Crossing
from brug.bridges.mail import mailboxes, rounds
from brug.bridges.partners import BridgeRow
from brug.directory import organisations

__all__ = ["a_world", "post", "settled", "spare_world"]
PARTNER = "44444444-4444-4444-8444-444444444444"
ADMIN = 1
ALICE = "alice@hospital.example"


class Mailed:
    """The node with its partner, the hospital."""

    def __init__(self, post: Post) -> None:
        self.post, self.database = post, post.database
        with self.database.as_user(ADMIN) as session:
            given = {"name": "Hospital Zuid", "uuid": PARTNER, "local": False}
            organisations.add(session, given)
            self.bridge = mailboxes.add(session, PARTNER, {"since": "2020-01-01"})
            mailboxes.put_contact(session, self.bridge, {"email": ALICE})

    def agree(self, **terms: Any) -> None:
        """A version that one side signs and that the partner accepted on paper."""
        with self.database.as_user(ADMIN) as session:
            own = agreements.host(session)[0]
            given = {
                "senders": [own], "our_country": "NL", "their_country": "NL",
                "purposes": ["cyber-defence"], "legal_basis": "GDPR art. 6(1)(e)",
                "personal_data": {"regime": "gdpr", "handling": "drop"},
                "document": "Letter 2026-12", "kinds": ["event", "report"],
                "valid_from": datetime.now(UTC) - timedelta(minutes=1), **terms,
            }  # fmt: skip
            bridge = partners.view(session, self.bridge.id)
            made = agreements.propose(session, bridge, agreements.draft(session, bridge, given))
            agreements.accept_on_paper(session, made, "signed on paper, cabinet 3")

    def event(self, *values: str, tag: str = "tlp:green", **more: Any) -> str:
        """The UUID of a published event of the host with some domains."""
        attributes = [{"type": "domain", "value": value, "to_ids": True} for value in values]
        new = {
            "info": "Campaign of Noordland", "distribution": 3, "Tag": [{"name": tag}],
            "Attribute": attributes, **more,
        }  # fmt: skip
        made = self.post.world.ask("admin", "POST", "/events/add", new)
        assert made.status == 200, made.body
        self.publish(made.body["Event"]["uuid"])
        return str(made.body["Event"]["uuid"])

    def publish(self, uuid: str) -> None:
        assert self.post.world.ask("admin", "POST", f"/events/publish/{uuid}").status == 200

    def round(self) -> list[EmailMessage]:
        """What the node's threads do; the letters that arrived by it."""
        box = self.post.box.messages
        before = len(box)
        with self.database.system() as session:
            outbox.sequence(session)
        for _ in range(20):
            if not rounds.carry(self.database):
                return box[before:]
        raise AssertionError("there is always something left")

    def crossings(self, uuid: str) -> list[Crossing]:
        with self.database.system() as session:
            return rows.listed(session, event_uuid=uuid, bridge_id=self.bridge.id)

    def fresh(self) -> BridgeRow:
        with self.database.system() as session:
            return partners.view(session, self.bridge.id)

    def problem(self) -> str:
        with self.database.system() as session:
            return rows.progress(session)[self.bridge.id].problem

    def soon(self) -> None:
        """Whatever waits for a later try may be tried now."""
        with self.database.system() as session:
            session.execute("UPDATE bridge_progress SET next_attempt = now()")
            session.execute("UPDATE crossing SET next_attempt = now() WHERE state = 'failed'")


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def opened(message: EmailMessage, pair: Tsk) -> bytes:
    """What an encrypted letter says to who has the key."""
    assert message.get_content_type() == "multipart/encrypted"
    sealed = message.get_payload(1)
    assert isinstance(sealed, EmailMessage)
    content = sealed.get_payload(decode=True)
    assert isinstance(content, bytes)
    plain = decrypt(content, pair.decryptor()).bytes
    assert plain is not None
    return bytes(plain)


@pytest.fixture
def mailed(post: Post) -> Mailed:
    return Mailed(post)
