# SPDX-License-Identifier: EUPL-1.2
"""What verbs say: answers to stdout, as JSON or for people; everything else to stderr."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from brug.model.languages import of_locale

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]


def errors() -> Console:
    return Console(file=sys.stderr, highlight=False)


class _Answers(Console):
    """Goes on where nobody reads any more: `| head` must not undo what the verb does."""

    def on_broken_pipe(self) -> None:
        _nobody_reads()


def _nobody_reads() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def answers() -> Console:
    """Where answers go: as wide as the terminal, or as wide as a line gets."""
    wide = None if sys.stdout.isatty() else 240
    return _Answers(file=sys.stdout, highlight=False, width=wide)


def visible(value: Any) -> Text:
    """A value as a terminal may show it: nothing in it is markup, moves or hides anything."""
    text = "" if value is None else str(value)
    return Text("".join(c if c.isprintable() or c in "\n\t" else f"<{ord(c):02x}>" for c in text))


def say(line: str) -> None:
    """Progress and remarks."""
    errors().print(visible(line), soft_wrap=True)


def spoken() -> str:
    """The language of the terminal, for titles that come in several."""
    return of_locale(os.environ)


def machine(value: Any) -> None:
    """One JSON document on stdout."""
    try:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _nobody_reads()


def raw(data: bytes) -> None:
    """What is a file elsewhere, on stdout as it is."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _nobody_reads()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows for people; nothing in them is read as markup."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        drawn.add_column(name, overflow="fold")  # a digest that is cut is none
    for row in rows:
        drawn.add_row(*(visible(_in_line(cell)) for cell in row))
    answers().print(drawn)


def _in_line(value: Any) -> Any:
    """Lists and tables within one cell or line, for people."""
    match value:
        case list() | tuple():
            return ", ".join(str(_in_line(one)) for one in value)
        case dict():
            return "; ".join(f"{name}: {_in_line(one)}" for name, one in value.items())
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case _:
            return value


def facts(pairs: Mapping[str, Any]) -> None:
    """Names and values, one a line."""
    width = max((len(name) for name in pairs), default=0)
    for name, value in pairs.items():
        shown = visible(_in_line(value))
        answers().print(Text(f"{name:<{width}}  ") + shown, soft_wrap=True)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr, where a person looks; the callback takes (step, done, of how many)."""
    console = errors()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def told(step: str, done: int, total: int) -> None:
            bar.update(task, description=f"{title}: {step}", completed=done, total=total)

        yield told


def record(value: Any, *, as_json: bool, names: Sequence[str] = ()) -> None:
    """One record, all of it for machines; its fields, or those named, for people."""
    if as_json:
        machine(value)
        return
    fields = msgspec.structs.asdict(value)
    facts({name: fields[name] for name in names or fields})


def records(values: Sequence[Any], names: Sequence[str], *, as_json: bool) -> None:
    """Records, all of them for machines; a table of the fields named for people."""
    if as_json:
        machine(values)
        return
    table(names, ([getattr(value, name) for name in names] for value in values))
