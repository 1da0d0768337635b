# SPDX-License-Identifier: EUPL-1.2
"""What a request to attach or take off tags names: the item, the tags, the relation."""

from contextlib import suppress
from typing import Any

from brug.api.misp.dispatch import Call
from brug.api.misp.several import texts
from brug.formats.json_text import Malformed, decode
from brug.formats.misp import coercion
from brug.intel import attributes
from brug.intel.finding import find
from brug.intel.label.tagging import Kind, Target
from brug.model.errors import NotFound

INVALID_TAG = "Invalid Tag."
MAX_TAGS = 1000


def target_of(call: Call, kind: Kind, key: str) -> Target:
    """Raises NotFound."""
    item_id = find(call.session, kind, key)
    if kind == "event":
        return Target("event", item_id, item_id)
    (found,) = attributes.by_ids(call.session, [item_id])
    if found.deleted:
        raise NotFound(f"attribute {item_id} is deleted")
    return Target("attribute", found.event_id, item_id)


def listed(value: Any) -> list[str]:
    """One name or number, a list of them, or the JSON text of a list."""
    named = value if isinstance(value, list) else [value]
    if isinstance(value, str) and value.startswith("["):
        # A tag's name may begin as a list does.
        with suppress(Malformed):
            named = decode(value.encode())
    return texts("tag", [one for one in named if isinstance(one, str | int)], MAX_TAGS)


def relationship(body: dict[str, Any]) -> str | None:
    """How the tag relates to the item, if the sender says."""
    return coercion.text("relationship_type", body.get("relationship_type"))[:255] or None
