# SPDX-License-Identifier: EUPL-1.2
"""By what two products are known to be one: purls, CPE names, names as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.formats.products import cpe, names, purl
from brug.model.errors import Invalid

ANYTHING = "cpe:2.3:a:acme:pump:*:*:*:*:*:*:*:*"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("pkg:npm/pump@1.0", "pkg:npm/pump@2.0", True),
        ("pkg:npm/pump", "pkg:npm/valve", False),
        ("pkg:npm/%40acme/pump", "pkg:npm/pump", False),
        ("pkg:pypi/Acme_Pump", "pkg:pypi/acme-pump", True),
        ("pkg:rpm/redhat/openssl?arch=x86_64", "pkg:rpm/redhat/openssl?arch=src", True),
        ("pkg:rpm/redhat/openssl?arch=x86_64", "pkg:rpm/redhat/openssl?arch=i686", False),
        ("pkg:deb/debian/curl?distro=bookworm", "pkg:deb/debian/curl", True),
        ("pkg:deb/debian/curl?distro=bookworm", "pkg:deb/debian/curl?distro=trixie", False),
        ("pkg:npm/a?download_url=x", "pkg:npm/a?download_url=y", True),
        ("pkg:deb/debian/curl", "pkg:deb/ubuntu/curl", False),
    ],
)
def test_packages_are_the_same_whatever_their_version(one: str, other: str, *, same: bool) -> None:
    first, second = purl.read(one), purl.read(other)
    assert purl.same_package(first, second) is same
    assert purl.same_package(second, first) is same


@pytest.mark.parametrize("text", ["", "npm/pump", "pkg:", "pkg:npm", "pkg:/x", "x" * 3000])
def test_what_is_no_purl_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        purl.read(text)


# NISTIR 7696, table 6-2: source, target, relation.
COMPARED = [
    ("*", "*", "equal"), ("*", "-", "superset"), ("*", "a", "superset"), ("-", "*", "subset"),
    ("-", "-", "equal"), ("-", "a", "disjoint"), ("a", "a", "equal"), ("a", "b", "disjoint"),
    ("a", "*", "subset"), ("a", "-", "disjoint"), ("a", "a*", "undefined"),
    ("a*", "abc", "superset"), ("a*", "bc", "disjoint"), ("a*", "-", "disjoint"),
    ("a*", "*", "subset"), ("a*", "b*", "undefined"), ("1.?", "1.2", "superset"),
    ("1.?", "1.23", "disjoint"), ("*beta", "8beta", "superset"), (r"1\.0", "1.0", "equal"),
    (r"a\*", "ab", "disjoint"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target", "relation"), COMPARED)
def test_values_are_compared_as_the_table_says(source: str, target: str, relation: str) -> None:
    assert cpe.compared(source, target) == relation


@pytest.mark.parametrize(
    ("source", "target", "relation"),
    [
        (ANYTHING, "cpe:2.3:a:acme:pump:1.0:*:*:*:*:*:*:*", "superset"),
        ("cpe:2.3:a:acme:pump:1.0:*:*:*:*:*:*:*", ANYTHING, "subset"),
        (ANYTHING, ANYTHING, "equal"),
        (ANYTHING, "cpe:2.3:o:acme:pump:1.0:*:*:*:*:*:*:*", "disjoint"),
        (
            "cpe:2.3:a:acme:pump:*:*:*:*:*:linux:*:*",
            "cpe:2.3:a:acme:pump:1.0:*:*:*:*:*:*:*", "undefined",
        ),
        (
            "cpe:2.3:a:acme:pump:1.*:*:*:*:*:*:*:*", "cpe:/a:acme:pump:1.7", "superset",
        ),
    ],
)  # fmt: skip
def test_names_are_related_by_all_of_their_values(source: str, target: str, relation: str) -> None:
    assert cpe.relation(cpe.read(source), cpe.read(target)) == relation


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("cpe:/a:hp:insight:7.4.0.1570:-:~~online~win2003~x64~",
         "cpe:2.3:a:hp:insight:7.4.0.1570:-:*:*:online:win2003:x64:*"),
        ("cpe:/o:redhat:enterprise_linux:8::baseos",
         "cpe:2.3:o:redhat:enterprise_linux:8:*:baseos:*:*:*:*:*"),
        ("cpe:/a:foo%5cbar:big%24money:2010%02",
         r"cpe:2.3:a:foo\\bar:big\$money:2010*:*:*:*:*:*:*:*"),
        ("CPE:/A:ACME", "cpe:2.3:a:acme:*:*:*:*:*:*:*:*:*"),
    ],
)  # fmt: skip
def test_a_uri_of_2_2_says_the_same(text: str, same: str) -> None:
    assert cpe.read(text).text == same


@pytest.mark.parametrize(
    "text",
    ["", "cpe:2.3:a:b", "cpe:2.3:x:b:c:*:*:*:*:*:*:*:*", "cpe:2.3:a::c:*:*:*:*:*:*:*:*",
     "cpe:/x:b", "cpe:/a:b:c:d:e:f:g:h", "cpe:/a:b c", "cpe:2.3:" + "a:" * 700],
)  # fmt: skip
def test_what_is_no_cpe_name_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        cpe.read(text)


PART = st.text("abc19.-_*?\\:", min_size=1, max_size=6)


@given(st.lists(PART, min_size=11, max_size=11), st.lists(PART, min_size=11, max_size=11))
def test_any_two_names_stand_in_some_relation(one: list[str], other: list[str]) -> None:
    for values in (one, other):
        values[0] = "a"
    try:
        first, second = cpe.read("cpe:2.3:" + ":".join(one)), cpe.read("cpe:2.3:" + ":".join(other))
    except Invalid:
        return
    assert cpe.relation(first, second) in {"equal", "superset", "subset", "disjoint", "undefined"}
    assert cpe.relation(first, first) in {"equal", "undefined"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("Siemens AG", "siemens"), ("ACME, Inc.", "Acme"), ("Müller GmbH & Co. KG", "MULLER"),
     ("Foo B.V.", "foo"), ("Red Hat", "redhat")],
)  # fmt: skip
def test_vendors_are_one_without_their_legal_form(one: str, other: str) -> None:
    assert names.vendor(one) == names.vendor(other) != ""
