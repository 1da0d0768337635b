# SPDX-License-Identifier: EUPL-1.2
"""`brug advisory import`, `catalogue` and `concerns`: advisories of others in this node."""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from brug.cases.catalogue import finding, levels, settling, taking
from brug.cases.catalogue.finding import Wanted
from brug.cases.catalogue.taking import BYTES_AT_ONCE, MOST_AT_ONCE, Came, Origin, Taken
from brug.cli.advisory_group import group
from brug.cli.case_group import As, acting_as
from brug.cli.files import content, is_there
from brug.cli.node import opened
from brug.cli.output import Json, machine, progress, say, table
from brug.cli.sources import Source, count, sources
from brug.formats.csaf.reading import MAX_BYTES
from brug.formats.openpgp_signing import read_signer, verifies
from brug.model.errors import Invalid
from brug.store import settings
from brug.store.session import Database

_LISTS = (b'"canonical_url"', b'"feed"', b'"service"', b'"aggregator"', b'"categories"')


class Audiences(StrEnum):
    """For whom: what a document's own label says narrows it."""

    own = "own"
    community = "community"
    group = "group"


For = Annotated[Audiences, typer.Option("--for", help="Who may see them, as the label allows.")]
Group = Annotated[str, typer.Option("--group", help="Sharing group: name, number or UUID.")]


@group.command("import")
def import_(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, .zip, -.")],
    audience: For = Audiences.community,
    sharing_group: Group = "",
    key: Annotated[
        Path | None, typer.Option(help="OpenPGP key that signatures (.asc) beside files are of.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take advisories of others into the catalogue; ends with 1 if one was refused."""
    public = None
    if key is not None:
        public = read_signer(content(key, "--key").decode(errors="replace")).text
    told: list[Taken] = []
    with opened(context.obj) as database:
        with database.system() as session:
            level, number = levels.read(session, audience.value, sharing_group)
            origin = Origin(levels.host(session), level, number)
            limit = int(settings.get(session, "limits.import_bytes"))
        total = count(paths)
        waiting: list[Came] = []
        size = 0
        with progress("Importing") as shown:
            for done, source in enumerate(sources(paths, limit)):
                shown(source.name.rpartition("/")[2], done, max(total, done + 1))
                if source.failure is None and _is_list(source.content):
                    continue
                one = _came(source, public)
                if isinstance(one, Taken):
                    told.append(one)
                    continue
                waiting.append(one)
                size += len(one.raw)
                if len(waiting) == MOST_AT_ONCE or size >= BYTES_AT_ONCE:
                    told += _take(database, waiting, origin)
                    waiting, size = [], 0
            told += _take(database, waiting, origin)
            settling.settle(database)
    _tell(told, as_json=as_json)
    if any(one.outcome == "refused" for one in told):
        raise typer.Exit(1)


def _take(database: Database, some: list[Came], origin: Origin) -> list[Taken]:
    if not some:
        return []
    with database.system() as session:
        return taking.take(session, some, origin)


def _is_list(content: bytes) -> bool:
    """Whether it is what stands beside advisories in a provider's tree."""
    return b'"document"' not in content and any(mark in content for mark in _LISTS)


def _came(source: Source, public: str | None) -> Came | Taken:
    """With what lies beside it looked at; a digest or signature that is wrong refuses it."""
    name, raw = source.name, source.content
    if source.failure is not None:
        return Taken(name, "refused", reason=source.failure)
    digests = "none"
    for algorithm in ("sha512", "sha256"):
        beside = Path(f"{name}.{algorithm}")
        if is_there(beside) and len(raw) <= MAX_BYTES:
            said = beside.read_text(errors="replace").split(maxsplit=1)
            if not said or said[0].lower() != hashlib.new(algorithm, raw).hexdigest():
                return Taken(name, "refused", reason=f"{algorithm}: not the digest beside it")
            digests = "right"
    beside = Path(f"{name}.asc")
    if not is_there(beside):
        return Came(name, raw, "right" if digests == "right" else "none")
    if public is None:
        return Came(name, raw, "right" if digests == "right" else "none", "unchecked")
    if not verifies(public, raw, beside.read_bytes()):
        return Taken(name, "refused", reason="the signature beside it is not of the key given")
    fingerprint = read_signer(public).fingerprint
    return Came(name, raw, "right" if digests == "right" else "none", "verified", fingerprint)


def _tell(told: list[Taken], *, as_json: bool) -> None:
    if as_json:
        machine(told)
        return
    for one in told:
        if one.outcome == "refused":
            say(f"{one.place}: refused: {one.reason}")
    numbers = {
        outcome: sum(1 for one in told if one.outcome == outcome)
        for outcome in ("added", "replaced", "unchanged", "older", "refused")
    }
    say(", ".join(f"{number} {outcome}" for outcome, number in numbers.items() if number) or "none")


@group.command("catalogue")
def catalogue(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="Words that stand in it.")] = None,
    severity: Annotated[str, typer.Option(help="critical, high, medium, low or none.")] = "",
    publisher: Annotated[str, typer.Option(help="Name of the publisher.")] = "",
    concerns: Annotated[
        bool, typer.Option("--concerns", help="Only those on products that are registered.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=finding.MOST, help="How many.")] = 50,
    who: As = None,
    as_json: Json = False,
) -> None:
    """List advisories of others, the last released first, or search them."""
    if severity and severity not in finding.SEVERITIES:
        raise Invalid("--severity", f"one of {', '.join(finding.SEVERITIES)}", severity)
    wanted = Wanted(
        text=" ".join(words or ()), severity=severity, publisher=publisher, concerns=concerns
    )
    with acting_as(context, who) as session:
        found, total = finding.listed(session, wanted, limit)
    if as_json:
        machine({"total": total, "advisories": found})
        return
    table(
        ("no", "id", "version", "released", "score", "concerns", "title", "publisher"),
        (
            (one.id, one.tracking_id, f"{one.version}{' withdrawn' if one.withdrawn else ''}",
             str(one.released)[:10], one.score, one.concerned or "", one.title, one.publisher)
            for one in found
        ),
    )  # fmt: skip
    if total > len(found):
        say(f"{len(found)} of {total}")


@group.command("concerns")
def concerns(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    every: Annotated[
        bool, typer.Option("--all", help="Also what is fixed or not affected.")
    ] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """List which advisories concern registered products, and why."""
    with acting_as(context, who) as session:
        found, total = finding.concerns(session, every=every, limit=limit)
    if as_json:
        machine({"total": total, "concerns": found})
        return
    table(
        ("advisory", "score", "organisation", "product", "version", "bill", "says", "sure", "by",
         "why"),
        (
            (one.tracking_id, one.score, one.organisation, one.product, one.product_version,
             one.bill, one.outcome.replace("_", " "), one.certainty, one.by_what,
             f"{one.statement} ({one.why})")
            for one in found
        ),
    )  # fmt: skip
    if total > len(found):
        say(f"{len(found)} of {total}")
