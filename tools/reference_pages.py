# SPDX-License-Identifier: EUPL-1.2
"""Write the pages of the reference that follow from the code: commands, settings, endpoints.

`python tools/reference_pages.py` writes them; with `--check` it says which are out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer

from brug.api.misp.all import load
from brug.api.misp.dispatch import ENDPOINTS
from brug.cli.app import application
from brug.store.kept_settings import KEPT
from brug.store.settings_table import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools import (  # noqa: E402 — found from the root
    cases_interface_page,
    compatibility,
    deadlines_page,
    formats_page,
)

REFERENCE = ROOT / "docs" / "reference"
SETTINGS_PAGE = """# Settings

`brug settings list` shows them with their values, `brug settings set NAME VALUE` changes one; on
MISP's interface `servers/serverSettings`, `servers/getSetting` and `servers/serverSettingsEdit` do.
Both take Brug's name or MISP's. A change is checked, recorded in the log, and holds at once for
every process (within five seconds for the limits and proxies at the border).
"""
KEPT_PAGE = """## Kept without effect

Of MISP's settings these mean nothing here. Scripts that set up a server write them: a value is
checked for its kind, kept, shown and answered on MISP's interface, and changes nothing. So are
switches of modules (`Plugin.Enrichment_...` and the like). Salts, passwords and encryption keys of
a stock MISP are neither kept nor shown (`Proxy.password` can be set, and is not shown).
"""
COMMANDS_PAGE = """# Command line

Every verb takes `--json` where it answers, writes its answer to standard output and all else to
standard error, and ends with 0 (done), 1 (refused or failed), 2 (wrong usage or input) or 130
(interrupted). The node's folder is `--home`, `$BRUG_HOME` or the platform's data folder, in that
order. With `$BRUG_DATABASE_URL` the database is one that you run; its account needs `CREATEROLE`
and `CREATEDB` for `init` and `upgrade`. `$BRUG_TRACE` shows where an unforeseen error came from.
"""


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its full name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    if command.invoke_without_command:
        yield path, command
    for name, one in inner.items():
        yield from commands(one, f"{path} {name}")


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", r"\|")


def _option(parameter: Any) -> str:
    if type(parameter).__name__ == "TyperArgument":
        name = parameter.name.upper()
        many = "..." if parameter.nargs == -1 or parameter.multiple else ""
        names = f"`{name}{many}`"
    else:
        both = [*parameter.opts, *parameter.secondary_opts]
        names = ", ".join(f"`{name}`" for name in both)
    notes = [parameter.help or ""]
    if parameter.required:
        notes.append("Required.")
    default = getattr(parameter.default, "value", parameter.default)
    if isinstance(default, str | int) and not isinstance(default, bool) and default != "":
        notes.append(f"Default: `{default}`.")
    return f"| {names} | {_cell(' '.join(note for note in notes if note))} |"


def command_line() -> str:
    """The page of all commands."""
    root = typer.main.get_command(application())
    parts = [COMMANDS_PAGE]
    for path, command in commands(root, "brug"):
        text = (command.help or "").strip()
        shown = [one for one in command.params if not one.hidden and one.name != "help"]
        rows = "\n".join(map(_option, shown))
        table = f"\n\n| argument or option | meaning |\n|---|---|\n{rows}" if rows else ""
        parts.append(f"## `{path}`\n\n{text}{table}\n")
    return "\n".join(parts)


def settings() -> str:
    """The page of all settings."""
    parts = [SETTINGS_PAGE]
    for group in dict.fromkeys(one.group for one in SETTINGS.values()):
        parts.append(f"## {group}\n")
        parts.extend(_setting(one) for one in SETTINGS.values() if one.group == group)
    return "\n".join([*parts, KEPT_PAGE, ", ".join(f"`{name}`" for name in sorted(KEPT)), ""])


def _setting(one: Any) -> str:
    default = msgspec.json.encode(one.default).decode()
    bounds = f", {one.low} to {one.high}" if one.kind == "number" else ""
    choices = f", one of {', '.join(f'`{c}`' for c in one.choices)}" if one.choices else ""
    misp = f" In MISP: {', '.join(f'`{name}`' for name in one.misp)}." if one.misp else ""
    return (
        f"`{one.name}`\n: {one.meaning} ({one.kind}{bounds}{choices}; default `{default}`.){misp}\n"
    )


INTERFACE_PAGE = """# MISP's interface

The node answers MISP's REST interface at the root of its address: give a stock client the address
and a key (header `Authorization`). Paths, names, kinds of values, statuses and texts are those of
MISP 2.5; `servers/getVersion` says so, and names Brug's version beside it. Ids and UUIDs are
interchangeable, controllers may be in snake or camel case, `.json` may follow, named parameters
may stand in the path (`/events/index/limit:10/page:2`).

Where MISP loses something in silence, Brug says it: an attribute that does not fit never costs its
event, is named in `errors` and the event's `refused` with its place, and is kept. What is hidden
from the caller and what does not exist answer alike. The same table as an OpenAPI document is at
`/openapi.json` of a node, and as a page under *Interface*.

The right is the permission that the caller's role needs beside seeing the item; *writes* are
refused to read-only keys.
"""


def interface() -> str:
    """The page of all endpoints."""
    load()
    parts = [INTERFACE_PAGE]
    rows: dict[str, list[str]] = {}
    for (_, action), one in sorted(ENDPOINTS.items()):
        admin = "admin/" if action.startswith("admin") else ""
        verb = one.action.removeprefix("admin_").removeprefix("admin")
        path = f"`/{admin}{one.controller}/{_shown(action, verb)}`"
        notes = [one.right or "", "writes" if one.changes else ""]
        about = ", ".join(note for note in notes if note)
        rows.setdefault(one.controller, []).append(f"| {path} | {_cell(one.summary)} | {about} |")
    for controller, lines in sorted(rows.items()):
        head = "| path | what it does | right |\n|---|---|---|"
        parts.append(f"## {controller}\n\n{head}\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _shown(action: str, verb: str) -> str:
    """An action as it is registered; further names of the same one as the table keeps them."""
    plain = action.removeprefix("admin")
    return verb if verb.replace("_", "").lower() == plain else plain


PAGES = {
    "cases-interface.md": cases_interface_page.page,
    "command-line.md": command_line,
    "deadlines.md": deadlines_page.page,
    "misp-compatibility.md": compatibility.compatibility,
    "formats.md": formats_page.page,
    "misp-interface.md": interface,
    "settings.md": settings,
}


def main() -> int:
    """Writes the pages, or checks them."""
    stale = 0
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv:
            print(f"{path.name} is out of date: python tools/reference_pages.py")
            stale = 1
        else:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
