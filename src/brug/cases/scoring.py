# SPDX-License-Identifier: EUPL-1.2
"""Scores of a disclosure: which fields a vector or a decision fills; `formats.scoring` scores.

A decision by a table is kept in one line, with the versions of its points; what a coordinator
decides of taking a report on, and what was seen of attacks, fill their own fields with it.
"""

from collections.abc import Iterable

from brug.cases.acts import Filled
from brug.cases.case import Case
from brug.cases.kind_fields import fields_of
from brug.formats.scoring import choosing, cvss
from brug.formats.scoring.ssvc import decide
from brug.formats.scoring.ssvc_tables import TABLES
from brug.model.errors import Invalid

_FIELDS = {"3.1": "cvss_31", "4.0": "cvss_40"}
_SSVC = "ssvc"
_TRIAGE = {"D": "decline", "T": "track", "C": "coordinate"}
_EXPLOITATION = {"N": "none", "P": "public_poc", "A": "active"}


def points_asked(table: str) -> list[str]:
    """The points of a table that people observe; what can be derived of others is not asked."""
    deriving = {one.outcome: one.inputs for one in TABLES.values()}

    def asked(name: str) -> Iterable[str]:
        inputs = deriving.get(name)
        return [each for one in inputs for each in asked(one)] if inputs else [name]

    return list(dict.fromkeys(each for one in TABLES[table].inputs for each in asked(one)))


def taken(case: Case, vector: str) -> Filled:
    """The act by which a case says so. Raises Invalid, naming what does not fit."""
    if vector.startswith("SSVC"):
        return _decided(case, vector)
    found = cvss.score(vector)
    name = _FIELDS.get(found.version)
    if name is None:
        raise Invalid("vector", "a vector of CVSS 3.1 or 4.0", vector)
    _require_fields(case, name)
    return Filled(fields={name: vector})


def _decided(case: Case, vector: str) -> Filled:
    _require_fields(case, _SSVC)
    table, points = choosing.ssvc_points(vector)
    found = decide(table, points)
    others = [one for one in case.fields.get(_SSVC) or [] if not one.startswith(f"SSVC/{table}/")]
    fields: dict[str, object] = {_SSVC: [*others, found.vector()]}
    if table == "coordinator_triage":
        fields["triage"] = _TRIAGE[found.key]
    for step in found.path:
        if step.point == "exploitation":
            fields["exploitation"] = _EXPLOITATION[step.record.rpartition(":")[2]]
    return Filled(fields=fields)


def _require_fields(case: Case, name: str) -> None:
    if name not in fields_of(case.kind.fields):
        raise Invalid("case", "one whose kind has scores, such as a disclosure", case.number)


def fields_taken(act: Filled) -> list[str]:
    return list(act.fields)


def said(case: Case, scheme: str) -> str:
    """What a case says already: a vector, or the decision by a table."""
    if scheme.startswith("cvss-"):
        return str(case.fields.get(_FIELDS[scheme.removeprefix("cvss-")]) or "")
    several = case.fields.get(_SSVC) or []
    return next((one for one in several if one.startswith(f"SSVC/{scheme}/")), "")
