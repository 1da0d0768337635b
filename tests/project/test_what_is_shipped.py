# SPDX-License-Identifier: EUPL-1.2
"""The lists that people and machines rely on agree with what the project says of itself."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def names(requirements: list[str | dict[str, str]]) -> set[str]:
    texts = [text for text in requirements if isinstance(text, str)]
    return {found[0] for text in texts if (found := re.match(r"[A-Za-z0-9-]+", text))}


def declared() -> set[str]:
    groups = PROJECT["dependency-groups"].values()
    return names(PROJECT["project"]["dependencies"]).union(*map(names, groups))


def test_each_dependency_has_its_reason_and_no_other_has() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    listed = {name.strip() for row in rows for name in row.split(",")} - {"package"}
    scripts = set(json.loads((ROOT / "package.json").read_text())["dependencies"])
    assert listed == declared() | scripts


@pytest.mark.parametrize(
    "lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_lock_files_name_digests_and_no_places(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    pinned = re.findall(r"^[a-z0-9][^\s=]*==", text, re.MULTILINE)
    hashed = re.findall(r"^[a-z0-9][^\n]* \\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pinned) == len(hashed) > 0


def test_the_scripts_lock_names_digests_and_no_places() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in packages.items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in fetched.values())
    assert not any("resolved" in entry for entry in fetched.values())


def test_each_source_file_names_its_licence() -> None:
    folders = ("src", "tests", "tools", "benchmarks", "deploy")
    kinds = {".py", ".sh", ".css", ".js", ".sql", ".html", ".service", ".conf"}
    vendor = ROOT / "src/brug/web/static/vendor"
    unnamed = [
        path.relative_to(ROOT)
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in kinds and vendor not in path.parents and path.stat().st_size
        if "SPDX-License-Identifier: EUPL-1.2" not in path.read_text()[:300]
    ]
    assert unnamed == []
