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
GROUPS = ("tags", "orgs", "type_attributes", "type_objects")
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
    """A JSON object, as text or as it is. Nothing in it is taken for no rule at all: what was meant
    to hold something back would let it out.
    """
    given = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    text: str = fields.text(65_535)(field, given)
    try:
        read = json_text.decode_nested(text or "null")
    except json_text.Malformed as error:
        raise Refused(field, "json", "a JSON object", text) from error
    if not isinstance(read, dict):
        raise Refused(field, "json", "a JSON object", text)
    check_groups(field, read)
    return text


def check_groups(field: str, read: Mapping[str, Any]) -> None:
    """Raises Refused for what would be no rule, and for what stands under an unknown name."""
    for group in GROUPS:
        _check_rule(field, group, read.get(group) or {})
    _check_parameters(field, read.get("url_params") or {})
    unknown = [name for name in read if read[name] and name not in {*GROUPS, "url_params"}]
    if unknown:
        raise Refused(field, "unknown", f"{', '.join(GROUPS)} or url_params", unknown[0][:60])


def _check_rule(field: str, group: str, rule: Any) -> None:
    named = rule.items() if isinstance(rule, dict) else [("", None)]
    for part, several in named:
        fine = part in {"OR", "NOT"} and isinstance(several or [], list)
        if not fine or not all(type(one) in {str, int} for one in several or []):
            expected = f"{group}: an object with OR and NOT, each a list of names or numbers"
            raise Refused(field, "type", expected, json.dumps(rule)[:60])


def _check_parameters(field: str, given: Any) -> None:
    try:
        read = json_text.decode_nested(given) if isinstance(given, str) else given
    except json_text.Malformed:
        read = None
    if not isinstance(read, dict):
        raise Refused(field, "type", "url_params: a JSON object", str(given)[:60])


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
