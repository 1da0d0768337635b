# SPDX-License-Identifier: EUPL-1.2
"""A feed's record as a form: what MISP keeps in JSON stands in fields of its own here."""

import json
from typing import Any

from brug.bridges.feeds import lists
from brug.formats import feed_rules
from brug.intel.feed.feeds import Feed
from brug.intel.feed.filling import ListSettings, settings_of
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid
from brug.web.fields import Fields

TEXTS = ("name", "provider", "url", "source_format", "input_source")
FLAGS = ("enabled", "caching_enabled", "lookup_visible", "fixed_event", "delta_merge", "publish",
         "override_ids", "force_to_ids")  # fmt: skip
NUMBERS = ("distribution", "every_minutes", "retention_days", "tag_id", "tag_collection_id",
           "sharing_group_id")  # fmt: skip
# The fields of lists and rules -> where MISP keeps them.
_CSV = {"csv_value": "value", "csv_delimiter": "delimiter"}
_COMMON = {"excluderegex": "excluderegex", "warninglists": "warninglists"}
_RULES = {"want_tags": ("tags", "OR"), "not_tags": ("tags", "NOT"), "want_orgs": ("orgs", "OR"),
          "not_orgs": ("orgs", "NOT")}  # fmt: skip
_FIELDS = {"settings.csv.value": "csv_value", "settings.csv.delimiter": "csv_delimiter",
           "settings.common.excluderegex": "excluderegex"}  # fmt: skip
FRESH: dict[str, Any] = {
    "source_format": "misp", "input_source": "network", "fixed_event": True, "every_minutes": 60,
    "warninglists": "keep", "csv_value": "1", "csv_delimiter": ",",
}  # fmt: skip


def values_of(found: Feed) -> dict[str, Any]:
    """What the form shows of a record."""
    said, rules = settings_of(found), feed_rules.read(found.rules)
    shown = {name: getattr(found, name) for name in (*TEXTS, *FLAGS, *NUMBERS)}
    return shown | {
        "csv_value": said.value, "csv_delimiter": said.delimiter, "excluderegex": said.excluded,
        "warninglists": said.warninglists, "want_tags": "\n".join(rules.tags),
        "not_tags": "\n".join(rules.not_tags), "want_orgs": "\n".join(rules.orgs),
        "not_orgs": "\n".join(rules.not_orgs),
    }  # fmt: skip


def typed(form: Fields) -> dict[str, Any]:
    """What was typed, to be shown again where it is refused."""
    given: dict[str, Any] = {name: form.text(name) for name in TEXTS}
    given["input_source"] = given["input_source"] or "network"
    given |= {name: form.number(name, 0) for name in NUMBERS}
    given |= {name: form.flag(name) for name in FLAGS}
    return given | {name: form.get(name) for name in (*_CSV, *_COMMON, *_RULES, "headers")}


def record_of(given: dict[str, Any], found: Feed | None = None) -> dict[str, Any]:
    """What is stored of what was typed. Raises Invalid, naming the form's field."""
    row = {name: given[name] for name in (*TEXTS, *FLAGS, *NUMBERS)}
    if given["headers"].strip():
        row["headers"] = given["headers"]
    settings = _kept(found.settings if found else "{}")
    csv, common = settings.setdefault("csv", {}), settings.setdefault("common", {})
    csv.update({name: given[field].strip() for field, name in _CSV.items()})
    common.update({name: given[field].strip() for field, name in _COMMON.items()})
    said = ListSettings(csv["value"], csv["delimiter"], common["excluderegex"])
    try:
        lists.check(said, given["source_format"])
    except Refused as error:
        raise Invalid("excluderegex", _first(error)) from error
    except Invalid as error:
        raise Invalid(_FIELDS.get(error.field, error.field), error.expected) from error
    rules = _kept(found.rules if found else None)
    for field, (group, part) in _RULES.items():
        words = [word.strip() for word in given[field].splitlines() if word.strip()]
        rules.setdefault(group, {"OR": [], "NOT": []})[part] = words
    return row | {"settings": json.dumps(settings), "rules": json.dumps(rules)}


def _first(error: Refused) -> str:
    return next(iter(error.errors.values()), ["an expression"])[0]


def _kept(text: str | None) -> dict[str, Any]:
    """What else a client put there stays."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, dict) or k not in {"csv", "common"}}
