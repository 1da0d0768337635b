# SPDX-License-Identifier: EUPL-1.2
"""`brug advisory`: check CSAF documents and show what one says, which needs no node.

What a node publishes itself is in `advisory_publishing`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.cases.catalogue import finding
from brug.cli import (  # noqa: F401 — they register their verbs
    advisory_catalogue,
    advisory_products,
    advisory_publishing,
    advisory_sources,
)
from brug.cli.advisory_group import STANDARD_INPUT, group
from brug.cli.case_group import As, acting_as
from brug.cli.files import content, is_there
from brug.cli.output import Json, answers, facts, machine, say, table, visible
from brug.cli.output import raw as raw_out
from brug.formats.csaf.advising import Remedy, Shown, shown
from brug.formats.csaf.checking import check as check_document
from brug.formats.csaf.finding import Finding
from brug.formats.csaf.names import file_name
from brug.formats.csaf.places import Places, text
from brug.formats.csaf.reading import decoded, read
from brug.model.errors import BrugError


class Checked(msgspec.Struct):
    """What was found in a file; `refused` says why it could not be looked at."""

    file: str
    valid: bool
    findings: list[Finding]
    refused: str | None = None
    name: str | None = None
    """What the file is to be called, where it is called otherwise."""


@group.command("check")
def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Documents, or - for standard input.")
    ],
    as_json: Json = False,
) -> None:
    """Check documents by the schema and all mandatory tests; ends with 1 if any is not valid."""
    found = [_checked(name) for name in files]
    if as_json:
        machine(found)
    else:
        for one in found:
            for line in _lines(one):
                answers().print(visible(line), soft_wrap=True)
            if one.name is not None:
                say(f"{one.file}: the standard calls this file {one.name}")
    if not all(one.valid for one in found):
        raise typer.Exit(1)


def _checked(name: str) -> Checked:
    try:
        value = decoded(content(Path(name), "FILE"))
    except BrugError as error:
        return Checked(name, valid=False, findings=[], refused=error.public)
    findings = check_document(value)
    tracking_id = text(Places(value).tracking, "id")
    called = None if tracking_id is None else file_name(tracking_id)
    differs = called is not None and name != STANDARD_INPUT and Path(name).name != called
    return Checked(name, not findings, findings, name=called if differs else None)


def _lines(one: Checked) -> Iterable[str]:
    if one.refused is not None:
        yield f"{one.file}: not read: {one.refused}"
    elif one.valid:
        yield f"{one.file}: valid"
    for found in one.findings:
        yield f"{one.file}: {found.test} {found.title}: {found.pointer or '/'}: {found.message}"


@group.command("show")
def show(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(help="A document, - for standard input, or the id of one held here.")
    ],
    raw: Annotated[bool, typer.Option("--raw", help="The document as it came.")] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Show what an advisory says: products with their status, what helps, how bad it is.

    Of one in the catalogue also what was checked of it, and which registered products it concerns.
    """
    if file == STANDARD_INPUT or "/" in file or is_there(Path(file)):
        data, found = content(Path(file), "FILE"), None
    else:
        data, found = _held(context, file, who)
    if raw:
        raw_out(data)
        return
    said = shown(read(data).advisory)
    if as_json:
        machine(said if found is None else {"document": said, "catalogue": found})
        return
    _tell(said)
    if found is not None:
        answers().print()
        facts(found)


def _held(context: typer.Context, which: str, who: str | None) -> tuple[bytes, dict[str, Any]]:
    """A document of the catalogue, and what is known of it."""
    with acting_as(context, who) as session:
        whole = finding.view(session, which)
        concerned = finding.concerns(session, whole.row.id, every=True)[0]
    return whole.raw, {
        "source": whole.source or "imported from a file",
        "from": whole.url,
        "sha256": whole.sha256,
        "digests": whole.row.digests,
        "signature": f"{whole.row.signature} {whole.fingerprint}".strip(),
        "withdrawn": whole.row.withdrawn or "no",
        "concerns": [
            f"{one.organisation}: {one.product} {one.product_version} ({one.outcome},"
            f" {one.certainty})"
            for one in concerned
        ],
    }


def _tell(one: Shown) -> None:
    facts({
        "title": one.title,
        "id": one.id,
        "publisher": f"{one.publisher} ({one.namespace})",
        "category": one.category,
        "version": f"{one.version}, {one.status}",
        "released": f"{one.initial_release_date}; this version {one.current_release_date}",
        "tlp": "not marked" if one.tlp is None else f"TLP:{one.tlp.upper()}",
    })  # fmt: skip
    for vulnerability in one.vulnerabilities:
        answers().print()
        answers().print(visible(vulnerability.heading), soft_wrap=True)
        if vulnerability.products:
            table(
                ("product", "status", "score", "known as"),
                (
                    (product.name, ", ".join(product.status).replace("_", " "),
                     "\n".join(product.scores), "\n".join(product.identifiers))
                    for product in vulnerability.products
                ),
            )  # fmt: skip
        for remediation in vulnerability.remediations:
            answers().print(visible(_told(remediation)), soft_wrap=True)


def _told(remedy: Remedy) -> str:
    """A remediation in one line, whatever is in its text."""
    number = len(remedy.products)
    whom = [f"{number} product{'s' * (number != 1)}"] if number else []
    whom += [f"the group {group}" for group in remedy.groups]
    head = remedy.category.replace("_", " ") + (f" for {' and '.join(whom)}" if whom else "")
    return "  " + " ".join(f"{head}: {remedy.details} {remedy.url or ''}".split())
