# SPDX-License-Identifier: EUPL-1.2
"""Making, changing and removing collections (`brug.intel.analysis.collections`)."""

from typing import Any
from uuid import uuid4

import msgspec

from brug.formats.misp import coercion as c
from brug.formats.misp.reading_fields import BAD_UUID, group_of
from brug.intel.analysis.collections import Collection, claim, find
from brug.intel.levels import group_id
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, Invalid
from brug.model.event import SHARING_GROUP
from brug.store import audit, settings
from brug.store.session import Session

LEVELS = (
    "Options : Your organisation only, This community only, Connected communities,"
    " All communities, Sharing group"
)
BLANK = "This field cannot be left blank"


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
    found = claim(session, key)
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
    found = claim(session, key)
    session.execute("DELETE FROM collection WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Collection", found.id, found.name)
    return found
