# SPDX-License-Identifier: EUPL-1.2
"""Between forms and vectors: which metrics to choose, the vector of what was chosen, and back.

Nothing is scored here (`cvss`, `ssvc`).
"""

import re
from collections.abc import Mapping

from brug.formats.scoring import cvss
from brug.formats.scoring.cvss import Metric
from brug.formats.scoring.ssvc_tables import POINTS, TABLES
from brug.model.errors import Invalid

VERSIONS = ("4.0", "3.1")
BASE, THREAT, ENVIRONMENT, SUPPLEMENT = "base", "threat", "environmental", "supplemental"
_THREAT = {"3.1": {"E", "RL", "RC"}, "4.0": {"E"}}
_SUPPLEMENT = {"3.1": set[str](), "4.0": {"S", "AU", "R", "V", "RE", "U"}}
_ENVIRONMENT = re.compile(r"[CIA]R|M.+")
_UNDEFINED = "X"
_KEPT = re.compile(r"SSVC/(?P<table>[a-z_]+)/(?P<steps>.+)/")
_STEP = re.compile(r"(?P<key>[A-Z]+):(?:(?P<version>[0-9.]+):)?(?P<value>[A-Z]+)")


def groups(version: str) -> dict[str, list[Metric]]:
    """The metrics of a version by what they are of."""
    found: dict[str, list[Metric]] = {BASE: [], THREAT: [], ENVIRONMENT: [], SUPPLEMENT: []}
    for one in cvss.metrics_of(version):
        found[_group(version, one.key)].append(one)
    return {group: several for group, several in found.items() if several}


def _group(version: str, key: str) -> str:
    if key in _THREAT[version]:
        return THREAT
    if key in _SUPPLEMENT[version]:
        return SUPPLEMENT
    return ENVIRONMENT if _ENVIRONMENT.fullmatch(key) else BASE


def lacking(version: str, chosen: Mapping[str, str]) -> list[Metric]:
    """Those without which there is no score."""
    return [one for one in groups(version)[BASE] if not chosen.get(one.key)]


def vector_of(version: str, chosen: Mapping[str, str]) -> str:
    """In the order of the standard, without what is not defined."""
    steps = [
        f"{one.key}:{value}"
        for one in cvss.metrics_of(version)
        if (value := chosen.get(one.key, "")) and value != _UNDEFINED
    ]
    return "/".join([f"CVSS:{version}", *steps])


def ssvc_points(text: str, table: str = "") -> tuple[str, dict[str, str]]:
    """The table and the points of a decision in one line; what follows of others is left out.

    Takes what `ssvc.Decision.vector` writes, and lines as in SSVCv2/E:A/A:Y/, of which `table`
    says by which they are meant. Raises Invalid.
    """
    if len(text) > cvss.MAX_LENGTH:
        raise Invalid("vector", f"at most {cvss.MAX_LENGTH} characters", text)
    kept = _KEPT.fullmatch(text.strip())
    named, steps = (kept["table"], kept["steps"]) if kept else (table, text.strip())
    if named not in TABLES or not (kept or steps.startswith(("SSVCv2/", "SSVC/"))):
        raise Invalid("vector", "a decision as in SSVC/supplier/E:1.1.0:A/...", text)
    chosen = TABLES[named]
    wanted = {POINTS[name].key: name for name in _given(chosen.inputs)}
    found: dict[str, str] = {}
    for step in steps.split("/"):
        said = _STEP.fullmatch(step)
        if said and (name := wanted.get(said["key"])):
            version = POINTS[name].version
            if said["version"] not in {None, version}:
                raise Invalid(name, f"version {version} of this point", step)
            found[name] = said["value"]
    derived = {t.outcome: t.inputs for t in TABLES.values()}
    for name, inputs in derived.items():
        if name in found and all(one in found for one in _given(inputs)):
            del found[name]  # it follows from them
    return named, found


def _given(inputs: tuple[str, ...]) -> list[str]:
    """The points of a table, with those that they can be derived of."""
    found: list[str] = []
    for name in inputs:
        deriving = next((t for t in TABLES.values() if t.outcome == name), None)
        found += _given(deriving.inputs) if deriving else []
        found.append(name)
    return found
