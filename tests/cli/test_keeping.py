# SPDX-License-Identifier: EUPL-1.2
"""A node carried to another folder with all it holds: events, keys, bytes."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyrage
import pytest
from tests.cli.conftest import Verb
from tests.cli.test_import import an_event

from brug.cli.app import run
from brug.store.home import Home
from brug.store.server import EmbeddedServer

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
def folder() -> Iterator[Path]:
    """Where the database's own account can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="brug-keep-"))
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


def test_an_upgrade_of_what_is_new_changes_nothing_but_vocabularies(verb: Verb) -> None:
    answer = verb("upgrade")
    assert answer["schema_before"] == answer["schema"]
    assert answer["old_data"] is None
    assert answer["vocabularies_changed"] > 0
    assert verb("upgrade")["vocabularies_changed"] == 0
