# SPDX-License-Identifier: EUPL-1.2
"""Which schema a database has, and which this version wants.

Asked at the start of every verb, so without Alembic, which takes a third of a second and
25 MB to load; `brug.store.migrations` is for when there is something to do.
"""

from importlib import resources

import psycopg


def wanted_revision() -> str:
    """The newest revision; files are named by their number, and a test holds that."""
    folder = resources.files("brug.store") / "alembic" / "versions"
    names = [entry.name for entry in folder.iterdir() if entry.name[:1].isdigit()]
    return max(names).partition("_")[0]


def revision_of(owner_dsn: str) -> tuple[str | None, str]:
    """The revision that the database has (None: it has no schema), and the one wanted."""
    with psycopg.connect(owner_dsn) as connection:
        there = connection.execute("SELECT to_regclass('brug.alembic_version')").fetchone()
        if there is None or there[0] is None:
            return None, wanted_revision()
        row = connection.execute("SELECT version_num FROM brug.alembic_version").fetchone()
    return (None if row is None else str(row[0])), wanted_revision()
