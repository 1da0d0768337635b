# SPDX-License-Identifier: EUPL-1.2
"""Mail in an IMAP mailbox (RFC 9051, and 3501 before it), over TLS with a checked certificate.

What is not seen is read without marking it, and marked as seen once it is stored. Nothing is
deleted: the mailbox keeps what came until its owner clears it. The caller says to which address
the connection goes; the certificate is checked for the name.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from brug.mail.inbound.judging import NotFetched
from brug.model.errors import BrugError

SECONDS = 30
MOST = 200  # in one round
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Mailbox(msgspec.Struct, frozen=True):
    """Where the mail is; `address` is what `host` was found at."""

    host: str
    address: str
    port: int
    security: str
    ca_file: str
    user: str
    password: str
    folder: str


class Gone(BrugError):
    """Somebody took this mail out of the mailbox meanwhile: it concerns no other."""

    code = "mail_gone"


class Waiting(msgspec.Struct, frozen=True):
    """A mail that waits: `read` gives all of it, or its beginning where it is larger."""

    client: imaplib.IMAP4
    uid: bytes
    size: int

    def read(self, limit: int) -> bytes:
        answered, found = _asked(
            self.client, "FETCH", self.uid.decode(), f"(BODY.PEEK[]<0.{limit}>)"
        )
        for one in found:
            if isinstance(one, tuple):
                return bytes(one[1])
        raise Gone(f"the server gave no mail ({answered})")

    def done(self) -> None:
        """It is stored: it is not fetched again."""
        _asked(self.client, "STORE", self.uid.decode(), "+FLAGS.SILENT", r"(\Seen)")


class _Plain(imaplib.IMAP4):
    """One that connects where it is told, for STARTTLS."""

    def __init__(self, box: Mailbox) -> None:
        self._to = box.address
        super().__init__(box.host, box.port, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self._to, self.port), timeout)


class _Secure(imaplib.IMAP4_SSL):
    def __init__(self, box: Mailbox, context: ssl.SSLContext) -> None:
        self._to, self._context = box.address, context
        super().__init__(box.host, box.port, ssl_context=context, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._to, self.port), timeout)
        secure: ssl.SSLSocket = self._context.wrap_socket(plain, server_hostname=self.host)
        return secure


@contextmanager
def opened(box: Mailbox) -> Iterator[Iterator[Waiting]]:
    """What is not seen in it, the oldest first. Raises NotFetched."""
    try:
        client = _signed_in(box)
        try:
            answered, said = client.select(_quoted(box.folder))
            if answered != "OK":
                raise NotFetched(f"the folder {box.folder[:60]!r} does not open ({said!r:.200})")
            yield _waiting(client)
        finally:
            _closed(client)
    except (imaplib.IMAP4.error, OSError, ssl.SSLError) as error:
        raise NotFetched(f"{box.host}:{box.port}: {_why(error)}") from error


def _signed_in(box: Mailbox) -> imaplib.IMAP4:
    context = ssl.create_default_context(cafile=box.ca_file or None)
    client = _Secure(box, context) if box.security == "tls" else _Plain(box)
    try:
        if box.security != "tls":
            client.starttls(context)
        client.login(box.user, box.password)
    except BaseException:
        client.shutdown()
        raise
    return client


def _waiting(client: imaplib.IMAP4) -> Iterator[Waiting]:
    _, found = _asked(client, "SEARCH", "UNSEEN")
    uids = found[0].split() if found and isinstance(found[0], bytes) else []
    for uid in uids[:MOST]:
        _, told = _asked(client, "FETCH", uid.decode(), "(RFC822.SIZE)")
        sizes = [_SIZE.search(one if isinstance(one, bytes) else one[0]) for one in told if one]
        yield Waiting(client, uid, next((int(one[1]) for one in sizes if one), 0))


def _asked(client: imaplib.IMAP4, *words: str) -> tuple[str, list[bytes | tuple[bytes, bytes]]]:
    answered, found = client.uid(*words)
    if answered != "OK":
        raise NotFetched(f"the server refuses {words[0]}")
    return answered, found


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _closed(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (imaplib.IMAP4.error, OSError):
        client.shutdown()


def _why(error: Exception) -> str:
    """What went wrong, without what was sent."""
    text = str(error)
    return "sign-in refused" if "AUTHENTICATIONFAILED" in text.upper() else text[:200]
