# SPDX-License-Identifier: EUPL-1.2
"""`brug export`: events or indicators to a file or standard output, by the search's filters.

One option for each filter of `brug.intel.search.filters`. A filter that does not act on
what is exported is refused.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from inspect import Parameter, Signature
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec
import typer

from brug.cli.moving_out import hand_over, misp_options
from brug.cli.node import opened
from brug.cli.output import Json, machine, progress, say
from brug.directory.accounts import acting_for_host
from brug.formats import csv
from brug.formats.sensors.table import SENSORS
from brug.intel.leaving import exporting, left_out, sensors, whole
from brug.intel.leaving.files import FILES
from brug.intel.search import attributes, events, filters
from brug.intel.search.filters import FILTERS, Filters, Scope
from brug.model.errors import Invalid
from brug.store import settings
from brug.store.session import Session

BATCH = 5_000


_OWN = ("misp", "csv", "json", "hashes", "values")
# What is written: the formats made here, and those of every other way out.
Format = StrEnum("Format", [(name, name) for name in (*_OWN, *FILES)])  # type: ignore[misc]


Told = Callable[[str, int, int], None]


def _as_misp(session: Session, asked: Filters, out: IO[bytes], told: Told) -> int:
    """Whole events, as `brug import` takes them."""
    ids = events.find(session, asked).ids
    out.write(b'{"response": [')
    for number, one in enumerate(whole.documents(session, ids, asked)):
        out.write(b',\n{"Event":' if number else b'\n{"Event":')
        out.write(msgspec.json.encode(one) + b"}")
        told("events", number + 1, len(ids))
    out.write(b"\n]}\n")
    return len(ids)


def _as_json(session: Session, asked: Filters, out: IO[bytes], told: Told) -> int:
    """A list of attributes with the names of their events and their tags."""
    total, done = attributes.count(session, asked), 0
    out.write(b"[")
    for batch in attributes.stream(session, asked, BATCH):
        found = left_out.kept(session, batch, asked)
        tags = attributes.tags_of(session, [hit.id for hit in found])
        for hit in found:
            names = [tag.name for tag in tags.get(hit.id, [])]
            record = {"value": hit.value, **msgspec.structs.asdict(hit), "tags": names}
            out.write(b",\n" if done else b"\n")
            out.write(msgspec.json.encode(record))
            done += 1
        told("attributes", done, total)
    out.write(b"\n]\n")
    return done


def _in_bulk(form: str) -> Callable[[Session, Filters, IO[bytes], Told], int]:
    def write(session: Session, asked: Filters, out: IO[bytes], told: Told) -> int:
        told("selecting", 0, 1)
        chosen = left_out.without(session, exporting.of_attributes(session, asked), asked)
        told("writing", 0, 1)
        if form == "csv":
            columns = csv.columns((), context=False)
            return exporting.as_csv(session, chosen, columns, out, header=True)
        return exporting.FORMATS[form](session, chosen, out)

    return write


WRITERS: dict[str, tuple[Scope, Callable[[Session, Filters, IO[bytes], Told], int]]] = {
    "misp": ("events", _as_misp),
    "json": ("attributes", _as_json),
    "csv": ("attributes", _in_bulk("csv")),
    "hashes": ("attributes", _in_bulk("hashes")),
    "values": ("attributes", _in_bulk("values")),
}
# A new user wonders why nothing comes out of drafts; of values and their digests something does.
FOR_DETECTION = frozenset({*SENSORS, "hashes", "text"})


def _scope(form: str) -> Scope:
    return FILES[form].scope if form in FILES else WRITERS[form][0]


def _write(
    session: Session, form: str, asked: Filters, out: IO[bytes], told: Told, given: dict[str, str]
) -> int:
    if form in WRITERS:
        return WRITERS[form][1](session, asked, out, told)
    told("writing", 0, 1)
    url = str(settings.get(session, "node.url")).rstrip("/")
    return FILES[form].write(session, asked, out, sensors.settings_of(session, url, given))


def _named(form: str, pairs: list[str] | None) -> dict[str, str]:
    """`NAME=VALUE` as often as it is given; the format knows each name."""
    known = FILES[form].parameters if form in FILES else ()
    expected = " or ".join(known) or "none for this format"
    for pair in pairs or []:
        if "=" not in pair:
            raise Invalid("--parameter", "NAME=VALUE", pair)
        name = pair.partition("=")[0]
        if name not in known and name.removeprefix(f"{form}_") not in known:
            raise Invalid("--parameter", expected, name)
    return dict(pair.split("=", 1) for pair in pairs or [])


def _export(
    context: typer.Context,
    form: Format | None,
    output: Path | None,
    user: str | None,
    as_json: bool,
    parameter: list[str] | None,
    to_misp: str | None,
    key_file: Path | None,
    ca: Path | None,
    certificate: Path | None,
    insecure: bool,
    proxy: str | None,
    **given: list[str] | None,
) -> None:
    """Write out events or indicators, or hand everything to a MISP."""
    if to_misp is not None:
        asked = filters.read("events", _asked("events", given))
        with opened(context.obj) as database:
            with database.system() as session:
                user_id = acting_for_host(session, user)
            with database.as_user(user_id) as session:
                ids = sorted(events.find(session, asked).ids)
            access = (key_file, ca, certificate, insecure, proxy)
            hand_over(database, user_id, ids, to_misp, access, as_json=as_json)
        return
    if form is None:
        raise Invalid("--format", f"one of {', '.join(Format)}, or --to-misp")
    scope, said = _scope(form.value), _named(form.value, parameter)
    asked = filters.read(scope, _asked(scope, given))
    if form.value == "values" and asked.to_ids is None:
        asked.to_ids = True
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, user)
        with (
            database.as_user(user_id) as session,
            _destination(output) as out,
            progress("Exporting") as told,
        ):
            found = _write(session, form.value, asked, out, told, said)
    if as_json and output is not None:
        machine({"exported": found, "what": scope, "file": str(output)})
    else:
        say(f"{found} {scope} exported")
    if not found and form.value in FOR_DETECTION:
        say("This format holds attributes for detection (to_ids) of published events only.")


def _asked(scope: Scope, given: dict[str, list[str] | None]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for name, row in FILTERS.items():
        values = given.get(_PREFIX + name)
        if not values:
            continue
        if scope not in row.scopes:
            raise Invalid(_option(name), f"a filter of {scope}")
        asked[name] = values[0] if len(values) == 1 else values
    return asked


@contextmanager
def _destination(output: Path | None) -> Iterator[IO[bytes]]:
    """The file, which stands there whole or not at all; or standard output."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = output.with_name(output.name + ".unfinished")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)


