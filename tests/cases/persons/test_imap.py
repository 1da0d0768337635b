# SPDX-License-Identifier: EUPL-1.2
"""Mail over IMAP from a real server (pymap) on this machine: TLS from the start, and STARTTLS."""

from __future__ import annotations

import imaplib
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.cases.persons.conftest import Outside
from tests.listening import free_port
from tests.mail.conftest import certificate
from tests.waiting_for import until

from brug.cases.persons import fetching
from brug.mail.inbound import imap as reader
from brug.model.errors import BrugError

USER, PASSWORD = "demouser", "demopass"


class Server(msgspec.Struct):
    """`port` speaks STARTTLS, `secure` TLS from the start."""

    port: int
    secure: int
    pem: Path

    def put(self, mail: EmailMessage) -> None:
        with self._signed_in() as client:
            client.append("INBOX", "", None, mail.as_bytes())

    def unseen(self) -> int:
        with self._signed_in() as client:
            client.select("INBOX", readonly=True)
            return len(client.search(None, "UNSEEN")[1][0].split())

    def _signed_in(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.starttls(ssl.create_default_context(cafile=str(self.pem)))
        client.login(USER, PASSWORD)
        return client


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


def _terminate(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """TLS outside, the server's own port inside."""
    while True:
        try:
            plain, _ = listener.accept()
            outer = context.wrap_socket(plain, server_side=True)
        except ssl.SSLError:
            continue
        except OSError:
            return
        inner = socket.create_connection(("127.0.0.1", port))
        for pair in ((outer, inner), (inner, outer)):
            threading.Thread(target=_copy, args=pair, daemon=True).start()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pem, port, plain = certificate(tmp_path_factory.mktemp("imap")), free_port(), free_port()
    command = Path(sys.executable).with_name("pymap")
    common = [str(command), "--no-service", "admin", "--no-service", "managesieve", "--host",
              "127.0.0.1"]  # fmt: skip
    started = [
        subprocess.Popen([*common, *more, "dict", "--demo-data"], stderr=subprocess.DEVNULL)
        for more in (
            ["--port", str(port), "--cert", str(pem), "--key", str(pem)],
            ["--port", str(plain), "--no-tls"],
        )
    ]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_terminate, args=(listener, context, plain), daemon=True).start()
        for one in (port, plain):
            _wait(one)
        yield Server(port, listener.getsockname()[1], pem)
    for process in started:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            return False
        return True

    until(listens, 10)


@pytest.fixture
def imap(outside: Outside, server: Server) -> Server:
    outside.set(
        mail__inbound="imap", mail__inbound_host="127.0.0.1", mail__inbound_port=server.port,
        mail__inbound_security="starttls", mail__inbound_user=USER,
        mail__inbound_password=PASSWORD, mail__inbound_ca_file=str(server.pem),
        outgoing__private_networks=["127.0.0.0/8"], mail__inbound_folder="INBOX",
    )  # fmt: skip
    return server


def answer(letter: EmailMessage, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "vera@maker.example", letter["Reply-To"]
    mail["Message-ID"] = f"<{uuid4()}@maker.example>"
    mail.set_content(text)
    return mail


def test_what_is_unseen_is_put_in_marked_and_left_in_the_mailbox(
    outside: Outside, imap: Server
) -> None:
    fetching.fetch(outside.database)  # what the server comes with
    number = outside.open()
    outside.invite(number)
    (letter,) = outside.send(number)
    imap.put(answer(letter, "by IMAP\n" + "x" * 3000))
    outside.set(mail__inbound_bytes=2048)
    imap.put(answer(letter, "short"))
    done = fetching.fetch(outside.database)
    assert (done.taken, done.held, done.failed) == (1, 1, 0)
    assert outside.texts(number) == ["short"]
    assert imap.unseen() == 0
    assert fetching.fetch(outside.database) == fetching.Fetched()
    outside.set(mail__inbound_bytes=25 * 2**20)


def test_a_mail_that_somebody_takes_out_meanwhile_holds_up_no_other(
    outside: Outside, imap: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching.fetch(outside.database)
    for _ in range(2):
        imap.put(answer(EmailMessage(), f"lost {uuid4()}"))
    ask = reader._asked
    gone: list[tuple[Any, ...]] = []

    def of_one_that_is_gone(*given: Any) -> Any:
        """A server has nothing to say of it, and that is no error (RFC 9051, 6.4.9)."""
        answered = ask(*given)
        if not gone and "BODY.PEEK" in given[-1]:
            gone.append(given)
            return "OK", [None]
        return answered

    monkeypatch.setattr(reader, "_asked", of_one_that_is_gone)
    done = fetching.fetch(outside.database)
    assert (done.held, done.failed, done.problems) == (1, 1, ["mail_gone"])
    assert fetching.fetch(outside.database).held == 1


def test_tls_from_the_start(outside: Outside, imap: Server) -> None:
    outside.set(mail__inbound_security="tls", mail__inbound_port=imap.secure)
    assert fetching.fetch(outside.database).failed == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mail__inbound_password", "wrong"), ("mail__inbound_ca_file", ""),
        ("mail__inbound_folder", "Nowhere"), ("mail__inbound_port", 1),
        ("mail__inbound_host", ""), ("mail__inbound_security", "tls"),
        ("outgoing__private_networks", []),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_without_the_password(
    outside: Outside, imap: Server, name: str, value: object
) -> None:
    assert imap
    outside.set(**{name: value})
    with pytest.raises(BrugError) as refused:
        fetching.fetch(outside.database)
    assert refused.value.code in {"mail_not_fetched", "not_allowed_out"}
    assert PASSWORD not in str(refused.value)
