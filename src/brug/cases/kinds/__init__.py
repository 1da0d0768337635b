# SPDX-License-Identifier: EUPL-1.2
"""The kinds of cases, each a module of declarations that the engine reads."""

from brug.cases.case import Kind
from brug.cases.kinds.assistance import ASSISTANCE
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.kinds.incident import INCIDENT
from brug.model.errors import Invalid

KINDS: dict[str, Kind] = {kind.key: kind for kind in (INCIDENT, DISCLOSURE, ASSISTANCE)}


def named(key: str) -> Kind:
    """Raises Invalid, with the names that there are."""
    if key not in KINDS:
        raise Invalid("kind", f"one of {', '.join(sorted(KINDS))}", key)
    return KINDS[key]
