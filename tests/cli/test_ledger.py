# SPDX-License-Identifier: EUPL-1.2
"""`brug ledger` on a node as an operator has it, and its proofs where there is no node."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.conftest import Verb

from brug.bridges import ledger
from brug.bridges.ledger import checkpoints
from brug.cli.app import run
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.session import Database, Session

# What a proof is verified with, and no more: the module, what it imports of ours, and nothing
# that knows of a database or a network.
VERIFIER = """
import sys
from brug.formats import ledger_proof
proved = ledger_proof.check(open(sys.argv[1]).read(), sys.argv[2:])
print(proved.entry["payload"]["text"])
loaded = {name for name in sys.modules if name.startswith("brug.")}
assert loaded <= {"brug.formats", "brug.formats.ledger_proof", "brug.formats.merkle",
    "brug.formats.signed_note", "brug.formats.canonical", "brug.model", "brug.model.errors"}, loaded
assert not {"psycopg", "httpx", "litestar", "sqlalchemy"} & set(sys.modules)
"""


@contextmanager
def system_of(home: Home) -> Iterator[Session]:
    server = EmbeddedServer(home)
    with (
        server.ensure(),
        Database(server.dsn(), size=1, keys=home.keys) as database,
        database.system() as session,
    ):
        yield session


def recorded(home: Home, text: str) -> str:
    with system_of(home) as session:
        return str(ledger.record(session, "test", {"text": text}))


def told(home: Home, *arguments: str, code: int = 0) -> None:
    assert run(["--home", str(home.path), *arguments]) == code


def test_a_proof_is_made_here_and_verified_where_there_is_no_node(
    verb: Verb, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = recorded(home, "it happened")
    proof = tmp_path / "entry.tlog-proof"
    told(home, "ledger", "prove", entry, "--out", str(proof))
    key = verb("ledger", "keys")[0]
    capsys.readouterr()
    assert run(["ledger", "check", str(proof), "--key", key]) == 0
    said = capsys.readouterr()
    assert "The proof holds" in said.out
    assert "it happened" in said.out
    assert run(["ledger", "check", str(proof), "--key", key, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entry"]["id"] == entry
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}
    alone = subprocess.run(
        [sys.executable, "-c", VERIFIER, str(proof), key],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert alone.stdout == "it happened\n", alone.stderr


def another_place(lines: list[str]) -> None:
    lines[2] = "index 0"


def another_word(lines: list[str]) -> None:
    lines[2] = lines[2].replace("index", "indax")


def another_signature(lines: list[str]) -> None:
    lines[-2] = lines[-2][:-20] + "A" * 19 + "="


def another_entry(lines: list[str]) -> None:
    extra = b64decode(lines[1].removeprefix("extra "))
    lines[1] = "extra " + b64encode(extra.replace(b"happened", b"happenEd")).decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (another_place, "does not lead"), (another_word, "index"), (another_entry, "does not lead"),
        (another_signature, "the signature of"),
    ],
)  # fmt: skip
def test_a_proof_that_does_not_hold_says_why(
    verb: Verb, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    change: Callable[[list[str]], None], said: str,
) -> None:  # fmt: skip
    entry = recorded(home, "it happened")
    recorded(home, "something else")
    proof = tmp_path / "entry.tlog-proof"
    told(home, "ledger", "prove", entry, "--out", str(proof))
    lines = proof.read_text().split("\n")
    change(lines)
    proof.write_text("\n".join(lines))
    key = verb("ledger", "keys")[0]
    capsys.readouterr()
    assert run(["ledger", "check", str(proof), "--key", key]) in (1, 2)
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ledger", "check", "/nowhere/at/all", "--key", "x"]) == 2
    assert "/nowhere/at/all" in capsys.readouterr().err


def test_what_is_no_text_or_cannot_be_written_is_said(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "proof").write_bytes(b"\xff" * 40)
    assert run(["ledger", "check", str(tmp_path / "proof"), "--key", "x"]) == 2
    assert "is no text" in capsys.readouterr().err
    entry = recorded(home, "nowhere to write")
    out = str(tmp_path / "absent" / "file")
    for command in (["prove", entry], ["export"]):
        assert run(["--home", str(home.path), "ledger", *command, "--out", out]) == 2
        assert f"{out} cannot be written: No such file" in capsys.readouterr().err


def test_a_key_of_another_log_is_told_who_signed(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = tmp_path / "entry.tlog-proof"
    told(home, "ledger", "prove", recorded(home, "signed by its log"), "--out", str(proof))
    other = b64encode(bytes(32)).decode()
    assert run(["ledger", "check", str(proof), "--key", other]) in (1, 2)
    said = capsys.readouterr().err
    assert f"none of the known keys signed this note; {proof.read_text().split()[-2]} did" in said


def test_the_whole_ledger_is_verified_exported_and_its_checkpoint_shown(
    verb: Verb, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(home, "exported")
    capsys.readouterr()
    told(home, "ledger", "checkpoint")
    note = capsys.readouterr().out
    assert "/ledger/" in note.split("\n")[0]
    (found,) = verb("ledger", "verify")
    assert found["problems"] == []
    assert found["size"] == found["signed"] == int(note.split("\n")[1])
    out = tmp_path / "ledger.jsonl"
    told(home, "ledger", "export", "--out", str(out))
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines[-1]["checkpoint"] == note
    assert sum("position" in line for line in lines) == found["size"]
    capsys.readouterr()
    told(home, "ledger", "export", "--log", note.split("\n")[0])
    assert capsys.readouterr().out == out.read_text()
    assert "one of" in verb_fails(home, capsys, "ledger", "export", "--log", "nowhere")


def verb_fails(home: Home, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(["--home", str(home.path), *arguments]) in (1, 2)
    return capsys.readouterr().err


def test_an_entry_is_erased_once_with_a_reason(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = recorded(home, "to be erased")
    told(home, "ledger", "erase", entry, "--reason", "article 17")
    assert "was erased before" in verb_fails(
        home, capsys, "ledger", "erase", entry, "--reason", "again"
    )
    assert "no entry" in verb_fails(home, capsys, "ledger", "erase", "nothing", "--reason", "x")
    assert [one["erased"] for one in verb("ledger", "verify")] == [1]


@pytest.fixture
def copy(home: Home, fast_place: str | None) -> Iterator[Path]:
    """A folder for a node that is brought back."""
    folder = Path(tempfile.mkdtemp(prefix="brug-ledger-", dir=fast_place))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_node_from_a_backup_signs_nothing_until_it_is_reopened(
    verb: Verb, home: Home, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(home, "before the backup")
    told(home, "ledger", "checkpoint")
    told(home, "backup", str(copy / "node.brug"))
    entry = recorded(home, "after the backup")
    told(home, "ledger", "checkpoint")
    capsys.readouterr()
    told(home, "ledger", "checkpoint")
    last = capsys.readouterr().out
    (copy / "last.txt").write_text(last)
    restored = Home(copy / "node")
    told(restored, "restore", str(copy / "node.brug"))
    capsys.readouterr()
    assert run(["--home", str(restored.path), "doctor", "--json"]) == 1
    found = {one["check"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["ledger"]["state"] == "failed"
    assert "from a backup" in found["ledger"]["found"]
    assert "brug ledger reopen" in found["ledger"]["advice"]
    # Signing goes on under another origin, which names the checkpoint that a partner held.
    told(
        restored, "ledger", "reopen", "--reason", "the disk broke", "--checkpoint",
        str(copy / "last.txt"), "--as", "admin@csirt.example",
    )  # fmt: skip
    capsys.readouterr()
    told(restored, "ledger", "checkpoint")
    new = capsys.readouterr().out
    assert new.split("\n")[0].startswith(last.split("\n")[0] + "/")
    told(restored, "ledger", "export", "--log", new.split("\n")[0])
    first = json.loads(capsys.readouterr().out.split("\n")[0])
    said = first["entry"]["payload"]
    assert (said["reason"], said["by"], said["checkpoint"]) == ("the disk broke", 1, last)
    assert run(["--home", str(restored.path), "doctor", "--json"]) in (0, 1)
    found = {one["check"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["ledger"]["state"] == "ok"
    told(restored, "ledger", "verify")
    # What the backup does not know is unknown there, and still proved by whoever kept a proof.
    assert "no entry" in verb_fails(restored, capsys, "ledger", "prove", entry)
    assert not (restored.path / checkpoints.FOLDER / "checkpoint-1").exists()


def test_a_break_needs_a_reason(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "reason" in verb_fails(home, capsys, "ledger", "reopen", "--reason", " ")


def test_a_partner_is_handed_the_checkpoint_that_is_held_of_its_log(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is what `brug ledger reopen --checkpoint` asks for where a partner was restored."""
    note = "partner.example/ledger/1/2\n1\n" + b64encode(bytes(32)).decode() + "\n\n"
    theirs, ours = (
        f"\u2014 {name} {b64encode(bytes(length)).decode()}\n"
        for name, length in (("partner.example/ledger/1/2", 68), ("node.example/ledger/3", 76))
    )
    with system_of(home) as session:
        log = session.value(
            "INSERT INTO partner_log (bridge_uuid, origin, accepted)"
            " VALUES (gen_random_uuid(), 'partner.example/ledger/1/2', now()) RETURNING id"
        )
        session.execute(
            "INSERT INTO partner_checkpoint (partner_log_id, size, note, line)"
            " VALUES (%s, 1, %s, %s)",
            (log, note + theirs, ours),
        )
    capsys.readouterr()
    told(home, "ledger", "checkpoint", "--log", "partner.example/ledger/1/2")
    assert capsys.readouterr().out == note + theirs + ours
    told(home, "ledger", "checkpoint", "--log", "nowhere.example", code=2)
    assert "partner.example/ledger/1/2" in capsys.readouterr().err


def test_a_person_accepts_that_a_partners_log_began_anew(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    origin = "restored.example/ledger/1/2/ab12cd34"
    with system_of(home) as session:
        partner = session.value(
            "INSERT INTO partner (org_id, kind, name) VALUES (1, 'brug', 'Restored') RETURNING id"
        )
        bridge = session.value(
            "INSERT INTO bridge (partner_id, transport, account_id) VALUES (%s, 'native', 1)"
            " RETURNING uuid",
            (partner,),
        )
        session.execute(
            "INSERT INTO partner_log (bridge_uuid, origin, opening) VALUES (%s, %s, '{}')",
            (bridge, origin),
        )
    told(home, "ledger", "accept", "elsewhere.example", code=2)
    assert origin in capsys.readouterr().err
    for state in "waits for a person", "followed":
        capsys.readouterr()
        told(home, "ledger", "partners", "--json")
        (row,) = [one for one in json.loads(capsys.readouterr().out) if one["log"] == origin]
        assert (row["partner"], row["countersigned"], row["state"]) == ("Restored", 0, state)
        if state != "followed":
            told(home, "ledger", "accept", origin)
    told(home, "ledger", "accept", origin, code=2)
    assert "nothing waits" in capsys.readouterr().err
