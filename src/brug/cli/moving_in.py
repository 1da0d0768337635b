# SPDX-License-Identifier: EUPL-1.2
"""`brug import --from-misp`: takes over a running MISP, or says what that would do."""

from collections.abc import Iterator
from pathlib import Path

import typer

from brug.cli.node import opened
from brug.cli.output import answers, machine, progress, say, visible
from brug.model.errors import Invalid
from brug.moving.client import Access, Misp
from brug.moving.report import Kind, Report
from brug.moving.run import Wanted, move
from brug.store.home import Home


def read_key(path: Path) -> str:
    """The key in a file: its first line. Raises Invalid."""
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("--key-file", f"a readable file with an API key in it ({error})") from error
    if not key or "\n" in key or " " in key:
        raise Invalid("--key-file", "a file with one API key in it")
    return key


def take_over(home: Home, access: Access, wanted: Wanted, *, as_json: bool) -> None:
    """Runs the move and tells of it; exits with 1 where something did not come along."""
    with opened(home) as database, Misp(access) as misp, progress("Moving") as told:
        report = move(misp, database, wanted, told)
    tell(report, as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)


def tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        machine(report)
        return
    for line in _lines(report):
        answers().print(visible(line), soft_wrap=True)
    for refused in report.refused:
        say(f"refused {refused.item}: {refused.reason}")
    for line in report.differences:
        say(f"differs {line}")


def _counted(report: Report, kind: str, counted: Kind) -> str:
    if report.keeps_ids is None:  # handed over
        return f"{kind}: {counted.here} of {counted.there} handed over"
    here = "" if report.dry_run else f", {counted.here} here"
    return f"{kind}: {counted.there} there{here}"


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.source} (MISP {report.version})" if report.version else report.source
    if report.keeps_ids is not None:
        yield "numbers are kept" if report.keeps_ids else "everything gets new numbers"
    for kind, counted in report.kinds.items():
        yield _counted(report, kind, counted)
    for lost in report.lost:
        count = "" if lost.count is None else f" ({lost.count})"
        yield f"does not carry: {lost.what}{count}; {lost.advice}"
    yield from report.remarks
    for person in report.people:
        several = "" if person.keys == 1 else "s"
        needs = [f"{person.keys} new key{several}"] if person.keys else []
        needs += ["a new password"] if person.password else []
        if needs:
            yield f"{person.email} needs {' and '.join(needs)}"
    if not report.dry_run and report.keeps_ids is not None:
        yield f"{report.verified} events verified, {len(report.differences)} differences"
