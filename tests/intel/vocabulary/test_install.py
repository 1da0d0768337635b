# SPDX-License-Identifier: EUPL-1.2
"""Compiling the published vocabularies into tables."""

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from tests.intel.vocabulary.conftest import Node

from brug.intel.vocabulary.install import install
from brug.intel.vocabulary.sources import files, rows
from brug.intel.vocabulary.sources.warninglist_choice import ENABLED_AT_FIRST, OWN
from brug.model.errors import Invalid

Owner = psycopg.Connection[Any]


def count(connection: Owner, query: Any) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def published(vocabulary: str, pattern: str) -> list[Path]:
    return list(files.folder(vocabulary).glob(pattern))


def test_every_published_file_is_in_the_tables(node: Node) -> None:
    with node.database.system() as session:
        assert session.value("SELECT count(*) FROM object_template") == len(
            published("object_templates", "*/definition.json")
        )
        assert session.value("SELECT count(*) FROM taxonomy") == len(
            published("taxonomies", "*/machinetag.json")
        )
        assert session.value("SELECT count(*) FROM galaxy") == len(published("galaxies", "*.json"))
        assert session.value("SELECT count(*) FROM warninglist") == len(OWN) + len(
            published("warninglists", "*/list.json")
        )


def test_no_entry_of_a_published_list_is_lost_or_changed(node: Node) -> None:
    path = files.folder("warninglists") / "google" / "list.json"
    listed = msgspec.json.decode(path.read_bytes())["list"]
    with node.database.system() as session:
        list_id = session.value("SELECT id FROM warninglist WHERE slug = 'google'")
    _, shown = node.ask("GET", f"/warninglists/export/{list_id}")
    assert shown["list"] == listed


def test_no_cluster_element_or_relation_is_lost(node: Node) -> None:
    path = files.folder("clusters") / "threat-actor.json"
    values = msgspec.json.decode(path.read_bytes())["values"]
    elements = sum(
        1 if isinstance(held, str) else len(held)
        for value in values
        for held in value.get("meta", {}).values()
    )
    relations = sum(len(value.get("related", [])) for value in values)
    with node.database.system() as session:
        found = session.one(
            """
            SELECT (SELECT count(*) FROM galaxy_cluster c WHERE c.galaxy_id = g.id),
                   (SELECT count(*) FROM galaxy_element e JOIN galaxy_cluster c
                    ON c.id = e.galaxy_cluster_id WHERE c.galaxy_id = g.id),
                   (SELECT count(*) FROM galaxy_cluster_relation r JOIN galaxy_cluster c
                    ON c.id = r.galaxy_cluster_id WHERE c.galaxy_id = g.id)
            FROM galaxy g WHERE g.type = 'threat-actor'
            """
        )
    assert found == (len(values), elements, relations)


CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'brug'::regnamespace ORDER BY 1, 2"
)


def test_what_is_checked_at_the_end_is_required_afterwards_as_before(
    node: Node, database_url: str
) -> None:
    with node.database.system() as session, psycopg.connect(database_url) as untouched:
        required = session.all(CONSTRAINTS)
        untouched.execute("SET search_path = brug")
        assert required == untouched.execute(CONSTRAINTS).fetchall()


@pytest.mark.parametrize(
    ("table", "columns", "values"),
    [
        ("galaxy_element", ("key", "value", "is_default"), ("synonyms", "Ghost", True)),
        (
            "galaxy_cluster_relation",
            ("referenced_galaxy_cluster_uuid", "referenced_galaxy_cluster_type", "is_default"),
            ("5f8a0f7e-0000-4000-8000-00000000beef", "similar", True),
        ),
    ],
)
def test_what_belongs_to_no_cluster_is_refused_at_the_end_too(
    table: Any, columns: Any, values: Any, database_url: str, as_role: Callable[[str, str], str]
) -> None:
    with psycopg.connect(as_role(database_url, "brug_owner")) as owner:
        owner.execute("SET search_path = brug, pg_temp")
        with (
            pytest.raises(psycopg.errors.ForeignKeyViolation),
            rows.checked_at_the_end(owner, table),
        ):
            rows.copy(owner, table, ("galaxy_cluster_id", *columns), [(1, *values)])
        owner.rollback()


def test_installing_again_changes_nothing(owner: Owner) -> None:
    before = count(owner, "SELECT max(id) FROM galaxy_element")
    again = install(owner)
    assert msgspec.structs.astuple(again) == (0, 0, 0, 0, 0)
    assert count(owner, "SELECT max(id) FROM galaxy_element") == before


