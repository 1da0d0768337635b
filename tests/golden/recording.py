# SPDX-License-Identifier: EUPL-1.2
"""The recorded exchanges with a stock MISP 2.5.1, beside the project (`../shared`)."""

import json
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parents[2].parent / "shared/reference/misp-golden/transcripts"
DAY = "2026-11-24"
MISSING = f"the recordings of a MISP are not beside the project ({FOLDER.parent.name})"


class Exchange(msgspec.Struct):
    """One request and what it was answered; `answer` is None where that was no JSON."""

    area: str
    n: int
    role: str
    note: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    status: int
    text: str
    cut: bool
    answer: Any

    @property
    def name(self) -> str:
        return f"{self.area}:{self.n}"


def exchanges(area: str) -> list[Exchange]:
    """The exchanges of one file, in order."""
    return [_exchange(line) for line in (FOLDER / f"{area}.jsonl").read_text().splitlines()]


def _exchange(line: str) -> Exchange:
    whole = json.loads(line)
    request, response = whole["request"], whole["response"]
    text, cut = response["body"] or "", bool(response.get("truncated"))
    return Exchange(
        whole["area"], whole["n"], whole["role"], whole["note"] or "",
        request["method"], request["path"], request.get("query") or "",
        request.get("headers") or {}, request.get("body"),
        response["status"], text, cut, _decoded(mended(text) if cut else text),
    )  # fmt: skip


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def mended(text: str) -> str:
    """A JSON text that was cut off, without its last unfinished item and with its ends."""
    ends: list[str] = []
    quoted = escaped = False
    whole = ("", "")
    for place, letter in enumerate(text):
        if quoted:
            quoted = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "{[":
            ends.append("}" if letter == "{" else "]")
        elif letter in "}]":
            ends.pop()
        if not quoted and letter == "," and ends:
            whole = (text[:place], "".join(reversed(ends)))
    return "".join(whole)
