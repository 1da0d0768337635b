# SPDX-License-Identifier: EUPL-1.2
"""The revision told without Alembic is the one that Alembic tells."""

from collections.abc import Callable
from importlib import resources

from alembic.config import Config
from alembic.script import ScriptDirectory

from brug.store.revision import revision_of, wanted_revision


def test_the_newest_file_is_the_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("brug.store") / "alembic"))
    assert ScriptDirectory.from_config(config).get_current_head() == wanted_revision()


def test_a_migrated_database_has_the_wanted_revision(
    database_url: str, as_role: Callable[[str, str], str]
) -> None:
    assert revision_of(as_role(database_url, "brug_owner")) == (
        wanted_revision(),
        wanted_revision(),
    )
