# SPDX-License-Identifier: EUPL-1.2
"""The rules of a server's record: what is asked of it by name, what goes to it by number.

MISP keeps them as JSON texts. Rules for pulling hold names and are asked of the partner,
who leaves out what does not fit; types are also left out here, of what came. Rules for
pushing hold this node's numbers of tags and organisations; a name there fits nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from brug.formats import json_text
from brug.model.errors import Invalid

Json = dict[str, Any]


class Rules(msgspec.Struct, frozen=True):
    """One direction's, read."""

    tags: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())  # wanted, unwanted
    orgs: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    attribute_types: frozenset[str] = frozenset()  # unwanted
    object_templates: frozenset[str] = frozenset()  # unwanted, by UUID
    parameters: Mapping[str, Any] = {}


def read(text: str) -> Rules:
    """Whatever is no rule counts as none."""
    found = _object(text)
    return Rules(
        _pair(found.get("tags")),
        _pair(found.get("orgs")),
        frozenset(_pair(found.get("type_attributes"))[1]),
        frozenset(_pair(found.get("type_objects"))[1]),
        _object(found.get("url_params")),
    )


def _object(text: Any) -> Json:
    if isinstance(text, dict):
        return text
    try:
        found = json_text.decode(text.encode()) if isinstance(text, str) and text else {}
    except (Invalid, UnicodeEncodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _pair(raw: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    either = raw if isinstance(raw, dict) else {}
    return _texts(either.get("OR")), _texts(either.get("NOT"))


def _texts(raw: Any) -> tuple[str, ...]:
    several = raw if isinstance(raw, list) else []
    return tuple(str(one) for one in several if isinstance(one, str | int) and str(one).strip())


def index_question(rules: Rules) -> Json:
    """The body of events/index that asks for what the rules let in, in stock's order."""
    asked: Json = {}
    for name, pair in (("tag", rules.tags), ("org", rules.orgs)):
        if any(pair):
            asked[name] = _signed(pair)
    for name, unwanted in (
        ("type_attribute", rules.attribute_types), ("type_object", rules.object_templates),
    ):  # fmt: skip
        if unwanted:
            asked[name] = [f"!{one}" for one in sorted(unwanted)]
    return asked | dict(rules.parameters) | {"minimal": 1, "published": 1}


def _signed(pair: tuple[Sequence[str], Sequence[str]]) -> list[str]:
    return [*pair[0], *(f"!{one}" for one in pair[1])]


def without_types(event: Json, rules: Rules) -> tuple[Json, int]:
    """The event without attributes and objects of unwanted types, and how many those were."""
    gone = 0

    def wanted(items: Any) -> list[Any]:
        nonlocal gone
        several = items if isinstance(items, list) else []
        kept = [one for one in several if _type(one, "type") not in rules.attribute_types]
        gone += len(several) - len(kept)
        return kept

    if rules.attribute_types:
        event["Attribute"] = wanted(event.get("Attribute"))
    if rules.attribute_types or rules.object_templates:
        several = event.get("Object")
        objects = several if isinstance(several, list) else []
        kept = [o for o in objects if _type(o, "template_uuid") not in rules.object_templates]
        gone += len(objects) - len(kept)
        for one in kept:
            if isinstance(one, dict) and rules.attribute_types:
                one["Attribute"] = wanted(one.get("Attribute"))
        event["Object"] = kept
    return event, gone


def _type(item: Any, name: str) -> str:
    return str(item.get(name)) if isinstance(item, dict) else ""


def may_push(rules: Rules, tag_ids: Sequence[int], orgc_id: int) -> bool:
    """Whether an event with these tags, of this creator, is one that the rules let out."""
    tags = {str(one) for one in tag_ids}
    wanted, unwanted = rules.tags
    if (wanted and not tags & set(wanted)) or tags & set(unwanted):
        return False
    wanted, unwanted = rules.orgs
    return not (wanted and str(orgc_id) not in wanted) and str(orgc_id) not in unwanted
