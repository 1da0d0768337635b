# SPDX-License-Identifier: EUPL-1.2
"""What people put together: tag collections, collections, decaying models, correlation rules,
event templates, dashboards.

Each keeps its UUID, its owner and, where numbers are kept, its number. One that a former run
took, or that is here under its UUID (an event template: under its name), stays as it is.
"""

from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from brug.formats.misp import coercion as c
from brug.intel.dashboard import saved
from brug.intel.decay import decaying_changes
from brug.intel.levels import group_id
from brug.intel.template import elements
from brug.model.errors import Invalid
from brug.model.event import SHARING_GROUP
from brug.model.new_event import GroupRef
from brug.moving.at import At, is_here, number_in, placed
from brug.moving.directory import moment
from brug.moving.event_rows import level_of
from brug.moving.taking import unwrapped

Raw = dict[str, Any]


def _organisation(at: At, raw: Raw, field: str = "org_id") -> int:
    found = at.numbers.of("organisation", raw.get(field))
    if found is None:
        raise Invalid(field, "an organisation that came along", str(raw.get(field)))
    return found


def tag_collection(at: At, raw: Raw) -> bool:
    """Tags are known by name: those of vocabularies have other numbers here."""
    uuid = c.uuid("uuid", raw.get("uuid")) or str(uuid4())
    known = at.session.value("SELECT 1 FROM tag_collection WHERE uuid = %s", (uuid,))
    if known or is_here(at, "tag_collection", raw):
        return True
    row = {
        "uuid": uuid,
        "user_id": number_in(at, "account", raw.get("user_id")),
        "org_id": _organisation(at, raw),
        "name": c.text("name", raw.get("name")),
        "description": c.text("description", raw.get("description")),
        "all_orgs": c.flag("all_orgs", raw.get("all_orgs")),
    }
    names = [unwrapped(one, "Tag").get("name") for one in raw.get("TagCollectionTag") or []]
    added = placed(at, "tag_collection", raw, row)
    at.session.execute(
        "INSERT INTO tag_collection_tag (tag_collection_id, tag_id)"
        " SELECT %s, id FROM tag WHERE name = ANY (%s::text[]) ON CONFLICT DO NOTHING",
        (added, [name for name in names if isinstance(name, str)]),
    )
    return True


def collection(at: At, raw: Raw) -> bool:
    """With what it holds, which its list there does not tell."""
    uuid, org = c.uuid("uuid", raw.get("uuid")) or str(uuid4()), _organisation(at, raw)
    known = at.session.value(
        "SELECT 1 FROM collection WHERE uuid = %s AND org_id = %s", (uuid, org)
    )
    if known or is_here(at, "collection", raw):
        return True
    level = level_of(raw, 4)
    remote = at.numbers.of("sharing_group", raw.get("sharing_group_id"))
    row = {
        "uuid": uuid,
        "org_id": org,
        "orgc_id": _organisation(at, raw, "orgc_id"),
        "user_id": number_in(at, "account", raw.get("user_id")),
        "distribution": level,
        "sharing_group_id": group_id(at.session, GroupRef(id=remote))
        if level == SHARING_GROUP
        else None,
        "name": c.text("name", raw.get("name")),
        "type": c.text("type", raw.get("type")) or "other",
        "description": c.text("description", raw.get("description")),
        "audience": 0,  # the database places it
    }
    for field in ("created", "modified"):
        if (time := moment(raw.get(field))) is not None:
            row[field] = time
    held: list[Raw] = []
    if str(raw.get("element_count")) != "0":
        whole = unwrapped(at.source.misp.get(f"/collections/view/{raw['id']}"), "Collection")
        held = whole.get("CollectionElement") or []
    added = placed(at, "collection", raw, row)
    for item in held:
        at.session.execute(
            "INSERT INTO collection_element"
            " (uuid, collection_id, element_type, element_uuid, description)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                c.uuid("uuid", item.get("uuid")) or str(uuid4()), added,
                c.text("element_type", item.get("element_type")),
                c.uuid("element_uuid", item.get("element_uuid")),
                c.text("description", item.get("description")),
            ),
        )  # fmt: skip
    return True


def decaying_model(at: At, raw: Raw) -> bool:
    """An own one whole; of one that every node has, whether it is in use."""
    uuid = c.uuid("uuid", raw.get("uuid"))
    known = at.session.one("SELECT id, is_default FROM decaying_model WHERE uuid = %s", (uuid,))
    if known is not None and not (known[1] and raw.get("enabled") is True):
        return not known[1]
    if known is not None:
        number = int(known[0])
        at.session.execute("UPDATE decaying_model SET enabled = true WHERE id = %s", (number,))
    elif is_here(at, "decaying_model", raw):
        return True
    else:
        row = decaying_changes.checked(raw)
        row |= {"uuid": uuid, "org_id": _organisation(at, raw)}
        number = placed(at, "decaying_model", raw, row)
    _map(at, number, raw)
    return True


