# SPDX-License-Identifier: EUPL-1.2
"""How partners and servers are reached, from the command line; backups hold no open key."""

import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric import ec
from tests.bridges.stranger import Stranger
from tests.certified import Authority, Issued, key_text
from tests.cli.conftest import Verb, original_of
from tests.putting_back import Original

from brug.cli.app import run
from brug.directory import organisations, routes, servers
from brug.directory.routes import Holder
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.session import Database

pytestmark = pytest.mark.usefixtures("as_before")
AUTHORITY = Authority()
OURS = AUTHORITY.client("Noordland")


@pytest.fixture(scope="module")
def partners(home: Home) -> dict[str, Any]:
    """A bridge to a node called Oost, and a server."""
    with Database(EmbeddedServer(home).dsn(), 1, keys=home.keys) as database:
        with database.system() as session:
            bridge, _ = Stranger("Oost").connected(session, "Oost")
            other = organisations.add(session, {"name": "ORG-C"})
        with database.as_user(1) as session:
            given = {"name": "C", "url": "https://c.example", "authkey": "k" * 40}
            server = servers.add(session, given | {"remote_org_id": other.id})
    return {"bridge": bridge.id, "server": server.id}


@pytest.fixture(scope="module")
def original(home: Home, partners: dict[str, Any]) -> Iterator[Original]:
    with original_of(home) as made:
        yield made


@pytest.fixture(params=["bridge", "server"])
def which(request: pytest.FixtureRequest, partners: dict[str, Any]) -> tuple[str, str]:
    """The verb, and whom it is about."""
    kind = str(request.param)
    return kind, "Oost" if kind == "bridge" else str(partners["server"])


@pytest.fixture
def folder(fast_place: str | None) -> Iterator[Path]:
    """Where the database's own account can reach it."""
    made = Path(tempfile.mkdtemp(prefix="brug-reach-", dir=fast_place))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def files(folder: Path, issued: Issued, name: str = "ours") -> list[str]:
    certificate, key = issued.files(folder, name)
    return ["--certificate", str(certificate), "--key", str(key)]


def test_each_part_is_given_shown_and_taken_away(
    verb: Verb, which: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, name = which
    shown = verb(kind, "show", name)
    assert (shown["proxy"], shown["trust"], shown["certificate"]) == ("node", "system", None)
    ca = tmp_path / "ca.pem"
    ca.write_text(AUTHORITY.pem)
    monkeypatch.setattr("sys.stdin", io.StringIO("kept close\n"))
    verb(
        kind, "edit", name, "--ca", str(ca), *files(tmp_path, OURS),
        "--proxy", "http://noord@proxy.example:3128", "--proxy-password-stdin",
    )  # fmt: skip
    shown = verb(kind, "show", name)
    assert shown["proxy"] == "http://noord@proxy.example:3128 (with a password)"
    assert shown["trust"] == "its own certificates"
    assert shown["certificate"] == "O=Test, CN=Noordland"
    assert shown["certificate_until"].startswith("20")
    assert "kept close" not in str(shown)
    for word, told in (("none", "none"), ("node", "node")):
        assert verb(kind, "edit", name, "--proxy", word)["proxy"] == told
    gone = verb(kind, "edit", name, "--no-ca", "--no-certificate")
    assert (gone["trust"], gone["certificate"]) == ("system", None)


def test_what_does_not_fit_names_the_field(
    verb: Verb, which: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, name = which
    certificate, key = OURS.files(tmp_path, "ours")
    paths = {"certificate": str(certificate), "key": str(key)}
    own = ec.generate_private_key(ec.SECP256R1())
    for label, text in {
        "rubbish": "rubbish", "other": key_text(own), "locked": key_text(own, b"word"),
    }.items():  # fmt: skip
        (tmp_path / label).write_text(text)
        paths[label] = str(tmp_path / label)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    for arguments, said in (
        (["--certificate", paths["rubbish"], "--key", paths["key"]], "certificate: expected"),
        (["--certificate", paths["certificate"]], "key: expected the private key of the cert"),
        (["--key", paths["key"]], "certificate: expected the certificate of this key"),
        (["--certificate", paths["certificate"], "--key", paths["other"]], "key: expected"),
        (["--certificate", paths["certificate"], "--key", paths["locked"]], "without a password"),
        (["--certificate", paths["certificate"], "--key", paths["rubbish"]], "key: expected"),
        (["--ca", paths["rubbish"]], "ca_pem: expected certificates in PEM"),
        (["--ca", paths["key"]], "no private key"),
        (["--ca", str(tmp_path / "nowhere")], "file"),
        (["--ca", paths["certificate"], "--no-ca"], "--no-ca"),
        (["--key", paths["key"], "--no-certificate"], "--no-certificate"),
        (["--proxy", "socks5://proxy.example"], "proxy: expected the http or https address"),
        (["--proxy", "http://proxy.example", "--proxy-password-stdin"], "--proxy-password-stdin"),
    ):
        refused = verb(kind, "edit", name, *arguments, code=2)
        assert said in refused, arguments
        assert "PRIVATE KEY" not in refused
    shown = verb(kind, "show", name)
    assert (shown["proxy"], shown["trust"], shown["certificate"]) == ("node", "system", None)


def test_an_expired_certificate_is_taken_with_a_warning(
    verb: Verb, which: tuple[str, str], tmp_path: Path, home: Home
) -> None:
    kind, name = which
    old = AUTHORITY.client("Old", days=0.5)
    shown = verb(kind, "edit", name, *files(tmp_path, old))
    assert shown["certificate"] == "O=Test, CN=Old (has expired)"
    out = verb("doctor", code=1)  # this node has no vocabularies
    found = [one for one in out if one["check"] == kind and one["state"] == "warning"]
    assert any("CN=Old, has expired" in one["found"] for one in found)
    assert any(f"brug {kind} edit" in one["advice"] for one in found)
    assert verb(kind, "edit", name, "--no-certificate")["certificate"] is None


def test_a_backup_holds_the_key_sealed_and_a_restored_node_opens_it(
    verb: Verb, home: Home, partners: dict[str, Any], tmp_path: Path, folder: Path
) -> None:
    verb("bridge", "edit", "Oost", *files(tmp_path, OURS), "--proxy", "http://u:seen@p.example")
    verb("server", "edit", str(partners["server"]), *files(tmp_path, OURS))
    middle = OURS.key.splitlines()[1].encode()
    file = folder / "node.brug"
    verb("backup", str(file))
    with file.open("rb") as packed:
        content = zstandard.ZstdDecompressor().stream_reader(packed).read()
    assert b"Oost" in content
    for secret in (middle, b"u:seen"):
        assert secret not in content
    new = Home(folder / "new")
    assert run(["--home", str(new.path), "restore", str(file)]) == 0
    server = EmbeddedServer(new)
    with server.ensure():
        with psycopg.connect(server.dsn("brug_owner")) as connection:
            rows = connection.execute("SELECT c::text FROM channel c").fetchall()
        assert middle.decode() not in str(rows)
        with (
            Database(server.dsn(), size=1, keys=new.keys) as database,
            database.system() as session,
        ):
            route = routes.route(session, Holder("channel", partners["bridge"]), "https://x")
            other = routes.route(session, Holder("server", partners["server"]), "https://x")
    assert middle.decode() in route.key
    assert middle.decode() in other.key
    assert route.proxy == "http://u:seen@p.example"
