# SPDX-License-Identifier: EUPL-1.2
"""Reaching a MISP over https: whom the client trusts, what it shows of itself, and proxies."""

import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.cli.conftest import home
from tests.moving.test_client import Answer, answering

from brug.cli.app import run
from brug.model.errors import Invalid
from brug.moving.client import Access, Misp, Unreachable
from brug.store.home import Home

__all__ = ["home"]


class Authority:
    """A certification authority in a folder; `made` writes a certificate with its key."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = self._written(f"{name}.pem", self._name, self._key, ca=True)

    def made(self, name: str, address: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._written(f"{name}.pem", subject, key, address=address)

    def _written(
        self, file: str, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *,
        address: str = "127.0.0.1", ca: bool = False,
    ) -> Path:  # fmt: skip
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
        )
        path = self.folder / file
        path.write_bytes(
            made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )  # fmt: skip
        return path


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


def side(certificate: Path, clients: Path | None = None) -> ssl.SSLContext:
    """The server's end; with `clients` it wants a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def version(_request: BaseHTTPRequestHandler) -> Answer:
    return 200, {}, json.dumps({"version": "1.0"}).encode()


def asked(access: Access) -> str:
    """What a MISP says of its version; it is not waited for."""
    with Misp(access, never) as misp:
        return str(misp.get("/servers/getVersion")["version"])


def never(seconds: float) -> None:
    raise AssertionError(f"waited {seconds} s for trust")


def test_an_authority_of_ones_own_is_trusted_where_it_is_named_and_nobody_else(
    ours: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "other")
    with answering(version, side(ours.made("misp", "127.0.0.1"))) as url:
        assert asked(Access(url, "k", authorities=ours.file)) == "1.0"
        for wrong in (Access(url, "k"), Access(url, "k", authorities=other.file)):
            with pytest.raises(Unreachable, match="certificate"):
                asked(wrong)
        assert asked(Access(url, "k", verify=False)) == "1.0"


def test_a_certificate_of_another_address_is_refused(ours: Authority) -> None:
    with answering(version, side(ours.made("misp", "127.0.0.9"))) as url:
        with pytest.raises(Unreachable, match=r"IP address mismatch"):
            asked(Access(url, "k", authorities=ours.file))
        assert asked(Access(url, "k", verify=False)) == "1.0"


def test_a_client_certificate_is_shown_where_it_is_given(ours: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    mine = ours.made("client", "127.0.0.1")
    strange = Authority(tmp_path / "other", "other").made("client", "127.0.0.1")
    with answering(version, side(ours.made("misp", "127.0.0.1"), ours.file)) as url:
        assert asked(Access(url, "k", ours.file, mine)) == "1.0"
        for certificate in (None, strange):
            with pytest.raises(Unreachable):
                asked(Access(url, "k", ours.file, certificate))


@pytest.mark.parametrize("option", ["--ca", "--certificate"])
def test_a_file_that_is_no_certificate_is_named_by_its_option(option: str, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none")
    given = {"--ca": "authorities", "--certificate": "certificate"}[option]
    for path in (tmp_path / "none.pem", tmp_path / "absent.pem"):
        with pytest.raises(Invalid, match=f"^{option}: expected a readable file"):
            Misp(Access("https://misp.example", "k", **{given: path}))  # type: ignore[arg-type]


def test_a_proxy_is_asked_where_it_is_named_and_never_one_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def proxy(request: BaseHTTPRequestHandler) -> Answer:
        seen.append(request.path)
        return version(request)

    with answering(proxy) as url, answering(version) as direct:
        assert asked(Access("http://misp.example", "k", proxy=url)) == "1.0"
        assert seen == ["http://misp.example/servers/getVersion"]
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("ALL_PROXY", url)
        assert asked(Access(direct, "k")) == "1.0"
    assert len(seen) == 1


Verb = Callable[[str], list[str]]
IN: Verb = lambda url: ["import", "--from-misp", url]  # noqa: E731
OUT: Verb = lambda url: ["export", "--to-misp", url]  # noqa: E731


@pytest.mark.parametrize("verb", [IN, OUT], ids=["import", "export"])
def test_the_verbs_pass_on_what_they_are_given(
    ours: Authority, home: Home, tmp_path: Path, verb: Verb, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "misp.key"
    key.write_text("k" * 40)
    mine = ours.made("client", "127.0.0.1")
    where = ["--home", str(home.path)]
    trust = ["--ca", str(ours.file), "--certificate", str(mine)]
    seen: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        seen.append(str(request.headers["Authorization"]))
        return 403, {}, b'{"message":"Authentication failed."}'

    with answering(answer, side(ours.made("misp", "127.0.0.1"), ours.file)) as url:
        given = [*where, *verb(url), "--key-file", str(key)]
        assert run([*given, *trust]) == 1
        assert "Authentication failed" in capsys.readouterr().err
        assert run([*given, "--insecure", "--certificate", str(mine)]) == 1
        assert "Authentication failed" in capsys.readouterr().err
        assert run([*given, "--certificate", str(mine)]) == 1
        assert "certificate verify failed" in capsys.readouterr().err
    assert seen == ["k" * 40] * 2
    assert run([*where, *verb("http://user:x@misp.example"), "--key-file", str(key)]) == 2
    said = capsys.readouterr().err
    assert verb("")[1] in said
    assert "user:x" not in said
