# SPDX-License-Identifier: EUPL-1.2
"""A node with people, and a real mail server on this machine that keeps what it gets."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.api.conftest import World, settled, spare_world
from tests.api.conftest import world as a_world

from brug.mail.sending import run_once
from brug.store import settings
from brug.store.sealing import VARIABLE
from brug.store.session import Database

__all__ = ["Post", "a_world", "settled", "spare_world"]


class Box:
    """What arrived; `answer` is what the server says next instead of taking it."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: list[str] = []
        self.secure: list[bool] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = message_from_bytes(content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        self.recipients.append(list(envelope.rcpt_tos))
        self.secure.append(session.ssl is not None)
        return "250 taken"


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def _may_enter(server: Any, session: Any, envelope: Any, mechanism: Any, data: Any) -> AuthResult:
    fine = (data.login, data.password) == (b"node", b"s3cret-of-the-node")
    return AuthResult(success=fine, handled=fine)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Post:
    """The mail server with its node."""

    def __init__(self, world: World, box: Box, controller: Controller, pem: Path) -> None:
        self.world = world
        self.database = world.database
        self.box = box
        self.controller = controller
        self.pem = pem

    def set(self, **values: Any) -> None:
        with self.database.system() as session:
            for name, value in values.items():
                settings.set_value(session, name.replace("__", "."), value)

    def send(self) -> list[EmailMessage]:
        """Sends what is due; what arrived since the last time."""
        before = len(self.box.messages)
        while run_once(self.database):
            pass
        return self.box.messages[before:]

    def now(self) -> None:
        """Lets what waits be due at once."""
        with self.database.system() as session:
            session.execute("UPDATE mail_letter SET due = now(), leased_until = NULL")

    def states(self) -> dict[str, str]:
        with self.database.system() as session:
            rows = session.all(
                "SELECT a.email, l.state FROM mail_letter l JOIN account a ON a.id = l.user_id"
            )
        return {str(email): str(state) for email, state in rows}


@pytest.fixture
def post(a_world: World, tmp_path: Path) -> Iterator[Post]:
    world = a_world
    box = Box()
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    port = free_port()
    controller = Controller(
        box, "127.0.0.1", port, tls_context=context, authenticator=_may_enter, auth_require_tls=True
    )
    controller.start()
    with Database(world.dsn, 4, keys=Path(os.environ[VARIABLE])) as database:
        world.database.close()
        world.database = database
        made = Post(world, box, controller, pem)
        made.set(
            mail__host="127.0.0.1", mail__port=port, mail__security="none",
            mail__from="node@csirt.example", node__title="Noordland node",
        )  # fmt: skip
        yield made
    controller.stop()
