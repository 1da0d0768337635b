# SPDX-License-Identifier: EUPL-1.2
"""Forms that an organisation keeps: what they are called, whose they are, their tags.

A template is its organisation's, or shared with every organisation; those of the
organisation who keep templates change it. Of its tags a reader sees those that the reader
sees anyway.
"""

from collections.abc import Iterable, Mapping
from typing import Any, LiteralString

import msgspec

from brug.formats.misp import coercion as c
from brug.intel.label import taglist
from brug.intel.template import elements
from brug.intel.template.elements import Element
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.naming import number_in
from brug.store import audit
from brug.store.session import Session

NAME_LENGTH = 255
MOST_TAGS = 200


class Carried(msgspec.Struct, frozen=True):
    """A tag that events get which are filled from the template."""

    id: int
    tag_id: int
    name: str
    colour: str


class Template(msgspec.Struct):
    """A template; `elements` are filled in by `view` alone."""

    id: int
    org_id: int
    org_name: str
    name: str
    description: str
    share: bool
    tags: list[Carried] = []
    elements: list[Element] = []


_SELECT: LiteralString = (
    "SELECT t.id, t.org_id, o.name, t.name, t.description, t.share"
    " FROM event_template t JOIN organisation o ON o.id = t.org_id"
)


def listed(session: Session) -> list[Template]:
    """The newest first, as MISP lists them, with their tags."""
    rows = session.all(_SELECT + " ORDER BY t.id DESC")
    return _tagged(session, [Template(*row) for row in rows])


def view(session: Session, reference: str | int) -> Template:
    """By number, with its tags and elements; raises NotFound."""
    row = session.one(_SELECT + " WHERE t.id = %s", (number_in(str(reference)),))
    if row is None:
        raise NotFound(f"no event template {str(reference)[:60]!r}")
    (found,) = _tagged(session, [Template(*row)])
    found.elements = elements.of_template(session, found.id)
    return found


def _tagged(session: Session, several: list[Template]) -> list[Template]:
    by_id = {one.id: one for one in several}
    for one in several:
        one.tags = []
    for template_id, *row in session.all(
        "SELECT x.event_template_id, x.id, t.id, t.name, t.colour"
        " FROM event_template_tag x JOIN tag t ON t.id = x.tag_id"
        " WHERE x.event_template_id = ANY (%s) ORDER BY x.id",
        (list(by_id),),
    ):
        by_id[template_id].tags.append(Carried(*row))
    return several


def may_change(session: Session, found: Template) -> bool:
    principal = session.principal
    own = found.org_id == principal.org_id and principal.may("template")
    return own or principal.is_site_admin


def editable(session: Session, reference: str | int) -> Template:
    """Raises NotFound, Forbidden."""
    found = view(session, reference)
    if not may_change(session, found):
        user = session.principal.user_id
        raise Forbidden(f"user {user} may not change event template {found.id}")
    return found


def drafted(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a template. Raises Invalid."""
    said: dict[str, Any] = {}
    if raw.get("name") is not None:
        said["name"] = c.text("name", raw["name"]).strip()
        if len(said["name"]) > NAME_LENGTH:
            raise Invalid("name", f"at most {NAME_LENGTH} characters", said["name"])
    if raw.get("description") is not None:
        said["description"] = c.text("description", raw["description"])[:10_000]
    if raw.get("share") is not None:
        said["share"] = c.flag("share", raw["share"])
    return said


def add(session: Session, said: Mapping[str, Any]) -> Template:
    """A template of the session's organisation. Raises Invalid."""
    if not said.get("name"):
        raise Invalid("name", "a name")
    made = session.value(
        "INSERT INTO event_template (org_id, name, description, share)"
        " VALUES (%s, %s, %s, %s) RETURNING id",
        (
            session.principal.org_id,
            said["name"],
            said.get("description", ""),
            said.get("share", False),
        ),
    )
    audit.record(session, "add", "Template", int(made), said["name"])
    return view(session, int(made))


def edit(session: Session, found: Template, said: Mapping[str, Any]) -> Template:
    """Changes what is said of a template that is editable. Raises Invalid."""
    if said.get("name") == "":
        raise Invalid("name", "a name")
    session.execute(
        "UPDATE event_template SET name = coalesce(%(name)s, name),"
        " description = coalesce(%(description)s, description),"
        " share = coalesce(%(share)s, share) WHERE id = %(id)s",
        {"name": None, "description": None, "share": None, **said, "id": found.id},
    )
    change = {name: (getattr(found, name), value) for name, value in said.items()}
    audit.record(session, "edit", "Template", found.id, found.name, change)
    return view(session, found.id)


def delete(session: Session, found: Template) -> None:
    """Removes a template that is editable; events that were filled from it stay."""
    session.execute("DELETE FROM event_template WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Template", found.id, found.name)


def tags_named(session: Session, given: Iterable[Any]) -> list[int]:
    """The numbers of tags that are named by number or name. Raises Invalid for any other."""
    references = [c.text("tags", one).strip() for one in given]
    if len(references) > MOST_TAGS:
        raise Invalid("tags", f"at most {MOST_TAGS} tags")
    ids = taglist.ids_of(session, references)
    for reference, tag_id in zip(references, ids, strict=True):
        if tag_id is None:
            raise Invalid("tags", "names or numbers of tags that are there", reference)
    return [one for one in ids if one is not None]


def set_tags(session: Session, found: Template, tag_ids: Iterable[int]) -> Template:
    """Makes these the tags of a template that is editable; those unseen by the session stay."""
    wanted = list(dict.fromkeys(tag_ids))
    gone = [one.tag_id for one in found.tags if one.tag_id not in wanted]
    session.execute(
        "DELETE FROM event_template_tag WHERE event_template_id = %s AND tag_id = ANY (%s)",
        (found.id, gone),
    )
    session.execute(
        "INSERT INTO event_template_tag (event_template_id, tag_id)"
        " SELECT %s, n.id FROM unnest(%s::int[]) WITH ORDINALITY AS n (id, place) ORDER BY n.place"
        " ON CONFLICT DO NOTHING",
        (found.id, wanted),
    )
    before = [one.name for one in found.tags]
    changed = view(session, found.id)
    after = [one.name for one in changed.tags]
    if before != after:
        change = {"tags": (before, after)}
        audit.record(session, "edit", "Template", found.id, found.name, change)
    return changed
