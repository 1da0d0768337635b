# SPDX-License-Identifier: EUPL-1.2
"""The page that compares MISP's routes with the node's, from both tables."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from brug.api.misp.all import load
from brug.api.misp.dispatch import ENDPOINTS, plain

TABLE = Path(__file__).with_name("misp_routes.toml")
PAGE = """# Compatibility with MISP

Every action of MISP 2.5.1, by its own list (`servers/queryACL/printAllFunctionNames`), and what
the node does with it: **works**, works **differently** (how), is answered **without effect** (why),
or is **absent** (why). PyMISP calls none of the absent ones.

Everywhere: a GET changes nothing; a route that changes something answers GET with 405. XML is
written where a search asks for it and is not read. What MISP loses in silence is named in `errors`,
of an event also in its `refused` (and to PyMISP only there: it takes `errors` beside an event for a
failure).
What the caller may not see is not confirmed, also where MISP does. What servers ask of each other
is in
[Synchronising with MISP servers](misp-synchronisation.md).

"""


class Note(msgspec.Struct, frozen=True):
    """A remark on routes; each is `controller/action`, `*` for any."""

    why: str
    routes: list[str]


class Table(msgspec.Struct, frozen=True):
    """What `misp_routes.toml` holds."""

    routes: dict[str, str]
    absent: list[Note]
    without_effect: list[Note]
    differs: list[Note]

    def actions(self) -> Iterator[tuple[str, str]]:
        """Each controller with each of its actions, as MISP spells them."""
        for controller, names in self.routes.items():
            for name in names.split():
                yield controller, name


def table() -> Table:
    return msgspec.convert(tomllib.loads(TABLE.read_text(encoding="utf-8")), Table)


def is_there(controller: str, action: str) -> bool:
    """Whether the node answers an action of MISP's."""
    admin = "admin" if action.startswith("admin_") else ""
    return (plain(controller), admin + plain(action.removeprefix("admin_"))) in ENDPOINTS


def remarks(notes: list[Note], controller: str, action: str) -> list[str]:
    """All remarks on an action, in the table's order."""
    name = f"{controller}/{action}"
    return [n.why for n in notes if any(fnmatchcase(name, r) for r in n.routes)]


def noted(notes: list[Note], controller: str, action: str) -> str:
    """The first remark on an action, or nothing."""
    return next(iter(remarks(notes, controller, action)), "")


def compatibility() -> str:
    """The page. Raises if an absent action has no reason."""
    load()
    known = table()
    counts = dict.fromkeys(("works", "differs", "without effect", "absent"), 0)
    parts = []
    for controller in sorted(known.routes):
        rows = []
        for action in sorted(known.routes[controller].split()):
            state, why = _state(known, controller, action)
            counts[state] += 1
            rows.append(f"| `{_path(controller, action)}` | {state} | {why} |")
        head = "| route | | |\n|---|---|---|"
        parts.append(f"## {controller}\n\n{head}\n" + "\n".join(rows) + "\n")
    total = ", ".join(f"{count} {state}" for state, count in counts.items())
    return PAGE + f"In all: {total}.\n\n" + "\n".join(parts)


def _state(known: Table, controller: str, action: str) -> tuple[str, str]:
    if not is_there(controller, action):
        why = noted(known.absent, controller, action)
        if not why:
            raise ValueError(f"{controller}/{action} is absent without a reason")
        return "absent", why
    if why := noted(known.without_effect, controller, action):
        return "without effect", why
    if differs := remarks(known.differs, controller, action):
        return "differs", " ".join(differs)
    return "works", ""


def _path(controller: str, action: str) -> str:
    if action.startswith("admin_"):
        return f"/admin/{controller}/{action.removeprefix('admin_')}"
    return f"/{controller}/{action}"
