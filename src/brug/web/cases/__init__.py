# SPDX-License-Identifier: EUPL-1.2
"""Cases: lists of them, opening one, and each on a page of its own, whatever its kind."""

from brug.web.cases import (
    acting,
    advisories,
    advisory_editing,
    advisory_releasing,
    breaking,
    calendaring,
    catalogue,
    crisis,
    cve,
    editing,
    embargo,
    exporting,
    hooking,
    feedback,
    listed,
    many,
    opening,
    persons,
    quarantine,
    received,
    reporting,
    scoring,
    showing,
    summary,
)

__all__ = [
    "acting", "advisories", "advisory_editing", "advisory_releasing", "breaking", "calendaring",
    "catalogue", "crisis", "cve", "editing", "embargo", "exporting", "hooking", "feedback", "listed", "many", "opening",
    "persons", "quarantine", "received", "reporting", "scoring", "showing", "summary",
]  # fmt: skip
