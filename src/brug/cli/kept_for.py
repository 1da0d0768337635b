# SPDX-License-Identifier: EUPL-1.2
"""For how long what came from a source is kept, as its verb takes and tells it."""

from typing import Annotated

import typer

from brug.cli.output import facts, machine

Days = Annotated[
    int | None, typer.Option("--days", help="Keep its events for so many days; 0: for good.")
]


def tell(source: str, name: str, days: int, *, as_json: bool) -> None:
    """`source` is what it is: a server or a feed."""
    told = {source: name, "days": days}
    machine(told) if as_json else facts(told)
