# SPDX-License-Identifier: EUPL-1.2
"""Whether an advisory concerns a product: a table of what is said and run, and properties."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.catalogue import made

from brug.cases.catalogue.entry import of_bytes
from brug.cases.catalogue.matching import Item, matched
from brug.cases.catalogue.statements import Statement

PUMP = "pkg:npm/pump"
CPE = "cpe:2.3:a:acme:pump:{}:*:*:*:*:*:*:*"


def said(version: str = "", *, status: str = "known_affected", **more: Any) -> Statement:
    """Of a pump, as an advisory has it."""
    known = {"vendor": "ACME", "product": "Pump"} | more
    held = (("CVE-1", status),)
    number = str(sorted(known.items())) + version + status
    return Statement(product_id=number, name="ACME Pump", version=version, holds=held, **known)


# What is run; what is said; outcome, certainty and why, or nothing.
BRANCHES = [
    said(purl=f"{PUMP}@{version}", status=status)
    for version, status in (
        ("1.0.0", "first_affected"), ("1.5.0", "first_fixed"), ("2.0.0", "first_affected"),
        ("2.3.0", "first_fixed"),
    )
]  # fmt: skip
TABLE: list[tuple[Item, list[Statement], tuple[str, str, str] | None]] = [
    # Package URLs.
    (Item(purl=f"{PUMP}@1.0"), [said(purl=f"{PUMP}@1.0")], ("affected", "sure", "version")),
    (Item(purl=f"{PUMP}@1.1"), [said(purl=f"{PUMP}@1.0")], None),
    (Item(purl=PUMP), [said(purl=f"{PUMP}@1.0")], ("affected", "maybe", "unknown")),
    (Item(purl=PUMP, version="1.0"), [said(purl=f"{PUMP}@1.0")], ("affected", "sure", "version")),
    (Item(purl=f"{PUMP}@1.0"), [said(purl=PUMP)], ("affected", "sure", "all")),
    (Item(purl=f"{PUMP}@1.0"), [said(purl="pkg:npm/valve@1.0")], None),
    (
        Item(purl=f"{PUMP}@1.5"), [said(purl=PUMP, range="vers:npm/>=1.0|<2.0")],
        ("affected", "sure", "range"),
    ),
    (Item(purl=f"{PUMP}@2.0"), [said(purl=PUMP, range="vers:npm/>=1.0|<2.0")], None),
    (
        Item(purl=f"{PUMP}@1.5"), [said(purl=PUMP, range="before last summer")],
        ("affected", "maybe", "unknown"),
    ),
    (
        Item(purl="pkg:rpm/a/b@1.1.1k-7.el8"), [said(purl="pkg:rpm/a/b@1.1.1k-7.el8?arch=src")],
        ("affected", "sure", "version"),
    ),
    # Packages are in a range in words by the rules of their system, too.
    (
        Item(purl="pkg:deb/debian/a@3.0.11-1~deb12u2"),
        [said(purl="pkg:deb/debian/a", range="< 3.0.11-1")], ("affected", "sure", "range"),
    ),
    (
        Item(purl="pkg:deb/debian/a", version="3.0.11-1~deb12u2"),
        [said(purl="pkg:deb/debian/a", range=">= 3.0.11-1")], None,
    ),
    (
        Item(purl="pkg:deb/debian/a@1:2.0-1"),
        [said(purl="pkg:deb/debian/a", range="prior to 3.0-1")], None,
    ),
    (
        Item(purl="pkg:oci/a@V1.5"), [said(purl="pkg:oci/a", range="< 2.0")],
        ("affected", "sure", "range"),
    ),
    # A range in the register is no version: nobody knows which of it is run.
    (Item(purl=PUMP, version=">= 1.0 | < 3"), [said(purl=f"{PUMP}@2.0")],
     ("affected", "maybe", "unknown")),
    (Item(purl=PUMP, version=">= 1.0 | < 3"), [said(purl=f"{PUMP}@4.0")], None),
    # CPE names, with wildcards of NISTIR 7696.
    (Item(cpe=CPE.format("1.0")), [said(cpe=CPE.format("1.0"))], ("affected", "sure", "version")),
    (Item(cpe=CPE.format("1.0")), [said(cpe=CPE.format("*"))], ("affected", "sure", "all")),
    (Item(cpe=CPE.format("1.7")), [said(cpe=CPE.format("1.*"))], ("affected", "sure", "range")),
    (Item(cpe=CPE.format("2.7")), [said(cpe=CPE.format("1.*"))], None),
    (Item(cpe=CPE.format("*")), [said(cpe=CPE.format("1.0"))], ("affected", "maybe", "unknown")),
    (Item(cpe=CPE.format("1.0")), [said(cpe="cpe:/a:acme:pump:1.0")],
     ("affected", "sure", "version")),
    (Item(cpe=CPE.format("1.0")), [said(cpe="cpe:2.3:o:acme:pump:1.0:*:*:*:*:*:*:*")], None),
    (Item(cpe=CPE.format("1.5")), [said(cpe=CPE.format("*"), range="< 2.0")],
     ("affected", "sure", "range")),
    # Names are a maybe, however they are written.
    (Item(vendor="Acme Inc.", name="PUMP", version="1.0"), [said("1.0")],
     ("affected", "maybe", "version")),
    (Item(vendor="ACME", name="ACME Pump", version="1.0"), [said("1.0")],
     ("affected", "maybe", "version")),
    (Item(cpe=CPE.format("1.0")), [said("1.0")], ("affected", "maybe", "version")),
    (Item(vendor="Other", name="Pump"), [said("1.0")], None),
    (Item(vendor="ACME", name="Pump", version="1.0"), [said("2.0")], None),
    # Whoever is known by another purl is another, whatever the names.
    (Item(vendor="ACME", name="Pump", purl="pkg:npm/x"), [said(purl=PUMP)], None),
    # The platform of an affected part.
    (Item(cpe=CPE.format("8")), [said(cpe=CPE.format("8"), is_platform=True)],
     ("affected", "maybe", "platform")),
    # Statuses.
    (Item(purl=f"{PUMP}@1.0"), [said(purl=f"{PUMP}@1.0", status="fixed")],
     ("fixed", "sure", "version")),
    (Item(purl=f"{PUMP}@1.0"), [said(purl=f"{PUMP}@1.0", status="known_not_affected")],
     ("not_affected", "sure", "version")),
    (Item(purl=f"{PUMP}@1.0"), [said(purl=f"{PUMP}@1.0", status="under_investigation")],
     ("investigating", "sure", "version")),
    # The nearer counts, of equals the worse.
    (
        Item(purl=f"{PUMP}@2.0"),
        [said(purl=PUMP), said(purl=f"{PUMP}@2.0", status="fixed")], ("fixed", "sure", "version"),
    ),
    (
        Item(purl=f"{PUMP}@2.0"),
        [said(purl=PUMP, range="<= 2.0"), said(purl=PUMP, range=">= 2.0", status="fixed")],
        ("affected", "sure", "range"),
    ),
    (
        Item(purl=PUMP),
        [said(purl=f"{PUMP}@1.0"), said(purl=f"{PUMP}@2.0", status="fixed")],
        ("affected", "maybe", "unknown"),
    ),
    # From the first that is affected on.
    (
        Item(purl=f"{PUMP}@1.5.0"),
        [said(purl=f"{PUMP}@1.0.0", status="first_affected"),
         said(purl=f"{PUMP}@2.0.0", status="first_fixed")], ("affected", "maybe", "between"),
    ),
    (
        Item(purl=f"{PUMP}@2.5.0"),
        [said(purl=f"{PUMP}@1.0.0", status="first_affected"),
         said(purl=f"{PUMP}@2.0.0", status="first_fixed")], None,
    ),
    (
        Item(purl=f"{PUMP}@1.5.0"),
        [said(purl=f"{PUMP}@1.0.0", status="first_affected"),
         said(purl=f"{PUMP}@1.8.0", status="last_affected")], ("affected", "maybe", "between"),
    ),
    (Item(purl=f"{PUMP}@0.5.0"), [said(purl=f"{PUMP}@1.0.0", status="first_affected")], None),
    # What is fixed in one branch is not made affected by the end of a later one.
    (Item(purl=f"{PUMP}@1.7.0"), BRANCHES, None),
    (Item(purl=f"{PUMP}@1.2.0"), BRANCHES, ("affected", "maybe", "between")),
    (Item(purl=f"{PUMP}@2.1.0"), BRANCHES, ("affected", "maybe", "between")),
    (Item(purl=f"{PUMP}@2.5.0"), BRANCHES, None),
]  # fmt: skip


@pytest.mark.parametrize(("item", "statements", "expected"), TABLE)
def test_a_product_is_concerned_as_the_table_says(
    item: Item, statements: list[Statement], expected: tuple[str, str, str] | None
) -> None:
    for several in (statements, statements[::-1]):
        found = matched(item, several)
        assert (found and (found.outcome, found.certainty, found.why)) == expected


def test_each_vulnerability_has_an_outcome_of_its_own_and_the_worst_counts() -> None:
    known = said(purl=f"{PUMP}@1.0")
    one = msgspec.structs.replace(known, holds=(("CVE-1", "fixed"), ("CVE-2", "known_affected")))
    found = matched(Item(purl=f"{PUMP}@1.0"), [one])
    assert found is not None
    assert found.outcome == "affected"
    assert found.vulnerabilities == {"CVE-1": "fixed", "CVE-2": "affected"}


def test_parts_of_a_composed_product_are_known_by_both() -> None:
    part = made.product("OpenSSL", "1.1", purl="pkg:rpm/acme/openssl@1.1")
    platform = made.product("OS", "8", cpe=CPE.format("8"))
    whole = {
        "name": "OpenSSL on OS", "product_id": "both",
    }  # fmt: skip
    value = made.value(
        statuses={"known_affected": [part], "fixed": [platform]},
        tree={"relationships": [{
            "category": "installed_on", "full_product_name": whole,
            "product_reference": made.id_of(part),
            "relates_to_product_reference": made.id_of(platform),
        }]},
    )  # fmt: skip
    weakness = value["vulnerabilities"][0]
    weakness["product_status"] = {"known_affected": ["both"]}
    for name in ("remediations", "scores"):
        weakness[name][0] |= {"product_ids" if name == "remediations" else "products": ["both"]}
    keys = of_bytes(msgspec.json.encode(value)).keys
    run = {"pkg:rpm/acme/openssl@1.1": "sure", "pkg:rpm/acme/openssl@1.2": None}
    for purl, certainty in run.items():
        found = matched(Item(purl=purl), keys["p:rpm/acme/openssl"])
        assert (found and found.certainty) == certainty
    on = matched(Item(cpe=CPE.format("8")), keys["c:acme:pump"])
    assert on is not None
    assert (on.certainty, on.why) == ("maybe", "platform")


VERSIONS = st.sampled_from(
    ["", "1.0", "1.5", "2.0", "R12", ">= 1 | < 2", "vers:npm/<2", "all", "x"]
)
STATUSES = st.sampled_from([
    "known_affected", "fixed", "first_affected", "first_fixed", "last_affected",
    "known_not_affected", "under_investigation", "recommended",
])  # fmt: skip
STATEMENTS = st.lists(
    st.builds(
        Statement,
        product_id=st.text("abc", min_size=1), name=st.just("n"),
        vendor=st.sampled_from(["ACME", "Other", ""]), product=st.sampled_from(["Pump", ""]),
        version=VERSIONS, range=VERSIONS,
        purl=st.sampled_from(["", PUMP, f"{PUMP}@1.0", "pkg:", "rubbish"]),
        cpe=st.sampled_from(["", CPE.format("1.*"), CPE.format("*"), "cpe:/x"]),
        holds=st.lists(st.tuples(st.sampled_from(["CVE-1", "CVE-2"]), STATUSES), max_size=3).map(
            tuple
        ),
        is_platform=st.booleans(),
    ),
    max_size=5,
)  # fmt: skip
ITEMS = st.builds(
    Item,
    vendor=st.sampled_from(["acme", ""]), name=st.sampled_from(["pump", ""]), version=VERSIONS,
    purl=st.sampled_from(["", PUMP, f"{PUMP}@1.0", "rubbish"]),
    cpe=st.sampled_from(["", CPE.format("1.5"), CPE.format("*")]),
)  # fmt: skip


@given(ITEMS, STATEMENTS)
def test_order_has_no_say_and_names_alone_are_never_sure(
    item: Item, statements: list[Statement]
) -> None:
    found, turned = matched(item, statements), matched(item, statements[::-1])
    assert (found is None) == (turned is None)
    if found is None or turned is None:
        return
    assert found.vulnerabilities == turned.vulnerabilities
    assert (found.outcome, found.certainty) == (turned.outcome, turned.certainty)
    assert found.outcome in set(found.vulnerabilities.values())
    if found.certainty == "sure":
        assert found.by in {"purl", "cpe"}
        assert found.why in {"version", "range", "all"}
