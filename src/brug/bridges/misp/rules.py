# SPDX-License-Identifier: EUPL-1.2
"""The rules of a server's record: what is asked of it by name, what goes to it by number.

MISP keeps them as JSON texts. Rules for pulling hold names and are asked of the partner,
who leaves out what does not fit; types are also left out here, of what came. Rules for
pushing hold this node's numbers of tags and organisations, or organisations' UUIDs; a name there
fits nothing. A tag that is not wanted there keeps back events with it, and attributes.
"""

from collections.abc import Collection, Mapping, Sequence
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


def told(rules: Rules) -> dict[str, list[str] | str]:
    """What the rules say, for people; "!" stands before what is not wanted."""
    found: dict[str, list[str] | str] = {}
    for name, pair in (
        ("tags", rules.tags), ("organisations", rules.orgs),
        ("types", ((), sorted(rules.attribute_types))),
        ("templates", ((), sorted(rules.object_templates))),
    ):  # fmt: skip
        if any(pair):
            found[name] = _signed(pair)
    if rules.parameters:
        found["parameters"] = json_text.encode(dict(rules.parameters)).decode()
    return found


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
    for name, value in rules.parameters.items():
        asked[name] = _both(asked[name], value) if name in asked else value
    return asked | {"minimal": 1, "published": 1}


def _both(several: list[str], more: Any) -> Any:
    """What the rules ask and what a parameter of that name does, as stock puts them together."""
    if isinstance(more, dict):
        return more
    return [*several, *(more if isinstance(more, list) else [more])]


def _signed(pair: tuple[Sequence[str], Sequence[str]]) -> list[str]:
    return [*pair[0], *(f"!{one}" for one in pair[1])]


def without_types(event: Json, rules: Rules) -> tuple[Json, int]:
    """The event without attributes and objects of unwanted types, and how many those were; an
    object of which nothing is left goes, too.
    """
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
        objects = _list(event.get("Object"))
        kept = [o for o in objects if _type(o, "template_uuid") not in rules.object_templates]
        gone += len(objects) - len(kept)
        if rules.attribute_types:
            had = [bool(_inside(one)) for one in kept]
            for one in kept:
                if isinstance(one, dict):
                    one["Attribute"] = wanted(one.get("Attribute"))
            kept = [one for one, some in zip(kept, had, strict=True) if _inside(one) or not some]
        event["Object"] = kept
    return event, gone


def without(event: Json, uuids: Collection[str]) -> Json:
    """A copy of the event without some attributes, and without objects that are left with none."""
    if not uuids:
        return event

    def kept(items: Any) -> list[Any]:
        return [one for one in _list(items) if _type(one, "uuid").lower() not in uuids]

    objects = [
        {**one, "Attribute": kept(one.get("Attribute"))}
        for one in _list(event.get("Object"))
        if kept(one.get("Attribute")) or not _inside(one)
    ]
    return {**event, "Attribute": kept(event.get("Attribute")), "Object": objects}


def says_something(event: Json) -> bool:
    """Whether an event holds an attribute or a report that is not deleted."""
    inside = [a for one in _live(event, "Object") for a in _live(one, "Attribute")]
    return bool(_live(event, "Attribute") or inside or _live(event, "EventReport"))


def _live(item: Json, name: str) -> list[Json]:
    several = (one for one in _list(item.get(name)) if isinstance(one, dict))
    return [one for one in several if str(one.get("deleted", "")).lower() not in {"1", "true"}]


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _inside(item: Any) -> list[Any]:
    return _list(item.get("Attribute")) if isinstance(item, dict) else []


def _type(item: Any, name: str) -> str:
    return str(item.get(name)) if isinstance(item, dict) else ""


def may_push(rules: Rules, tag_ids: Sequence[int], orgc_id: int, orgc_uuid: str) -> bool:
    """Whether an event with these tags, of this creator, is one that the rules let out.

    Local tags count: with them somebody chooses what goes without a word to others.
    """
    tags = {str(one) for one in tag_ids}
    wanted, unwanted = rules.tags
    if (wanted and not tags & set(wanted)) or tags & set(unwanted):
        return False
    creator = {str(orgc_id), orgc_uuid}
    orgs, others = ({one.lower() for one in several} for several in rules.orgs)
    return not (orgs and not creator & orgs) and not creator & others


def tags_kept_back(rules: Rules) -> list[int]:
    """This node's numbers of the tags that are not wanted at the other side."""
    return [
        int(one) for one in rules.tags[1] if one.isascii() and one.isdecimal() and len(one) < 10
    ]
