# SPDX-License-Identifier: EUPL-1.2
"""Templates that are kept as they were compiled are those of their text, code and language."""

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from brug.web import compiled
from brug.web.compiled import Kept


def shown(folder: Path, text: str, language: str = "en") -> str:
    environment = Environment(
        loader=DictLoader({"one.html": text}),
        bytecode_cache=Kept(language, folder),
        autoescape=True,
    )
    return environment.get_template("one.html").render()


def stale(folder: Path) -> None:
    """What is kept says something else than what it was compiled from."""
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes().replace(b"before", b"kept  "))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(compiled, "_version", lambda language: f"version of {language}")
    return tmp_path / "kept"


def test_what_was_compiled_is_not_compiled_again(folder: Path) -> None:
    assert shown(folder, "before") == "before"
    stale(folder)
    assert shown(folder, "before") == "kept  "


def test_another_text_language_or_code_is_compiled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(folder, "before")
    stale(folder)
    assert shown(folder, "before", "nl") == "before"
    assert shown(folder, "before, changed") == "before, changed"
    assert len(list(folder.iterdir())) == 2, "of each language the newest alone"
    shown(folder, "before")
    stale(folder)
    monkeypatch.setattr(compiled, "_version", lambda _: "another")
    assert shown(folder, "before") == "before"


@pytest.mark.parametrize("rubbish", [b"", b"j2", b"\0" * 500])
def test_what_cannot_be_read_is_compiled(folder: Path, rubbish: bytes) -> None:
    shown(folder, "before")
    for file in folder.iterdir():
        file.write_bytes(rubbish)
    assert shown(folder, "before") == "before"


def test_where_nothing_can_be_kept_pages_are_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(folder / "below nothing", "before") == "before"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert shown(folder, "before") == "before"
    assert not folder.exists()


def test_the_version_is_that_of_catalogue_and_code() -> None:
    assert compiled._version("en") != compiled._version("nl")
    assert all((compiled.HERE / name).exists() for name in compiled._MODULES)
