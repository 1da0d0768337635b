# SPDX-License-Identifier: EUPL-1.2
"""`brug import`: events and values out of files, each event in a transaction of its own.

A file or item that does not fit is refused by name, line and column, and the rest goes on;
the exit code then says that something was refused.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.cli.moving_in import read_key, take_over
from brug.cli.node import opened
from brug.cli.output import Json, machine, progress, say
from brug.cli.sources import Source, count, sources
from brug.directory.accounts import acting_for_host
from brug.formats.json_text import Malformed, decode
from brug.formats.misp.documents import events_in, is_manifest
from brug.intel.intake.importing import Overrides, Taken, take_event, take_text, take_values
from brug.intel.search.indexing import index_pending
from brug.model.errors import BrugError, Invalid
from brug.moving.client import Access
from brug.moving.run import Wanted
from brug.store import settings
from brug.store.session import Database

_PANEL = "Moving from a MISP"


class Format(StrEnum):
    """How a file is read."""

    auto = "auto"
    misp = "misp"
    csv = "csv"
    freetext = "freetext"


class Refused(msgspec.Struct):
    """What was not taken in, and where it stands; line and column count from 1."""

    file: str
    line: int | None
    column: int | None
    item: str | None
    reason: str


class Summary(msgspec.Struct):
    """What an import did."""

    events: dict[str, int] = msgspec.field(
        default_factory=lambda: {"added": 0, "updated": 0, "unchanged": 0}
    )
    attributes: int = 0
    objects: int = 0
    refused: list[Refused] = msgspec.field(default_factory=list)


def import_(
    context: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, or - for standard input.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to read them.")] = Format.auto,
    distribution: Annotated[
        int | None, typer.Option(min=0, max=3, help="Level for all events, instead of their own.")
    ] = None,
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="Take all events in as unpublished.")
    ] = False,
    tag: Annotated[list[str] | None, typer.Option(help="Tag to add to every event.")] = None,
    info: Annotated[
        str | None, typer.Option(help="Title of events made of CSV and text files.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--as", help="E-mail address of the user who imports.")
    ] = None,
    from_misp: Annotated[
        str | None, typer.Option(help="Take over the MISP at this address.", rich_help_panel=_PANEL)
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help="File with the key of a site admin of it.", rich_help_panel=_PANEL),
    ] = None,
    dump: Annotated[
        Path | None,
        typer.Option(
            "--database",
            help="Dump of its database (.sql, .gz, .zst), for passwords and keys.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would not carry.", rich_help_panel=_PANEL),
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Look at what came before, too.", rich_help_panel=_PANEL),
    ] = False,
    ca: Annotated[
        Path | None, typer.Option(help="PEM of the authorities to trust.", rich_help_panel=_PANEL)
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(help="PEM of a client certificate with its key.", rich_help_panel=_PANEL),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Trust any certificate.", rich_help_panel=_PANEL),
    ] = False,
    proxy: Annotated[
        str | None, typer.Option(help="Proxy to reach it through.", rich_help_panel=_PANEL)
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Let bridges carry what is published in the files.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read events and values from files, or take over a MISP. Importing shares nothing."""
    if from_misp is not None:
        if paths or key_file is None:
            raise Invalid("--from-misp", "--key-file, and no files to import")
        access = Access(from_misp, read_key(key_file), ca, certificate, not insecure, proxy)
        wanted = Wanted(dry_run=dry_run, again=again, dump=dump)
        take_over(context.obj, access, wanted, as_json=as_json)
        return
    if not paths:
        raise Invalid("PATHS", "files to import, or --from-misp")
    overrides = Overrides(distribution, unpublished, tuple(tag or ()), share)
    summary = Summary()
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, user)
            limit = int(settings.get(session, "limits.import_bytes"))
        one = _Import(database, user_id, overrides, form, info)
        total = count(paths)
        with progress("Importing") as told:
            for done, source in enumerate(sources(paths, limit)):
                told(source.name.rpartition("/")[2], done, max(total, done + 1))
                one.take(source, summary)
        index_pending(database)
    _tell(summary, as_json)
    if summary.refused:
        raise typer.Exit(1)


