# SPDX-License-Identifier: EUPL-1.2
"""The decision points and tables of SSVC as CERT/CC publishes them, with their versions.

Source: github.com/CERTCC/SSVC, `data/json` (2026-07-20) and certcc-ssvc 2026.10.0, copyright 2026
Carnegie Mellon University, published under its MIT (SEI)-style licence. That package needs a newer
Python and brings a scientific stack along, so the tables stand here: a row of letters for each
combination of all inputs but the last few, the last input changing fastest. The tests hold them
against the published counts and rules.
"""

from itertools import product

import msgspec


class Point(msgspec.Struct, frozen=True):
    """A decision point, or an outcome: its values by key, from least to most."""

    title: str
    namespace: str
    key: str
    version: str
    values: dict[str, str]

    def record(self, key: str) -> str:
        """A value as it is kept."""
        return f"{self.namespace}:{self.key}:{self.version}:{key}"


class Table(msgspec.Struct, frozen=True):
    """A decision table: the key of the outcome for each combination of keys."""

    name: str
    title: str
    version: str
    inputs: tuple[str, ...]
    outcome: str
    rows: str

    def mapping(self) -> dict[tuple[str, ...], str]:
        """Each combination of keys of the inputs, and the key of its outcome."""
        keys = product(*(POINTS[name].values for name in self.inputs))
        return dict(zip(keys, self.rows.split(), strict=True))

    def outcome_of(self, keys: list[str]) -> str:
        return self.mapping()[tuple(keys)]


def _ssvc(title: str, key: str, version: str, **values: str) -> Point:
    return Point(title, "ssvc", key, version, values)


POINTS: dict[str, Point] = {
    "exploitation": _ssvc("Exploitation", "E", "1.1.0", N="None", P="Public PoC", A="Active"),
    "automatable": _ssvc("Automatable", "A", "2.0.0", N="No", Y="Yes"),
    "value_density": _ssvc("Value Density", "VD", "1.0.0", D="Diffuse", C="Concentrated"),
    "utility": _ssvc("Utility", "U", "1.0.1", L="Laborious", E="Efficient", S="Super Effective"),
    "technical_impact": _ssvc("Technical Impact", "TI", "1.0.0", P="Partial", T="Total"),
    "system_exposure": _ssvc(
        "System Exposure", "EXP", "1.0.1", S="Small", C="Controlled", O="Open"
    ),
    "safety_impact": _ssvc(
        "Safety Impact", "SI", "2.0.1",
        N="Negligible", M="Marginal", R="Critical", C="Catastrophic",
    ),
    "public_safety_impact": _ssvc(
        "Public Safety Impact", "PSI", "2.0.1", M="Minimal", S="Significant"
    ),
    "mission_impact": _ssvc(
        "Mission Impact", "MI", "2.0.0",
        D="Degraded", MSC="MEF Support Crippled", MEF="MEF Failure", MF="Mission Failure",
    ),
    "human_impact": _ssvc(
        "Human Impact", "HI", "2.0.2", L="Low", M="Medium", H="High", VH="Very High"
    ),
    "report_public": _ssvc("Report Public", "RP", "1.0.0", Y="Yes", N="No"),
    "supplier_contacted": _ssvc("Supplier Contacted", "SCON", "1.0.0", N="No", Y="Yes"),
    "report_credibility": _ssvc(
        "Report Credibility", "RC", "1.0.0", NC="Not Credible", C="Credible"
    ),
    "supplier_cardinality": _ssvc("Supplier Cardinality", "SC", "1.0.0", O="One", M="Multiple"),
    "supplier_engagement": _ssvc(
        "Supplier Engagement", "SE", "1.0.0", A="Active", U="Unresponsive"
    ),
    "supplier_involvement": _ssvc(
        "Supplier Involvement", "SINV", "1.0.0",
        FR="Fix Ready", C="Cooperative", UU="Uncooperative/Unresponsive",
    ),
    "public_value_added": _ssvc(
        "Public Value Added", "PVA", "1.0.0", L="Limited", A="Ampliative", P="Precedence"
    ),
    "priority": _ssvc(
        "Priority", "DSOI", "1.0.0",
        D="Defer", S="Scheduled", O="Out-of-Cycle", I="Immediate",
    ),
    "coordination": _ssvc(
        "Coordination", "COORDINATE", "1.0.1", D="Decline", T="Track", C="Coordinate"
    ),
    "publication": _ssvc("Publication", "PUBLISH", "1.0.0", N="Do Not Publish", P="Publish"),
}  # fmt: skip

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "utility", "Utility", "1.0.0", ("automatable", "value_density"), "utility",
            "L E E S",
        ),
        Table(
            "human_impact", "Human impact", "1.0.0", ("safety_impact", "mission_impact"),
            "human_impact",
            "L L M VH  L L M VH  M H H VH  VH VH VH VH",
        ),
        Table(
            "public_safety_impact", "Public safety impact", "1.0.0", ("safety_impact",),
            "public_safety_impact",
            "M S S S",
        ),
        Table(
            "supplier", "Patch development priority of a supplier", "1.0.0",
            ("exploitation", "utility", "technical_impact", "public_safety_impact"), "priority",
            """
            D S S O   S O S O   S O O O
            S O S I   S I O I   O I O I
            O I O I   O I O I   I I I I
            """,
        ),
        Table(
            "deployer", "Patch application priority of a deployer", "1.0.0",
            ("exploitation", "system_exposure", "automatable", "human_impact"), "priority",
            """
            D D S S D S S S   D S S S S S S S   D S S S S S S O
            D S S S S S S S   D S S S S S S O   S S S O S S O O
            S S O O S O O O   S S O O O O O O   S O O I O O I I
            """,
        ),
        Table(
            "coordinator_triage", "Coordinator triage", "1.0.0",
            (
                "report_public", "supplier_contacted", "report_credibility",
                "supplier_cardinality", "supplier_engagement", "utility", "public_safety_impact",
            ),
            "coordination",
            """
            D D D D D D   D D D D D D   D D D D D C   D D D D D C
            D D D D D D   D D D D D D   D D D D D C   D D D D D C
            D D D D D D   D D D D D D   D D D D D C   D D D D D C
            D D D D D D   D D D D D D   D D D D D C   D D D D D C
            D D D D D D   D D D D D D   D D D D D C   D D D D D C
            D D D D D D   D D D D D D   D D D D D C   D D D D D C
            D D D T D T   D D D T D T   D T D T T C   D T D T T C
            D D D T D T   T C C C C C   D T D T C C   C C C C C C
            """,
        ),
        Table(
            "coordinator_publish", "Coordinator publication", "1.0.0",
            ("supplier_involvement", "exploitation", "public_value_added"), "publication",
            """
            N N P   N N P   N P P
            N N P   N N P   N P P
            N N P   N P P   P P P
            """,
        ),
    )
}  # fmt: skip
