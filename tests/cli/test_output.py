# SPDX-License-Identifier: EUPL-1.2
"""What verbs do with what they say."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from brug.cli.app import run
from brug.cli.files import is_there, written
from brug.cli.output import facts, table
from brug.model.errors import Invalid

WHOLE = """
import sys
from brug.cli.output import facts, machine, raw
def stream(value):
    raw(repr(value).encode())
said = {SAID}
for _ in range(2):
    said({{str(n): "x" * 50 for n in range(5000)}})
sys.stderr.write("done")
"""


def test_people_read_lists_and_not_how_python_writes_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    facts({"metrics": {"Attack Vector": "Network", "Scope": ["a", "b"]}, "none": []})
    table(("senders", "n"), [(["vera@maker.example", "x@y.example"], 1)])
    table(("a", "b", "c"), [("a" * 300, "b" * 64, "c" * 64)])
    table(("at",), [(datetime(2026, 11, 28, 8, 54, 16, 519670, tzinfo=UTC),)])
    said = capsys.readouterr().out
    assert "2026-11-28 08:54:16+00:00" in said
    assert "…" not in said, "what is long goes on in the next line"
    assert said.count("b") >= 64
    assert "Attack Vector: Network; Scope: a, b" in said
    assert "vera@maker.example, x@y.example" in said
    assert not set("[]{}'") & set(said)


def test_a_file_of_a_verb_may_be_standard_output_and_has_to_have_a_name(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with written(Path("-"), "out", fresh=True) as file:
        file.write(b"\xff\0")
    assert capsysbinary.readouterr().out == b"\xff\0"
    for name in (".", "x" * 300, "no/such"):
        with pytest.raises(Invalid, match="out: expected"), written(Path(name), "out") as file:
            file.write(b"x")
        assert not is_there(Path(name))
    assert list(tmp_path.iterdir()) == []


def test_an_argument_that_is_no_text_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["advisory", "score", "\udcff"]) == 2
    assert "expected" in capsys.readouterr().err


@pytest.mark.parametrize("said", ["facts", "machine", "stream"])
def test_a_verb_is_done_whole_where_nobody_reads_its_answer(said: str) -> None:
    """`brug case say ... | head -1` says it."""
    with subprocess.Popen(
        [sys.executable, "-c", WHOLE.format(SAID=said)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b"done"
    assert running.returncode == 0
