# SPDX-License-Identifier: EUPL-1.2
"""Compiles the published vocabularies into tables: `brug init`, `brug upgrade`.

Runs as the owner of the tables, in a short process. Doing it again with the same packages
changes nothing; with newer ones it replaces what came from them and keeps what this node
switched or made itself. All of it is one transaction.
"""

from collections.abc import Callable
from typing import LiteralString

import msgspec

from brug.intel.vocabulary import origins
from brug.intel.vocabulary.sources import (
    galaxies,
    notices,
    rows,
    taxonomies,
    templates,
    warninglists,
)

# What is done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

_STEPS: tuple[tuple[str, Callable[[rows.Connection], int]], ...] = (
    ("object_templates", templates.install),
    ("taxonomies", taxonomies.install),
    ("galaxies", galaxies.install),
    ("warninglists", warninglists.install),
    ("noticelists", notices.install),
)
_TABLES: tuple[LiteralString, ...] = (
    "ANALYZE object_template",
    "ANALYZE object_template_element",
    "ANALYZE galaxy",
    "ANALYZE galaxy_cluster",
    "ANALYZE galaxy_element",
    "ANALYZE galaxy_cluster_relation",
    "ANALYZE taxonomy",
    "ANALYZE taxonomy_predicate",
    "ANALYZE taxonomy_entry",
    "ANALYZE warninglist",
    "ANALYZE warninglist_key",
)


class Installed(msgspec.Struct, frozen=True):
    """How many of each vocabulary were new or changed."""

    object_templates: int
    taxonomies: int
    galaxies: int
    warninglists: int
    noticelists: int


def install(connection: rows.Connection, progress: Progress | None = None) -> Installed:
    """Installs or updates all vocabularies; `connection` belongs to `brug_owner`."""
    changed: dict[str, int] = {}
    with connection.transaction():
        connection.execute("SET LOCAL search_path = brug, pg_temp")
        connection.execute("SET LOCAL statement_timeout = 0")
        for done, (name, step) in enumerate(_STEPS):
            if progress:
                progress(name, done, len(_STEPS))
            changed[name] = step(connection)
        if any(changed.values()):
            for statement in _TABLES:
                connection.execute(statement)
        origins.note(connection)
    if progress:
        progress("vocabularies", len(_STEPS), len(_STEPS))
    return Installed(**changed)
