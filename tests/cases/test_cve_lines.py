# SPDX-License-Identifier: EUPL-1.2
"""What a line of a disclosure's products says in a CVE record: by the rules of purls and CPE."""

import msgspec
import pytest

from brug.cases.cve import _of_line, _of_product
from brug.formats.csaf.product_tree import IdentificationHelper
from brug.formats.csaf.products import Product


@pytest.mark.parametrize(("line", "vendor", "product", "version"), [
    ("pkg:npm/%40angular/core@12.3.1", "@angular", "core", "12.3.1"),
    ("pkg:pypi/Django@5.0%2Bbuild", "", "django", "5.0+build"),
    ("pkg:deb/debian/curl@7.50?arch=src", "debian", "curl", "7.50"),
    ("pkg:npm/left-pad", "", "left-pad", ""),
    (r"cpe:2.3:a:acme\:co:pump:1.0:*:*:*:*:*:*:*", "acme:co", "pump", "1.0"),
    ("cpe:2.3:a:acme:pump:*:*:*:*:*:*:*:*", "acme", "pump", ""),
    (r"cpe:2.3:o:acme_works:pump_\(small\):1.0:rc_1:*:*:*:*:*:*", "acme works", "pump (small)",
     "1.0 rc 1"),
    ("cpe:2.3:a:*:pump:2.*:*:*:*:*:*:*:*", "", "pump", ""),
    ("cpe:/a:acme:pump:2.0", "acme", "pump", "2.0"),
    ("Pump 1.0 to 1.4", "", "Pump 1.0 to 1.4", ""),
])  # fmt: skip
def test_a_line_says_vendor_product_and_version(
    line: str, vendor: str, product: str, version: str
) -> None:
    found = _of_line(line, "affected")
    assert (found.vendor, found.product) == (vendor, product)
    assert [one.text for one in found.versions] == ([version] if version else [])
    assert all(one.startswith("cpe:2.3:") for one in found.cpes)


@pytest.mark.parametrize(("name", "branches", "helper", "said"), [
    ("cpe:2.3:a:acme:pump:2.1:*:*:*:*:*:*:*", (), {"cpe": "cpe:2.3:a:acme:pump:2.1:*:*:*:*:*:*:*"},
     ("acme", "pump", "2.1")),
    ("pkg:npm/left-pad@1.3.0", (), {"purl": "pkg:npm/left-pad@1.3.0"}, ("", "left-pad", "1.3.0")),
    ("ACME Pump 2", (), {"cpe": "cpe:/a:acme:pump:2.1"}, ("acme", "ACME Pump 2", "2.1")),
    ("x", (("vendor", "ACME"), ("product_name", "Pump"), ("product_version", "3")),
     {"cpe": "cpe:2.3:a:acme:pump:2.1:*:*:*:*:*:*:*"}, ("ACME", "Pump", "3")),
    ("Pump", (), None, ("", "Pump", "")),
])  # fmt: skip
def test_what_a_product_tree_leaves_open_stands_in_the_identifier(
    name: str,
    branches: tuple[tuple[str, str], ...],
    helper: dict[str, str] | None,
    said: tuple[str, str, str],
) -> None:
    beside = msgspec.convert(helper, IdentificationHelper) if helper else None
    here = Product(id="P1", name=name, pointer="", branches=branches, helper=beside)
    found = _of_product(here, "affected")
    versions = [one.text for one in found.versions]
    assert (found.vendor, found.product, *(versions or [""])) == said
