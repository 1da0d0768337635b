# SPDX-License-Identifier: EUPL-1.2
"""`brug settings`: what a node's administrators choose; MISP's names work too."""

import sys
from typing import Annotated, Any

import msgspec
import typer

from brug.cli.node import acting
from brug.cli.output import Json, facts, machine, table
from brug.model.errors import Invalid
from brug.store import settings
from brug.store.settings import SETTINGS, Setting

group = typer.Typer(help="Settings: list, get, set.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Brug's name or MISP's.")]


def _shown(setting: Setting, value: Any) -> dict[str, Any]:
    return {
        "name": setting.name, "value": value, "default": setting.default,
        "meaning": setting.meaning, "misp": list(setting.misp),
    }  # fmt: skip


@group.command("list")
def show_all(
    context: typer.Context,
    changed: Annotated[bool, typer.Option("--changed", help="Only those not at default.")] = False,
    as_json: Json = False,
) -> None:
    """List settings with their values."""
    with acting(context.obj) as session:
        values = settings.all_settings(session)
    found = [
        _shown(one, values[one.name])
        for one in SETTINGS.values()
        if not changed or values[one.name] != one.default
    ]
    if as_json:
        machine(found)
        return
    rows = ((one["name"], _text(one["value"]), one["meaning"]) for one in found)
    table(("name", "value", "meaning"), rows)


@group.command("get")
def get(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Show one setting."""
    setting = settings.named(name)
    with acting(context.obj) as session:
        value = settings.get(session, name)
    if as_json:
        machine(_shown(setting, value))
    else:
        typer.echo(_text(value))


@group.command("set")
def change(
    context: typer.Context,
    name: Name,
    value: Annotated[
        str,
        typer.Argument(help="New value; lists with commas; '' for none; - to read a secret."),
    ],
    as_json: Json = False,
) -> None:
    """Change one setting. What follows from it happens at once."""
    setting = settings.named(name)
    if setting.kind == "secret" and value:
        value = _from_input(setting.name, value)
    with acting(context.obj) as session:
        stored = settings.set_value(session, name, value)
    if as_json:
        machine(_shown(setting, stored))
    else:
        facts({setting.name: _text(stored)})


def _from_input(name: str, value: str) -> str:
    """Command lines are seen by every account of the machine."""
    if value != "-":
        raise Invalid(name, "-, and the secret on standard input")
    return sys.stdin.readline().rstrip("\r\n")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