def test_an_update_replaces_what_was_published_and_keeps_what_was_switched(owner: Owner) -> None:
    owner.execute("UPDATE taxonomy SET enabled = false, source_digest = '' WHERE namespace = 'tlp'")
    owner.execute("UPDATE galaxy SET enabled = false, source_digest = '' WHERE type = 'tea-matrix'")
    owner.execute(
        "UPDATE warninglist SET enabled = false, source_digest = '' WHERE slug = 'google'"
    )
    owner.execute("UPDATE warninglist SET enabled = true, source_digest = '' WHERE slug = 'dax30'")
    owner.execute("UPDATE object_template SET active = false, source_digest = '', description = ''"
                  " WHERE name = 'file'")  # fmt: skip
    clusters = count(owner, "SELECT sum(c.id) FROM galaxy_cluster c JOIN galaxy g"
                            " ON g.id = galaxy_id WHERE g.type = 'tea-matrix'")  # fmt: skip
    assert msgspec.structs.astuple(install(owner)) == (1, 1, 1, 2, 0)
    assert not count(owner, "SELECT count(*) FROM taxonomy WHERE namespace = 'tlp' AND enabled")
    assert not count(owner, "SELECT count(*) FROM galaxy WHERE type = 'tea-matrix' AND enabled")
    assert not count(owner, "SELECT count(*) FROM warninglist WHERE slug = 'google' AND enabled")
    assert count(owner, "SELECT count(*) FROM warninglist_key JOIN warninglist"
                        " ON id = warninglist_id WHERE slug = 'dax30'")  # fmt: skip
    assert count(owner, "SELECT count(*) FROM object_template WHERE name = 'file'"
                        " AND NOT active AND description <> ''")  # fmt: skip
    assert clusters == count(owner, "SELECT sum(c.id) FROM galaxy_cluster c JOIN galaxy g"
                                    " ON g.id = galaxy_id WHERE g.type = 'tea-matrix'")  # fmt: skip


def test_an_update_leaves_the_nodes_own_taxonomies_lists_and_clusters_alone(owner: Owner) -> None:
    owner.execute("UPDATE taxonomy SET is_default = false, description = 'ours', source_digest = ''"
                  " WHERE namespace = 'tlp'")  # fmt: skip
    owner.execute("INSERT INTO warninglist (name, kind) VALUES ('ours', 'string')")
    owner.execute(
        """
        WITH made AS (INSERT INTO audience (everyone) VALUES (true)
                      ON CONFLICT (everyone, owner, groups) DO UPDATE SET everyone = true
                      RETURNING id)
        INSERT INTO galaxy_cluster (uuid, galaxy_id, type, value, tag_name, audience)
        SELECT gen_random_uuid(), g.id, g.type, 'ours', 'misp-galaxy:tea-matrix="ours"', made.id
        FROM galaxy g, made WHERE g.type = 'tea-matrix'
        """
    )
    owner.execute("UPDATE galaxy SET source_digest = '' WHERE type = 'tea-matrix'")
    install(owner)
    assert count(owner, "SELECT count(*) FROM taxonomy WHERE description = 'ours'") == 1
    assert count(owner, "SELECT count(*) FROM warninglist WHERE name = 'ours'") == 1
    assert count(owner, "SELECT count(*) FROM galaxy_cluster WHERE value = 'ours'") == 1


def test_a_withdrawn_cluster_goes_with_the_next_update(owner: Owner) -> None:
    owner.execute(
        """
        INSERT INTO galaxy_cluster (uuid, galaxy_id, type, value, tag_name, is_default)
        SELECT gen_random_uuid(), id, type, 'gone', 'misp-galaxy:tea-matrix="gone"', true
        FROM galaxy WHERE type = 'tea-matrix'
        """
    )
    owner.execute("UPDATE galaxy SET source_digest = '' WHERE type = 'tea-matrix'")
    install(owner)
    assert count(owner, "SELECT count(*) FROM galaxy_cluster WHERE value = 'gone'") == 0


def test_a_file_that_does_not_decode_is_named_and_nothing_is_written(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "data/misp-warninglists/lists/broken"
    broken.mkdir(parents=True)
    (broken / "list.json").write_text('{"name": "x", "type": "string", "list": ["a", ')
    (tmp_path / "__init__.py").touch()
    owner.execute("UPDATE taxonomy SET source_digest = '' WHERE namespace = 'tlp'")
    owner.commit()
    monkeypatch.setattr(files, "folder", lambda name: _folder(name, tmp_path))
    with pytest.raises(Invalid, match=r"list\.json"):
        install(owner)
    assert count(owner, "SELECT count(*) FROM taxonomy WHERE source_digest = ''") == 1


def _folder(name: str, instead: Path) -> Path:
    package, inside = files.FOLDERS[name]
    if name == "warninglists":
        return instead / inside
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / inside


def test_the_lists_that_are_on_at_first_exist_and_are_on(node: Node) -> None:
    with node.database.system() as session:
        on = {slug for (slug,) in session.execute("SELECT slug FROM warninglist WHERE enabled")}
    assert on == set(ENABLED_AT_FIRST)


def test_installing_imports_none_of_the_publishers_packages() -> None:
    packages = "pymisp", "pymispgalaxies", "pytaxonomies", "pymispwarninglists"
    program = (
        "import sys, brug.intel.vocabulary.install, brug.intel.vocabulary.matching;"
        f"print([name for name in {packages!r} if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "[]"
