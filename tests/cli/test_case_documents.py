# SPDX-License-Identifier: EUPL-1.2
"""Documents of cases from the command line."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pyrage
import pytest
from tests.cli.conftest import Verb

from brug.store.home import Home
from brug.store.pieces import PIECE


@pytest.fixture
def number(verb: Verb) -> str:
    return str(verb("case", "open", "incident", "Pumps stopped")["number"])


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def lying(home: Home) -> list[Path]:
    """All that lies among the node's files."""
    return [path for path in sorted(home.files.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])
def test_what_is_fetched_is_what_was_attached(
    verb: Verb, number: str, tmp_path: Path, size: int
) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    verb("case", "attach", number, written(tmp_path, "report.bin", content))
    (one,) = verb("case", "documents", number)
    assert (one["name"], one["size"]) == ("report.bin", size)
    assert one["sha256"] == hashlib.sha256(content).hexdigest()
    assert one["is_here"]
    verb("case", "fetch", number, "report.bin", "--output", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == content


def test_nothing_of_it_lies_in_the_clear(
    verb: Verb, number: str, tmp_path: Path, home: Home
) -> None:
    secret = b"the password of the pumps is hunter2 " * 50_000
    before = set(lying(home))
    verb("case", "attach", number, written(tmp_path, "notes.txt", secret))
    new = [path for path in lying(home) if path not in before]
    assert new
    for path in new:
        assert b"hunter2" not in path.read_bytes()
        assert "notes" not in str(path.relative_to(home.path))
        assert path.stat().st_mode & 0o077 == 0


def test_the_type_is_that_of_the_content(verb: Verb, number: str, tmp_path: Path) -> None:
    verb(
        "case", "attach", number, written(tmp_path, "holiday.jpg", b"MZ\x90\0" + bytes(200)),
        "--type", "image/jpeg",
    )  # fmt: skip
    verb("case", "attach", number, written(tmp_path, "notes.txt", "größer\n".encode()))
    found = {one["name"]: one for one in verb("case", "documents", number)}
    executable = found["holiday.jpg"]
    assert executable["media_type"] == "application/vnd.microsoft.portable-executable"
    assert executable["said_type"] == "image/jpeg"
    assert found["notes.txt"]["media_type"] == "text/plain"


def test_malware_is_boxed_before_it_is_kept(verb: Verb, number: str, tmp_path: Path) -> None:
    sample = b"MZ this would run" * 100
    verb("case", "attach", number, written(tmp_path, "dropper.exe", sample), "--malware")
    (one,) = verb("case", "documents", number)
    assert (one["name"], one["media_type"]) == ("dropper.exe.zip", "application/zip")
    assert one["sample"] == hashlib.sha256(sample).hexdigest()
    box = tmp_path / "box.zip"
    verb("case", "fetch", number, one["document"], "--output", str(box))
    assert sample not in box.read_bytes()
    with zipfile.ZipFile(box) as archive:
        name = hashlib.md5(sample, usedforsecurity=False).hexdigest()
        assert archive.read(name, pwd=b"infected") == sample


def test_what_is_for_some_alone_is_encrypted_before_the_node_has_it(
    verb: Verb, number: str, tmp_path: Path
) -> None:
    anna, bert = (pyrage.x25519.Identity.generate() for _ in range(2))
    verb(
        "case", "attach", number, written(tmp_path, "source.txt", b"who told us"),
        "--for", f"Anna={anna.to_public()}", "--for", str(bert.to_public()),
    )  # fmt: skip
    (one,) = verb("case", "documents", number)
    assert one["name"] == "source.txt.age"
    assert one["sealed_for"] == ["Anna", str(bert.to_public())]
    assert one["media_type"] == "application/vnd.age"
    sealed = tmp_path / "sealed"
    verb("case", "fetch", number, one["name"], "--output", str(sealed))
    assert b"who told us" not in sealed.read_bytes()
    for identity in (anna, bert):
        assert pyrage.decrypt(sealed.read_bytes(), [identity]) == b"who told us"


def test_an_archive_that_is_a_bomb_is_kept_as_it_came(
    verb: Verb, number: str, tmp_path: Path, home: Home
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", bytes(200 * 2**20))
    before = sum(one.stat().st_size for one in lying(home))
    verb("case", "attach", number, str(path))
    added = sum(one.stat().st_size for one in lying(home)) - before
    assert path.stat().st_size <= added < path.stat().st_size + 1000
    verb("case", "fetch", number, "bomb.zip", "--output", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["{missing}"], "file: expected a file that is there"),
        (["{long}"], "file: expected a file that is there"),
        (["{file}", "--name", "../../etc/passwd"], "name: expected a file's name"),
        (["{file}", "--name", "bill\u202efdp.exe"], "name: expected a file's name"),
        (["{file}", "--name", ".bashrc"], "name: expected a file's name"),
        (["{file}", "--type", "nonsense"], "said_type: expected a media type"),
        (["{file}", "--for", "age1nonsense"], "for: expected an age recipient"),
        (["{file}", "--to", "nobody"], "participant: expected one of"),
        (["-"], "name: expected a file's name"),
    ],
)
def test_what_does_not_fit_is_said_by_name(
    verb: Verb, number: str, tmp_path: Path, home: Home, given: list[str], said: str
) -> None:
    file = written(tmp_path, "a.txt", b"hello")
    before = lying(home)
    places = {"file": file, "missing": str(tmp_path / "missing"), "long": "x" * 300}
    error = verb("case", "attach", number, *(one.format(**places) for one in given), code=2)
    assert said in error
    assert lying(home) == before
    assert verb("case", "documents", number) == []


