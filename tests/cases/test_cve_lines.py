# SPDX-License-Identifier: EUPL-1.2
"""What a line of a disclosure's products says in a CVE record: by the rules of purls and CPE."""

import pytest

from brug.cases.cve import _of_line


@pytest.mark.parametrize(("line", "vendor", "product", "version"), [
    ("pkg:npm/%40angular/core@12.3.1", "@angular", "core", "12.3.1"),
    ("pkg:pypi/Django@5.0%2Bbuild", "", "django", "5.0+build"),
    ("pkg:deb/debian/curl@7.50?arch=src", "debian", "curl", "7.50"),
    ("pkg:npm/left-pad", "", "left-pad", ""),
    (r"cpe:2.3:a:acme\:co:pump:1.0:*:*:*:*:*:*:*", "acme:co", "pump", "1.0"),
    ("cpe:2.3:a:acme:pump:*:*:*:*:*:*:*:*", "acme", "pump", ""),
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
