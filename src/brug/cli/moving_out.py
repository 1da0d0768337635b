# SPDX-License-Identifier: EUPL-1.2
"""`brug export --to-misp`: hands the node's content to a MISP, by its interface or a folder."""

from collections.abc import Iterator, Sequence
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from brug.cli.moving_in import read_key, tell
from brug.cli.output import progress
from brug.model.errors import Invalid
from brug.moving.client import Access, Misp
from brug.moving.folder import export_into
from brug.moving.out import export_to
from brug.store.session import Database


def _option(name: str, words: str) -> Any:
    return typer.Option(name, help=words, rich_help_panel="Moving to a MISP")


_AUTHORITIES = _option("--ca", "PEM of the authorities to trust.")
_CERTIFICATE = _option("--certificate", "PEM of a client certificate with its key.")
_OPTIONS: tuple[tuple[str, Any, Any], ...] = (
    (
        "to_misp",
        Annotated[
            str | None,
            _option("--to-misp", "Hand over to the MISP at this address, or into this folder."),
        ],
        None,
    ),
    (
        "key_file",
        Annotated[Path | None, _option("--key-file", "File with the key of a site admin of it.")],
        None,
    ),
    ("ca", Annotated[Path | None, _AUTHORITIES], None),
    ("certificate", Annotated[Path | None, _CERTIFICATE], None),
    ("insecure", Annotated[bool, _option("--insecure", "Trust any certificate.")], False),
    ("proxy", Annotated[str | None, _option("--proxy", "Proxy to reach it through.")], None),
)


def misp_options() -> Iterator[Parameter]:
    """The options of `brug export` that are for handing over to a MISP."""
    for name, noted, default in _OPTIONS:
        yield Parameter(name, Parameter.KEYWORD_ONLY, annotation=noted, default=default)


def is_address(target: str) -> bool:
    return target.startswith(("http://", "https://"))


def hand_over(
    database: Database,
    user_id: int,
    ids: Sequence[int],
    target: str,
    access: tuple[Path | None, Path | None, Path | None, bool, str | None],
    *,
    as_json: bool,
) -> None:
    """To an address or into a folder; exits with 1 where something was refused."""
    key_file, authorities, certificate, insecure, proxy = access
    with progress("Handing over") as told:
        if not is_address(target):
            report = export_into(Path(target), database, user_id, ids, told)
        elif key_file is None:
            raise Invalid("--key-file", "a file with the key of a site admin of the MISP")
        else:
            key = read_key(key_file)
            reach = Access(
                target, key, authorities, certificate, not insecure, proxy, option="--to-misp"
            )
            with Misp(reach) as misp:
                report = export_to(misp, database, user_id, ids, told)
    tell(report, as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)
