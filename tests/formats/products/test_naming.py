# SPDX-License-Identifier: EUPL-1.2
"""A version alone is named with the only product there is, and with none where there are more."""

import pytest

from brug.formats.products import cpe, purl
from brug.formats.products.naming import in_full


@pytest.mark.parametrize(
    ("product", "named"),
    [
        ("Pump", "Pump 2.2"), ("Pump 3", "Pump 2.2"), ("Pump 3000 2.1", "Pump 3000 2.2"),
        ("Pump 1.0 - 2.1", "Pump 2.2"), ("Pump < 2.2", "Pump 2.2"), ("Pump 2 and 3", "Pump 2.2"),
        ("Windows 10 22H2", "Windows 10 2.2"), ("Pump, versions before 2.2", "Pump 2.2"),
        ("Pump (all versions)", "Pump 2.2"), ("Pomp t/m 2.1", "Pomp 2.2"),
        ("pkg:npm/dijk/pump@3?arch=x", "pkg:npm/dijk/pump@2.2?arch=x"),
        ("cpe:2.3:o:acme:pump_\\(small\\):1.0:rc_1:*:*:*:*:*:*",
         "cpe:2.3:o:acme:pump_\\(small\\):2.2:*:*:*:*:*:*:*"),
        ("cpe:/a:acme:pump:1.0", "cpe:2.3:a:acme:pump:2.2:*:*:*:*:*:*:*"),
        ("2.1", "2.2"), ("cpe:2.3:*:*:*:*:*:*:*:*:*:*:*", "2.2"),
        ("cpe:2.3:a:x:p*:*:*:*:*:*:*:*:*", "2.2"),
    ],
)  # fmt: skip
def test_a_version_alone_is_one_of_the_only_product(product: str, named: str) -> None:
    assert in_full(["2.2"], [product, ""]) == [named]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("v2.2", "Pump 2.2"), ("version 2.2", "Pump 2.2"), ("2.2.1 rc1", "Pump 2.2.1 rc1"),
        ("2", "Pump 2"), ("2.2b", "Pump 2.2b"), ("Valve 2.2", "Valve 2.2"), ("7-Zip", "7-Zip"),
        ("2.2 or later", "2.2 or later"), ("pkg:npm/dijk/pump@2.2", "pkg:npm/dijk/pump@2.2"),
    ],
)  # fmt: skip
def test_what_names_a_product_stays_as_it_is(line: str, named: str) -> None:
    assert in_full([line], ["Pump 3"]) == [named]


def test_nobody_guesses_of_which_of_several_products_it_is() -> None:
    same = ["Pump 3", "pkg:npm/dijk/pump@3", "cpe:2.3:a:dijk:pump:3:*:*:*:*:*:*:*"]
    (named,) = in_full(["2.2"], same)
    assert cpe.read(named).words == ("dijk", "pump", "2.2")
    assert purl.read(in_full(["2.2"], same[1:2])[0]).version == "2.2"
    for several in ([], ["Pump 3", "Valve 3"], [*same, "cpe:2.3:a:other:pump:3:*:*:*:*:*:*:*"]):
        assert in_full(["2.2"], several) == ["2.2"]