def test_what_is_too_large_is_refused_and_the_setting_named(
    verb: Verb, number: str, tmp_path: Path, home: Home
) -> None:
    verb("settings", "set", "limits.document_bytes", "2048")
    try:
        before = lying(home)
        large = written(tmp_path, "large", bytes(2049))
        assert "setting limits.document_bytes" in verb("case", "attach", number, large, code=1)
        assert lying(home) == before
        verb("case", "attach", number, written(tmp_path, "fits", bytes(2048)))
        verb("settings", "set", "limits.case_documents_bytes", "3000")
        more = written(tmp_path, "more", bytes(1000))
        told = verb("case", "attach", number, more, code=1)
        assert "setting limits.case_documents_bytes" in told
        assert [one["name"] for one in verb("case", "documents", number)] == ["fits"]
        # The same content once more takes no room.
        verb("case", "attach", number, str(tmp_path / "fits"), "--name", "copy")
    finally:
        verb("settings", "set", "limits.document_bytes", str(50 * 2**20))
        verb("settings", "set", "limits.case_documents_bytes", str(2047 * 2**20))


def test_a_document_that_was_taken_back_is_not_served(
    verb: Verb, number: str, tmp_path: Path
) -> None:
    verb("case", "attach", number, written(tmp_path, "wrong.txt", b"of another case"))
    (one,) = verb("case", "documents", number)
    verb("case", "detach", number, "wrong.txt", "--because", "of another case")
    assert verb("case", "documents", number) == []
    assert "taken back" in verb(
        "case", "fetch", number, one["document"], "--output", str(tmp_path / "x"), code=1
    )
    assert not (tmp_path / "x").exists()
    shown = verb("case", "show", number)
    assert [e["act"]["what"] for e in shown["timeline"]] == ["opened", "attached", "attached"]
    assert shown["documents"] == []
    verb("case", "detach", number, one["document"], code=1)


def test_what_was_changed_on_the_disk_is_noticed_and_not_served(
    verb: Verb, number: str, tmp_path: Path, home: Home
) -> None:
    before = set(lying(home))
    verb("case", "attach", number, written(tmp_path, "log", bytes(PIECE + 10)))
    first, second = sorted(set(lying(home)) - before)
    whole = {path: path.read_bytes() for path in (first, second)}
    target = tmp_path / "back"

    def refused() -> None:
        error = verb("case", "fetch", number, "log", "--output", str(target), code=1)
        assert "not served" in error
        assert not target.exists()
        for path, content in whole.items():
            path.write_bytes(content)

    first.write_bytes(whole[first][:-1] + bytes([whole[first][-1] ^ 1]))
    refused()
    first.write_bytes(whole[second])  # a piece in the place of another
    refused()
    first.write_bytes(b"")
    refused()
    second.unlink()
    refused()
    verb("case", "fetch", number, "log", "--output", str(target))
    assert target.read_bytes() == bytes(PIECE + 10)


def test_a_file_that_is_there_is_not_written_over(verb: Verb, number: str, tmp_path: Path) -> None:
    verb("case", "attach", number, written(tmp_path, "a.txt", b"new"))
    there = written(tmp_path, "there", b"old")
    assert "output: expected" in verb("case", "fetch", number, "a.txt", "--output", there, code=2)
    assert Path(there).read_bytes() == b"old"


def test_a_backup_holds_the_documents(verb: Verb, number: str, tmp_path: Path, home: Home) -> None:
    before = set(lying(home))
    verb("case", "attach", number, written(tmp_path, "kept.txt", b"kept"))
    (path,) = set(lying(home)) - before
    verb("backup", str(tmp_path / "backup"))
    listed = subprocess.run(
        ["tar", "--zstd", "-tf", str(tmp_path / "backup")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert str(path.relative_to(home.path)) in listed.stdout
