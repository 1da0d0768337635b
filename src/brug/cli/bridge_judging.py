# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge release`, `refuse`, `parts`: a person's word on what is held, whole or in parts."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import typer

from brug.bridges import judging_parts, partners
from brug.bridges.crossing import judging
from brug.bridges.crossing.rows import Crossing
from brug.bridges.judging_parts import HeldParts
from brug.bridges.partners import BridgeRow
from brug.cli.bridge_crossing import As, Because, Event, acting_as, tell
from brug.cli.node import opened
from brug.cli.output import Json, machine, table
from brug.directory.accounts import acting_for_host
from brug.model.errors import Invalid, NotFound
from brug.model.naming import number_in
from brug.store.session import Database, Session

What = Annotated[
    str, typer.Argument(help="Number of the crossing; with parts, the event: number or UUID.")
]
Attributes = Annotated[
    list[str] | None, typer.Option("--attribute", help="Attribute that is held, by UUID.")
]
Objects = Annotated[
    list[str] | None,
    typer.Option("--object", help="Object, by UUID: all attributes in it that are held."),
]
Others = Annotated[
    list[str] | None,
    typer.Option("--part", help="Report, note, sighting or proposal that is held, by UUID."),
]
On = Annotated[
    str | None,
    typer.Option("--to", help="Bridge, if the parts are held on more: name, number or UUID."),
]


def _verb(
    says: str, judge: Callable[[Session, int, str], Crossing], *, release_them: bool
) -> Callable[..., None]:
    def verb(
        context: typer.Context, what: What, because: Because, attribute: Attributes = None,
        objects: Objects = None, part: Others = None, to: On = None, who: As = None,
        as_json: Json = False,
    ) -> None:  # fmt: skip
        named = [*(attribute or ()), *(objects or ()), *(part or ())]
        if named or to:
            _judge_parts(
                context, what, named, to, because, who, release_them=release_them, as_json=as_json
            )
            return
        with acting_as(context, who) as session:
            found = judge(session, _number(what), because)
        tell(found, as_json=as_json)

    verb.__doc__ = says
    return verb


release = _verb(
    "Let a held crossing go, or held parts of an event (or say the first of two yeses).",
    judging.release,
    release_them=True,
)
refuse = _verb(
    "Keep a held crossing here, or held parts of an event.", judging.refuse, release_them=False
)


def parts(
    context: typer.Context, event: Event, to: On = None, who: As = None, as_json: Json = False
) -> None:
    """List the parts of an event that are held on bridges, with why."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
            bridge = partners.view(session, to) if to else None
        found = _held(database, user_id, event, bridge)
    if as_json:
        machine(found)
        return
    table(
        ("partner", "kind", "part", "in object", "says", "why", "said"),
        (
            (
                one.partner, part.kind, part.uuid, part.parent, part.says,
                " ".join(dict.fromkeys(str(reason["text"]) for reason in part.reasons)),
                part.judged,
            )
            for one in found
            for part in one.parts
        ),
    )  # fmt: skip


def _held(
    database: Database, user_id: int, event: str, bridge: BridgeRow | None
) -> list[HeldParts]:
    with database.as_user(user_id) as session:
        if bridge is None:
            return judging_parts.everywhere(database, session, event)
        return [judging_parts.held(database, session, bridge, event)]


def _judge_parts(
    context: typer.Context, event: str, named: list[str], to: str | None, because: str,
    who: str | None, *, release_them: bool, as_json: bool,
) -> None:  # fmt: skip
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
            bridge = partners.view(session, to) if to else None
        if bridge is None:
            bridge = _only(database, user_id, event, named)
        done = judging_parts.judge(
            database, user_id, bridge, event, named, because, release=release_them
        )
    said: list[dict[str, Any]] = [
        {"partner": bridge.partner, "done": what, **msgspec.to_builtins(part)}
        for part, what in done
    ]
    if as_json:
        machine(said)
        return
    table(
        ("partner", "kind", "part", "says", "done"),
        ((one["partner"], one["kind"], one["uuid"], one["says"], one["done"]) for one in said),
    )


def _only(database: Database, user_id: int, event: str, named: list[str]) -> BridgeRow:
    """The one bridge on which such a part is held. Raises NotFound, Invalid."""
    wanted = {name.strip().lower() for name in named}
    found = [
        one for one in _held(database, user_id, event, None)
        if any(wanted & {part.uuid, part.parent} for part in one.parts)
    ]  # fmt: skip
    if not found:
        raise NotFound(f"nothing of event {event[:60]} by these UUIDs is held on any bridge")
    if len(found) > 1:
        names = ", ".join(one.partner for one in found)
        raise Invalid("to", f"one of the bridges on which it is held: {names}")
    with database.system() as session:
        return partners.view(session, found[0].bridge_id)


def _number(what: str) -> int:
    number = number_in(what)
    if number is None:
        expected = "the number of a crossing (with --attribute, --object or --part: an event)"
        raise Invalid("what", expected, what)
    return number


VERBS: dict[str, Any] = {"release": release, "refuse": refuse, "parts": parts}
