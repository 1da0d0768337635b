# SPDX-License-Identifier: EUPL-1.2
"""A case as it would have been folded, without a node."""

from datetime import UTC, datetime
from typing import Any

from brug.cases import clocks
from brug.cases.acts import Linked, Marked, Recorded
from brug.cases.case import Case, Participant, Position
from brug.cases.due import Rules
from brug.cases.entries import Author, Entry
from brug.cases.kinds import KINDS
from brug.cases.reports import Given

ENTITY = "11111111-1111-4111-8111-111111111111"
EVENT = "22222222-2222-4222-8222-222222222222"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
GIVEN = Given(NOW, Rules(clocks.table(), clocks.weekends_only()))
FULL: dict[str, Any] = {
    "summary": "Pumps stopped", "classification": "rsit:availability",
    "suspected_malicious": "yes", "cross_border": "no", "countries": ["NL", "BE"],
    "sector": "drinking_water", "subsector": "Supplier of water", "spread": "Two towns",
    "supply_chain": "Maintainer of pumps", "services": ["Supply"], "users_affected": 1200,
    "users_counted_by": "Connections", "functional_impact": "high", "information_impact": "low",
    "recoverability": "medium", "loss_eur": 5000, "significant_because": "two stations",
    "personal_data": "yes", "people_affected": 4, "data_categories": "Names of customers",
    "records_affected": 7, "dpo_contact": "dpo@zuidmark.example", "consequences": "Spam",
    "risk_to_people": "risk", "trust_services_hit": "yes",
    "bound_as": ["controller", "financial_entity", "manufacturer", "trust_service_provider",
                 "critical_entity"],
    "root_cause": "A stolen password", "measures": "Reset", "contact": "+31 20 000 0000",
}  # fmt: skip
VULNERABLE: dict[str, Any] = {
    "summary": "Overflow in the parser", "products": ["pkg:generic/pump@1"], "impact": "Control",
    "exploitation": "active", "cve": ["CVE-2026-12345"], "cwe": ["CWE-121"], "cvss_31": "CVSS:3.1",
    "cvss_40": "CVSS:4.0", "fixed_versions": ["2"], "union_market": "yes", "countries": ["NL"],
    "exploit": "A packet", "measures": "An update", "sensitivity": "Not public yet",
    "contact": "+31 20 000 0000",
}  # fmt: skip
EVERYTHING = {"incident": FULL, "disclosure": VULNERABLE}


def case(
    fields: dict[str, Any], facts: dict[str, str] | None = None, *, state: str = "warning_due",
    tlp: str = "", kind: str = "incident",
) -> Case:  # fmt: skip
    """One who reports; facts are of it."""
    made = Case(KINDS[kind], number="INC-2026-1", fields=dict(fields))
    role = "entity" if kind == "incident" else "vendor"
    made.participants[ENTITY] = Participant(ENTITY, "org", None, "Zuidmark", role, "e")
    for machine in made.kind.machines:
        made.positions[machine.key, ENTITY if machine.each else ""] = Position(machine.initial)
    if kind == "incident":
        made.positions["nis2", ENTITY] = Position(state)
    made.marking = Marked(tlp=tlp)
    made.links["event", EVENT] = Linked(kind="event", uuid=EVENT)
    for name, at in (facts or {}).items():
        act = Recorded(fact=name, at=at, zone="Europe/Amsterdam", of=ENTITY)
        entry = Entry(
            id=name, case="c", author=Author("n", "org", 1), at=at, knows={"n": 1}, act=act
        )
        made.own_facts[name, ENTITY] = [entry]
    return made
