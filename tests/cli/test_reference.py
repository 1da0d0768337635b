# SPDX-License-Identifier: EUPL-1.2
"""The reference names every command, option and setting, and says what the code says."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from tools.reference_pages import commands

from brug.cli.app import application, run
from brug.store.settings_table import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
# Made once: to find out what every verb takes costs far more than to tell it.
BRUG = typer.main.get_command(application())
COMMANDS = dict(commands(BRUG, "brug"))


def told_help(of: list[str]) -> int | str | None:
    """The exit code; verbs and their groups as anyone asks, what is within a group of that made."""
    if len(of) <= 1:
        return run([*of, "--help"])
    with pytest.raises(SystemExit) as leaving:
        BRUG.main([*of, "--help"], prog_name="brug")
    return leaving.value.code


def test_the_pages_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "tools/reference_pages.py", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", COMMANDS)
def test_every_commands_help_works_and_is_in_the_reference(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
    assert f"## `{path}`" in page
    assert told_help(path.split()[1:]) == 0
    said = capsys.readouterr().out
    for parameter in COMMANDS[path].params:
        for name in parameter.opts:
            if name.startswith("--"):
                assert name in said
                assert name == "--help" or f"`{name}`" in page


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_reference(name: str) -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert f"`{name}`\n: " in page
    for misp in SETTINGS[name].misp:
        assert f"`{misp}`" in page


@pytest.mark.parametrize(
    ("arguments", "loaded", "left_alone"),
    [
        (["search", "--help"], "brug.cli.searching", "brug.cli.serving"),
        (["--home", "show", "search", "--help"], "brug.cli.searching", "brug.cli.serving"),
        (["--help", "search"], "brug.cli.serving", ""),
        (["serach"], "brug.cli.serving", ""),
    ],
)
def test_only_what_a_verb_needs_is_loaded(
    arguments: list[str], loaded: str, left_alone: str
) -> None:
    code = (
        "import sys; from brug.cli.app import run; run(sys.argv[1:]);"
        " print('modules', *sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    modules = done.stdout.rpartition("modules ")[2].split()
    assert loaded in modules
    assert left_alone not in modules


def test_a_mistyped_verb_is_told_which_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serach", "x"]) == 2
    assert "Did you mean 'search'" in capsys.readouterr().err
