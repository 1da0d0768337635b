# SPDX-License-Identifier: EUPL-1.2
"""Advisories: how long a check takes, from bytes to all findings, beside decoding the JSON.

A typical advisory (about 15 kB: a dozen products, five vulnerabilities) and a very large one
(over 300 kB: hundreds of products). The first check of a process, which also loads the
code, compiles the structure and reads the list of weaknesses, is a line of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from benchmarks.figures import Figure
from benchmarks.gate import best
from brug.formats.csaf.checking import check
from brug.formats.csaf.reading import decoded, read

WANTED_MS = 50
VECTOR = "CVSS:3.1/AV:{}/AC:{}/PR:{}/UI:N/S:U/C:H/I:{}/A:H"
TEXT = "A message that is longer than its header says is written past the end of its buffer. "


def advisory(products: int, vulnerabilities: int) -> bytes:
    """A made-up security advisory; every product has a status, a score and a remediation."""
    ids = [f"CSAFPID-{number:04}" for number in range(products)]
    leaves = [
        {"category": "product_version_range", "name": f"vers:generic/<{number}.2", "product": {
            "name": f"Sluice Controller {number} before {number}.2", "product_id": one,
            "product_identification_helper": {
                "cpe": f"cpe:2.3:a:dijk:sluice_{number}:*:*:*:*:*:*:*:*",
                "purl": f"pkg:generic/dijk/sluice-{number}@{number}.1",
            },
        }}
        for number, one in enumerate(ids)
    ]  # fmt: skip
    return msgspec.json.encode({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "lang": "en",
            "title": "Sluice Controller", "distribution": {"tlp": {"label": "WHITE"}},
            "publisher": {"category": "coordinator", "name": "CSIRT Noordland",
                          "namespace": "https://csirt.noordland.example"},
            "notes": [{"category": "summary", "text": TEXT * 3}],
            "tracking": {
                "current_release_date": "2026-11-20T09:00:00.000Z", "id": "NL-2026-0042",
                "initial_release_date": "2026-11-18T09:00:00.000Z", "status": "final",
                "version": "2", "revision_history": [
                    {"date": f"2026-11-{17 + number}T09:00:00.000Z", "number": str(number),
                     "summary": "A change."} for number in (1, 2)],
            },
        },
        "product_tree": {"branches": [
            {"category": "vendor", "name": "Dijk Systems", "branches": [
                {"category": "product_name", "name": "Sluice Controller", "branches": leaves}]}]},
        "vulnerabilities": [
            {
                "cve": f"CVE-2026-{40000 + number}",
                "cwe": {"id": "CWE-787", "name": "Out-of-bounds Write"},
                "notes": [{"category": "summary", "text": TEXT * 3}],
                "product_status": {"known_affected": ids},
                "remediations": [{"category": "vendor_fix", "details": TEXT, "product_ids": ids,
                                  "url": "https://dijk.example/fixed"}],
                "scores": [{"products": ids, "cvss_v3": {
                    "version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL",
                    "vectorString": VECTOR.format("N", "L", "N", "H")}}],
            }
            for number in range(vulnerabilities)
        ],
    })  # fmt: skip


FIRST = """
import sys, time
begun = time.perf_counter()
from brug.formats.csaf.checking import check
from brug.formats.csaf.reading import decoded
check(decoded(sys.stdin.buffer.read()))
print(time.perf_counter() - begun)
"""


def measure(_node: Any = None, _rows: int = 0) -> Iterator[Figure]:
    for name, raw, wanted in (
        ("typical", advisory(12, 5), WANTED_MS), ("large", advisory(300, 20), 0)
    ):  # fmt: skip
        assert check(decoded(raw)) == []
        bare = best(lambda raw=raw: msgspec.json.decode(raw), 20)  # type: ignore[misc]
        for what, work in (
            ("check", lambda raw=raw: check(decoded(raw))),
            ("read", lambda raw=raw: read(raw)),
        ):
            taken = best(work, 20)
            aim = wanted if what == "check" else 0
            yield Figure(
                f"advisory: {what}, {name}, {len(raw) // 1024} kB", f"{taken * 1000:.2f} ms",
                f"JSON read {bare * 1000:.2f} ms", taken / bare,
                f"< {aim} ms" if aim else "", taken * 1000 < aim if aim else None,
            )  # fmt: skip
    raw = advisory(12, 5)
    said = subprocess.run(
        [sys.executable, "-c", FIRST], input=raw, capture_output=True, check=True
    ).stdout
    yield Figure("advisory: first check", f"{float(said) * 1000:.0f} ms", "", None, "", None)


if __name__ == "__main__":
    for figure in measure():
        print(figure)
