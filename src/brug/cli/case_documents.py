# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: documents: attach one, list them, fetch one, take one back.

What only some people may read is encrypted here, with age, before the node gets it.
"""

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import pyrage
import typer

from brug.cases import documents, files
from brug.cases.case import Document
from brug.cases.documents import Told
from brug.cases.files import File
from brug.cli.case_group import As, Because, Which, acting_as, group, participant, told
from brug.cli.files import is_folder, is_standard, is_there, written
from brug.cli.output import Json, facts, machine, raw, table
from brug.model.errors import Invalid
from brug.store.pieces import Damaged
from brug.store.session import Session

Named = Annotated[str, typer.Argument(help="The document: its UUID, or its name.")]


@group.command("attach")
def attach(
    context: typer.Context,
    which: Which,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file; - for standard input.")],
    name: Annotated[str, typer.Option(help="Its name in the case (the file's if not given).")] = "",
    media_type: Annotated[str, typer.Option("--type", help="Media type, as you say it.")] = "",
    to: Annotated[
        list[str] | None, typer.Option(help="Participant whom it is for; all if not given.")
    ] = None,
    sealed_for: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            metavar="RECIPIENT",
            help="Encrypt it first: an age or SSH public key, or NAME=KEY. Not even the node can"
            " read it then.",
        ),
    ] = None,
    malware: Annotated[
        bool, typer.Option("--malware", help="Box it (ZIP, password: infected) before it is kept.")
    ] = False,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Attach a document to a case, for all who take part or for some."""
    if malware and sealed_for:
        raise Invalid("malware", "either --malware or --for: what is encrypted cannot be boxed")
    names, keys = _recipients(sealed_for or ())
    called = name or ("" if is_standard(path) else path.name)
    said = Told(
        name=f"{called}.age" if keys and called else called, media_type=media_type,
        sealed_for=names, is_malware=malware, because=because,
    )  # fmt: skip
    with (
        _opened(path) as plain,
        _sealed(plain, keys) as source,
        acting_as(context, who) as session,
    ):
        case = files.view(session, which)[1]
        parts = [participant(case, one).id for one in to or ()]
        entry = documents.attach(session, which, source, said, parts)
    told(entry, as_json=as_json)


@group.command("documents")
def list_(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """List the documents of a case that you may have."""
    with acting_as(context, who) as session:
        file, case = files.view(session, which)
        found = [_told(session, file, one) for one in documents.shown(case)]
    if as_json:
        machine(found)
        return
    names = ("document", "name", "size", "media_type", "sha256", "sealed_for", "sample", "is_here")
    table(names, ([_flat(one)[name] for name in names] for one in found))


@group.command("fetch")
def fetch(
    context: typer.Context,
    which: Which,
    document: Named,
    output: Annotated[
        Path | None,
        typer.Option(help="Where to; - for standard output (if not given: its name, here)."),
    ] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Fetch a document; what is not what was signed for is not given out."""
    with acting_as(context, who) as session:
        file, case = files.view(session, which)
        found = documents.find(case, document)
        content = documents.content(session, file, found)
        if is_standard(output):
            for piece in content:
                raw(piece)
            return
        target = output or Path(found.act.name)
        if is_folder(target):
            target /= found.act.name
        _write(target, content, found)
        said = _told(session, file, found) | {"file": str(target)}
    if as_json:
        machine(said)
    else:
        facts(_flat(said))


@group.command("detach")
def detach(
    context: typer.Context,
    which: Which,
    document: Named,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Take a document back: it is listed and served no more, and that it was there stays."""
    with acting_as(context, who) as session:
        entry = documents.take_back(session, which, document, because)
    told(entry, as_json=as_json)


def _told(session: Session, file: File, one: Document) -> dict[str, Any]:
    act = one.act
    return {
        "document": act.document, "name": act.name, "size": act.size, "sha256": act.sha256,
        "media_type": act.media_type, "said_type": act.said_type,
        "sealed_for": list(act.sealed_for), "sample": act.sample, "to": list(one.to),
        "at": one.at, "org": one.author.org, "entry": one.entry,
        "is_here": documents.is_here(session, file, one),
    }  # fmt: skip


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    return {k: ", ".join(v) if isinstance(v, list) else v for k, v in one.items()}


def _write(target: Path, content: Iterator[bytes], found: Document) -> None:
    """A new file, whole and checked once more, or none."""
    digest = hashlib.sha256()
    with written(target, "output", fresh=True) as file:
        for piece in content:
            digest.update(piece)
            file.write(piece)
        if digest.hexdigest() != found.act.sha256:
            raise Damaged(f"{found.act.document} came out with another SHA-256")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if is_standard(path):
        yield sys.stdin.buffer
        return
    if not is_there(path):
        raise Invalid("file", "a file that is there", str(path))
    try:
        file = path.open("rb")
    except OSError as error:
        raise Invalid("file", f"a file that can be read ({error.strerror})", str(path)) from error
    with file:
        yield file


@contextmanager
def _sealed(plain: BinaryIO, keys: Sequence[Any]) -> Iterator[BinaryIO]:
    """Encrypted to some, where there are any; nothing of it is in the clear on the way."""
    if not keys:
        yield plain
        return
    with tempfile.TemporaryFile() as sealed:
        pyrage.encrypt_io(plain, sealed, list(keys))
        sealed.seek(0)
        yield sealed


def _recipients(given: Sequence[str]) -> tuple[tuple[str, ...], list[Any]]:
    """By which name the case shall call them, and their keys. Raises Invalid."""
    names, keys = [], []
    for one in given:
        name, mark, key = one.partition("=")
        if not mark or one.startswith(("age1", "ssh-")):
            name, key = one, one
        names.append(name.strip())
        keys.append(_key(key.strip()))
    return tuple(names), keys


def _key(text: str) -> Any:
    try:
        if text.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(text)
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise Invalid("for", "an age recipient (age1...), an SSH key, or NAME=KEY", text) from error
