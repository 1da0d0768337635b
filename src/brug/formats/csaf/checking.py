# SPDX-License-Identifier: EUPL-1.2
"""All that is wrong with a document: its structure, and every mandatory test of CSAF 2.0.

Every test runs whatever the others found, and tells up to MOST findings. A document without
findings is valid (conformance target "CSAF basic validator", 9.1.14).
"""

from itertools import islice
from typing import Any

from brug.formats.csaf.finding import SCHEMA, Finding, Test
from brug.formats.csaf.places import Places
from brug.formats.csaf.rules import history, products, profiles, scores, statements
from brug.formats.csaf.structure import MOST, structural


def _steps(test: Test) -> list[int]:
    return [int(step) for step in test.number.split(".")]


MANDATORY: tuple[Test, ...] = tuple(
    sorted(
        (
            value
            for module in (history, products, profiles, scores, statements)
            for value in vars(module).values()
            if isinstance(value, Test)
        ),
        key=_steps,
    )
)
"""6.1.1 to 6.1.33, in order; 6.1.27 is eleven tests."""


def check(value: dict[str, Any]) -> list[Finding]:
    """The findings in a decoded document, those of the structure first: up to MOST a test."""
    found = [finding for finding in structural(value) if finding.test == SCHEMA]
    places = Places(value)
    for test in MANDATORY:
        found.extend(islice(test.findings(places), MOST))
    return found
