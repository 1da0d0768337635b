# SPDX-License-Identifier: EUPL-1.2
"""What verbs say: answers to stdout, as JSON or for people; everything else to stderr."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]


def errors() -> Console:
    return Console(file=sys.stderr, highlight=False)


def say(line: str) -> None:
    """Progress and remarks."""
    errors().print(Text(line), soft_wrap=True)


def machine(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows for people; nothing in them is read as markup."""
    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console(file=sys.stdout, highlight=False).print(drawn)


def facts(pairs: Mapping[str, Any]) -> None:
    """Names and values, one a line."""
    width = max((len(name) for name in pairs), default=0)
    for name, value in pairs.items():
        Console(file=sys.stdout, highlight=False, soft_wrap=True).print(
            Text(f"{name:<{width}}  {'' if value is None else value}")
        )


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr, where a person looks; the callback takes (step, done, of how many)."""
    console = errors()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def told(step: str, done: int, total: int) -> None:
            bar.update(task, description=f"{title}: {step}", completed=done, total=total)

        yield told
