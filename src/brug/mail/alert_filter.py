# SPDX-License-Identifier: EUPL-1.2
"""Which alerts a person wants: MISP's user setting `publish_alert_filter`.

`{"AND": [...], "OR": [...], "NOT": [...]}` over leaves such as `{"Tag.name": ["%ransom%"]}`;
several keys of one object hold together. What is not understood lets the alert through: a
mail too many does less harm than one too few.
"""

import re
from collections.abc import Mapping
from typing import Any

DEEPEST = 10


def wants(rule: Any, facts: Mapping[str, list[str]], depth: int = 0) -> bool:
    """Whether the rule takes an event with these facts."""
    if depth > DEEPEST:
        return True
    if isinstance(rule, list):
        return all(wants(one, facts, depth + 1) for one in rule)
    if not isinstance(rule, Mapping):
        return True
    return all(_holds(str(key), value, facts, depth) for key, value in rule.items())


def _holds(key: str, value: Any, facts: Mapping[str, list[str]], depth: int) -> bool:
    parts = value if isinstance(value, list) else [value]
    if key.upper() == "AND":
        return all(wants(one, facts, depth + 1) for one in parts)
    if key.upper() == "OR":
        return any(wants(one, facts, depth + 1) for one in parts)
    if key.upper() == "NOT":
        return not any(wants(one, facts, depth + 1) for one in parts)
    if key not in facts:
        return True
    return any(_fits(str(pattern), fact) for pattern in parts for fact in facts[key])


def _fits(pattern: str, fact: str) -> bool:
    plain = ".*".join(map(re.escape, pattern.split("%")))
    return re.fullmatch(plain, fact, re.IGNORECASE | re.DOTALL) is not None
