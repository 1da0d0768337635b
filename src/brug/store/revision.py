# SPDX-License-Identifier: EUPL-1.2
"""Which schema a database has, and which this version wants.

Asked at the start of every verb, so without Alembic, which takes a third of a second and
25 MB to load; `brug.store.migrations` is for when there is something to do.

Until the first release the first schema changes under its number, so a database also says of
which files it was made; one of others lacks something, and would be missed only when it is used.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

import msgspec
import psycopg


class Revision(msgspec.Struct, frozen=True):
    """`found` is None where the database has no schema. `is_other_build`: it has one of that
    number that this version never made.
    """

    found: str | None
    wanted: str
    is_other_build: bool = False

    @property
    def is_current(self) -> bool:
        return self.found == self.wanted and not self.is_other_build


def wanted_revision() -> str:
    """The newest revision; files are named by their number, and a test holds that."""
    folder = resources.files("brug.store") / "alembic" / "versions"
    names = [entry.name for entry in folder.iterdir() if entry.name[:1].isdigit()]
    return max(names).partition("_")[0]


def schema_files() -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of the declared schema, in the order they apply."""
    folder = resources.files("brug.store") / "schema"
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.name.endswith(".sql"):
            yield entry.name, entry.read_bytes()


def made_of() -> str:
    """The SHA-256 of the files that the first revision applies, without lines of comment."""
    return _digest_of(b"".join(content for _, content in schema_files()))


@lru_cache(maxsize=2)
def _digest_of(statements: bytes) -> str:
    """Taken once in a process: there are thousands of lines, and each verb asks."""
    lines = statements.splitlines()
    kept = [line.rstrip() + b"\n" for line in lines if not line.lstrip().startswith(b"--")]
    return hashlib.sha256(b"".join(kept)).hexdigest()


def revision_of(owner_dsn: str) -> Revision:
    """What the database has, and what is wanted."""
    wanted = wanted_revision()
    with psycopg.connect(owner_dsn) as connection:
        there = connection.execute("SELECT to_regclass('brug.alembic_version')").fetchone()
        if there is None or there[0] is None:
            return Revision(None, wanted)
        # Older ones have no such column.
        row = connection.execute(
            "SELECT version_num, to_jsonb(v) ->> 'made_of' FROM brug.alembic_version v"
        ).fetchone()
    if row is None:
        return Revision(None, wanted)
    return Revision(str(row[0]), wanted, row[1] != made_of())
