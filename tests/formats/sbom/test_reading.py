# SPDX-License-Identifier: EUPL-1.2
"""Bills of materials give their components, whatever their format; what is none is refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.formats.sbom.component import Component
from brug.formats.sbom.reading import read
from brug.model.errors import Invalid

PUMP = Component("pump", "1.0", "ACME", "pkg:npm/pump@1.0", "cpe:2.3:a:acme:pump:1.0:*:*:*:*:*:*:*")
VALVE = Component("valve", "2")

CYCLONEDX: dict[str, Any] = {
    "bomFormat": "CycloneDX", "specVersion": "1.6",
    "metadata": {"component": {"type": "application", "name": "valve", "version": "2"}},
    "components": [{
        "type": "library", "name": "outer", "components": [{
            "name": PUMP.name, "version": PUMP.version, "supplier": {"name": PUMP.vendor},
            "purl": PUMP.purl, "cpe": PUMP.cpe,
        }],
    }],
}  # fmt: skip
CYCLONEDX_XML = f"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><metadata><component type="application">
<name>valve</name><version>2</version></component></metadata><components>
<component type="library"><name>outer</name><components><component type="library">
<publisher>ACME</publisher><name>pump</name><version>1.0</version><purl>{PUMP.purl}</purl>
<cpe>{PUMP.cpe}</cpe></component></components></component></components></bom>"""
SPDX: dict[str, Any] = {
    "spdxVersion": "SPDX-2.3", "packages": [
        {
            "name": "pump", "versionInfo": "1.0", "supplier": "Organization: ACME (a@acme.example)",
            "externalRefs": [
                {"referenceType": "purl", "referenceLocator": PUMP.purl},
                {"referenceType": "cpe23Type", "referenceLocator": PUMP.cpe},
            ],
        },
        {"name": "valve", "versionInfo": "2", "supplier": "NOASSERTION"},
        {"name": "outer", "versionInfo": "NOASSERTION"},
    ],
}  # fmt: skip
SPDX_3: dict[str, Any] = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
        {"type": "Organization", "spdxId": "urn:acme", "name": "ACME"},
        {
            "type": "software_Package", "spdxId": "urn:pump", "name": "pump",
            "software_packageVersion": "1.0", "suppliedBy": "urn:acme",
            "software_packageUrl": PUMP.purl,
            "externalIdentifier": [
                {"externalIdentifierType": "cpe23", "identifier": PUMP.cpe},
            ],
        },
        {"type": "software_Package", "name": "valve", "software_packageVersion": "2"},
        {"type": "software_Package", "name": "outer"},
        {"type": "Relationship", "from": "urn:pump"},
    ],
}  # fmt: skip
SPDX_TAGS = f"""SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: pumps
# Packages
PackageName: pump
SPDXID: SPDXRef-pump
PackageVersion: 1.0
PackageSupplier: Organization: ACME (a@acme.example)
PackageComment: <text>Lines that look like tags are none:
PackageName: fan
PackageVersion: 9</text>
ExternalRef: PACKAGE-MANAGER purl {PUMP.purl}
ExternalRef: SECURITY cpe23Type {PUMP.cpe}

FileName: ./pump.c
PackageVersion: 7

PackageName: valve
PackageVersion: 2
PackageSupplier: NOASSERTION
PackageName: outer
PackageVersion: NOASSERTION
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-pump
"""
BILLS = {
    "SPDX (tags)": SPDX_TAGS.replace("\n", "\r\n").encode(),
    "CycloneDX (JSON)": msgspec.json.encode(CYCLONEDX),
    "CycloneDX (XML)": CYCLONEDX_XML.encode(),
    "SPDX (JSON)": msgspec.json.encode(SPDX),
    "SPDX 3 (JSON-LD)": msgspec.json.encode(SPDX_3),
}


@pytest.mark.parametrize("name", BILLS)
def test_each_format_gives_the_same_components(name: str) -> None:
    found = read(BILLS[name])
    assert found.format == name
    assert set(found.components) == {PUMP, VALVE, Component("outer")}


def test_what_a_bill_names_without_listing_it_is_not_run() -> None:
    inner = "<component type='library'><name>not run</name></component>"
    raw = CYCLONEDX_XML.replace(
        "<metadata>", f"<metadata><tools><components>{inner}</components></tools>"
    ).replace(
        "<purl>", f"<pedigree><ancestors>{inner}</ancestors></pedigree><purl>"
    ).replace(
        "</bom>",
        f"<formulation><formula><components>{inner}</components></formula></formulation></bom>",
    )  # fmt: skip
    assert set(read(raw.encode()).components) == {PUMP, VALVE, Component("outer")}


