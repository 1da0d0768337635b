# SPDX-License-Identifier: EUPL-1.2
"""CVSS scores as advisories carry them: FIRST's JSON of versions 2.0, 3.0 and 3.1.

CSAF 2.0 has no place for version 4.0.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from brug.formats.csaf.parts import Part

_TWO = (
    r"(AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC]|E:(U|POC|F|H|ND)|RL:(OF|TF|W|U|ND)"
    r"|RC:(UC|UR|C|ND)|CDP:(N|L|LM|MH|H|ND)|TD:(N|L|M|H|ND)|[CIA]R:(L|M|H|ND))"
)
_THREE = (
    r"(AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH]|E:[XUPFH]|RL:[XOTWU]|RC:[XURC]"
    r"|[CIA]R:[XLMH]|MAV:[XNALP]|MAC:[XLH]|MPR:[XNLH]|MUI:[XNR]|MS:[XUC]|M[CIA]:[XNLH])"
)
VectorV2 = Annotated[
    str, Meta(pattern=rf"^({_TWO}/)*{_TWO}$", extra={"words": "a vector of CVSS 2.0"})
]
VectorV3 = Annotated[
    str,
    Meta(
        pattern=rf"^CVSS:3[.][01]/({_THREE}/)*{_THREE}$",
        extra={"words": "a vector of CVSS 3.0 or 3.1, of the same version as the score"},
    ),
]
Points = Annotated[float, Meta(ge=0, le=10)]
Severity = Literal["NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"]

_Cia2 = Literal["NONE", "PARTIAL", "COMPLETE"]
_Need = Literal["LOW", "MEDIUM", "HIGH", "NOT_DEFINED"]
_Cia3 = Literal["NONE", "LOW", "HIGH"]
_Modified = Literal["NONE", "LOW", "HIGH", "NOT_DEFINED"]
_Maturity = Literal["UNPROVEN", "PROOF_OF_CONCEPT", "FUNCTIONAL", "HIGH", "NOT_DEFINED"]
_Fixing = Literal["OFFICIAL_FIX", "TEMPORARY_FIX", "WORKAROUND", "UNAVAILABLE", "NOT_DEFINED"]


class Cvss(Part, rename="camel"):
    """What all versions share. Its faults are those of test 6.1.8, not of the structure."""

    test: ClassVar[str] = "6.1.8"


class CvssV2(Cvss, rename="camel"):
    version: Literal["2.0"]
    vector_string: VectorV2
    base_score: Points
    access_vector: Literal["NETWORK", "ADJACENT_NETWORK", "LOCAL"] | None = None
    access_complexity: Literal["HIGH", "MEDIUM", "LOW"] | None = None
    authentication: Literal["MULTIPLE", "SINGLE", "NONE"] | None = None
    confidentiality_impact: _Cia2 | None = None
    integrity_impact: _Cia2 | None = None
    availability_impact: _Cia2 | None = None
    exploitability: _Maturity | None = None
    remediation_level: _Fixing | None = None
    report_confidence: (
        Literal["UNCONFIRMED", "UNCORROBORATED", "CONFIRMED", "NOT_DEFINED"] | None
    ) = None
    temporal_score: Points | None = None
    collateral_damage_potential: (
        Literal["NONE", "LOW", "LOW_MEDIUM", "MEDIUM_HIGH", "HIGH", "NOT_DEFINED"] | None
    ) = None
    target_distribution: Literal["NONE", "LOW", "MEDIUM", "HIGH", "NOT_DEFINED"] | None = None
    confidentiality_requirement: _Need | None = None
    integrity_requirement: _Need | None = None
    availability_requirement: _Need | None = None
    environmental_score: Points | None = None


class CvssV3(Cvss, rename="camel"):
    version: Literal["3.0", "3.1"]
    vector_string: VectorV3
    base_score: Points
    base_severity: Severity
    attack_vector: Literal["NETWORK", "ADJACENT_NETWORK", "LOCAL", "PHYSICAL"] | None = None
    attack_complexity: Literal["HIGH", "LOW"] | None = None
    privileges_required: Literal["HIGH", "LOW", "NONE"] | None = None
    user_interaction: Literal["NONE", "REQUIRED"] | None = None
    scope: Literal["UNCHANGED", "CHANGED"] | None = None
    confidentiality_impact: _Cia3 | None = None
    integrity_impact: _Cia3 | None = None
    availability_impact: _Cia3 | None = None
    exploit_code_maturity: _Maturity | None = None
    remediation_level: _Fixing | None = None
    report_confidence: Literal["UNKNOWN", "REASONABLE", "CONFIRMED", "NOT_DEFINED"] | None = None
    temporal_score: Points | None = None
    temporal_severity: Severity | None = None
    confidentiality_requirement: _Need | None = None
    integrity_requirement: _Need | None = None
    availability_requirement: _Need | None = None
    modified_attack_vector: (
        Literal["NETWORK", "ADJACENT_NETWORK", "LOCAL", "PHYSICAL", "NOT_DEFINED"] | None
    ) = None
    modified_attack_complexity: Literal["HIGH", "LOW", "NOT_DEFINED"] | None = None
    modified_privileges_required: Literal["HIGH", "LOW", "NONE", "NOT_DEFINED"] | None = None
    modified_user_interaction: Literal["NONE", "REQUIRED", "NOT_DEFINED"] | None = None
    modified_scope: Literal["UNCHANGED", "CHANGED", "NOT_DEFINED"] | None = None
    modified_confidentiality_impact: _Modified | None = None
    modified_integrity_impact: _Modified | None = None
    modified_availability_impact: _Modified | None = None
    environmental_score: Points | None = None
    environmental_severity: Severity | None = None
