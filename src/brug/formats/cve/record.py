# SPDX-License-Identifier: EUPL-1.2
"""What a CNA says of a vulnerability -> its record in CVE JSON 5 (schema 5.1). A value of values.

A record is made whatever is missing; `lacking` names that, with the place where it would stand.
"""

import re
from typing import Any, Literal

import msgspec

from brug.formats.csaf import weaknesses
from brug.formats.csaf.products import VERS
from brug.formats.products import ranges
from brug.formats.scoring import choosing, cvss
from brug.model.errors import BrugError

VERSION = "5.1"
CREDITS = (
    "finder", "reporter", "analyst", "coordinator", "remediation developer",
    "remediation reviewer", "remediation verifier", "tool", "sponsor", "other",
)  # fmt: skip
Status = Literal["affected", "unaffected", "unknown"]
_ORG = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)
_TYPES = {
    "npm": "semver", "semver": "semver", "golang": "semver", "cargo": "semver", "nuget": "semver",
    "maven": "maven", "pypi": "python", "rpm": "rpm", "deb": "dpkg", "gem": "ruby",
}  # fmt: skip
_LONGEST = 2048


class Version(msgspec.Struct, frozen=True):
    """One version, or `vers:` a range of them; in words where it is neither."""

    text: str
    status: Status


class Affected(msgspec.Struct, frozen=True):
    """`status` is of the product where no version is named."""

    vendor: str
    product: str
    versions: tuple[Version, ...] = ()
    cpes: tuple[str, ...] = ()
    status: Status = "affected"


class Credit(msgspec.Struct, frozen=True):
    kind: str
    name: str


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """`rejected` is the reason, where the number is not to be used."""

    number: str
    org_id: str
    short_name: str = ""
    title: str = ""
    description: str = ""
    affected: tuple[Affected, ...] = ()
    weaknesses: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    date_public: str = ""
    advisory: str = ""
    is_found_outside: bool = False
    rejected: str = ""


class Lack(msgspec.Struct, frozen=True):
    """`must`: the schema or the CNA rules ask for it; else they wish it."""

    pointer: str
    what: str
    must: bool = True


def record(said: Source) -> dict[str, Any]:
    """The record; published, or rejected where that is said."""
    provider = _some({"orgId": said.org_id, "shortName": said.short_name})
    metadata = {
        "cveId": said.number, "assignerOrgId": said.org_id,
        "state": "REJECTED" if said.rejected else "PUBLISHED",
    } | _some({"assignerShortName": said.short_name})  # fmt: skip
    cna: dict[str, Any] = {"providerMetadata": provider}
    if said.rejected:
        cna["rejectedReasons"] = [_text(said.rejected, 4096)]
    else:
        cna |= _published(said)
    return {
        "dataType": "CVE_RECORD", "dataVersion": VERSION, "cveMetadata": metadata,
        "containers": {"cna": cna},
    }  # fmt: skip


def _published(said: Source) -> dict[str, Any]:
    return _some({
        "title": said.title[:256],
        "datePublic": said.date_public,
        "affected": [_affected(one) for one in said.affected],
        "descriptions": [_text(said.description, 4096)] if said.description else [],
        "problemTypes": [_problem(one) for one in said.weaknesses],
        "references": [{"url": one} for one in dict.fromkeys(said.references)],
        "metrics": [found for one in said.vectors if (found := _metric(one))],
        "credits": [
            {"lang": "en", "type": one.kind, "value": one.name[:4096]} for one in said.credits
        ],
        "source": _some({
            "advisory": said.advisory,
            "discovery": "EXTERNAL" if said.is_found_outside else "UNKNOWN",
        }),
    })  # fmt: skip


def _some(value: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if one not in ("", [], {}, ())}


def _text(text: str, longest: int) -> dict[str, str]:
    return {"lang": "en", "value": text[:longest]}


def _affected(one: Affected) -> dict[str, Any]:
    versions = [_version(each) for each in dict.fromkeys(one.versions)]
    said = _some({
        "vendor": one.vendor[:512], "product": one.product[:_LONGEST],
        "cpes": list(dict.fromkeys(one.cpes)), "versions": versions,
    })  # fmt: skip
    # With no version named what is said is of all; with some, nothing is said of the others.
    return said | {"defaultStatus": "unknown" if versions else one.status}


