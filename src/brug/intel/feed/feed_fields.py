# SPDX-License-Identifier: EUPL-1.2
"""What the fields of a feed may be, field by field."""

import json
from collections.abc import Mapping
from typing import Any

from brug.directory import fields
from brug.directory.refusals import Refused
from brug.directory.server_fields import address
from brug.formats import json_text

FORMATS = ("misp", "csv", "freetext")
_MOST = 2**31 - 1
NO_RULES = '{"tags":{"OR":[],"NOT":[]},"orgs":{"OR":[],"NOT":[]},"url_params":""}'


def _choice(*allowed: str) -> fields.Check:
    def check(field: str, value: Any) -> str:
        text: str = fields.text(50)(field, value)
        if text not in allowed:
            raise Refused(field, "choice", f"one of {', '.join(allowed)}", text)
        return text

    return check


def _address(field: str, value: Any) -> str:
    """Kept as it is written: a folder's address may need its slash."""
    text: str = fields.text(2000)(field, value).strip()
    bare = text.partition("?")[0]
    address(field, bare)
    return text


def _object(field: str, value: Any) -> str:
    """JSON as text: an object or a list, as clients send it in either form."""
    given = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    text: str = fields.text(65_535)(field, given)
    try:
        read = json_text.decode_nested(text or "null")
    except json_text.Malformed as error:
        raise Refused(field, "json", "a JSON object", text) from error
    if not isinstance(read, dict | list):
        raise Refused(field, "json", "a JSON object", text)
    return text


CHECKS: Mapping[str, fields.Check] = {
    "name": fields.text(255, empty=False),
    "provider": fields.text(255, empty=False),
    "url": _address,
    "rules": _object,
    "settings": _object,
    "headers": fields.text(10_000),
    "source_format": _choice(*FORMATS),
    "input_source": _choice("network"),
    "distribution": fields.number(0, 5),
    "sharing_group_id": fields.number(0, _MOST),
    "tag_id": fields.number(0, _MOST),
    "tag_collection_id": fields.number(0, _MOST),
    "orgc_id": fields.number(0, _MOST),
    "event_id": fields.number(0, 2**62),
    **dict.fromkeys(
        (
            "enabled", "fixed_event", "delta_merge", "publish", "override_ids",
            "delete_local_file", "lookup_visible", "caching_enabled", "force_to_ids",
        ),
        fields.flag,
    ),
}  # fmt: skip
