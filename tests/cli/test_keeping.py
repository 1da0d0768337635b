# SPDX-License-Identifier: EUPL-1.2
"""A node carried to another folder with all it holds: events, keys, bytes."""

import base64
import io
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import psycopg
import pyrage
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from tests.cli.conftest import Verb
from tests.cli.quick import few
from tests.cli.test_import import an_event

from brug.cli.app import run
from brug.directory import node_keys, second_factor
from brug.intel.vocabulary.sources import files
from brug.store import settings
from brug.store.home import Home
from brug.store.sealing import NotSealed
from brug.store.server import EmbeddedServer
from brug.store.session import Database

TABLES = (
    "event", "attribute", "object", "object_reference", "event_tag", "attribute_tag",
    "event_report", "attachment", "account", "auth_key", "organisation", "setting",
)  # fmt: skip


def content(home: Home) -> dict[str, list[tuple[str]]]:
    """Every row of what a user would miss."""
    server = EmbeddedServer(home)
    with server.ensure(), psycopg.connect(server.dsn("brug_owner")) as connection:
        return {
            table: connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall()
            for table in TABLES
        }


@pytest.fixture
def folder(fast_place: str | None) -> Iterator[Path]:
    """Where the database's own account can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="brug-keep-", dir=fast_place))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_backup_holds_everything_and_only_its_key_opens_it(
    verb: Verb, home: Home, folder: Path
) -> None:
    event = an_event(900)
    event["Attribute"].append(
        {"type": "attachment", "value": "note.txt", "data": "aGVsbG8=", "to_ids": False}
    )
    (folder / "e.json").write_text(json.dumps(event))
    verb("import", str(folder / "e.json"))
    identity = pyrage.x25519.Identity.generate()
    (folder / "key.txt").write_text(f"# a key\n{identity}\n")
    (folder / "other.txt").write_text(f"{pyrage.x25519.Identity.generate()}\n")
    file = folder / "node.brug"

    made = verb("backup", str(file), "--recipient", str(identity.to_public()))
    assert made["encrypted"] is True
    assert made["bytes"] == file.stat().st_size
    assert b"harbour" not in file.read_bytes()
    assert "does not exist yet" in verb("backup", str(file), code=2)

    new = Home(folder / "new")
    where = ["--home", str(new.path), "restore", str(file)]
    assert run([*where, "--identity", str(folder / "other.txt")]) != 0
    assert not new.path.exists() or not any(new.path.iterdir())
    assert run([*where, "--identity", str(folder / "key.txt"), "--json"]) == 0
    before = content(home)
    assert before["event"]
    assert before["attachment"]
    assert content(new) == before
    assert run(["--home", str(new.path), "restore", str(file)]) != 0, "not into a node"


def secrets_of(home: Home, code: str) -> tuple[str, bool, bool]:
    """The mail server's password, whether a one-time code holds, whether the node can sign."""
    server = EmbeddedServer(home)
    with (
        server.ensure(),
        Database(server.dsn(), size=1, keys=home.keys) as database,
        database.system() as session,
    ):
        signed = node_keys.sign(session, node_keys.own(session), b"a text")
        right = second_factor.is_right(session, 1, code)
        return settings.secret(session, "mail.password"), right, bool(signed)


def test_what_is_sealed_opens_in_a_restored_node_and_nowhere_without_its_key(
    verb: Verb, home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the mail server's password\n"))
    verb("settings", "set", "mail.password", "-")
    with Database(EmbeddedServer(home).dsn(), size=1, keys=home.keys) as database:
        with database.as_user(1) as session:
            secret = base64.b32decode(second_factor.begin(session).secret)
        totp = TOTP(secret, 6, hashes.SHA1(), 30)  # noqa: S303
        with database.as_user(1) as session:
            second_factor.confirm(session, totp.generate(int(time.time()) - 30).decode())
    file, new = folder / "node.brug", Home(folder / "new")
    verb("backup", str(file))
    assert run(["--home", str(new.path), "restore", str(file)]) == 0

    code = totp.generate(int(time.time())).decode()
    assert secrets_of(new, code) == ("the mail server's password", True, True)
    assert "secrets" not in failures(verb_on(new, "doctor"))

    (new.keys / "sealing.key").unlink()
    with pytest.raises(NotSealed, match="is missing"):
        secrets_of(new, code)
    assert not (new.keys / "sealing.key").exists(), "opening makes no other key"
    assert "secrets" in failures(verb_on(new, "doctor"))


def verb_on(home: Home, name: str) -> list[dict[str, str]]:
    """What a verb answers on another node, whatever its exit code."""
    out = io.StringIO()
    with redirect_stdout(out):
        run(["--home", str(home.path), name, "--json"])
    answer: list[dict[str, str]] = json.loads(out.getvalue())
    return answer


def failures(findings: list[dict[str, str]]) -> set[str]:
    return {one["check"] for one in findings if one["state"] == "failed"}


def test_an_upgrade_of_what_is_new_changes_nothing_but_vocabularies(
    verb: Verb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "read", few)
    answer = verb("upgrade")
    assert answer["schema_before"] == answer["schema"]
    assert answer["old_data"] is None
    assert answer["vocabularies_changed"] > 0
    assert verb("upgrade")["vocabularies_changed"] == 0
