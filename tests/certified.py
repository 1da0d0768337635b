# SPDX-License-Identifier: EUPL-1.2
"""A private authority, what it issues, and servers that speak TLS with what it issued."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Issued(msgspec.Struct, frozen=True):
    """A certificate and its key, in PEM."""

    certificate: str
    key: str

    def files(self, folder: Path, name: str) -> tuple[Path, Path]:
        paths = folder / f"{name}.pem", folder / f"{name}.key"
        for path, text in zip(paths, (self.certificate, self.key), strict=True):
            path.write_text(text)
        return paths


class Authority:
    """Issues certificates to servers and to clients."""

    def __init__(self, name: str = "Private authority") -> None:
        self._key: Private = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        made = _builder(self._name, self._name, self._key, datetime.now(UTC), 3650)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        made = made.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        made = made.add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage),
            critical=True,
        )
        self.pem = _pem(made.sign(self._key, hashes.SHA256()))

    def server(self, *names: str) -> Issued:
        found: list[x509.GeneralName] = [
            x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
            for name in names
        ]
        made, own = self._new("server", ExtendedKeyUsageOID.SERVER_AUTH)
        named = made.add_extension(x509.SubjectAlternativeName(found), critical=False)
        return self._issue(named, own)

    def client(
        self, name: str = "CSIRT Noordland", days: float = 365, begins: float = -1,
        key: Private | None = None, usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    ) -> Issued:  # fmt: skip
        made, own = self._new(name, usage, days=days, begins=begins, key=key)
        return self._issue(made, own)

    def _new(
        self, name: str, usage: x509.ObjectIdentifier, *, days: float = 365, begins: float = -1,
        key: Private | None = None,
    ) -> tuple[x509.CertificateBuilder, Private]:  # fmt: skip
        own: Private = key or ec.generate_private_key(ec.SECP256R1())
        start = datetime.now(UTC) + timedelta(days=begins)
        made = _builder(_named(name), self._name, own, start, days)
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return made.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
            critical=False,
        ), own

    def _issue(self, made: x509.CertificateBuilder, own: Private) -> Issued:
        return Issued(_pem(made.sign(self._key, hashes.SHA256())), key_text(own))


def _named(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"),
         x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )  # fmt: skip


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Private, start: datetime, days: float
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _pem(one: x509.Certificate) -> str:
    return one.public_bytes(serialization.Encoding.PEM).decode()


def key_text(key: Private, password: bytes = b"") -> str:
    how: Any = serialization.NoEncryption()
    if password:
        how = serialization.BestAvailableEncryption(password)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how
    ).decode()


def serving_context(folder: Path, issued: Issued, clients: str = "") -> ssl.SSLContext:
    """Of a server; with `clients` it lets nobody in without a certificate of that authority."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = issued.files(folder, "server")
    made.load_cert_chain(certificate, key)
    if clients:
        made.load_verify_locations(cadata=clients)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


class Door:
    """TLS before a plain server: who came in, by the common name that was shown."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.came: list[str] = []
        self.refused: list[str] = []


@contextmanager
def door(context: ssl.SSLContext, inner: int) -> Iterator[Door]:
    """Lets through to a port of this machine whoever passes the handshake."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Door(listening.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while True:
                    plain = listening.accept()[0]
                    threading.Thread(target=through, args=(plain,), daemon=True).start()

        def through(plain: socket.socket) -> None:
            plain.settimeout(30)
            outer = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            try:
                outer.do_handshake()
            except OSError as error:  # of which ssl.SSLError is one
                made.refused.append(str(error))
                with suppress(OSError):
                    # What came is read, or closing would take the reason away from the client.
                    outer.unwrap()
                outer.close()
                return
            shown: Any = outer.getpeercert() or {}
            fields = dict(pair for row in shown.get("subject", ()) for pair in row)
            made.came.append(str(fields.get("commonName", "")))
            with outer, socket.create_connection(("127.0.0.1", inner)) as target:
                relay(outer, target)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def relay(one: socket.socket, other: socket.socket) -> None:
    """Bytes both ways until either side ends."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join(30)
