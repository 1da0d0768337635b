# SPDX-License-Identifier: EUPL-1.2
"""Collections: events and clusters that belong together, across events, under a name.

Who sees a collection follows from its own level (36_collections.sql); what it holds shows
to whoever sees that anyway.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import uuid4

import msgspec

from brug.formats.misp import coercion as c
from brug.formats.misp.reading import BAD_UUID, group_of
from brug.intel.levels import group_id
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.event import SHARING_GROUP
from brug.store import audit, settings
from brug.store.session import Session

LEVELS = (
    "Options : Your organisation only, This community only, Connected communities,"
    " All communities, Sharing group"
)
BLANK = "This field cannot be left blank"
# What people use; any other word is kept as it is.
TYPES = ("campaign", "intrusion_set", "named_threat_actor", "research", "other")
ELEMENTS = frozenset({"Event", "GalaxyCluster"})
Whose = Literal["all", "mine", "organisation"]
_NUMBER = re.compile(r"\d{1,9}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Collection(msgspec.Struct):
    id: int
    uuid: str
    org_id: int
    orgc_id: int
    user_id: int
    created: datetime
    modified: datetime
    distribution: int
    sharing_group_id: int | None
    name: str
    type: str
    description: str
    org_uuid: str
    org_name: str
    orgc_uuid: str
    orgc_name: str
    email: str | None  # who made it, for the same organisation
    element_count: int


class Element(msgspec.Struct):
    id: int
    uuid: str
    collection_id: int
    element_type: str
    element_uuid: str
    description: str


_SELECT: LiteralString = (
    "SELECT k.id, k.uuid::text, k.org_id, k.orgc_id, k.user_id, k.created, k.modified,"
    " k.distribution, k.sharing_group_id, k.name, k.type, k.description, o.uuid::text, o.name,"
    " c.uuid::text, c.name, creator_email(k.user_id),"
    " (SELECT count(*)::int FROM collection_element x WHERE x.collection_id = k.id)"
    " FROM collection k JOIN organisation o ON o.id = k.org_id"
    " JOIN organisation c ON c.id = k.orgc_id"
)


def listed(session: Session, whose: Whose = "all", holding: str | None = None) -> list[Collection]:
    """Those that are seen; `holding`: with an element of that UUID."""
    principal = session.principal
    return [
        Collection(*row)
        for row in session.all(
            _SELECT + " WHERE (%(user)s::int IS NULL OR k.user_id = %(user)s)"
            " AND (%(org)s::int IS NULL OR k.orgc_id = %(org)s)"
            " AND (%(holding)s::uuid IS NULL OR EXISTS (SELECT 1 FROM collection_element x"
            "   WHERE x.collection_id = k.id AND x.element_uuid = %(holding)s)) ORDER BY k.id",
            {
                "user": principal.user_id if whose == "mine" else None,
                "org": principal.org_id if whose == "organisation" else None,
                "holding": holding,
            },
        )
    ]


def find(session: Session, key: str | int) -> Collection:
    """By number or UUID. Raises NotFound."""
    text = str(key).strip()
    row = None
    if _NUMBER.fullmatch(text):
        row = session.one(_SELECT + " WHERE k.id = %s", (int(text),))
    elif _UUID.fullmatch(text):
        row = session.one(
            _SELECT + " WHERE k.uuid = %s ORDER BY k.org_id = current_org_id() DESC, k.id LIMIT 1",
            (text,),
        )
    if row is None:
        raise NotFound(f"collection {text[:60]!r} is absent or hidden")
    return Collection(*row)


def may_change(session: Session, found: Collection) -> bool:
    """Whoever made it, and those of its organisation who may change what others made."""
    mine = session.principal
    own = mine.org_id == found.orgc_id and mine.may("modify")
    return mine.is_site_admin or (own and (mine.user_id == found.user_id or mine.may("modify_org")))


def _claim(session: Session, key: str | int) -> Collection:
    found = find(session, key)
    if not may_change(session, found):
        raise Forbidden(f"user {session.principal.user_id} may not change collection {found.id}")
    return found


class _New(msgspec.Struct):
    """The fields that were sent; None where nothing was."""

    uuid: str | None
    name: str | None
    type: str | None
    description: str | None
    level: int | None
    group: int | None


def _read(session: Session, raw: dict[str, Any], stored: Collection | None) -> _New:
    errors: dict[str, list[str]] = {}

    def field(name: str, how: Any, refusal: str | None = None) -> Any:
        if raw.get(name) is None:
            return None
        try:
            return how(name, raw[name])
        except Invalid as error:
            errors[name] = [refusal or error.public]
            return None

    new = _New(
        field("uuid", c.uuid, BAD_UUID),
        field("name", c.text),
        field("type", c.text),
        field("description", c.text),
        field("distribution", lambda f, v: c.integer(f, v, 0, 4), LEVELS),
        None,
    )
    if not (new.name or "").strip() and not (stored is not None and "name" not in raw):
        errors.setdefault("name", [BLANK])
    if errors:
        raise Refused(errors)
    kept = stored.sharing_group_id if stored is not None else None
    if new.level == SHARING_GROUP:
        named = group_of(raw)
        same = kept is not None and (named is None or named.id == kept)
        new.group = kept if same else group_id(session, named)
    return new


def add(session: Session, raw: dict[str, Any]) -> Collection:
    """A new collection of one's own. Raises Refused, GroupRefused, Forbidden."""
    principal = session.principal
    if not (principal.may("modify") or principal.is_site_admin):
        raise Forbidden(f"user {principal.user_id} may not add collections")
    new = _read(session, raw, None)
    level = new.level
    if level is None:
        level = int(settings.get(session, "events.default_distribution"))
    uuid = new.uuid or str(uuid4())
    done = session.execute(
        "INSERT INTO collection (uuid, org_id, orgc_id, user_id, distribution, sharing_group_id,"
        " name, type, description, audience) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0)"
        " ON CONFLICT (uuid, org_id) DO NOTHING",
        (
            uuid, principal.org_id, principal.org_id, principal.user_id, level, new.group,
            new.name, new.type or "other", new.description or "",
        ),
    )  # fmt: skip
    if not done.rowcount:
        raise Refused({"uuid": ["The UUID provided is not unique"]})
    made = find(session, uuid)
    audit.record(session, "add", "Collection", made.id, made.name)
    return made