# Options out of the table ---------------------------------------------------------------

_PREFIX = "filter_"


def _option(name: str) -> str:
    return "--" + re.sub(r"(?<=[a-z])([A-Z])", r"-\1", name).replace("_", "-").lower()


def _parameters() -> Iterator[Parameter]:
    way, named = Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY
    yield Parameter("context", way, annotation=typer.Context)
    form = Annotated[Format | None, typer.Option("--format", help="What to write.")]
    yield Parameter("form", named, annotation=form, default=None)
    path = Annotated[Path | None, typer.Option(help="File to write; else standard output.")]
    yield Parameter("output", named, annotation=path, default=None)
    who = Annotated[str | None, typer.Option("--as", help="E-mail address of the user who asks.")]
    yield Parameter("user", named, annotation=who, default=None)
    yield Parameter("as_json", named, annotation=Json, default=False)
    told = typer.Option(help="A parameter of the format, as NAME=VALUE (rpz_policy=DROP).")
    noted = Annotated[list[str] | None, told]
    yield Parameter("parameter", named, annotation=noted, default=None)
    yield from misp_options()
    for name, row in FILTERS.items():
        if row.scopes == {"objects"}:
            continue
        note = typer.Option(_option(name), help=row.meaning, rich_help_panel="Filters")
        yield Parameter(
            _PREFIX + name, named, annotation=Annotated[list[str] | None, note], default=None
        )


def _with_options(verb: Callable[..., None]) -> Callable[..., None]:
    parameters = list(_parameters())
    verb.__dict__["__signature__"] = Signature(parameters)
    verb.__annotations__ = {p.name: p.annotation for p in parameters}
    return verb


export = _with_options(_export)
