# SPDX-License-Identifier: EUPL-1.2
"""`brug search`: is it known, is it a known false positive, and where does it stand."""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated, Any

import typer

from brug.cli.node import opened
from brug.cli.output import Json, answers, machine, visible
from brug.directory.accounts import acting_for_host
from brug.intel.search.attributes import Found
from brug.intel.search.looking_up import Known, look_up


def search(
    context: typer.Context,
    values: Annotated[
        list[str], typer.Argument(metavar="VALUE...", help="Values; % stands for any text.")
    ],
    user: Annotated[
        str | None, typer.Option("--as", help="E-mail address of the user who asks.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look values up: known or unknown, known false positives, and the events they are in."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, user)
        with database.as_user(user_id) as session:
            found = look_up(session, values)
    if as_json:
        machine([_record(one) for one in found])
        return
    for one in found:
        for line in _lines(one):
            answers().print(visible(line), soft_wrap=True)


def _record(one: Known) -> dict[str, Any]:
    return {
        "value": one.value,
        "known": one.known,
        "false_positive": one.false_positive,
        "hits": [_hit(hit) for hit in one.hits],
        "more": one.more,
        "networks": [_hit(hit) for hit in one.networks],
    }


def _hit(hit: Found) -> dict[str, Any]:
    return {
        "value": hit.value,
        "type": hit.type,
        "category": hit.category,
        "to_ids": hit.to_ids,
        "comment": hit.comment,
        "uuid": hit.uuid,
        "event_id": hit.event_id,
        "event_uuid": hit.event_uuid,
        "event_info": hit.event_info,
    }


def _lines(one: Known) -> Iterable[str]:
    state = "known" if one.known else "unknown"
    yield f"{one.value}: {state}" + (", known false positive" if one.false_positive else "")
    for name in one.false_positive:
        yield f"  on the list {name}"
    yield from _by_event(one.hits)
    if one.more:
        yield "  and more"
    if one.networks:
        yield "  related by network:"
        yield from _by_event(one.networks)


def _by_event(hits: list[Found]) -> Iterable[str]:
    for _, some in groupby(sorted(hits, key=lambda h: h.event_id), key=lambda h: h.event_id):
        inside = list(some)
        first = inside[0]
        yield f"  event {first.event_id} {first.event_info} ({first.event_uuid})"
        for hit in inside:
            detection = ", for detection" if hit.to_ids else ""
            comment = f": {hit.comment}" if hit.comment else ""
            yield f"    {hit.type} {hit.value} ({hit.category}{detection}){comment}"
