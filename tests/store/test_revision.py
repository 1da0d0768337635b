# SPDX-License-Identifier: EUPL-1.2
"""The revision told without Alembic is the one that Alembic tells."""

from collections.abc import Callable
from importlib import resources

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from brug.store import revision
from brug.store.revision import Revision, made_of, revision_of, schema_files, wanted_revision


def test_the_newest_file_is_the_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("brug.store") / "alembic"))
    assert ScriptDirectory.from_config(config).get_current_head() == wanted_revision()


def test_a_migrated_database_has_the_wanted_revision(
    database_url: str, as_role: Callable[[str, str], str]
) -> None:
    found = revision_of(as_role(database_url, "brug_owner"))
    assert found == Revision(wanted_revision(), wanted_revision())
    assert found.is_current


def test_a_database_of_another_build_is_none_of_this_version(
    database_url: str, as_role: Callable[[str, str], str]
) -> None:
    owner = as_role(database_url, "brug_owner")
    for change in (
        "UPDATE brug.alembic_version SET made_of = repeat('0', 64)",
        "ALTER TABLE brug.alembic_version DROP made_of",  # as before it was kept
    ):
        with psycopg.connect(owner) as connection:
            connection.execute(change)
        found = revision_of(owner)
        assert found == Revision(wanted_revision(), wanted_revision(), is_other_build=True)
        assert not found.is_current
    with psycopg.connect(owner) as connection:
        connection.execute("DELETE FROM brug.alembic_version")
    assert revision_of(owner) == Revision(None, wanted_revision())


def test_a_comment_makes_no_other_schema_and_a_column_does(monkeypatch: pytest.MonkeyPatch) -> None:
    files = dict(schema_files())
    before, (name, content) = made_of(), next(iter(files.items()))
    for more, is_same in (
        (b"-- a remark\n  -- and more\n", True),
        (b"ALTER TABLE event ADD x int;\n", False),
    ):
        changed = files | {name: content + more}
        monkeypatch.setattr(revision, "schema_files", lambda changed=changed: changed.items())
        assert (made_of() == before) == is_same
