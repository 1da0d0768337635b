# SPDX-License-Identifier: EUPL-1.2
"""The commands of the how-to do what it says, in their order."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec
from tests.api.cases.conftest import World

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "work-on-cases-by-script.md"


def run(command: str, **known: str) -> Any:
    done = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, check=False, timeout=60,
        env=os.environ | {"no_proxy": "*"} | known,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return msgspec.json.decode(done.stdout)


def test_the_commands_of_the_page_work(world: World) -> None:
    text = PAGE.read_text("utf-8")
    commands = [
        line.removeprefix("$ ")
        for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
        if not line.startswith("$ export")
    ]
    assert len(commands) == 11
    known = {"NODE": world.url, "KEY": world.keys["lead"]}
    answers = []
    for command in commands:
        if "/brug/v1/cases -d" in command:
            known["CASE"] = run(command, **known)["number"]
        else:
            answers.append(run(command, **known))
    assert [one["state"] for one in answers if "timeline" in one] == ["containment"]
    number = known["CASE"]
    lists = [[c["number"] for c in one["cases"]] for one in answers if "cases" in one]
    assert [number in one for one in lists] == [True, True]
    entries = answers[-1]["entries"]
    assert [one["entry"]["act"]["what"] for one in entries] == [
        "opened", "filled", "recorded", "moved", "said",
    ]  # fmt: skip
    python = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert python
    there: dict[str, Any] = {}
    exec(python[1], there)  # noqa: S102 — what the page says
    for one in entries:
        there["check"](one)
