# SPDX-License-Identifier: EUPL-1.2
"""The group that all verbs under `brug advisory` belong to."""

import typer

group = typer.Typer(help="Security advisories in CSAF 2.0.", no_args_is_help=True)
STANDARD_INPUT = "-"
