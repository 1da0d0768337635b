# SPDX-License-Identifier: EUPL-1.2
"""What items of MISP's core format have in common when they are read: fields, levels, tags."""

from collections.abc import Callable
from typing import Any

from brug.formats.misp import coercion as c
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid
from brug.model.event import OrganisationRef
from brug.model.new_event import GroupRef, NewTag

_LEVELS = "Your organisation only, This community only, Connected communities, All communities"
EVENT_LEVELS = f"Options : {_LEVELS}"
LEVELS = f"Options: {_LEVELS}, Sharing group, Inherit event"
THREAT_LEVELS = "Options : 1, 2, 3, 4 (for High, Medium, Low, Undefined)"
ANALYSES = "Options : 0, 1, 2 (for Initial, Ongoing, Completed)"
BAD_UUID = "Please provide a valid RFC 4122 UUID"
BAD_TIME = "Invalid ISO 8601 format"

Fields = dict[str, Any]


class Reader:
    """Reads fields of one item, and gathers what is wrong with them by MISP's texts."""

    __slots__ = ("errors", "raw")

    def __init__(self, raw: Fields) -> None:
        self.raw = raw
        self.errors: dict[str, list[str]] = {}

    def get(self, name: str, how: Callable[[str, Any], Any], refusal: str | None = None) -> Any:
        value = self.raw.get(name)
        if value is None:
            return None
        try:
            return how(name, value)
        except Invalid as error:
            self.errors.setdefault(name, []).append(refusal or error.public)
            return None

    def level(self, highest: int, options: str) -> int | None:
        said = self.raw.get("distribution")
        if type(said) is int and 0 <= said <= highest:
            return said
        return self.get(  # type: ignore[no-any-return]
            "distribution", lambda f, v: c.integer(f, v, 0, highest), options
        )

    def said(self, name: str) -> bool:
        """Whether a field says something else than no."""
        value = self.raw.get(name)
        return value is not None and value is not False and value != ""

    def finish(self) -> None:
        if self.errors:
            raise Refused(self.errors)


def group_of(raw: Fields) -> GroupRef | None:
    """The sharing group that an item names, embedded or by number."""
    embedded = raw.get("SharingGroup")
    if isinstance(embedded, dict) and isinstance(embedded.get("uuid"), str):
        uuid = c.uuid("SharingGroup.uuid", embedded["uuid"])
        return GroupRef(uuid=uuid, name=c.text("name", embedded.get("name")))
    value = raw.get("sharing_group_id")
    if value in {None, "", 0, "0"} if not isinstance(value, list | dict) else True:
        return None
    if isinstance(value, str) and len(value) == 36:
        return GroupRef(uuid=c.uuid("sharing_group_id", value))
    return GroupRef(id=c.integer("sharing_group_id", value))


def read_tags(raw: Any) -> tuple[NewTag, ...]:
    """Tags as MISP sends them: names, objects, `{"Tag": {...}}`; unreadable ones are left."""
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list):
        return ()
    tags = []
    for item in raw:
        found = item.get("Tag", item) if isinstance(item, dict) else {"name": item}
        if isinstance(found, dict) and isinstance(found.get("name"), str) and found["name"].strip():
            tags.append(_tag(found))
    return tuple(tags)


def _tag(raw: Fields) -> NewTag:
    return NewTag(
        name=c.text("name", raw["name"])[:255],
        colour=colour if isinstance(colour := raw.get("colour"), str) else None,
        local=c.flag("local", raw.get("local")),
        relationship_type=c.text("relationship_type", raw.get("relationship_type")) or None,
        exportable=c.flag("exportable", raw.get("exportable"), default=True),
        numerical_value=c.integer("numerical_value", raw.get("numerical_value"), -(2**31)),
    )


def read_organisation(raw: Fields, *names: str) -> OrganisationRef | None:
    """The organisation embedded under one of the names, if it has a UUID and a name."""
    for name in names or ("Organisation", "Orgc", "Org"):
        found = raw.get(name)
        if isinstance(found, dict) and found.get("uuid") and found.get("name"):
            uuid = c.uuid(f"{name}.uuid", found["uuid"])
            return OrganisationRef(0, c.text("name", found["name"])[:255], uuid or "")
    return None
