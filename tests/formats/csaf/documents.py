# SPDX-License-Identifier: EUPL-1.2
"""Made-up advisories: one for each profile, and for each mandatory test one that fails it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

_TRACKING: Json = {
    "current_release_date": "2026-11-20T09:00:00.000Z",
    "id": "NL-2026:0042",
    "initial_release_date": "2026-11-18T09:00:00.000Z",
    "revision_history": [
        {"date": "2026-11-18T09:00:00.000Z", "number": "1", "summary": "First release."},
        {"date": "2026-11-20T09:00:00.000Z", "number": "2", "summary": "A fix is there."},
    ],
    "status": "final",
    "version": "2",
}
_TREE: Json = {
    "branches": [{
        "category": "vendor", "name": "Dijk Systems", "branches": [{
            "category": "product_name", "name": "Sluice Controller", "branches": [
                {"category": "product_version_range", "name": "vers:generic/<4.2", "product": {
                    "name": "Sluice Controller before 4.2", "product_id": "SC-OLD",
                    "product_identification_helper": {
                        "cpe": "cpe:2.3:a:dijk:sluice_controller:*:*:*:*:*:*:*:*",
                        "hashes": [{"filename": "sluice.bin", "file_hashes": [
                            {"algorithm": "sha256", "value": "ab" * 32},
                            {"algorithm": "sha512", "value": "cd" * 64},
                        ]}],
                    },
                }},
                {"category": "product_version", "name": "4.2", "product": {
                    "name": "Sluice Controller 4.2", "product_id": "SC-42",
                    "product_identification_helper": {"purl": "pkg:generic/dijk/sluice@4.2"},
                }},
            ],
        }],
    }],
    "full_product_names": [{"name": "Polder OS 7", "product_id": "POLDER"}],
    "product_groups": [{"group_id": "G-1", "product_ids": ["SC-OLD", "POLDER"]}],
    "relationships": [{
        "category": "installed_on", "product_reference": "SC-OLD",
        "relates_to_product_reference": "POLDER",
        "full_product_name": {"name": "Sluice Controller on Polder OS", "product_id": "SC-ON-OS"},
    }],
}  # fmt: skip
_VULNERABILITY: Json = {
    "cve": "CVE-2026-40001",
    "cwe": {"id": "CWE-787", "name": "Out-of-bounds Write"},
    "involvements": [{"party": "vendor", "status": "completed", "date": "2026-11-01T00:00:00Z"}],
    "notes": [{"category": "summary", "text": "A message writes past its end."}],
    "product_status": {
        "known_affected": ["SC-OLD", "SC-ON-OS"], "fixed": ["SC-42"],
        "known_not_affected": ["POLDER"],
    },
    "flags": [{"label": "component_not_present", "product_ids": ["POLDER"]}],
    "remediations": [
        {"category": "vendor_fix", "details": "Install 4.2.", "product_ids": ["SC-ON-OS"],
         "url": "https://dijk.example/4.2"},
        {"category": "workaround", "details": "Close port 4711.", "group_ids": ["G-1"]},
    ],
    "scores": [{
        "products": ["SC-OLD", "SC-ON-OS"],
        "cvss_v3": {"version": "3.1", "vectorString": VECTOR, "baseScore": 9.8,
                    "baseSeverity": "CRITICAL", "attackVector": "NETWORK"},
    }],
}  # fmt: skip


def advisory() -> Json:
    """A security advisory with some of everything."""
    return deepcopy({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "lang": "en",
            "title": "Sluice Controller writes past the end of a message",
            "distribution": {"tlp": {"label": "WHITE", "url": "https://www.first.org/tlp/"}},
            "notes": [{"category": "summary", "text": "A fix is there."}],
            "publisher": {"category": "coordinator", "name": "CSIRT Noordland",
                          "namespace": "https://csirt.noordland.example"},
            "references": [{"summary": "This advisory", "category": "self",
                            "url": "https://csirt.noordland.example/2026/nl-2026_0042.json"}],
            "tracking": _TRACKING,
        },
        "product_tree": _TREE,
        "vulnerabilities": [_VULNERABILITY],
    })  # fmt: skip


def vex() -> Json:
    made = advisory()
    made["document"]["category"] = "csaf_vex"
    return made


def information() -> Json:
    """An informational advisory: no products, no vulnerabilities."""
    made = advisory()
    document = made["document"] | {"category": "csaf_informational_advisory"}
    outside = {"summary": "More", "category": "external", "url": "https://dijk.example/more"}
    return {"document": document | {"references": [outside]}}


def incident() -> Json:
    made = information()
    made["document"]["category"] = "csaf_security_incident_response"
    return made


def base() -> Json:
    """Only what every document has."""
    document = advisory()["document"] | {"category": "csaf_base"}
    needed = ("category", "csaf_version", "publisher", "title", "tracking")
    return {"document": {name: document[name] for name in needed}}


VALID: dict[str, Callable[[], Json]] = {
    "advisory": advisory, "vex": vex, "information": information, "incident": incident,
    "base": base,
}  # fmt: skip

Change = Callable[[Json], object]


def _vulnerability(made: Json) -> Json:
    found: Json = made["vulnerabilities"][0]
    return found


def _tracking(made: Json) -> Json:
    found: Json = made["document"]["tracking"]
    return found


def _cvss(made: Json) -> Json:
    found: Json = _vulnerability(made)["scores"][0]["cvss_v3"]
    return found


def _numbered(made: Json, *numbers: str, status: str = "final", version: str | None = None) -> None:
    tracking = _tracking(made)
    tracking["revision_history"] = [
        {"date": f"2026-11-{day:02}T09:00:00.000Z", "number": number, "summary": "A change."}
        for day, number in enumerate(numbers, start=1)
    ]
    tracking |= {"status": status, "version": version or numbers[-1]}


def _circle(made: Json) -> None:
    """A is made of B, and B of A."""
    tree = made["product_tree"]
    tree["relationships"] = [
        {"category": "installed_with", "product_reference": one,
         "relates_to_product_reference": "POLDER",
         "full_product_name": {"name": other, "product_id": other}}
        for one, other in (("A", "B"), ("B", "A"))
    ]  # fmt: skip
    _vulnerability(made)["product_status"]["known_affected"] = ["SC-OLD", "A"]
    _vulnerability(made)["remediations"][0]["product_ids"] = ["A"]
    _vulnerability(made)["scores"][0]["products"] = ["A"]


_HELPER = "/product_tree/branches/0/branches/0/branches"
_STATUS = "/vulnerabilities/0/product_status"
_SCORE = "/vulnerabilities/0/scores/0"
_HISTORY = "/document/tracking/revision_history"


def _helper(made: Json, index: int) -> Json:
    leaves = made["product_tree"]["branches"][0]["branches"][0]["branches"]
    found: Json = leaves[index]["product"]["product_identification_helper"]
    return found


FAILING: list[tuple[str, Callable[[], Json], Change, str]] = [
    ("6.1.1", advisory, lambda d: _vulnerability(d)["product_status"]["fixed"].append("SC-43"),
     f"{_STATUS}/fixed/1"),
    ("6.1.2", advisory,
     lambda d: d["product_tree"]["full_product_names"].append(
         {"name": "Another", "product_id": "SC-42"}),
     "/product_tree/full_product_names/1/product_id"),
    ("6.1.3", advisory, _circle, "/product_tree/relationships/0/product_reference"),
    ("6.1.4", advisory,
     lambda d: _vulnerability(d)["remediations"][1].update(group_ids=["G-1", "G-2"]),
     "/vulnerabilities/0/remediations/1/group_ids/1"),
    ("6.1.5", advisory,
     lambda d: d["product_tree"]["product_groups"].append(
         {"group_id": "G-1", "product_ids": ["SC-42", "POLDER"]}),
     "/product_tree/product_groups/1/group_id"),
    ("6.1.6", advisory,
     lambda d: _vulnerability(d)["product_status"]["fixed"].append("SC-OLD"),
     f"{_STATUS}/fixed/1"),
    ("6.1.7", advisory,
     lambda d: _vulnerability(d)["scores"].append(deepcopy(_vulnerability(d)["scores"][0])),
     "/vulnerabilities/0/scores/1/products/0"),
    ("6.1.8", advisory, lambda d: _cvss(d).pop("baseSeverity"), f"{_SCORE}/cvss_v3"),
    ("6.1.9", advisory, lambda d: _cvss(d).update(baseScore=6.5, baseSeverity="MEDIUM"),
     f"{_SCORE}/cvss_v3/baseScore"),
    ("6.1.10", advisory, lambda d: _cvss(d).update(attackVector="LOCAL"),
     f"{_SCORE}/cvss_v3/attackVector"),
    ("6.1.11", advisory, lambda d: _vulnerability(d)["cwe"].update(name="Writing too far"),
     "/vulnerabilities/0/cwe/name"),
    ("6.1.12", advisory, lambda d: d["document"].update(lang="qz"), "/document/lang"),
    ("6.1.13", advisory, lambda d: _helper(d, 1).update(purl="pkg:maven/@1.3.4"),
     f"{_HELPER}/1/product/product_identification_helper/purl"),
    ("6.1.14", advisory, lambda d: _numbered(d, "1.1.0", "1.0.0"), f"{_HISTORY}/1/number"),
    ("6.1.15", advisory, lambda d: d["document"]["publisher"].update(category="translator"),
     "/document"),
    ("6.1.16", advisory, lambda d: _tracking(d).update(version="1"), "/document/tracking/version"),
    ("6.1.17", advisory, lambda d: _numbered(d, "0.9.0"), "/document/tracking/status"),
    ("6.1.18", advisory, lambda d: _numbered(d, "0", "1"), f"{_HISTORY}/0/number"),
    ("6.1.19", advisory, lambda d: _numbered(d, "1.0.0-rc", "1.0.0"), f"{_HISTORY}/0/number"),
    ("6.1.20", advisory, lambda d: _numbered(d, "1.0.0", version="1.0.0-rc"),
     "/document/tracking/version"),
    ("6.1.21", advisory, lambda d: _numbered(d, "1", "3"), f"{_HISTORY}/1/number"),
    ("6.1.22", advisory, lambda d: _numbered(d, "1", "1"), f"{_HISTORY}/1/number"),
    ("6.1.23", advisory,
     lambda d: d["vulnerabilities"].append(deepcopy(_vulnerability(d))),
     "/vulnerabilities/1/cve"),
    ("6.1.24", advisory,
     lambda d: _vulnerability(d)["involvements"].append(
         _vulnerability(d)["involvements"][0] | {"status": "open"}),
     "/vulnerabilities/0/involvements/1"),
    ("6.1.25", advisory,
     lambda d: _helper(d, 0)["hashes"][0]["file_hashes"][1].update(algorithm="sha256"),
     f"{_HELPER}/0/product/product_identification_helper/hashes/0/file_hashes/1/algorithm"),
    ("6.1.26", base, lambda d: d["document"].update(category="Security Advisory"),
     "/document/category"),
    ("6.1.27.1", incident, lambda d: d["document"].pop("notes"), "/document"),
    ("6.1.27.2", information,
     lambda d: d["document"]["references"][0].update(category="self"), "/document"),
    ("6.1.27.3", information,
     lambda d: d.update(vulnerabilities=[{"title": "One all the same"}]), "/vulnerabilities"),
    ("6.1.27.4", vex,
     lambda d: (d.pop("product_tree"), d["vulnerabilities"].clear(), d["vulnerabilities"].append(
         {"cve": "CVE-2026-1000", "notes": [{"category": "summary", "text": "x"}],
          "product_status": {"under_investigation": ["X"]}})),
     ""),
    ("6.1.27.5", advisory, lambda d: _vulnerability(d).pop("notes"), "/vulnerabilities/0"),
    ("6.1.27.6", advisory, lambda d: _vulnerability(d).pop("product_status"), "/vulnerabilities/0"),
    ("6.1.27.7", vex,
     lambda d: _vulnerability(d).update(product_status={"recommended": ["SC-42"]}), _STATUS),
    ("6.1.27.8", vex, lambda d: _vulnerability(d).pop("cve"), "/vulnerabilities/0"),
    ("6.1.27.9", vex, lambda d: _vulnerability(d).pop("flags"), f"{_STATUS}/known_not_affected/0"),
    ("6.1.27.10", vex, lambda d: _vulnerability(d)["remediations"].pop(0),
     f"{_STATUS}/known_affected/1"),
    ("6.1.27.11", advisory, lambda d: d.pop("vulnerabilities"), ""),
    ("6.1.28", advisory, lambda d: d["document"].update(source_lang="en"),
     "/document/source_lang"),
    ("6.1.29", advisory, lambda d: _vulnerability(d)["remediations"][1].pop("group_ids"),
     "/vulnerabilities/0/remediations/1"),
    ("6.1.30", advisory, lambda d: _numbered(d, "1", "2", version="2.0.0"),
     f"{_HISTORY}/0/number"),
    ("6.1.31", advisory,
     lambda d: d["product_tree"]["branches"][0]["branches"][0]["branches"][1].update(
         name="4.2 and later"),
     f"{_HELPER}/1/name"),
    ("6.1.32", advisory, lambda d: _vulnerability(d)["flags"][0].pop("product_ids"),
     "/vulnerabilities/0/flags/0"),
    ("6.1.33", vex,
     lambda d: _vulnerability(d)["flags"].append(
         {"label": "vulnerable_code_not_present", "product_ids": ["POLDER"]}),
     "/vulnerabilities/0/flags/1"),
]  # fmt: skip
"""The test, a valid document, what is done to it, and where the fault is then found."""


def failing(number: str) -> Json:
    """The document that fails a test."""
    _, valid, change, _ = next(one for one in FAILING if one[0] == number)
    made = valid()
    change(made)
    return made
