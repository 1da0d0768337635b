# SPDX-License-Identifier: EUPL-1.2
"""The fields of an event template, and the texts between them.

An attribute asks for a value of one type, or of a group of types which the value itself
tells apart; a file is attached or, as malware, packed with its digests; a text is read
and asks for nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import msgspec

from brug.formats.misp import coercion as c
from brug.intel import attachments
from brug.model.attribute_types import CATEGORIES, CATEGORIES_OF, TYPES, defaults
from brug.model.errors import Invalid, NotFound
from brug.model.naming import number_in
from brug.store import audit
from brug.store.session import Session

KINDS = ("attribute", "file", "text")
NAME_LENGTH = 255
MOST_ELEMENTS = 150  # what a form with files may have

# Groups of types that a value tells apart, and the categories that take each
# (MISP 2.5, app/Model/MispAttribute.php, validTypeGroups and typeGroupCategoryMapping).
GROUPS: dict[str, tuple[str, ...]] = {
    "File": (
        "filename", "filename|md5", "filename|sha1", "filename|sha256", "md5", "sha1", "sha256",
    ),
    "CnC": ("url", "domain", "hostname", "ip-dst"),
}  # fmt: skip
GROUPS_OF: dict[str, tuple[str, ...]] = {
    "Payload delivery": ("File", "CnC"),
    "Payload installation": ("File",),
    "Artifacts dropped": ("File",),
    "Network activity": ("CnC",),
}
# What an attribute of a form can be: files have an element of their own.
ASKED_TYPES = tuple(one for one in TYPES if one not in attachments.TYPES)


def takes_files(category: str, *, malware: bool) -> bool:
    return category in CATEGORIES_OF["malware-sample" if malware else "attachment"]


class Element(msgspec.Struct, frozen=True):
    """`description` of a text is what it says."""

    id: int
    template_id: int
    position: int
    kind: str
    name: str
    description: str
    category: str
    type: str
    complex: bool
    to_ids: bool
    mandatory: bool
    batch: bool
    malware: bool


_SELECT: LiteralString = (
    "SELECT id, event_template_id, position, kind, name, description, category, type, complex,"
    " to_ids, mandatory, batch, malware FROM event_template_element"
)
_FLAGS = {
    "attribute": ("complex", "to_ids", "mandatory", "batch"),
    "file": ("malware", "mandatory", "batch"),
    "text": (),
}


def of_template(session: Session, template_id: int) -> list[Element]:
    """In the order of the form."""
    rows = session.all(
        _SELECT + " WHERE event_template_id = %s ORDER BY position, id", (template_id,)
    )
    return [Element(*row) for row in rows]


def view(session: Session, reference: str | int) -> Element:
    """By number; raises NotFound."""
    row = session.one(_SELECT + " WHERE id = %s", (number_in(str(reference)),))
    if row is None:
        raise NotFound(f"no element of an event template {str(reference)[:60]!r}")
    return Element(*row)


def drafted(kind: str, raw: Mapping[str, Any], known: Element | None = None) -> dict[str, Any]:
    """The fields of an element, with those of `known` where nothing is said. Raises Invalid."""
    if kind not in KINDS:
        raise Invalid("type", f"one of {', '.join(KINDS)}", kind)
    before = msgspec.structs.asdict(known) if known else {}
    said = {name: value for name, value in raw.items() if value is not None}
    draft: dict[str, Any] = {"name": c.text("name", said.get("name", before.get("name"))).strip()}
    if not draft["name"] or len(draft["name"]) > NAME_LENGTH:
        raise Invalid("name", f"a name of at most {NAME_LENGTH} characters", draft["name"])
    words = "text" if kind == "text" else "description"
    draft["description"] = c.text(words, said.get(words, before.get("description", "")))[:10_000]
    if kind == "text":
        if not draft["description"].strip():
            raise Invalid("text", "a text")
        return draft
    for flag in _FLAGS[kind]:
        draft[flag] = c.flag(flag, said.get(flag, before.get(flag)))
    for field in ("category", "type") if kind == "attribute" else ("category",):
        draft[field] = c.text(field, said.get(field, before.get(field, "")))
    _require_fitting(kind, draft)
    return draft


def _require_fitting(kind: str, draft: dict[str, Any]) -> None:
    """Raises Invalid where the type is none, or the category takes no such type."""
    if kind == "file":
        draft["category"] = draft["category"] or "Payload delivery"
        if not takes_files(draft["category"], malware=draft["malware"]):
            raise Invalid("category", "a category that takes such files", draft["category"])
        return
    choices = tuple(GROUPS) if draft["complex"] else ASKED_TYPES
    if draft["type"] not in choices:
        what = f"one of {', '.join(GROUPS)}" if draft["complex"] else "a type that takes a text"
        raise Invalid("type", what, draft["type"])
    if not draft["category"]:
        draft["category"] = _usual_category(draft["type"], grouped=draft["complex"])
    if draft["category"] not in CATEGORIES:
        raise Invalid("category", "a category", draft["category"])
    fits = (
        draft["type"] in GROUPS_OF.get(draft["category"], ())
        if draft["complex"]
        else draft["category"] in CATEGORIES_OF[draft["type"]]
    )
    if not fits:
        raise Invalid("category", f"a category that takes {draft['type']}", draft["category"])


def _usual_category(kind: str, *, grouped: bool) -> str:
    if not grouped:
        return defaults(kind).category
    return next(category for category, groups in GROUPS_OF.items() if kind in groups)


def add(session: Session, template_id: int, kind: str, draft: Mapping[str, Any]) -> Element:
    """Puts an element at the end of a template that is editable. Raises Invalid."""
    known = of_template(session, template_id)
    if len(known) >= MOST_ELEMENTS:
        raise Invalid("template", f"at most {MOST_ELEMENTS} elements")
    row = {
        "category": "", "type": "", "complex": False, "to_ids": False, "mandatory": False,
        "batch": False, "malware": False, **draft, "kind": kind, "template": template_id,
        "position": max((one.position for one in known), default=0) + 1,
    }  # fmt: skip
    made = session.value(
        "INSERT INTO event_template_element (event_template_id, position, kind, name,"
        " description, category, type, complex, to_ids, mandatory, batch, malware)"
        " VALUES (%(template)s, %(position)s, %(kind)s, %(name)s, %(description)s,"
        " %(category)s, %(type)s, %(complex)s, %(to_ids)s, %(mandatory)s, %(batch)s,"
        " %(malware)s) RETURNING id",
        row,
    )
    audit.record(session, "add", "TemplateElement", int(made), row["name"])
    return view(session, int(made))


def edit(session: Session, known: Element, draft: Mapping[str, Any]) -> Element:
    """Changes an element of a template that is editable; it stays of its kind."""
    row = msgspec.structs.asdict(known) | dict(draft)
    session.execute(
        "UPDATE event_template_element SET name = %(name)s, description = %(description)s,"
        " category = %(category)s, type = %(type)s, complex = %(complex)s, to_ids = %(to_ids)s,"
        " mandatory = %(mandatory)s, batch = %(batch)s, malware = %(malware)s WHERE id = %(id)s",
        row,
    )
    change = {
        name: (getattr(known, name), value)
        for name, value in draft.items()
        if getattr(known, name) != value
    }
    audit.record(session, "edit", "TemplateElement", known.id, known.name, change)
    return view(session, known.id)


def delete(session: Session, known: Element) -> None:
    """Takes an element out of a template that is editable; those after it move up."""
    session.execute("DELETE FROM event_template_element WHERE id = %s", (known.id,))
    _number(session, [one.id for one in of_template(session, known.template_id)])
    audit.record(session, "delete", "TemplateElement", known.id, known.name)


def order(session: Session, template_id: int, ids: Sequence[int]) -> None:
    """Puts all elements of a template that is editable in this order. Raises Invalid."""
    known = [one.id for one in of_template(session, template_id)]
    if sorted(known) != sorted(ids):
        raise Invalid("order", f"each of the {len(known)} elements of the template once")
    _number(session, ids)
    change = {"order": (known, list(ids))}
    audit.record(session, "edit", "Template", template_id, "", change)


def _number(session: Session, ids: Sequence[int]) -> None:
    session.execute(
        "UPDATE event_template_element e SET position = n.place"
        " FROM unnest(%s::int[]) WITH ORDINALITY AS n (id, place) WHERE e.id = n.id",
        (list(ids),),
    )
