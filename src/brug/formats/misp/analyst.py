# SPDX-License-Identifier: EUPL-1.2
"""Notes, opinions and relationships <-> the JSON that MISP's clients exchange.

Reading refuses what a stock MISP stores and chokes on later: an opinion that is no number
from 0 to 100, a level that does not exist, a target without a UUID. Times are UTC, whole
seconds, "2026-11-24 12:56:17".
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brug.formats.misp import coercion as c
from brug.formats.misp.reading_fields import BAD_UUID, group_of, read_organisation
from brug.model.analyst import KIND_NAMES, TARGETS, AnalystData, Kind, NewAnalystData
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid

Json = dict[str, Any]
BLANK = "This field cannot be left blank"
LEVELS = (
    "Options : Your organisation only, This community only, Connected communities,"
    " All communities, Sharing group"
)
NO_OPINION = "The opinion has to be a number from 0 to 100."
DEEPEST = 20


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def time_of(field: str, value: Any) -> datetime | None:
    """A time as MISP writes it, as ISO 8601, or in seconds since 1970. Raises Invalid."""
    try:
        seconds = c.seconds(field, int(value) if isinstance(value, float) else value)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(field, "a time from 1970 to 9999", c.start_of(value)) from error


class _Fields:
    """The fields of one item, and what is wrong with them."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw
        self.errors: dict[str, list[str]] = {}

    def read(self, name: str, how: Any, refusal: str | None = None) -> Any:
        value = self.raw.get(name)
        if value is None:
            return None
        try:
            return how(name, value)
        except Invalid as error:
            self.errors[name] = [refusal or error.public]
            return None

    def target(self, prefix: str, kind: Any, uuid: Any) -> tuple[str, str]:
        """What something is about; both parts are needed."""
        name = str(kind or "")
        if name not in TARGETS:
            self.errors[f"{prefix}_type"] = [f"Options: {', '.join(sorted(TARGETS))}"]
        try:
            found = c.uuid(f"{prefix}_uuid", uuid)
        except Invalid:
            found = None
        if found is None:
            self.errors[f"{prefix}_uuid"] = [BAD_UUID]
        return name, found or ""


def _text(fields: _Fields, name: str) -> str | None:
    found: str | None = fields.read(name, c.text)
    return found


def read(
    kind: int, raw: Any, about: tuple[Any, Any] | None = None, *, partial: bool = False
) -> NewAnalystData:
    """One item; `about` is the type and UUID that it is about, else it says so itself.

    Raises Refused with a text by field. `partial`: an edit, which may leave fields out.
    """
    if not isinstance(raw, dict):
        raise Refused({KIND_NAMES[kind]: ["This has to be a JSON object."]})
    fields = _Fields(raw)
    if partial:
        kind_of, uuid = "", ""
    else:
        kind_of, uuid = fields.target(
            "object", *(about or (raw.get("object_type"), raw.get("object_uuid")))
        )
    made = NewAnalystData(
        kind=kind,
        object_type=kind_of,
        object_uuid=uuid,
        uuid=fields.read("uuid", c.uuid, BAD_UUID),
        authors=_text(fields, "authors"),
        created=fields.read("created", time_of),
        modified=fields.read("modified", time_of),
        distribution=fields.read("distribution", lambda f, v: c.integer(f, v, 0, 4), LEVELS),
        locked=bool(fields.read("locked", c.flag)),
        orgc=read_organisation(raw, "Orgc"),
        raw=raw,
    )
    made.group = group_of(raw) if made.distribution == 4 else None
    _CONTENT[Kind(kind)](fields, made, partial)
    if fields.errors:
        raise Refused(fields.errors)
    return made


def _note(fields: _Fields, made: NewAnalystData, partial: bool) -> None:
    made.note = _text(fields, "note")
    made.language = _text(fields, "language")
    if not (made.note or "").strip() and not (partial and "note" not in fields.raw):
        fields.errors.setdefault("note", [BLANK])


def _opinion(fields: _Fields, made: NewAnalystData, partial: bool) -> None:
    made.opinion = fields.read("opinion", lambda f, v: c.integer(f, v, 0, 100), NO_OPINION)
    made.comment = _text(fields, "comment")
    if made.opinion is None and not (partial and "opinion" not in fields.raw):
        fields.errors.setdefault("opinion", [NO_OPINION])


def _relationship(fields: _Fields, made: NewAnalystData, partial: bool) -> None:
    made.relationship_type = _text(fields, "relationship_type")
    raw = fields.raw
    if partial and not ({"related_object_type", "related_object_uuid"} & raw.keys()):
        return
    made.related_object_type, made.related_object_uuid = fields.target(
        "related_object", raw.get("related_object_type"), raw.get("related_object_uuid")
    )


_CONTENT = {Kind.Note: _note, Kind.Opinion: _opinion, Kind.Relationship: _relationship}


# Writing -------------------------------------------------------------------------------


def head(item: AnalystData) -> Json:
    """The item's own fields."""
    shown: Json = {
        "id": str(item.id),
        "uuid": item.uuid,
        "object_uuid": item.object_uuid,
        "object_type": item.object_type,
        "authors": item.authors,
        "org_uuid": item.org_uuid,
        "orgc_uuid": item.orgc_uuid,
        "created": moment(item.created),
        "modified": moment(item.modified),
        "distribution": str(item.distribution),
        "sharing_group_id": None if item.sharing_group_id is None else str(item.sharing_group_id),
        "locked": item.locked,
    }
    return shown | _content(item) | {"note_type": item.kind, "note_type_name": item.name}


def _content(item: AnalystData) -> Json:
    if item.kind == Kind.Note:
        return {"note": item.note, "language": item.language}
    if item.kind == Kind.Opinion:
        opinion = None if item.opinion is None else str(item.opinion)
        return {"opinion": opinion, "comment": item.comment}
    return {
        "relationship_type": item.relationship_type,
        "related_object_uuid": item.related_object_uuid,
        "related_object_type": item.related_object_type,
    }


class Tree:
    """Items with what is said about them, as far as the reader sees.

    `beside` gives what is shown with each item: its organisations, its sharing group.
    """

    def __init__(self, items: Sequence[AnalystData], beside: Mapping[str, Json]) -> None:
        self._beside = beside
        self._about: dict[tuple[str, str], list[AnalystData]] = {}
        for item in items:
            self._about.setdefault((item.object_type, item.object_uuid), []).append(item)

    def one(self, item: AnalystData, depth: int = 0) -> Json:
        """An item with all that is nested in it."""
        shown = head(item) | self._beside.get(item.uuid, {})
        if depth != 1:
            shown["_max_depth_reached"] = depth >= DEEPEST
        if depth < DEEPEST:
            shown |= self.about(item.name, item.uuid, depth + 1)
        return shown

    def about(self, kind: str, uuid: str, depth: int = 0) -> dict[str, list[Json]]:
        """What is said about an item, by kind; kinds of which there is none are left out."""
        found: dict[str, list[Json]] = {}
        for item in self._about.get((kind, uuid), []):
            found.setdefault(item.name, []).append(self.one(item, depth))
        return found

    def everything(self) -> dict[tuple[str, str], dict[str, list[Json]]]:
        """The same for each thing that is no analyst data itself."""
        return {
            (kind, uuid): self.about(kind, uuid)
            for kind, uuid in self._about
            if kind not in KIND_NAMES
        }
