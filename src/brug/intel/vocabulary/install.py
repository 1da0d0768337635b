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
# What the database would else tidy by itself, in the first minute of work on a new node.
_UPKEEP: LiteralString = (
    "VACUUM (ANALYZE, FREEZE) object_template, object_template_element, relationship_type,"
    " taxonomy, taxonomy_predicate, taxonomy_entry,"
    " galaxy, galaxy_cluster, galaxy_element, galaxy_cluster_relation,"
    " warninglist, warninglist_state, warninglist_type, warninglist_entry, warninglist_key,"
    " warninglist_range, noticelist, noticelist_entry"
)


class Installed(msgspec.Struct, frozen=True):
    """How many of each vocabulary were new or changed."""

    object_templates: int
    taxonomies: int
    galaxies: int
    warninglists: int
    noticelists: int


def install(connection: rows.Connection, progress: Progress | None = None) -> Installed:
    """Installs or updates all vocabularies; `connection` is `brug_owner`'s, autocommitting."""
    changed: dict[str, int] = {}
    with connection.transaction():
        connection.execute("SET LOCAL search_path = brug, pg_temp")
        connection.execute("SET LOCAL statement_timeout = 0")
        for done, (name, step) in enumerate(_STEPS):
            if progress:
                progress(name, done, len(_STEPS))
            changed[name] = step(connection)
        origins.note(connection)
    if any(changed.values()):
        _tidied(connection)
    if progress:
        progress("vocabularies", len(_STEPS), len(_STEPS))
    return Installed(**changed)


def _tidied(connection: rows.Connection) -> None:
    # What was written is counted first: counted later, it would look untidied.
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("SET search_path = brug, pg_temp; SET statement_timeout = 0")
    connection.execute(_UPKEEP)