def edit(session: Session, key: str | int, raw: dict[str, Any]) -> Collection:
    """Changes what is sent. Raises NotFound, Forbidden, Refused, GroupRefused."""
    found = _claim(session, key)
    new = _read(session, raw, found)
    same = new.level is None
    session.execute(
        "UPDATE collection SET name = coalesce(%s, name), type = coalesce(%s, type),"
        " description = coalesce(%s, description), distribution = %s, sharing_group_id = %s,"
        " modified = now() WHERE id = %s",
        (
            new.name, new.type, new.description, found.distribution if same else new.level,
            found.sharing_group_id if same else new.group, found.id,
        ),
    )  # fmt: skip
    audit.record(session, "edit", "Collection", found.id, found.name, {"fields": sorted(raw)[:20]})
    return find(session, found.id)


def delete(session: Session, key: str | int) -> Collection:
    """Removes a collection; what it held stays where it is. Raises NotFound, Forbidden."""
    found = _claim(session, key)
    session.execute("DELETE FROM collection WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Collection", found.id, found.name)
    return found


def elements(session: Session, ids: Sequence[int]) -> list[Element]:
    """What some collections hold, as far as it is seen."""
    return [
        Element(*row)
        for row in session.all(
            "SELECT id, uuid::text, collection_id, element_type, element_uuid::text, description"
            " FROM collection_element WHERE collection_id = ANY (%s) ORDER BY id",
            (list(ids),),
        )
    ]


def add_element(
    session: Session, key: str | int, kind: str, uuid: str, description: str = ""
) -> Element:
    """Puts an event or cluster that one sees in. Raises NotFound, Forbidden, Refused."""
    found = _claim(session, key)
    if kind not in ELEMENTS:
        raise Refused({"element_type": [f"Options: {', '.join(sorted(ELEMENTS))}"]})
    known = _UUID.fullmatch(uuid) and session.value("SELECT element_is_seen(%s, %s)", (kind, uuid))
    if not known:
        raise Refused({"element_uuid": [f"Invalid {kind}."]})
    session.execute(
        "INSERT INTO collection_element (collection_id, element_type, element_uuid, description)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (found.id, kind, uuid, description),
    )
    session.execute("UPDATE collection SET modified = now() WHERE id = %s", (found.id,))
    audit.record(session, "add", "CollectionElement", found.id, f"{kind} {uuid}")
    return next(
        one for one in elements(session, [found.id])
        if (one.element_type, one.element_uuid) == (kind, uuid.lower())
    )  # fmt: skip


def remove_element(session: Session, key: str) -> Element:
    """Takes one out, by its number or UUID. Raises NotFound, Forbidden."""
    row = None
    if _NUMBER.fullmatch(key) or _UUID.fullmatch(key):
        row = session.one(
            "SELECT id, uuid::text, collection_id, element_type, element_uuid::text, description"
            " FROM collection_element WHERE id::text = %s OR uuid::text = lower(%s)",
            (key, key),
        )
    if row is None:
        raise NotFound(f"collection element {key[:60]!r} is absent or hidden")
    element = Element(*row)
    _claim(session, element.collection_id)
    session.execute("DELETE FROM collection_element WHERE id = %s", (element.id,))
    audit.record(session, "delete", "CollectionElement", element.id, element.element_uuid)
    return element
