# SPDX-License-Identifier: EUPL-1.2
"""What the fields of a server may be, field by field."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from brug.directory import fields
from brug.directory.refusals import Refused
from brug.formats import json_text

KEY_LENGTH = 40
_TAGS: dict[str, Any] = {"tags": {"OR": [], "NOT": []}, "orgs": {"OR": [], "NOT": []}}


def _compact(rules: dict[str, Any]) -> str:
    return json.dumps(rules, separators=(",", ":"))


PUSH_RULES = _compact(_TAGS)
PULL_RULES = _compact(
    _TAGS | {"type_attributes": {"NOT": []}, "type_objects": {"NOT": []}, "url_params": ""}
)


def address(field: str, value: Any) -> str:
    """An http or https address without what belongs to one request, and no slash at its end."""
    text: str = fields.text(255)(field, value).strip().rstrip("/")
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        _ = parts.port
    except ValueError:
        fine = False
    if not fine or parts.query or parts.fragment:
        raise Refused(field, "address", "an http or https address", text)
    return text


def _key(field: str, value: Any) -> str:
    if not value:
        raise Refused(field, "empty", "the key of 40 characters that the server gave")
    text: str = fields.text(200)(field, value)
    if len(text) != KEY_LENGTH or not (text.isascii() and text.isalnum()):
        raise Refused(field, "key", "40 letters and digits")
    return text


def rules(field: str, value: Any) -> str:
    """A JSON object, as text or as it is."""
    given = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    text: str = fields.text(65_535)(field, given)
    try:
        read = json_text.decode_nested(text or "null")
    except json_text.Malformed as error:
        raise Refused(field, "json", "a JSON object", text) from error
    if not isinstance(read, dict):
        raise Refused(field, "json", "a JSON object", text)
    return text


CHECKS: Mapping[str, fields.Check] = {
    "name": fields.text(255, empty=False),
    "url": address,
    "authkey": _key,
    "remote_org_id": fields.number(1, 2**31 - 1),
    "pull_rules": rules,
    "push_rules": rules,
    **dict.fromkeys(
        (
            "push", "pull", "push_sightings", "push_galaxy_clusters", "push_analyst_data",
            "pull_galaxy_clusters", "pull_analyst_data", "publish_without_email",
            "unpublish_event", "self_signed", "internal", "skip_proxy", "remove_missing_tags",
            "caching_enabled",
        ),
        fields.flag,
    ),
}  # fmt: skip
