# SPDX-License-Identifier: EUPL-1.2
"""Terms, facts and events that the tests of the gate start from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import terms
from brug.bridges.gate import personal_types
from brug.bridges.gate.collecting import Beside, Ends, collected
from brug.bridges.gate.deciding import Decision, decide
from brug.bridges.gate.facts import Facts
from brug.bridges.gate.pseudonyms import Pseudonyms
from brug.bridges.terms import Terms

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOST = "11111111-1111-4111-8111-111111111111"
PARTNER = "22222222-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"
BRIDGE = "99999999-9999-4999-8999-999999999999"
EVENT = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee"
NAMES = Pseudonyms(b"k" * 32)
CLASSES = {row.type: row.cls for row in personal_types.shipped()}

GIVEN: dict[str, Any] = {
    "bridge": BRIDGE,
    "version": 1,
    "parties": [
        {"organisation": HOST, "name": "CSIRT Noordland", "country": "NL"},
        {"organisation": PARTNER, "name": "Cert Sudland", "country": "FR"},
    ],
    "senders": [HOST, PARTNER],
    "purposes": ["cyber-defence"],
    "legal_basis": "GDPR art. 6(1)(e)",
    "ceiling": {"tlp": "amber", "pap": "red"},
    "personal_data": {"regime": "gdpr", "handling": "drop", "transfer": {"tool": "eea"}},
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": "2028-01-01T00:00:00Z",
    "document": "Convenant 2026/7",
}


def given(**changes: Any) -> dict[str, Any]:
    """What somebody types, with changes; "ceiling__tlp" reaches inside."""
    made = msgspec.json.decode(msgspec.json.encode(GIVEN))
    for name, value in changes.items():
        place, *rest = name.split("__")
        if rest:
            made.setdefault(place, {})
            made[place] = {**made[place], rest[0]: value}
        else:
            made[place] = value
    return made  # type: ignore[no-any-return]


# What msgspec reads of JSON, not of Python's own values.
def made(**changes: Any) -> Terms:
    return terms.read(given(**changes))


class Agreed(msgspec.Struct, frozen=True):
    terms: Terms


def attribute(number: int, value: str, type_: str = "domain", **more: Any) -> dict[str, Any]:
    uuid = f"aaaaaaaa-aaaa-4aaa-8aaa-{number:012d}"
    return {
        "uuid": uuid, "type": type_, "category": "Network activity", "to_ids": True,
        "distribution": "5", "timestamp": "1700000000", "comment": "", "deleted": False,
        "value": value, **more,
    }  # fmt: skip


def tagged(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "colour": "#fff", "exportable": True, "local": False} for name in names]


def event(*attributes: dict[str, Any], tags: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "uuid": EVENT, "info": "Something happened", "date": "2026-11-20", "published": True,
        "timestamp": "1700000000", "distribution": "3", "threat_level_id": "2", "analysis": "0",
        "Orgc": {"uuid": HOST, "name": "CSIRT Noordland"}, "Tag": tagged(*tags),
        "Attribute": list(attributes), "Object": [], "EventReport": [], **more,
    }  # fmt: skip


def facts(
    document: dict[str, Any],
    transport: str = "native",
    relation: str = "community",
    beside: Beside | None = None,
    **more: Any,
) -> Facts:
    found = beside or Beside()
    known = msgspec.structs.replace(found, types=CLASSES)
    return collected(document, Ends(HOST, PARTNER, transport, relation), known, **more)


def decided(
    document: dict[str, Any], wanted: Terms | None = None, at: datetime = NOW, **more: Any
) -> Decision:
    return decide(facts(document, **more), Agreed(wanted or made()), at)


def outcome(document: dict[str, Any], wanted: Terms | None = None, **more: Any) -> str:
    return decided(document, wanted, **more).outcome


def codes(decision: Decision, rule: str | None = None) -> set[str]:
    """The codes of what the whole was decided by."""
    return {r.code for r in decision.reasons if rule in {None, r.rule}}
