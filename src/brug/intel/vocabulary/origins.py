# SPDX-License-Identifier: EUPL-1.2
"""Which versions of the publishers' packages the tables were compiled from."""

from importlib.metadata import PackageNotFoundError, version

from brug.intel.vocabulary.sources.rows import Connection
from brug.store.session import Session

PACKAGES = ("pymisp", "pymispgalaxies", "pytaxonomies", "pymispwarninglists")


def note(connection: Connection) -> None:
    """Written by the installation, in its transaction."""
    connection.execute(
        """
        INSERT INTO vocabulary_origin (package, version)
        SELECT * FROM unnest(%s::text[], %s::text[])
        ON CONFLICT (package) DO UPDATE SET version = excluded.version, installed = now()
        WHERE vocabulary_origin.version <> excluded.version
        """,
        [list(_installed()), list(_installed().values())],
    )


def outdated(session: Session) -> list[str]:
    """Packages that are newer, or older, on disk than in the tables: `brug upgrade` helps."""
    compiled = dict(session.execute("SELECT package, version FROM vocabulary_origin").fetchall())
    return [package for package, found in _installed().items() if compiled.get(package) != found]


def _installed() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