class _Import:
    """Takes one source after the other."""

    def __init__(
        self,
        database: Database,
        user_id: int,
        overrides: Overrides,
        form: Format,
        info: str | None,
    ) -> None:
        self._database = database
        self._user_id = user_id
        self._overrides = overrides
        self._form = form
        self._info = info

    def take(self, source: Source, summary: Summary) -> None:
        """Adds what becomes of a source to the summary."""
        if source.failure is not None:
            summary.refused.append(Refused(source.name, None, None, None, source.failure))
            return
        form = self._form if self._form is not Format.auto else _guess(source)
        if form is Format.misp:
            self._take_misp(source, summary)
        else:
            self._take_plain(source, form, summary)

    def _take_misp(self, source: Source, summary: Summary) -> None:
        try:
            document = decode(source.content.removeprefix(b"\xef\xbb\xbf"))
        except Malformed as error:
            summary.refused.append(
                Refused(source.name, error.line, error.column, None, f"not JSON: {error.reason}")
            )
            return
        if is_manifest(document):
            return
        for place, raw in events_in(document):
            self._take_event(source, place, raw, summary)

    def _take_event(
        self, source: Source, place: str, raw: dict[str, Any] | None, summary: Summary
    ) -> None:
        item = place.removeprefix(".") or "Event"
        if raw is None:
            reason = "no MISP event stands here"
            summary.refused.append(Refused(source.name, 1, 1, item, reason))
            return
        try:
            with self._database.as_user(self._user_id) as session:
                taken = take_event(session, raw, self._overrides)
        except BrugError as error:
            line, column = _position(source.content, raw)
            summary.refused.append(Refused(source.name, line, column, item, error.public))
            return
        _add(summary, taken, source, item)

    def _take_plain(self, source: Source, form: Format, summary: Summary) -> None:
        take = take_values if form is Format.csv else take_text
        title = self._info or source.name.rpartition("/")[2]
        try:
            text = source.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = source.content.count(b"\n", 0, error.start) + 1
            reason = "a byte that is not UTF-8"
            summary.refused.append(Refused(source.name, line, None, None, reason))
            return
        try:
            with self._database.as_user(self._user_id) as session:
                taken = take(session, text, title, self._overrides)
        except BrugError as error:
            summary.refused.append(Refused(source.name, None, None, None, error.public))
            return
        _add(summary, taken, source, "")


def _guess(source: Source) -> Format:
    """By the name where it tells, else by how the content begins."""
    name = source.name.lower()
    for ending, form in ((".json", Format.misp), (".csv", Format.csv), (".txt", Format.freetext)):
        if name.endswith(ending):
            return form
    start = source.content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in {b"{", b"["}:
        return Format.misp
    first = source.content.partition(b"\n")[0].lower()
    return Format.csv if b"value" in first and b"," in first else Format.freetext


def _add(summary: Summary, taken: Taken, source: Source, item: str) -> None:
    summary.events[taken.outcome] += 1
    summary.attributes += taken.attributes
    summary.objects += taken.objects
    for refusal in taken.refused:
        line, column = refusal.line, refusal.column
        if line is None and isinstance(refusal.item, dict):
            line, column = _position(source.content, refusal.item)
        reasons = "; ".join(f"{f}: {' '.join(texts)}" for f, texts in refusal.errors.items())
        where = f"{item}.{refusal.place}".removeprefix(".")
        summary.refused.append(Refused(source.name, line, column, where, reasons))


def _position(content: bytes, item: dict[str, Any]) -> tuple[int | None, int | None]:
    """Where an item stands: where its UUID, or else its value, is first written."""
    for name in ("uuid", "value", "info", "name"):
        text = item.get(name)
        if isinstance(text, str) and text:
            found = content.find(msgspec.json.encode(text))
            if found >= 0:
                line = content.count(b"\n", 0, found) + 1
                return line, found - (content.rfind(b"\n", 0, found) + 1) + 1
    return None, None


def _lines(summary: Summary) -> Iterator[str]:
    for r in summary.refused:
        place = ":".join(str(part) for part in (r.file, r.line, r.column) if part is not None)
        yield f"refused {place}{' ' + r.item if r.item else ''}: {r.reason}"
    e = summary.events
    yield (
        f"{e['added']} events added, {e['updated']} updated, {e['unchanged']} unchanged;"
        f" {summary.attributes} attributes, {summary.objects} objects;"
        f" {len(summary.refused)} refused"
    )


def _tell(summary: Summary, as_json: bool) -> None:
    if as_json:
        machine(summary)
        return
    for line in _lines(summary):
        say(line)
