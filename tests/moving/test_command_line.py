# SPDX-License-Identifier: EUPL-1.2
"""The verbs that move, as an operator gives them."""

import json
from pathlib import Path

import pytest
from tests.api.conftest import World
from tests.cli.conftest import Verb, home, verb

from brug.cli.app import run
from brug.store.home import Home

__all__ = ["home", "verb"]


@pytest.fixture
def key_file(old: World, tmp_path: Path) -> Path:
    path = tmp_path / "misp.key"
    path.write_text(old.keys["admin"] + "\n")
    return path


def test_a_dry_run_then_the_move_then_the_way_back(
    old: World, home: Home, verb: Verb, key_file: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    source = ("--from-misp", old.url, "--key-file", str(key_file))
    assert run(["--home", str(home.path), "import", *source, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "numbers are kept" in said
    assert "event: 3 there" in said
    assert "does not carry: API keys" in said
    assert "user@people.example needs 1 new key and a new password" in said
    report = verb("import", *source)
    assert report["verified"] == 3
    assert report["differences"] == []
    folder = tmp_path / "handover"
    handed = verb("export", "--to-misp", str(folder), "--value", "energy.example")
    assert handed["kinds"]["event"]["here"] == 1
    assert len(json.loads((folder / "manifest.json").read_bytes())) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "--from-misp", "https://misp.example"], "--key-file"),
        (["import"], "PATHS"),
        (["import", "x.json", "--from-misp", "https://m.example", "--key-file", "k"], "no files"),
        (["import", "--from-misp", "https://m.example", "--key-file", "/nowhere"], "--key-file"),
        (["export"], "--format"),
        (["export", "--to-misp", "https://misp.example"], "--key-file"),
    ],
)
def test_what_is_missing_is_named(
    home: Home, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--home", str(home.path), *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_misp_that_does_not_answer_is_named(
    home: Home, key_file: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("brug.moving.client.TRIES", 1)
    arguments = ["import", "--from-misp", "http://127.0.0.1:9", "--key-file", str(key_file)]
    assert run(["--home", str(home.path), *arguments]) == 1
    assert "http://127.0.0.1:9" in capsys.readouterr().err
