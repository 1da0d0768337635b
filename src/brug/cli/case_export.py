# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: a whole case as a file, and whether such a file is what it says."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.bridges import case_proofs
from brug.bridges.ledger import checkpoints, sequencer
from brug.cases.exporting import leaving, verifying
from brug.cli.case_group import As, Which, group
from brug.cli.files import is_standard, written
from brug.cli.node import opened
from brug.cli.output import Json, facts, machine, say, table
from brug.directory.accounts import acting_for_host
from brug.model.errors import Invalid
from brug.store.session import Session

QUESTIONS = {
    "seal": "the archive is as it was made, byte for byte",
    "signature": "its list is signed by a key that you trust",
    "files": "each file is the one that the list names",
    "case": "the case is the one that the list names",
    "entries": "each entry is signed by its author's node",
    "fold": "the entries make the case that is shown",
    "documents": "each document is what an entry attached",
    "ledger": "each entry stands in the node's ledger",
}
STATES = {"holds": "holds", "fails": "DOES NOT HOLD", "open": "holds, but"}
_SHOWN = 20


@group.command("export")
def export(
    context: typer.Context,
    which: Which,
    zip_: Annotated[
        bool, typer.Option("--zip", help="Documents, proofs and a signed list (if none is said).")
    ] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="To be read.")] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="The case with its signed entries; beside --zip or --pdf: what"
                     " was made, for machines."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to; - for standard output (if not given: its"
                     " number, here; JSON is shown)."),
    ] = None,
    who: As = None,
) -> None:  # fmt: skip
    """Export a whole case, as whoever exports has it; the marking goes with it."""
    if zip_ and pdf:
        raise Invalid("form", "one of --zip, --pdf, --json")
    form = "pdf" if pdf else "zip" if zip_ or not as_json else "json"
    with opened(context.obj) as database:
        with suppress(checkpoints.SigningStopped):
            sequencer.catch_up(database, context.obj.path / checkpoints.FOLDER)
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            told = _written(session, which, form, output)
    if told is None:
        return
    if as_json and form != "json":
        machine(told)
    else:
        say(", ".join(f"{name}: {value}" for name, value in told.items() if value != []))


def _written(session: Session, which: str, form: str, output: Path | None) -> dict[str, Any] | None:
    of = leaving.given(session, which)
    target = output or Path("-" if form == "json" else f"{of.file.number}.{form}")
    more: dict[str, Any] = {}
    with written(target, "output", fresh=True) as file:
        if form == "zip":
            made = leaving.as_zip(
                session, of, file,
                lambda entries: case_proofs.proofs(session, entries),
            )  # fmt: skip
            more = {"digest": made.digest, "entries": made.entries, "pending": made.pending,
                    "missing": msgspec.to_builtins(made.missing)}  # fmt: skip
        else:
            make = leaving.as_json if form == "json" else leaving.as_pdf
            file.write(make(session, of))
    if is_standard(target):
        return None
    return {"case": of.file.number, "form": form, "file": str(target)} | more


@group.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive.")],
    key: Annotated[
        list[str],
        typer.Option(help="Public key of the node that made it, in base64, or its fingerprint."),
    ],
    as_json: Json = False,
) -> None:
    """Say whether an exported case is what it says: without a node, a database, a network."""
    found = verifying.verify(file, key)
    if as_json:
        machine(msgspec.to_builtins(found) | {"holds": found.holds})
    else:
        facts({
            "case": found.number, "uuid": found.case, "exported": found.exported,
            "node": found.node, "key": found.key_id, "entries": found.entries,
            "documents": found.documents, "all of it holds": "yes" if found.holds else "NO",
        })  # fmt: skip
        table(
            ("what", "", "why"),
            ((QUESTIONS[one.question], STATES[one.state], _why(one)) for one in found.checks),
        )
    if not found.holds:
        raise typer.Exit(1)


def _why(one: verifying.Check) -> str:
    more = len(one.about) - _SHOWN
    return "\n".join([*one.about[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])
