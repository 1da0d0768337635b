# SPDX-License-Identifier: EUPL-1.2
"""A server's rules as fields of a form: one name a line, where MISP keeps them in JSON.

What is pulled is asked for by name, so names of tags and organisations need not be known
here; what is pushed is chosen by this node's numbers, so each name has to be one of ours.
What else a client put into the rules stays.
"""

import json
from typing import Any

from brug.bridges.misp import rule_names, rules
from brug.directory.refusals import Refused
from brug.directory.servers import Server
from brug.formats import json_text
from brug.model.attribute_types import TYPES
from brug.model.naming import is_uuid
from brug.store.session import Session
from brug.web.fields import Fields

# The field -> where MISP keeps it.
_SIDES = {
    "want_tags": ("tags", "OR"), "not_tags": ("tags", "NOT"),
    "want_orgs": ("orgs", "OR"), "not_orgs": ("orgs", "NOT"),
}  # fmt: skip
_TYPES = {"not_types": "type_attributes", "not_objects": "type_objects"}
_PARAMETERS = "pull_parameters"
FIELDS = (
    *(f"{way}_{name}" for way in ("pull", "push") for name in _SIDES),
    *(f"pull_{name}" for name in _TYPES), _PARAMETERS,
)  # fmt: skip


def shown(session: Session, found: Server) -> dict[str, str]:
    """The fields of a record; a number of a thing that is gone stays as it is."""
    pull, push = rules.read(found.pull_rules), rules.read(found.push_rules)
    pairs = {"tags": (pull.tags, push.tags), "orgs": (pull.orgs, push.orgs)}
    values: dict[str, str] = {}
    for name, (group, part) in _SIDES.items():
        asked, sent = (pair[part == "NOT"] for pair in pairs[group])
        values[f"pull_{name}"] = "\n".join(asked)
        values[f"push_{name}"] = "\n".join(rule_names.names(session, group, sent))
    values["pull_not_types"] = "\n".join(sorted(pull.attribute_types))
    values["pull_not_objects"] = "\n".join(sorted(pull.object_templates))
    text = json.dumps(dict(pull.parameters), ensure_ascii=False) if pull.parameters else ""
    return values | {_PARAMETERS: text}


def typed(form: Fields) -> dict[str, str]:
    """What was typed, to be shown again where it is refused."""
    return {name: form.get(name) for name in FIELDS}


def record_of(session: Session, given: dict[str, Any], found: Server | None) -> dict[str, str]:
    """The rules as they are stored. Raises Refused, naming the form's field."""
    pull, push = _kept(found.pull_rules if found else ""), _kept(found.push_rules if found else "")
    for name, (group, part) in _SIDES.items():
        _put(pull, group, part, _lines(given[f"pull_{name}"]))
        words = _lines(given[f"push_{name}"])
        _put(push, group, part, rule_names.numbers(session, f"push_{name}", group, words))
    for name, group in _TYPES.items():
        field = f"pull_{name}"
        _put(pull, group, "NOT", _checked(field, _lines(given[field])))
    pull["url_params"] = _parameters(given[_PARAMETERS].strip())
    return {"pull_rules": json.dumps(pull), "push_rules": json.dumps(push)}


def _put(kept: dict[str, Any], group: str, part: str, words: list[str]) -> None:
    inside = kept.get(group)
    kept[group] = (inside if isinstance(inside, dict) else {}) | {part: words}


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in text.splitlines() if word.strip()))


def _checked(field: str, words: list[str]) -> list[str]:
    for word in words:
        if field == "pull_not_types" and word not in TYPES:
            raise Refused(field, "unknown", "types of attributes", word)
        if field == "pull_not_objects" and not is_uuid(word):
            raise Refused(field, "uuid", "UUIDs of templates of objects", word)
    return words


def _parameters(text: str) -> str:
    if not text:
        return ""
    try:
        read = json_text.decode_nested(text)
    except json_text.Malformed as error:
        raise Refused(_PARAMETERS, "json", "a JSON object", text) from error
    if not isinstance(read, dict):
        raise Refused(_PARAMETERS, "json", "a JSON object", text)
    return text


def _kept(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
