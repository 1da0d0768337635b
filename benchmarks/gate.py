# SPDX-License-Identifier: EUPL-1.2
"""The gate: attribute decisions a second on one core, beside reading the same attributes.

An event of 100,000 attributes of many types, one in ten with a tag and one in five with a
comment, as the partner's session would give it. `decide` is the gate itself; "with facts" adds
what collects them from the document, detectors included; "with copy" makes the copy, too.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from benchmarks.figures import Figure
from brug.bridges import terms
from brug.bridges.gate import decide, personal_types
from brug.bridges.gate.collecting import Beside, Ends, collected
from brug.bridges.gate.pseudonyms import Pseudonyms
from brug.bridges.gate.redacting import redacted

ROWS = 100_000
WANTED = 200_000
HOST, PARTNER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
AT = datetime(2026, 11, 27, tzinfo=UTC)
_KINDS = (
    ("domain", "host-{}.example"), ("ip-dst", "198.51.{}.7"), ("sha256", "{:064x}"),
    ("url", "http://host-{}.example/x"), ("email-src", "box-{}@mail.example"),
    ("text", "seen on machine {}"), ("full-name", "Person {}"), ("filename", "file-{}.exe"),
)  # fmt: skip


class Agreed(msgspec.Struct):
    terms: terms.Terms


def agreement() -> Agreed:
    parties = [{"organisation": HOST, "name": "Ours", "country": "NL"},
               {"organisation": PARTNER, "name": "Theirs", "country": "BE"}]  # fmt: skip
    return Agreed(
        terms.read({
            "bridge": HOST, "version": 1, "parties": parties, "senders": [HOST],
            "purposes": ["cyber-defence"], "legal_basis": "x", "document": "x",
            "personal_data": {"handling": "pseudonymise", "transfer": {"tool": "eea"}},
            "valid_from": "2026-01-01T00:00:00Z",
        })
    )  # fmt: skip


def event(rows: int) -> dict[str, Any]:
    def one(number: int) -> dict[str, Any]:
        kind, shape = _KINDS[number % len(_KINDS)]
        made = {
            "uuid": str(uuid.UUID(int=number + (4 << 76))), "type": kind, "category": "Other",
            "to_ids": number % 3 > 0, "distribution": "5", "timestamp": "1700000000",
            "comment": f"campaign {number % 97}" if number % 5 == 0 else "",
            "value": shape.format(number),
        }  # fmt: skip
        return made | ({"Tag": [{"name": "tlp:amber"}]} if number % 10 == 0 else {})

    return {
        "uuid": HOST, "info": "x", "published": True, "distribution": "3", "Orgc": {"uuid": HOST},
        "Tag": [{"name": "tlp:green"}], "Attribute": [one(n) for n in range(rows)],
    }  # fmt: skip


def best(work: Callable[[], Any], times: int = 5) -> float:
    """The processor time of the quickest of several runs."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def measure(_node: object = None, _rows: int = 0) -> Iterator[Figure]:
    document, agreed = event(ROWS), agreement()
    ends = Ends(HOST, PARTNER, "native", "community")
    beside = Beside(types={row.type: row.cls for row in personal_types.shipped()})
    names = Pseudonyms(b"k" * 32)
    facts = collected(document, ends, beside)
    decision = decide(facts, agreed, AT)
    raw = msgspec.json.encode(document)
    bare = ROWS / best(lambda: msgspec.json.decode(raw))
    for name, work, wanted in (
        ("gate: decide", lambda: decide(facts, agreed, AT), WANTED),
        ("gate: with facts", lambda: decide(collected(document, ends, beside), agreed, AT), 0),
        ("gate: the copy", lambda: redacted(document, decision, "native", names), 0),
    ):
        rate = ROWS / best(work)
        yield Figure(
            name, f"{rate:,.0f} attributes/s", f"JSON read {bare:,.0f}/s", rate / bare,
            f">= {wanted:,}/s" if wanted else "", rate >= wanted if wanted else None,
        )  # fmt: skip


if __name__ == "__main__":
    for figure in measure():
        print(figure)
