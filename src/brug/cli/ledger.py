# SPDX-License-Identifier: EUPL-1.2
"""`brug ledger`: look after the ledger, prove what is in it, verify proofs of others."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from brug.bridges.ledger import (
    checkpoints,
    erasing,
    logs,
    partner_logs,
    proving,
    reopening,
    sequencer,
    verifying,
)
from brug.bridges.ledger.logs import Log
from brug.cli import ledger_partners
from brug.cli.node import opened
from brug.cli.output import Json, facts, machine, say, table
from brug.directory.accounts import acting_for_host
from brug.formats import ledger_proof
from brug.model.errors import BrugError, Invalid
from brug.store.session import Database, Session

group = typer.Typer(
    help="The ledger: prove what happened, verify that nothing was changed.", no_args_is_help=True
)
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="UUID of the entry.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the ledger for ever.")]
As = Annotated[str | None, typer.Option("--as", help="E-mail address of the user who does it.")]
LogOrigin = Annotated[
    str, typer.Option("--log", help="Origin of the log; the node's own if not given.")
]

group.command("partners")(ledger_partners.partners_)
group.command("accept")(ledger_partners.accept)


def _folder(context: typer.Context) -> Path:
    folder: Path = context.obj.path / checkpoints.FOLDER
    return folder


def _catch_up(database: Database, folder: Path) -> None:
    """What is recorded gets its place now; where nothing may be signed, it is said."""
    try:
        sequencer.catch_up(database, folder)
    except checkpoints.SigningStopped as error:
        say(f"nothing is signed: {error}; `brug ledger reopen` goes on")


@group.command("verify")
def verify(context: typer.Context, as_json: Json = False) -> None:
    """Compute all logs anew and compare them with all that is stored, signed and kept."""
    with opened(context.obj) as database:
        found = verifying.verify(database, _folder(context))
    if as_json:
        machine(found)
    else:
        table(
            ("log", "entries", "signed", "checkpoints", "erased", "found"),
            (
                (one.origin, one.size, one.signed, one.checkpoints, one.erased,
                 "\n".join(one.problems) or "in order")
                for one in found
            ),
        )  # fmt: skip
    if any(one.problems for one in found):
        raise typer.Exit(1)


@group.command("prove")
def prove(
    context: typer.Context,
    entry: Entry,
    out: Annotated[Path | None, typer.Option(help="File to write; not given: shown.")] = None,
) -> None:
    """Write the proof that an entry is in the ledger; it holds without this node."""
    with opened(context.obj) as database:
        _catch_up(database, _folder(context))
        with database.system() as session:
            text = proving.proof(session, entry)
    _write(text, out)


@group.command("checkpoint")
def checkpoint(
    context: typer.Context,
    log: Annotated[
        str,
        typer.Option(help="Origin of the log, or of a partner's; the node's own if not given."),
    ] = "",
) -> None:
    """Show the newest checkpoint of a log, signed now where it has grown; of a partner's log the
    newest that was countersigned here.
    """
    with opened(context.obj) as database:
        with database.system() as session:
            held = partner_logs.countersigned(session, log)
        if held is not None:
            _write(held.text, None)
            return
        _catch_up(database, _folder(context))
        with database.system() as session:
            theirs = partner_logs.origins(session)
            _write(checkpoints.newest(session, _named(session, log, theirs)).note.text, None)


@group.command("export")
def export(
    context: typer.Context,
    log: LogOrigin = "",
    out: Annotated[Path | None, typer.Option(help="File to write; not given: shown.")] = None,
) -> None:
    """Write every entry of a log and every checkpoint, one JSON object a line."""
    with opened(context.obj) as database:
        _catch_up(database, _folder(context))
        with database.system() as session, _lines(out) as write:
            for line in proving.exported(session, _named(session, log)):
                write(msgspec.json.encode(line).decode() + "\n")


@group.command("keys")
def keys(context: typer.Context, as_json: Json = False) -> None:
    """Show the public keys that verify this node's checkpoints, as NAME+ID+KEY."""
    with opened(context.obj) as database, database.system() as session:
        shown = [
            key.text
            for log in logs.every(session)
            for key in checkpoints.own_keys(session, log.origin)
        ]
    if as_json:
        machine(shown)
    else:
        typer.echo("\n".join(shown))


@group.command("erase")
def erase(context: typer.Context, entry: Entry, reason: Reason, user: As = None) -> None:
    """Erase what an entry says; that there was one stays, and the tree still verifies."""
    with opened(context.obj) as database:
        _catch_up(database, _folder(context))
        with database.system() as session:
            erasing.erase(session, entry, reason, acting_for_host(session, user))
    say(f"erased what entry {entry} said")


@group.command("reopen")
def reopen(
    context: typer.Context,
    reason: Reason,
    known: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="File with a checkpoint that a partner holds of us."),
    ] = None,
    user: As = None,
) -> None:
    """End all logs and go on in new ones, after a restore from a backup."""
    texts = [_read(path) for path in known or []]
    with opened(context.obj) as database:
        with database.system() as session:
            by = acting_for_host(session, user)
            new = reopening.reopen(session, _folder(context), reason, by, texts)
        _catch_up(database, _folder(context))
    for log in new:
        say(f"opened {log.origin}")


@group.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The proof.")],
    key: Annotated[
        list[str],
        typer.Option(help="Public key to trust: NAME+ID+KEY, or the base64 of its 32 bytes."),
    ],
    as_json: Json = False,
) -> None:
    """Verify a proof with public keys alone: no node, no database, no network."""
    proved = ledger_proof.check(_read(file), key)
    shown = {
        "log": proved.checkpoint.origin, "entries": proved.checkpoint.size,
        "position": proved.index, "signed by": [one.text for one in proved.signers],
        "commitment": proved.commitment.hex(),
    }  # fmt: skip
    if as_json:
        machine(shown | {"entry": proved.entry})
        return
    facts({"The proof holds": "yes", **shown})
    if proved.entry is None:
        say("What the entry said was erased; that there was one is proved.")
    else:
        machine(proved.entry)


def _named(session: Session, origin: str, others: Sequence[str] = ()) -> Log:
    if not origin:
        return logs.of(session)
    every = logs.every(session)
    for log in every:
        if log.origin == origin:
            return log
    known = ", ".join([*(log.origin for log in every), *others])
    raise Invalid("log", f"one of {known}", origin)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is no text") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from error


@contextmanager
def _lines(out: Path | None) -> Iterator[Callable[[str], object]]:
    """What writes a line to a file, or to where answers go."""
    if out is None:
        yield sys.stdout.write
        return
    try:
        with out.open("w", encoding="utf-8") as file:
            yield file.write
    except OSError as error:
        raise UnreadableFile(f"{out} cannot be written: {error.strerror}") from error


def _write(text: str, out: Path | None) -> None:
    with _lines(out) as write:
        write(text)


class UnreadableFile(BrugError):
    """There is no such file, or it is no text; or it cannot be written."""

    code = "unreadable_file"
    exit_code = 2
