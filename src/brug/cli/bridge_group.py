# SPDX-License-Identifier: EUPL-1.2
"""The group that all verbs under `brug bridge` belong to, and what they have in common."""

from typing import Annotated

import typer

group = typer.Typer(
    help="Bridges to partners: connect, look at, pause, close.", no_args_is_help=True
)

Which = Annotated[str, typer.Argument(help="Name of the partner, or id or UUID of the bridge.")]
