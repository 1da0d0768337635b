# SPDX-License-Identifier: EUPL-1.2
"""Object templates and the names of relations between objects (the MISP objects project)."""

from collections.abc import Iterator
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.intel.vocabulary.sources import files, rows


class Element(msgspec.Struct):
    type: str = msgspec.field(name="misp-attribute")
    description: str = ""
    ui_priority: int = msgspec.field(name="ui-priority", default=0)
    categories: list[str] = []
    sane_default: list[str] = []
    values_list: list[str] = []
    disable_correlation: bool | None = None
    to_ids: bool | None = None
    multiple: bool = False


class Template(msgspec.Struct):
    uuid: str
    name: str
    version: int
    meta_category: str = msgspec.field(name="meta-category")
    description: str = ""
    attributes: dict[str, Element] = {}
    required: list[str] = []
    required_one_of: list[str] = msgspec.field(name="requiredOneOf", default_factory=list)

    @property
    def requirements(self) -> dict[str, list[str]]:
        both = {"required": self.required, "requiredOneOf": self.required_one_of}
        return {name: relations for name, relations in both.items() if relations}


class Relationship(msgspec.Struct):
    name: str
    description: str = ""
    format: list[str] = []
    opposite: str | None = None


class Relationships(msgspec.Struct):
    values: list[Relationship]


_TEMPLATE = msgspec.json.Decoder(Template)
_RELATIONSHIPS = msgspec.json.Decoder(Relationships)

_ELEMENT_COLUMNS = (
    "object_template_id",
    "object_relation",
    "type",
    "ui_priority",
    "description",
    "categories",
    "sane_default",
    "values_list",
    "disable_correlation",
    "to_ids",
    "multiple",
)


def install(connection: rows.Connection) -> int:
    """The number of templates that are new or changed; own ones and `active` stay as they are."""
    known = dict(
        connection.execute(
            "SELECT uuid::text, source_digest FROM object_template WHERE is_default"
        ).fetchall()
    )
    changed: dict[int, Template] = {}
    for file in files.read("object_templates", "*/definition.json"):
        template = file.decode(_TEMPLATE)
        if known.get(template.uuid.lower()) == file.digest:
            continue
        template_id = _put(connection, template, file)
        if template_id is not None:
            changed[template_id] = template
    connection.execute(
        "DELETE FROM object_template_element WHERE object_template_id = ANY(%s)", [list(changed)]
    )
    rows.copy(connection, "object_template_element", _ELEMENT_COLUMNS, _elements(changed))
    _install_relationships(connection)
    return len(changed)


def _put(connection: rows.Connection, template: Template, file: files.SourceFile) -> int | None:
    """None where the node has a template of its own by that UUID; it stays."""
    row = connection.execute(
        """
        INSERT INTO object_template (uuid, name, meta_category, description, version,
                                     requirements, is_default, definition, source_digest)
        VALUES (%s, %s, %s, %s, %s, %s, true, %s, %s)
        ON CONFLICT (uuid) DO UPDATE SET
            name = excluded.name, meta_category = excluded.meta_category,
            description = excluded.description, version = excluded.version,
            requirements = excluded.requirements,
            definition = excluded.definition, source_digest = excluded.source_digest
        WHERE object_template.is_default
        RETURNING id
        """,
        [
            template.uuid,
            template.name,
            template.meta_category,
            template.description,
            template.version,
            Jsonb(template.requirements),
            file.raw.decode(),
            file.digest,
        ],
    ).fetchone()
    return row[0] if row else None


def _elements(changed: dict[int, Template]) -> Iterator[tuple[Any, ...]]:
    for template_id, template in changed.items():
        for relation, element in template.attributes.items():
            yield (
                template_id,
                relation,
                element.type,
                element.ui_priority,
                element.description,
                Jsonb(element.categories),
                Jsonb(element.sane_default),
                Jsonb(element.values_list),
                element.disable_correlation,
                element.to_ids,
                element.multiple,
            )


def _install_relationships(connection: rows.Connection) -> None:
    for file in files.read("relationships", "definition.json"):
        connection.execute("DELETE FROM relationship_type")
        rows.copy(
            connection,
            "relationship_type",
            ("name", "description", "format", "opposite"),
            {
                item.name: (item.name, item.description, item.format, item.opposite)
                for item in file.decode(_RELATIONSHIPS).values
            }.values(),
        )
