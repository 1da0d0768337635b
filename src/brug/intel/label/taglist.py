# SPDX-License-Identifier: EUPL-1.2
"""The node's tags themselves: listing, finding, making, changing and deleting them.

Which tags a reader sees, and how often each is used, follows from what the reader sees of
the items that carry them (policy on `tag`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import msgspec

from brug.intel.label.tags import colour_of, intern
from brug.model.errors import Conflict, Invalid, NotFound
from brug.model.naming import number_in
from brug.model.new_event import NewTag
from brug.store import audit
from brug.store.session import Session

NAME_LENGTH = 255
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class ListedTag(msgspec.Struct):
    """A tag as the list shows it; `events` and `attributes`: how many seen items carry it."""

    id: int
    name: str
    colour: str
    exportable: bool
    org_id: int
    user_id: int
    hide_tag: bool
    numerical_value: int | None
    is_galaxy: bool
    is_custom_galaxy: bool
    local_only: bool
    events: int = 0
    attributes: int = 0


class NameTaken(Conflict):
    """Another tag has the name."""

    code = "tag_name_taken"
    public = "A similar name already exists."


_COLUMNS: LiteralString = (
    "t.id, t.name, t.colour, t.exportable, t.org_id, t.user_id, t.hide_tag, t.numerical_value,"
    " t.is_galaxy, t.is_custom_galaxy, t.local_only"
)
_COUNTED: LiteralString = (
    "SELECT " + _COLUMNS + ", coalesce(e.n, 0), coalesce(a.n, 0) FROM tag t"
    " LEFT JOIN (SELECT tag_id, count(*) AS n FROM event_tag GROUP BY tag_id) e ON e.tag_id = t.id"
    " LEFT JOIN (SELECT tag_id, count(*) AS n FROM attribute_tag GROUP BY tag_id) a"
    "   ON a.tag_id = t.id"
)


def listed(
    session: Session, *, search: str = "", name: str = "", counted: bool = True
) -> list[ListedTag]:
    """The tags that the session sees, by name; those that contain `search`, or are `name`."""
    query: LiteralString = _COUNTED if counted else "SELECT " + _COLUMNS + " FROM tag t"
    rows = session.all(
        query + " WHERE (%(search)s = '' OR position(lower(%(search)s) IN lower(t.name)) > 0)"
        " AND (%(name)s = '' OR t.name = %(name)s) ORDER BY lower(t.name), t.id",
        {"search": search, "name": name},
    )
    return [ListedTag(*row) for row in rows]


def matching(session: Session, patterns: Sequence[str]) -> list[ListedTag]:
    """Tags whose names fit one of the patterns, case ignored; `%` stands for anything."""
    rows = session.all(
        "SELECT " + _COLUMNS + " FROM tag t WHERE lower(t.name) LIKE ANY (%s) ORDER BY t.id",
        ([_escaped(pattern.lower()) for pattern in patterns],),
    )
    return [ListedTag(*row) for row in rows]


def named(session: Session, names: Sequence[str]) -> dict[str, ListedTag]:
    """The tags of these very names that the session sees, by name."""
    rows = session.all("SELECT " + _COLUMNS + " FROM tag t WHERE t.name = ANY (%s)", (list(names),))
    return {tag.name: tag for tag in (ListedTag(*row) for row in rows)}


def ids_of(session: Session, references: Sequence[str]) -> list[int | None]:
    """Which tags some ids or names name, in their order; None for what names none that is seen."""
    numbers = [number_in(text) for text in references]
    rows = session.all(
        "SELECT t.id, t.name FROM tag t WHERE t.id = ANY (%s) OR t.name = ANY (%s)",
        ([n for n in numbers if n is not None], [text for text in references if "\0" not in text]),
    )
    by_name, known = {name: tag_id for tag_id, name in rows}, {row[0] for row in rows}
    return [
        number if number in known else by_name.get(text)
        for text, number in zip(references, numbers, strict=True)
    ]


def _escaped(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("_", "\\_")


def find(session: Session, reference: str | int) -> ListedTag:
    """A tag by id or name, as far as the session sees it. Raises NotFound."""
    text = str(reference)
    if "\0" in text or len(text) > NAME_LENGTH:
        raise NotFound(f"no tag {text[:60]!r}")
    row = None
    if (number := number_in(text)) is not None:
        row = session.one("SELECT " + _COLUMNS + " FROM tag t WHERE t.id = %s", (number,))
    if row is None:
        row = session.one("SELECT " + _COLUMNS + " FROM tag t WHERE t.name = %s", (text,))
    if row is None:
        raise NotFound(f"no tag {text[:60]!r}")
    return ListedTag(*row)


def view(session: Session, tag_id: int) -> ListedTag:
    """One tag with its counts. Raises NotFound."""
    row = session.one(_COUNTED + " WHERE t.id = %s", (tag_id,))
    if row is None:
        raise NotFound(f"no tag {tag_id}")
    return ListedTag(*row)


def usable(session: Session, tag: ListedTag) -> bool:
    """Whether the session's organisation and user may attach a tag."""
    principal = session.principal
    own = tag.org_id in {0, principal.org_id} and tag.user_id in {0, principal.user_id}
    return own or principal.is_site_admin


