# SPDX-License-Identifier: EUPL-1.2
"""`brug advisory draft`, `put`, `list` and `release`: own advisories, from a disclosure on."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from brug.cases import files
from brug.cases.advisories import editing, releasing, storing
from brug.cases.advisories.releasing import NotValid
from brug.cli import advisory_scores  # noqa: F401 — it registers its verb
from brug.cli.advisory_group import group
from brug.cli.case_group import As, Which, acting_as
from brug.cli.files import content, written
from brug.cli.output import Json, answers, facts, machine, records, say, visible
from brug.formats.csaf.checking import check
from brug.formats.csaf.document import Status
from brug.formats.csaf.records import plain
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.csaf.writing import to_bytes
from brug.model.errors import Invalid


class Tlp(StrEnum):
    """For whom an advisory is."""

    clear = "clear"
    green = "green"
    amber = "amber"
    red = "red"


class Steps(StrEnum):
    """Which number of a semantic version counts up."""

    major = "major"
    minor = "minor"
    patch = "patch"


How = Annotated[
    Steps | None,
    typer.Option(
        help="Which number of the version counts up from the last release. Without it a draft"
        " stays what it is to become; the first one after a release is the next major version."
    ),
]


@group.command("draft")
def draft(
    context: typer.Context,
    which: Which,
    out: Annotated[Path | None, typer.Option(help="File to write; answered if not given.")] = None,
    id_: Annotated[str, typer.Option("--id", help="Which, where the case has several.")] = "",
    new: Annotated[bool, typer.Option(help="Begin another one.")] = False,
    tlp: Annotated[Tlp, typer.Option(help="Label of a new one.")] = Tlp.clear,
    who: As = None,
) -> None:
    """Begin an advisory on a disclosure, or hand out its newest draft to be edited."""
    with acting_as(context, who) as session:
        storing.require_author(session)
        every = storing.listed(session, files.find(session, which).id)
        known = [one for one in every if not id_ or one.tracking_id == id_]
        if new or not (known or id_):
            own, advisory = editing.begin(session, which, tlp.value)
        elif len(known) == 1:
            own = known[0]
            advisory = storing.newest(session, own)
        else:
            ids = ", ".join(one.tracking_id for one in every)
            raise Invalid("--id", f"one of {ids}" if ids else "none: the case has no advisory", id_)
    with written(out or Path("-"), "--out") as file:
        file.write(to_bytes(advisory))
    if out is not None:
        say(f"{own.tracking_id}, version {advisory.document.tracking.version}: {out}")


@group.command("put")
def put(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The edited document, or - for standard input.")],
    case: Annotated[str, typer.Option(help="Number of the case that it belongs to.")],
    changes: Annotated[str, typer.Option("--summary", help="What changed.")] = "Draft",
    step: How = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Take an edited document as the next draft; says what would keep it from being released."""
    raw = content(Path(file), "FILE")
    with acting_as(context, who) as session:
        own, advisory = editing.put(session, case, raw, changes, step.value if step else None)
    found = _findings(advisory)
    told = {"id": own.tracking_id, "version": advisory.document.tracking.version}
    if as_json:
        machine(told | {"findings": found})
        return
    facts(told)
    for line in found:
        answers().print(visible(line), soft_wrap=True)


def _findings(advisory: Advisory) -> list[str]:
    return [f"{one.test} {one.pointer or '/'}: {one.message}" for one in check(plain(advisory))]


@group.command("list")
def list_(context: typer.Context, who: As = None, as_json: Json = False) -> None:
    """List own advisories: drafts that you may edit, and what was released of them."""
    with acting_as(context, who) as session:
        storing.require_author(session)
        found = storing.listed(session)
    names = ("tracking_id", "case", "has_draft", "version", "status", "label", "released")
    records(found, names, as_json=as_json)


@group.command("release")
def release(
    context: typer.Context,
    advisory: Annotated[str, typer.Argument(help="Its id, as in ADV-2026-0001.")],
    changes: Annotated[str, typer.Option("--summary", help="What changed, for readers.")],
    interim: Annotated[bool, typer.Option(help="More changes come soon.")] = False,
    step: How = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask where it leaves its address for fewer.")
    ] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Release an advisory: checked, signed, served by its label; it is never taken back."""
    if not yes:
        _require_consent(context, who, advisory)
    status: Status = "interim" if interim else "final"
    try:
        with acting_as(context, who) as session:
            done = releasing.release(
                session, advisory, changes, status, step.value if step else None
            )
    except NotValid as error:
        for one in error.findings:
            say(f"{one.test} {one.title}: {one.pointer or '/'}: {one.message}")
        say(f"brug: {advisory} was not released: findings: {len(error.findings)}")
        raise typer.Exit(1) from error
    if as_json:
        machine(done)
        return
    facts({
        "id": done.tracking_id, "version": f"{done.version}, {done.status}",
        "tlp": f"TLP:{done.label}", "served": done.url or "nowhere: hand it over yourselves",
        "sha256": done.sha256,
    })  # fmt: skip


def _require_consent(context: typer.Context, who: str | None, advisory: str) -> None:
    """Where the release takes the advisory away from those who have it."""
    with acting_as(context, who) as session:
        storing.require_author(session)
        found = releasing.leaving(session, storing.find(session, advisory))
    if found is None:
        return
    say(
        f"It was released as TLP:{found.label}. As TLP:{found.becomes} it leaves {found.url} and"
        " the lists beside it; whoever fetched it keeps what they have."
    )
    if not sys.stdin.isatty():
        raise Invalid("--yes", "it, where nobody can be asked")
    typer.confirm("Release it so?", abort=True, err=True)
