# SPDX-License-Identifier: EUPL-1.2
"""Tests of what is said of vulnerabilities (6.1.6, 11, 23, 24, 29, 32, 33)."""

from collections.abc import Iterator
from datetime import datetime

from brug.formats.csaf import weaknesses
from brug.formats.csaf.finding import Spot, mandatory, shown
from brug.formats.csaf.moments import moment
from brug.formats.csaf.places import Json, Places, record, records, text, texts

_CONTRADICTING = {
    "affected": ("first_affected", "known_affected", "last_affected"),
    "not affected": ("known_not_affected",),
    "fixed": ("first_fixed", "fixed"),
    "under investigation": ("under_investigation",),
}


@mandatory("6.1.6", "Contradicting product status")
def a_product_has_one_status(places: Places) -> Iterator[Spot]:
    for at, vulnerability in places.vulnerabilities:
        status = record(vulnerability, "product_status")
        first: dict[str, str] = {}
        for state, names in _CONTRADICTING.items():
            for name in names:
                for where, product in texts(f"{at}/product_status", status, name):
                    known = first.setdefault(product, state)
                    if known != state:
                        yield where, f"the product {shown(product)} is {known} and {state}"


@mandatory("6.1.11", "CWE")
def weaknesses_exist(places: Places) -> Iterator[Spot]:
    for at, vulnerability in places.vulnerabilities:
        cwe = record(vulnerability, "cwe")
        number, name = text(cwe, "id"), text(cwe, "name")
        if number is None:
            continue
        names = weaknesses.names_of(number)
        if not names:
            yield f"{at}/cwe/id", f"there is no weakness {shown(number)}"
        elif name is not None and name not in names:
            yield f"{at}/cwe/name", f"{number} is {names[-1]!r} (got {shown(name)})"


@mandatory("6.1.23", "Multiple use of same CVE")
def a_cve_stands_once(places: Places) -> Iterator[Spot]:
    seen: set[str] = set()
    for at, vulnerability in places.vulnerabilities:
        cve = text(vulnerability, "cve")
        if cve is not None:
            if cve in seen:
                yield f"{at}/cve", f"another vulnerability is {shown(cve)} already"
            seen.add(cve)


@mandatory("6.1.24", "Multiple definition in involvements")
def a_party_is_involved_once_at_a_time(places: Places) -> Iterator[Spot]:
    for at, vulnerability in places.vulnerabilities:
        seen: set[tuple[str, datetime | str | None]] = set()
        for where, one in records(at, vulnerability, "involvements"):
            party, said = text(one, "party"), text(one, "date")
            if party is not None:
                date = said if said is None else moment(said) or said
                if (party, date) in seen:
                    yield where, f"{party} is involved at the same date already"
                seen.add((party, date))


def _is_for_products(statement: Json) -> bool:
    return "product_ids" in statement or "group_ids" in statement


@mandatory("6.1.29", "Remediation without product reference")
def a_remediation_is_for_products(places: Places) -> Iterator[Spot]:
    for at, remediation in places.statements("remediations"):
        if not _is_for_products(remediation):
            yield at, "expected product_ids or group_ids: what does this remedy?"


@mandatory("6.1.32", "Flag without product reference")
def a_flag_is_for_products(places: Places) -> Iterator[Spot]:
    for at, flag in places.statements("flags"):
        if not _is_for_products(flag):
            yield at, "expected product_ids or group_ids: what is this said of?"


@mandatory("6.1.33", "Multiple flags with VEX justification codes per product")
def a_product_has_one_justification(places: Places) -> Iterator[Spot]:
    for at, vulnerability in places.vulnerabilities:
        seen: dict[str, tuple[str, str | None]] = {}
        for where, flag in records(at, vulnerability, "flags"):
            for product in places.concerned(flag):
                first, label = seen.setdefault(product, (where, text(flag, "label")))
                if first != where:  # said once a flag, however many products it is of
                    yield where, f"the product {shown(product)} is flagged already, as {label}"
                    break
