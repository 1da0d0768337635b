# SPDX-License-Identifier: EUPL-1.2
"""What the fields of a feed may be, field by field."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from brug.directory import fields
from brug.directory.refusals import Refused
from brug.directory.server_fields import address, check_groups
from brug.formats import json_text

FORMATS = ("misp", "csv", "freetext")
SOURCES = ("network", "local")
LONGEST_PAUSE = 60 * 24 * 366
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
    """Kept as it is written: a folder's address may need its slash. A path is looked at
    beside `input_source`, by `source_fits`.
    """
    text: str = fields.text(2000)(field, value).strip()
    if not text.startswith("/"):
        address(field, text.partition("?")[0])
    return text


def source_fits(url: str, input_source: str, folders: Sequence[str]) -> None:
    """Raises Refused unless an address is of its kind and a path in one of the folders."""
    if input_source == "network":
        address("url", url.partition("?")[0])
        return
    path = PurePosixPath(url)
    if not folders:
        raise Refused(
            "input_source", "choice", "network (setting feeds.local_folders names no folder)",
            "local",
        )  # fmt: skip
    inside = any(path.is_relative_to(folder) for folder in folders)
    if not path.is_absolute() or ".." in path.parts or not inside:
        raise Refused("url", "folder", "a path in a folder of setting feeds.local_folders", url)


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


def _rules(field: str, value: Any) -> str:
    """As those of servers: what would be no rule is refused; empty JSON is none."""
    text = _object(field, value)
    read = json.loads(text)
    if isinstance(read, list) and read:
        raise Refused(field, "json", "a JSON object", text)
    check_groups(field, read or {})
    return text


CHECKS: Mapping[str, fields.Check] = {
    "name": fields.text(255, empty=False),
    "provider": fields.text(255, empty=False),
    "url": _address,
    "rules": _rules,
    "settings": _object,
    "headers": fields.text(10_000),
    "source_format": _choice(*FORMATS),
    "input_source": _choice(*SOURCES),
    "distribution": fields.number(0, 5),
    "sharing_group_id": fields.number(0, _MOST),
    "tag_id": fields.number(0, _MOST),
    "tag_collection_id": fields.number(0, _MOST),
    "orgc_id": fields.number(0, _MOST),
    "event_id": fields.number(0, 2**62),
    "every_minutes": fields.number(0, LONGEST_PAUSE),
    "retention_days": fields.number(0, 36_500),
    **dict.fromkeys(
        (
            "enabled", "fixed_event", "delta_merge", "publish", "override_ids",
            "delete_local_file", "lookup_visible", "caching_enabled", "force_to_ids",
        ),
        fields.flag,
    ),
}  # fmt: skip
