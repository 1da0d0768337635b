# SPDX-License-Identifier: EUPL-1.2
"""Names from outside are never paths; archives are read member by member, within limits."""

import gzip
import zipfile
from pathlib import Path

import pytest
from tests.security.arena import Arena
from tests.security.asking import Ask

from brug.cli import sources

LIMIT = 2**31
NAMES = ("../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "C:\\x", "a\x00b", "\u202efdp.exe", ".",
         "..", "con", "x" * 5000, "a/b/c", "~root/x", "%2e%2e%2f")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_an_attachment_is_bytes_in_the_database_whatever_it_is_called(
    arena: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    event = {"info": "x", "Attribute": [{"type": "attachment", "value": name, "data": "eA=="}]}
    answered = arena.ask("publisher", Ask("POST", "/events/add", event))
    assert answered.status == 200
    assert list(tmp_path.iterdir()) == []
    assert not Path("/etc/cron.d/x").exists()


def zipped(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def test_a_members_name_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    names = ("../out.json", "/tmp/brug-out.json", "a/../../out.json", "C:\\out.json", "ok.json")  # noqa: S108
    read = list(sources.sources([zipped(tmp_path / "x.zip", dict.fromkeys(names, b"{}"))], LIMIT))
    assert [source.content for source in read] == [b"{}"] * len(names)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["inside", "x.zip"]
    assert list(inside.iterdir()) == []


def test_a_bomb_is_refused_by_name_and_the_others_are_read(tmp_path: Path) -> None:
    packed = tmp_path / "a.json.gz"
    packed.write_bytes(gzip.compress(b"0" * 2**21))
    nested = tmp_path / "b.zip"
    zipped(nested, {"inner.json.gz": gzip.compress(b"0" * 2**21), "fine.json": b"{}"})
    many = tmp_path / "c.json.gz"
    many.write_bytes(gzip.compress(b"0" * 2**19) * 5)
    zipped(tmp_path / "d.zip", {f"{n}.json": b"0" * 2**18 for n in range(5)})
    (tmp_path / "e.zip").write_bytes(b"PK\x03\x04 nonsense")
    (tmp_path / "f.json.gz").write_bytes(gzip.compress(b"{}" * 1000)[:-12])
    (tmp_path / "z.json").write_bytes(b"{}")
    read = list(sources.sources([str(tmp_path)], 2**20))
    failed = {Path(source.name).name for source in read if source.failure}
    assert {"a.json.gz", "c.json.gz", "d.zip", "e.zip", "f.json.gz"} <= failed
    assert [s for s in read if s.name.endswith("z.json") and not s.failure]
    assert not [s for s in read if len(s.content) > 2**20]


def test_a_member_that_says_less_than_it_is_does_not_pass(tmp_path: Path) -> None:
    path = tmp_path / "liar.zip"
    zipped(path, {"x.json": b"0" * 100_000})
    raw = bytearray(path.read_bytes())
    for start in (raw.index(b"PK\x03\x04") + 22, raw.index(b"PK\x01\x02") + 24):
        raw[start : start + 4] = (10).to_bytes(4, "little")
    path.write_bytes(raw)
    read = list(sources.sources([str(path)], LIMIT))
    assert all(source.failure for source in read)


def test_a_link_out_of_a_folder_is_not_a_way_to_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    given = tmp_path / "given"
    given.mkdir()
    (given / "deep").mkdir()
    (given / "deep" / "loop").symlink_to(given, target_is_directory=True)
    read = list(sources.sources([str(given)], LIMIT))
    assert read == []
