# SPDX-License-Identifier: EUPL-1.2
"""Cases: lists of them, opening one, and each on a page of its own, whatever its kind."""

from brug.web.cases import (
    acting,
    advisories,
    advisory_editing,
    advisory_releasing,
    calendaring,
    catalogue,
    crisis,
    editing,
    exporting,
    listed,
    many,
    opening,
    persons,
    quarantine,
    reporting,
    scoring,
    showing,
)

__all__ = [
    "acting", "advisories", "advisory_editing", "advisory_releasing", "catalogue", "crisis", "calendaring", "editing", "exporting", "listed",
    "many", "opening", "persons", "quarantine", "reporting", "scoring", "showing",
]  # fmt: skip
