# SPDX-License-Identifier: EUPL-1.2
"""The reference names every command, option and setting, and says what the code says."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from tools.reference_pages import commands

from brug.cli.app import app, run
from brug.store.settings_table import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = dict(commands(typer.main.get_command(app), "brug"))


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
    assert run([*path.split()[1:], "--help"]) == 0
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