def _version(one: Version) -> dict[str, Any]:
    """A range with a lower and an upper end, or one of them; others in their own words."""
    words = {"version": one.text[:1024], "status": one.status}
    found = ranges.read(one.text) if one.text.startswith(VERS) else None
    if found is None or not found.is_understood or found.scheme == "none":
        return words
    ends = {each.operator: each.version for each in found.constraints}
    if len(ends) < len(found.constraints) or not ends.keys() <= {"=", ">=", "<", "<="}:
        return words
    if set(ends) == {"="}:
        return words | {"version": ends["="]}
    upper = {"lessThan": ends.get("<"), "lessThanOrEqual": ends.get("<=")}
    known = {name: end for name, end in upper.items() if end}
    if "=" in ends or len(known) > 1:
        return words
    return {
        "version": ends.get(">=", "0"), "status": one.status,
        "versionType": _TYPES.get(found.scheme, "custom"),
    } | (known or {"lessThan": "*"})  # fmt: skip


def _problem(weakness: str) -> dict[str, Any]:
    name = weaknesses.name_of(weakness)
    said = {
        "lang": "en", "type": "CWE", "cweId": weakness,
        "description": f"{weakness} {name or ''}".strip(),
    }  # fmt: skip
    return {"descriptions": [said]}


def _metric(vector: str) -> dict[str, Any]:
    """Of the base alone: how far exploits are changes, and a user's surroundings are the user's."""
    try:
        read = cvss.score(vector)
        if read.version not in choosing.VERSIONS:
            return {}
        keys = {one.key for one in choosing.groups(read.version)[choosing.BASE]}
        base = {key: value for key, value in read.metrics.items() if key in keys}
        found = cvss.score(choosing.vector_of(read.version, base))
    except BrugError:
        return {}
    name = "cvssV" + found.version.replace(".", "_")
    return {
        "format": "CVSS",
        "scenarios": [{"lang": "en", "value": "GENERAL"}],
        name: {
            "version": found.version, "vectorString": found.vector, "baseScore": found.score,
            "baseSeverity": found.severity,
        },
    }  # fmt: skip


def lacking(said: Source) -> list[Lack]:
    """What a published or rejected record needs and does not have, and what it should have."""
    cna = "/containers/cna"
    asked = [
        (bool(_ORG.fullmatch(said.org_id)), "/cveMetadata/assignerOrgId",
         "the CNA's organisation id (cve.org_id)"),
    ]  # fmt: skip
    wished: list[tuple[object, str, str]] = []
    if not said.rejected:
        asked += [
            (bool(said.description), f"{cna}/descriptions", "a description"),
            (bool(said.affected), f"{cna}/affected", "a product"),
            *_unnamed(said),
            (not said.affected or any(map(_concerns, said.affected)), f"{cna}/affected",
             "a product that is affected or may be"),
            (bool(said.references), f"{cna}/references", "a public reference"),
        ]  # fmt: skip
        wished = [
            (said.weaknesses, f"{cna}/problemTypes", "a weakness (CWE)"),
            (said.vectors, f"{cna}/metrics", "a CVSS vector"),
            (said.date_public, f"{cna}/datePublic", "when it became public"),
        ]
    found = [Lack(pointer, what) for is_there, pointer, what in asked if not is_there]
    return found + [
        Lack(pointer, what, must=False) for is_there, pointer, what in wished if not is_there
    ]


def _unnamed(said: Source) -> list[tuple[bool, str, str]]:
    return [
        (bool(getattr(one, name)), f"/containers/cna/affected/{number}/{name}",
         f"{name} of {one.product or one.vendor}")
        for number, one in enumerate(said.affected)
        for name in ("vendor", "product")
    ]  # fmt: skip


def _concerns(one: Affected) -> bool:
    several = [each.status for each in one.versions] or [one.status]
    return any(each != "unaffected" for each in several)
