# SPDX-License-Identifier: EUPL-1.2
"""Object templates: what an object of a kind is made of, and what it must have."""

from typing import Any
from uuid import UUID

import msgspec

from brug.model.errors import NotFound
from brug.store.audit import record
from brug.store.session import Session


class Element(msgspec.Struct, frozen=True):
    """One attribute that an object may have; None where its type decides."""

    id: int
    object_relation: str
    type: str
    ui_priority: int
    description: str
    categories: list[str]
    sane_default: list[str]
    values_list: list[str]
    disable_correlation: bool | None
    to_ids: bool | None
    multiple: bool


class Template(msgspec.Struct, frozen=True):
    """`requirements`: `required` names relations that all must be there, `requiredOneOf`
    some of which one must.
    """

    id: int
    uuid: str
    name: str
    meta_category: str
    description: str
    version: int
    requirements: dict[str, list[str]]
    fixed: bool
    active: bool
    elements: dict[str, Element] = {}

    def missing(self, relations: set[str]) -> dict[str, list[str]]:
        """What of the requirements an object with these relations does not meet."""
        unmet: dict[str, list[str]] = {}
        required = [name for name in self.requirements.get("required", ()) if name not in relations]
        if required:
            unmet["required"] = required
        one_of = self.requirements.get("requiredOneOf", [])
        if one_of and not relations.intersection(one_of):
            unmet["requiredOneOf"] = one_of
        return unmet


def templates(session: Session, search: str | None = None) -> list[Template]:
    """Active templates by id, without their elements; `search`: part of a name or description."""
    rows = session.execute(
        """
        SELECT id, uuid::text, name, meta_category, description, version, requirements, fixed,
               active
        FROM object_template
        WHERE active AND (%(search)s::text IS NULL
            OR position(lower(%(search)s) IN lower(name || ' ' || description)) > 0)
        ORDER BY id
        """,
        {"search": search or None},
    )
    return [Template(*row) for row in rows]


def template(session: Session, ref: str | int) -> Template:
    """By id, UUID or name; raises NotFound."""
    found = find_template(session, ref)
    if found is None:
        raise NotFound(f"no object template {ref!r}")
    return found


def find_template(session: Session, ref: str | int) -> Template | None:
    row = session.one(
        """
        SELECT id, uuid::text, name, meta_category, description, version, requirements, fixed,
               active
        FROM object_template
        WHERE id = %(id)s OR uuid = %(uuid)s OR name = %(name)s
        ORDER BY is_default, version DESC LIMIT 1
        """,
        reference(ref),
    )
    return None if row is None else Template(*(*row, _elements(session, [row[0]])[row[0]]))


def raw_template(session: Session, ref: str | int) -> str:
    """The definition as it was published, byte for byte; raises NotFound."""
    row = session.one(
        "SELECT definition FROM object_template WHERE id = %(id)s OR uuid = %(uuid)s"
        " OR name = %(name)s ORDER BY is_default, version DESC LIMIT 1",
        reference(ref),
    )
    if row is None:
        raise NotFound(f"no object template {ref!r}")
    return str(row[0])


def set_active(session: Session, template_id: int, active: bool) -> bool:
    """False if there is no such template."""
    name = session.value(
        "UPDATE object_template SET active = %s WHERE id = %s RETURNING name",
        [active, template_id],
    )
    if name is not None:
        record(session, "edit", "ObjectTemplate", template_id, name, {"active": active})
    return name is not None


def holding(session: Session, types: list[str]) -> list[Template]:
    """Active templates with an element of each of these attribute types."""
    rows = session.execute(
        """
        SELECT id, uuid::text, name, meta_category, description, version, requirements, fixed,
               active
        FROM object_template t
        WHERE active AND NOT EXISTS (
            SELECT FROM unnest(%s::text[]) AS wanted (type) WHERE NOT EXISTS (
                SELECT FROM object_template_element e
                WHERE e.object_template_id = t.id AND e.type = wanted.type))
        ORDER BY name, id
        """,
        [types],
    )
    return [Template(*row) for row in rows]


def offering(session: Session, types: list[str]) -> list[Template]:
    """Active templates with an element of one of these attribute types; all their elements."""
    rows = session.all(
        """
        SELECT id, uuid::text, name, meta_category, description, version, requirements, fixed,
               active
        FROM object_template
        WHERE active AND id IN (
            SELECT object_template_id FROM object_template_element WHERE type = ANY (%s))
        ORDER BY name, id
        """,
        [types],
    )
    elements = _elements(session, [row[0] for row in rows])
    return [Template(*(*row, elements[row[0]])) for row in rows]


def delete(session: Session, found: Template) -> bool:
    """False where it is published: the next update would bring it back."""
    gone = session.value(
        "DELETE FROM object_template WHERE id = %s AND NOT is_default RETURNING name", [found.id]
    )
    if gone is not None:
        record(session, "delete", "ObjectTemplate", found.id, found.name)
    return gone is not None


def reference(ref: str | int) -> dict[str, Any]:
    """What a reference from outside may be: an id, a UUID or a name."""
    text = str(ref)
    if "\0" in text:  # nothing has such a name, and the database takes no such text
        return {"id": None, "uuid": None, "name": None}
    if text.isascii() and text.isdigit():
        return {"id": int(text) if len(text) < 10 else None, "uuid": None, "name": None}
    try:
        return {"id": None, "uuid": UUID(text), "name": None}
    except ValueError:
        return {"id": None, "uuid": None, "name": text}


def _elements(session: Session, ids: list[int]) -> dict[int, dict[str, Element]]:
    """What each of some templates is made of, by relation."""
    rows = session.execute(
        """
        SELECT object_template_id, id, object_relation, type, ui_priority, description,
               categories, sane_default, values_list, disable_correlation, to_ids, multiple
        FROM object_template_element WHERE object_template_id = ANY (%s) ORDER BY id
        """,
        [ids],
    )
    found: dict[int, dict[str, Element]] = {one: {} for one in ids}
    for template_id, *fields in rows:
        element = Element(*fields)
        found[template_id][element.object_relation] = element
    return found
