# SPDX-License-Identifier: EUPL-1.2
"""`brug show`: one event, for people or as its MISP document."""

from collections.abc import Iterable
from typing import Annotated

import typer

from brug.cli.node import opened
from brug.cli.output import Json, answers, facts, machine, table, visible
from brug.directory.accounts import acting_for_host
from brug.formats.misp.writing import joined
from brug.intel import loading
from brug.intel.leaving import whole
from brug.model.event import Attribute, Event

_LEVELS = (
    "own organisation", "this community", "connected communities", "all communities",
    "sharing group", "as its parent",
)  # fmt: skip
_THREAT = {1: "high", 2: "medium", 3: "low", 4: "undefined"}
_ANALYSIS = {0: "initial", 1: "ongoing", 2: "complete"}


def show(
    context: typer.Context,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Id or UUID of the event.")],
    user: Annotated[
        str | None, typer.Option("--as", help="E-mail address of the user who asks.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show one event with what hangs on it."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, user)
        with database.as_user(user_id) as session:
            found = loading.event(session, event)
            made = whole.document(session, found) if as_json else None
    if made is not None:
        machine({"Event": made})
        return
    _tell(found)


def _tell(found: Event) -> None:
    head = found.head
    facts(
        {
            "Event": f"{head.id} {head.info}",
            "UUID": head.uuid,
            "Date": head.date,
            "Creator": found.orgc.name,
            "Held by": found.org.name,
            "Level": _LEVELS[head.distribution],
            "Threat level": _THREAT.get(head.threat_level_id, head.threat_level_id),
            "Analysis": _ANALYSIS.get(head.analysis, head.analysis),
            "State": "published" if head.published else "draft",
            "Tags": [tag.name for tag in found.tags],
        }
    )
    if found.attributes:
        answers().print()
        table(
            ("type", "value", "category", "detection", "comment", "tags"), _rows(found.attributes)
        )
    for one in found.objects:
        answers().print()
        answers().print(visible(f"Object {one.name} {one.comment}".rstrip()))
        table(("role", "type", "value", "detection", "tags"), (
            (a.object_relation, a.type, joined(a), _detection(a), _tags(a))
            for a in one.attributes
        ))  # fmt: skip
    for report in found.reports:
        answers().print()
        answers().print(visible(f"Report {report.name}\n{report.content}"), soft_wrap=True)


def _rows(items: list[Attribute]) -> Iterable[tuple[str, ...]]:
    for a in items:
        yield a.type, joined(a), a.category, _detection(a), a.comment, _tags(a)


def _detection(a: Attribute) -> str:
    return "yes" if a.to_ids else ""


def _tags(a: Attribute) -> str:
    return ", ".join(tag.name for tag in a.tags)