def _map(at: At, model: int, raw: Raw) -> None:
    """The types that were added to those that a model names itself."""
    mapped = raw.get("DecayingModelMapping") or []
    types = [one.get("attribute_type") for one in mapped if isinstance(one, dict)]
    at.session.execute(
        "INSERT INTO decaying_model_mapping (model_id, attribute_type)"
        " SELECT m.id, t FROM decaying_model m, unnest(%s::text[]) AS t"
        " WHERE m.id = %s AND t <> ALL (m.attribute_types) ON CONFLICT DO NOTHING",
        ([kind for kind in types if isinstance(kind, str)], model),
    )


def correlation_rule(at: At, raw: Raw) -> bool:
    """Organisations in it have the numbers of here; of events, where numbers are kept."""
    uuid = c.uuid("uuid", raw.get("uuid")) or str(uuid4())
    name = c.text("name", raw.get("name"))
    if at.session.value(
        "SELECT 1 FROM correlation_rule WHERE uuid = %s OR name = %s", (uuid, name)
    ):
        return True
    kind = c.text("selector_type", raw.get("selector_type"))
    listed = [str(one) for one in raw.get("selector_list") or []]
    if kind == "orgc_id":
        listed = [str(_organisation(at, {"org_id": one})) for one in listed]
    elif kind == "event_id" and not at.source.move.keeps_ids:
        raise Invalid("selector_list", "numbers that are kept; make the rule anew", name)
    placed(
        at, "correlation_rule", raw,
        {
            "uuid": uuid, "name": name, "comment": c.text("comment", raw.get("comment")),
            "selector_type": kind, "selector_list": listed,
            "created": c.seconds("created", raw.get("created")) or 0,
            "timestamp": c.seconds("timestamp", raw.get("timestamp")) or 0,
        },
    )  # fmt: skip
    return True


def event_template(at: At, raw: Raw) -> bool:
    """With its elements, which its list there does not tell; it has no UUID."""
    name, org = c.text("name", raw.get("name")), _organisation(at, raw)
    known = at.session.value(
        "SELECT 1 FROM event_template WHERE org_id = %s AND name = %s", (org, name)
    )
    if known or is_here(at, "event_template", raw):
        return True
    whole = at.source.misp.get(f"/templates/view/{raw['id']}")
    row = {
        "org_id": org, "name": name, "description": c.text("description", raw.get("description")),
        "share": c.flag("share", raw.get("share")),
    }  # fmt: skip
    held = [
        (kind, elements.drafted(kind, one[model][0]))
        for one in whole.get("TemplateElement") or []
        for kind, model in _FIELDS_OF.items()
        if one.get(model)
    ]
    names = [unwrapped(one, "Tag").get("name") for one in raw.get("TemplateTag") or []]
    added = placed(at, "event_template", raw, row)
    for kind, draft in held:
        elements.add(at.session, added, kind, draft)
    at.session.execute(
        "INSERT INTO event_template_tag (event_template_id, tag_id)"
        " SELECT %s, id FROM tag WHERE name = ANY (%s::text[]) ON CONFLICT DO NOTHING",
        (added, [one for one in names if isinstance(one, str)]),
    )
    return True


# Where MISP nests what an element of a kind says.
_FIELDS_OF = {
    "attribute": "TemplateElementAttribute",
    "file": "TemplateElementFile",
    "text": "TemplateElementText",
}


def dashboard(at: At, raw: Raw) -> bool:
    """That somebody keeps; whom it is offered to has the numbers of here."""
    uuid = c.uuid("uuid", raw.get("uuid")) or str(uuid4())
    known = at.session.value("SELECT 1 FROM dashboard WHERE uuid = %s", (uuid,))
    if known or is_here(at, "dashboard", raw):
        return True
    user = number_in(at, "account", raw.get("user_id"))
    if not user:
        raise Invalid("user_id", "a user who came along", str(raw.get("user_id")))
    flag = c.text("restrict_to_permission_flag", raw.get("restrict_to_permission_flag"))
    row: Raw = {
        "uuid": uuid, "user_id": user, "name": c.text("name", raw.get("name")),
        "description": c.text("description", raw.get("description")),
        "selectable": c.flag("selectable", raw.get("selectable")),
        "restrict_to_permission_flag": "" if flag == "0" else flag.removeprefix(saved.RIGHT),
        "is_default": c.flag("default", raw.get("default")) and saved.default(at.session) is None,
        "value": Jsonb(raw.get("value")),
        "timestamp": c.seconds("timestamp", raw.get("timestamp")) or 0,
    }  # fmt: skip
    for field, kind in (("restrict_to_org_id", "organisation"), ("restrict_to_role_id", "role")):
        if str(raw.get(field) or 0) != "0":
            row[field] = number_in(at, kind, raw[field])
            if not row[field]:
                # Never to more than before.
                raise Invalid(field, f"an item of kind {kind} that came along", str(raw[field]))
    placed(at, "dashboard", raw, row)
    return True
