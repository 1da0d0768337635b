# SPDX-License-Identifier: EUPL-1.2
"""`brug ledger partners | accept`: logs of partners that are followed here."""

from typing import Annotated

import typer

from brug.bridges import partners
from brug.bridges.ledger import overview, partner_logs
from brug.bridges.ledger.partner_logs import PartnerLog
from brug.bridges.partners import BridgeRow
from brug.cli.node import opened
from brug.cli.output import Json, machine, say, table
from brug.directory.accounts import acting_for_host
from brug.model.errors import Invalid
from brug.store.session import Session

As = Annotated[str | None, typer.Option("--as", help="E-mail address of the user who does it.")]
Origin = Annotated[
    str, typer.Argument(metavar="LOG", help="Origin of the log; `brug ledger partners` lists them.")
]
_FIELDS = "log", "partner", "countersigned", "seen", "state"


def partners_(context: typer.Context, as_json: Json = False) -> None:
    """List the logs of partners, up to where they are countersigned here, and which wait."""
    with opened(context.obj) as database, database.system() as session:
        shown = [
            {
                "log": log.origin, "partner": bridge.partner, "countersigned": log.size,
                "seen": log.seen, "state": _state(log, is_newest=log is several[0]),
            }
            for bridge, several in _followed(session) for log in several
        ]  # fmt: skip
    if as_json:
        machine(shown)
    else:
        table(_FIELDS, (tuple(one.values()) for one in shown))


def accept(context: typer.Context, log: Origin, who: As = None) -> None:
    """Accept that a partner's log began anew: as it says itself, its node was restored."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            partners.require_admin(session)
            bridge, found = _waiting(session, log)
            partner_logs.accept(session, bridge, found.id)
    say(f"accepted {log}; it is countersigned from the next exchange on")


def _followed(session: Session) -> list[tuple[BridgeRow, list[PartnerLog]]]:
    found = overview.followed(session, overview.bridges_of(session))
    return [(one.bridge, one.logs) for one in found]


def _waiting(session: Session, origin: str) -> tuple[BridgeRow, PartnerLog]:
    waiting = {
        log.origin: (bridge, log)
        for bridge, several in _followed(session) for log in several if log.accepted is None
    }  # fmt: skip
    if origin not in waiting:
        raise Invalid("log", f"one of {', '.join(waiting) or 'none: nothing waits'}", origin)
    return waiting[origin]


def _state(log: PartnerLog, *, is_newest: bool) -> str:
    if log.problems:
        return "contradicts itself"
    if log.accepted is None:
        return "waits for a person"
    return "followed" if is_newest else "ended"
