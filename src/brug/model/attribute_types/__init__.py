# SPDX-License-Identifier: EUPL-1.2
"""Attribute types: which there are, what values fit them, how these are normalised.

Values are stored as MISP 2.5.1 stores them, so that what is compared between the two is
equal; where MISP is broken, forgets characters or depends on the clock, this refuses or
works instead (the tests hold the list). Refuses NUL and lone surrogates everywhere. Pure.
"""

from brug.model.attribute_types.checking import MAX_BYTES, check, joined
from brug.model.attribute_types.correlating import Parts, correlates, correlating_parts
from brug.model.attribute_types.record import Checked, Refused
from brug.model.attribute_types.registry import (
    CATEGORIES,
    CATEGORIES_OF,
    TYPES,
    Defaults,
    defaults,
    describe_types,
)
from brug.model.attribute_types.rewriting import rewrite
from brug.model.attribute_types.rules import COMPOSITES
from brug.model.attribute_types.scalars import cast_scalar

__all__ = [
    "CATEGORIES",
    "CATEGORIES_OF",
    "COMPOSITES",
    "MAX_BYTES",
    "TYPES",
    "Checked",
    "Defaults",
    "Parts",
    "Refused",
    "cast_scalar",
    "check",
    "correlates",
    "correlating_parts",
    "defaults",
    "describe_types",
    "joined",
    "rewrite",
]
