# SPDX-License-Identifier: EUPL-1.2
"""Tags that are attached together, under one name; and a user's favourite tags.

A collection is its organisation's, or for every organisation to use; the organisation's tag
editors change it. Of its tags a reader sees those that the reader sees anyway.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

import msgspec

from brug.formats.misp import coercion as c
from brug.intel.label.taglist import ListedTag
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.naming import is_uuid, number_in
from brug.store import audit
from brug.store.session import Session

NAME_LENGTH = 255


class Inside(msgspec.Struct, frozen=True):
    """A tag in a collection."""

    id: int
    tag_id: int
    name: str
    colour: str
    is_galaxy: bool


class TagCollection(msgspec.Struct):
    id: int
    uuid: str
    user_id: int
    org_id: int
    name: str
    description: str
    all_orgs: bool
    org_name: str
    org_uuid: str
    tags: list[Inside] = []


_SELECT: LiteralString = (
    "SELECT c.id, c.uuid::text, c.user_id, c.org_id, c.name, c.description, c.all_orgs, o.name,"
    " o.uuid::text FROM tag_collection c JOIN organisation o ON o.id = c.org_id"
)


def listed(session: Session, search: str = "") -> list[TagCollection]:
    """By number, with their tags."""
    rows = session.all(
        _SELECT + " WHERE %(search)s = ''"
        " OR position(lower(%(search)s) IN lower(c.name || ' ' || c.description)) > 0"
        " ORDER BY c.id",
        {"search": search},
    )
    return _filled(session, [TagCollection(*row) for row in rows])


def view(session: Session, reference: str | int) -> TagCollection:
    """By number or UUID; raises NotFound."""
    text = str(reference)
    row = session.one(
        _SELECT + " WHERE c.id = %s OR c.uuid = %s",
        (number_in(text), text if is_uuid(text) else None),
    )
    if row is None:
        raise NotFound(f"no tag collection {text[:60]!r}")
    return _filled(session, [TagCollection(*row)])[0]


def _filled(session: Session, several: list[TagCollection]) -> list[TagCollection]:
    by_id = {one.id: one for one in several}
    for one in several:
        one.tags = []
    for collection_id, *row in session.all(
        "SELECT i.tag_collection_id, i.id, t.id, t.name, t.colour, t.is_galaxy"
        " FROM tag_collection_tag i JOIN tag t ON t.id = i.tag_id"
        " WHERE i.tag_collection_id = ANY (%s) ORDER BY i.id",
        (list(by_id),),
    ):
        by_id[collection_id].tags.append(Inside(*row))
    return several


def editable(session: Session, reference: str | int) -> TagCollection:
    """Raises NotFound, Forbidden."""
    found = view(session, reference)
    principal = session.principal
    own = found.org_id == principal.org_id and principal.may("tag_editor")
    if not own and not principal.is_site_admin:
        raise Forbidden(f"user {principal.user_id} may not change collection {found.id}")
    return found


def drafted(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a collection. Raises Invalid."""
    said: dict[str, Any] = {
        name: c.text(name, raw[name])[:most]
        for name, most in (("name", NAME_LENGTH), ("description", 10_000))
        if raw.get(name) is not None
    }
    if raw.get("all_orgs") is not None:
        said["all_orgs"] = c.flag("all_orgs", raw["all_orgs"])
    return said


def add(session: Session, said: Mapping[str, Any]) -> TagCollection:
    """A collection of the session's organisation. Raises Invalid."""
    if not said.get("name", "").strip():
        raise Invalid("name", "a name")
    made = session.value(
        "INSERT INTO tag_collection (user_id, org_id, name, description, all_orgs)"
        " VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (
            session.principal.user_id,
            session.principal.org_id,
            said["name"],
            said.get("description", ""),
            said.get("all_orgs", False),
        ),
    )
    audit.record(session, "add", "TagCollection", int(made), said["name"])
    return view(session, int(made))


def edit(session: Session, found: TagCollection, said: Mapping[str, Any]) -> TagCollection:
    """Changes what is said of a collection that is editable."""
    session.execute(
        "UPDATE tag_collection SET name = coalesce(nullif(%(name)s, ''), name),"
        " description = coalesce(%(description)s, description),"
        " all_orgs = coalesce(%(all_orgs)s, all_orgs) WHERE id = %(id)s",
        {"name": None, "description": None, "all_orgs": None, **said, "id": found.id},
    )
    audit.record(session, "edit", "TagCollection", found.id, found.name, {"fields": sorted(said)})
    return view(session, found.id)


def delete(session: Session, found: TagCollection) -> None:
    """Removes a collection that is editable; its tags stay."""
    session.execute("DELETE FROM tag_collection WHERE id = %s", (found.id,))
    audit.record(session, "delete", "TagCollection", found.id, found.name)


def add_tags(session: Session, found: TagCollection, tag_ids: Iterable[int]) -> None:
    """Puts tags into a collection that is editable; one that is in stays."""
    session.execute(
        "INSERT INTO tag_collection_tag (tag_collection_id, tag_id)"
        " SELECT %s, n.id FROM unnest(%s::int[]) WITH ORDINALITY AS n (id, place) ORDER BY n.place"
        " ON CONFLICT DO NOTHING",
        (found.id, list(tag_ids)),
    )
    audit.record(session, "edit", "TagCollection", found.id, found.name)


def remove_tag(session: Session, found: TagCollection, tag_id: int) -> bool:
    """Whether it was in."""
    gone = session.value(
        "DELETE FROM tag_collection_tag WHERE tag_collection_id = %s AND tag_id = %s RETURNING id",
        (found.id, tag_id),
    )
    return gone is not None


def expanded(session: Session, names: Sequence[str]) -> list[str]:
    """Names of tags, with `collection_N` standing for the tags of that collection."""
    found: list[str] = []
    for name in names:
        prefix, _, number = name.partition("_")
        if prefix == "collection" and number_in(number) is not None:
            try:
                found += [one.name for one in view(session, number).tags]
                continue
            except NotFound:
                pass
        found.append(name)
    return list(dict.fromkeys(found))


def toggle_favourite(session: Session, tag: ListedTag) -> bool:
    """Whether the tag is one of the user's favourites now."""
    mine = (session.principal.user_id, tag.id)
    gone = session.value(
        "DELETE FROM favourite_tag WHERE user_id = %s AND tag_id = %s RETURNING tag_id", mine
    )
    if gone is None:
        session.execute("INSERT INTO favourite_tag (user_id, tag_id) VALUES (%s, %s)", mine)
    return gone is None


def favourites(session: Session) -> set[int]:
    """The numbers of the user's favourite tags."""
    mine = (session.principal.user_id,)
    return {
        row[0] for row in session.all("SELECT tag_id FROM favourite_tag WHERE user_id = %s", mine)
    }