CANDIDATES = [
    PUMP.cpe, "cpe:/a:acme:pump:1.0", "no name", "cpe:2.3:a:pump_project:pump:1.0:*:*:*:*:*:*:*",
]  # fmt: skip


@pytest.mark.parametrize("name", ["SPDX (JSON)", "SPDX (tags)", "SPDX 3 (JSON-LD)"])
def test_a_package_of_several_names_is_known_by_each(name: str) -> None:
    kinds = ["cpe23Type", "cpe22Type", "cpe23Type", "cpe23Type"]
    said = list(zip(kinds, CANDIDATES, strict=True))
    raw = {
        "SPDX (JSON)": msgspec.json.encode({"spdxVersion": "SPDX-2.3", "packages": [
            SPDX["packages"][0] | {"externalRefs": [
                {"referenceType": kind, "referenceLocator": one}
                for kind, one in [*said, ("purl", PUMP.purl)]
            ]},
        ]}),
        "SPDX (tags)": "\n".join([
            "SPDXVersion: SPDX-2.2", "PackageName: pump", "PackageVersion: 1.0",
            "PackageSupplier: Organization: ACME",
            *(f"ExternalRef: SECURITY {kind} {one}" for kind, one in said),
            f"ExternalRef: PACKAGE-MANAGER purl {PUMP.purl}",
        ]).encode(),
        "SPDX 3 (JSON-LD)": msgspec.json.encode(SPDX_3 | {"@graph": [
            SPDX_3["@graph"][0], SPDX_3["@graph"][1] | {"externalIdentifier": [
                {"externalIdentifierType": kind.removesuffix("Type"), "identifier": one}
                for kind, one in said
            ]},
        ]}),
    }[name]  # fmt: skip
    assert read(raw).components == [PUMP, Component("pump", "1.0", cpe=CANDIDATES[3])]


@pytest.mark.parametrize(
    ("said", "vendor"),
    [
        ("Organization: Foo (Bar) Inc. (a@b.example)", "Foo (Bar) Inc."),
        ("Organization: ACME ()", "ACME"), ("Person: Jane Doe", "Jane Doe"), ("ACME", "ACME"),
        ("NOASSERTION", ""),
    ],
)  # fmt: skip
def test_a_supplier_is_named_without_the_address(said: str, vendor: str) -> None:
    raw = msgspec.json.encode(SPDX | {"packages": [{"name": "pump", "supplier": said}]})
    assert read(raw).components == [Component("pump", vendor=vendor)]


def test_a_byte_order_mark_and_doubles_do_no_harm() -> None:
    twice = CYCLONEDX | {"components": CYCLONEDX["components"] * 2}
    assert len(read(b"\xef\xbb\xbf" + msgspec.json.encode(twice)).components) == 3


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{}", b"[]", b"null", b'{"bomFormat": "CycloneDX"}', b"<bom/>", b"<bom",
        b'{"spdxVersion": "SPDX-2.3", "packages": [{"name": 3}, 4]}', b"\xff\xfe",
        b'<!DOCTYPE x [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5">&a;</bom>',
        b'{"a":' * 100_000, b"<a>" * 100_000,
        b"SPDXVersion: SPDX-2.3", b"SPDXVersion: SPDX-2.3\n\xff",
        b"SPDXVersion: SPDX-2.3\nPackageName:\nExternalRef: x\nExternalRef:",
    ],
    ids=lambda raw: repr(raw[:20]),
)  # fmt: skip
def test_what_is_no_bill_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read(raw)
    assert refused.value.field == "sbom"


def test_too_many_components_are_refused() -> None:
    many = [{"name": f"c{number}"} for number in range(11)]
    raw = msgspec.json.encode({"bomFormat": "CycloneDX", "components": many})
    assert len(read(raw, most=11).components) == 11
    with pytest.raises(Invalid):
        read(raw, most=10)


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "components", "purl", "supplier", "@graph", "type", "metadata",
                         "component", "packages", "externalRefs", "externalIdentifier"]),
        inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(VALUES, st.sampled_from([CYCLONEDX, SPDX, SPDX_3]))
def test_any_shape_is_read_or_refused(value: Any, bill: dict[str, Any]) -> None:
    for name in ("components", "packages", "@graph", "metadata"):
        if name in bill:
            try:
                found = read(msgspec.json.encode(bill | {name: value}))
            except Invalid:
                continue
            assert all(one.name for one in found.components)