_NEW = {"exportable": True, "hide_tag": False, "local_only": False, "org_id": 0, "user_id": 0}


def add(session: Session, given: Mapping[str, Any]) -> ListedTag:
    """Makes a tag, or answers the one that is there. Raises Invalid.

    One that came along with an event which the session does not see is made anew as far
    as the session can tell: with the fields that are given.
    """
    fields = _checked(given)
    name = fields.get("name")
    if not name:
        raise Invalid("name", "This field is required.")
    known = session.value("SELECT id FROM tag WHERE name = %s", (name,))
    ids = intern(session, [NewTag(name, fields.get("colour"))], listed=True)
    if known is None:
        fields = {"colour": colour_of(name), **_NEW, **fields}
        _update(session, ids[name], fields)
        audit.record(session, "add", "Tag", ids[name], name)
    return find(session, ids[name])


def edit(session: Session, tag_id: int, given: Mapping[str, Any]) -> ListedTag:
    """Changes the fields that are given. Raises NotFound, NameTaken, Invalid."""
    before = find(session, tag_id)
    fields = _checked(given)
    name = fields.get("name", before.name)
    taken = session.value("SELECT id FROM tag WHERE name = %s AND id <> %s", (name, tag_id))
    if not name:
        raise Invalid("name", "This field is required.")
    if taken is not None:
        raise NameTaken(f"tag {taken} is called {name!r}")
    _update(session, tag_id, fields)
    audit.record(session, "edit", "Tag", tag_id, name, {"fields": sorted(fields)})
    return find(session, tag_id)


def delete(session: Session, tag_id: int) -> None:
    """Removes a tag from the node and from all that carries it. Raises NotFound."""
    name = session.value("DELETE FROM tag WHERE id = %s RETURNING name", (tag_id,))
    if name is None:
        raise NotFound(f"no tag {tag_id}")
    audit.record(session, "delete", "Tag", tag_id, name)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(given)
    colour = fields.get("colour")
    if colour is not None and not _COLOUR.fullmatch(colour):
        raise Invalid("colour", "Colour has to be in the RGB format (#FFFFFF)")
    if "name" in fields:
        fields["name"] = fields["name"][:NAME_LENGTH]
    return fields


def _update(session: Session, tag_id: int, fields: Mapping[str, Any]) -> None:
    session.execute(
        "UPDATE tag SET name = coalesce(%(name)s, name), colour = coalesce(%(colour)s, colour),"
        " exportable = coalesce(%(exportable)s, exportable),"
        " hide_tag = coalesce(%(hide_tag)s, hide_tag), org_id = coalesce(%(org_id)s, org_id),"
        " user_id = coalesce(%(user_id)s, user_id),"
        " numerical_value = coalesce(%(numerical_value)s, numerical_value),"
        " local_only = coalesce(%(local_only)s, local_only),"
        " is_galaxy = coalesce(%(name)s, name) LIKE 'misp-galaxy:%%' WHERE id = %(id)s",
        {field: fields.get(field) for field in FIELDS} | {"id": tag_id},
    )


FIELDS = (
    "name", "colour", "exportable", "hide_tag", "org_id", "user_id", "numerical_value",
    "local_only",
)  # fmt: skip
