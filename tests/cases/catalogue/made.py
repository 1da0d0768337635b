# SPDX-License-Identifier: EUPL-1.2
"""Advisories as tests need them: valid ones, of a few products, under any label."""

from typing import Any

import msgspec

NAMESPACE = "https://psirt.vendor.example"


def product(
    name: str, version: str = "", *, pid: str = "", vendor: str = "ACME", **known: str
) -> dict[str, Any]:
    """Branches of one product; `range` in place of a version; purl and cpe as helpers."""
    span = known.pop("range", "")
    number = pid or f"{vendor}-{name}-{version or span or 'all'}"
    full: dict[str, Any] = {"name": f"{vendor} {name} {version or span}", "product_id": number}
    if known:
        full["product_identification_helper"] = known
    leaf: dict[str, Any] = {
        "category": "product_version_range" if span else "product_version",
        "name": span or version or "all", "product": full,
    }  # fmt: skip
    if not version and not span:
        leaf = {"category": "product_name", "name": name, "product": full}
    else:
        leaf = {"category": "product_name", "name": name, "branches": [leaf]}
    return {"category": "vendor", "name": vendor, "branches": [leaf]}


def id_of(branch: dict[str, Any]) -> str:
    while "product" not in branch:
        branch = branch["branches"][0]
    return str(branch["product"]["product_id"])


def value(
    tracking_id: str = "ADV-1", version: str = "1", tlp: str | None = "WHITE",
    statuses: dict[str, list[dict[str, Any]]] | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """`statuses`: products by what holds for them, of one vulnerability."""
    given = statuses or {"known_affected": [product("Pump", "1.0", purl="pkg:npm/pump@1.0")]}
    day = f"2026-01-{int(version):02}T00:00:00Z"
    known: dict[str, dict[str, Any]] = {
        id_of(one): one for several in given.values() for one in several
    }
    ids = {status: [id_of(one) for one in several] for status, several in given.items()}
    affected = ids.get("known_affected") or ids.get("first_affected") or []
    weakness: dict[str, Any] = {
        "cve": more.get("cve", "CVE-2026-1234"),
        "notes": [{"category": "description", "text": "It can be opened."}],
        "product_status": ids,
    }
    if affected:
        weakness["remediations"] = [
            {"category": "vendor_fix", "details": "Install 2.0.", "product_ids": affected}
        ]
        weakness["scores"] = [{
            "products": affected,
            "cvss_v3": {
                "version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL",
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            },
        }]  # fmt: skip
    document: dict[str, Any] = {
        "category": more.get("category", "csaf_security_advisory"), "csaf_version": "2.0",
        "publisher": {
            "category": "vendor", "name": "ACME PSIRT",
            "namespace": more.get("namespace", NAMESPACE),
        },
        "title": more.get("title", "Pumps open"),
        "tracking": {
            "id": tracking_id, "version": version, "status": "final",
            "initial_release_date": "2026-01-01T00:00:00Z", "current_release_date": day,
            "revision_history": [
                {
                    "number": str(number), "date": f"2026-01-{number:02}T00:00:00Z",
                    "summary": more.get("summary", f"Revision {number}"),
                }
                for number in range(1, int(version) + 1)
            ],
        },
    }  # fmt: skip
    if tlp is not None:
        document["distribution"] = {"tlp": {"label": tlp}}
    return {
        "document": document,
        "product_tree": {"branches": list(known.values())} | more.get("tree", {}),
        "vulnerabilities": [weakness],
    }


def raw(*args: Any, **more: Any) -> bytes:
    return msgspec.json.encode(value(*args, **more))
