# SPDX-License-Identifier: EUPL-1.2
"""An attribute of MISP's JSON -> the fields of what it is in STIX 2, without id and author."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from brug.formats.stix import patterns
from brug.formats.stix.times import since_until

Json = dict[str, Any]
Read = Mapping[str, Any]
# Rules in a language of their own, which STIX 2.1 takes as they are.
RULES = {"yara": "yara", "snort": "snort", "sigma": "sigma"}


def labels(a: Read, *more: str) -> list[str]:
    """What MISP says of an attribute, and tags that are no marking."""
    return [*_labels(a["type"], a["category"], bool(a.get("to_ids"))), *more]


@lru_cache(maxsize=2048)
def _labels(kind: str, category: str, to_ids: bool) -> tuple[str, ...]:
    found = (f'misp:type="{kind}"', f'misp:category="{category}"')
    return (*found, 'misp:to_ids="True"') if to_ids else found


def parts(a: Read) -> tuple[str, str]:
    """The value's parts; the second is "" where its type has one."""
    value = str(a.get("value") or "")
    if "|" not in a["type"]:
        return value, ""
    first, _, second = value.partition("|")
    return first, second


def indicator(a: Read, when: str, *, is_21: bool) -> Json:
    """What an attribute is for detection; {} where its type has no pattern."""
    kind = RULES.get(a["type"]) if is_21 else None
    pattern = a.get("value", "") if kind else patterns.pattern(a["type"], *parts(a))
    if not pattern:
        return {}
    since, until = since_until(a, when)
    made: Json = {"description": a["comment"]} if a.get("comment") else {}
    made["pattern"] = pattern
    made["valid_from"] = since
    if is_21:
        made["pattern_type"] = kind or "stix"
        made["indicator_types"] = ["malicious-activity"]
        if not kind:
            made["pattern_version"] = "2.1"
    if until > since:
        made["valid_until"] = until
    phase = {"kill_chain_name": "misp-category", "phase_name": a["category"].lower()}
    made["kill_chain_phases"] = [phase]
    return made


def custom(a: Read) -> Json:
    """What STIX has no words for."""
    made = {
        "x_misp_category": a["category"],
        "x_misp_type": a["type"],
        "x_misp_value": a.get("value", ""),
    }
    if a.get("comment"):
        made["x_misp_comment"] = a["comment"]
    return made


def custom_object(o: Read) -> Json:
    """A MISP object with all its attributes."""
    kept = ("type", "object_relation", "value", "uuid", "category", "to_ids")
    made = {
        "x_misp_name": o.get("name") or "-",
        "x_misp_meta_category": o.get("meta-category") or "misc",
        "x_misp_attributes": [
            {name: a[name] for name in kept if a.get(name) is not None}
            for a in o.get("Attribute") or []
        ],
        "labels": [
            f'misp:name="{o.get("name")}"',
            f'misp:meta-category="{o.get("meta-category") or "misc"}"',
        ],
    }
    if o.get("comment"):
        made["x_misp_comment"] = o["comment"]
    return made
