# SPDX-License-Identifier: EUPL-1.2
"""SPDX in JSON: the packages of 2.2 and 2.3, and those of 3.0's JSON-LD.

Of the linked data the shape that the specification's own serialisation has is read: elements in
one `@graph`, each with its type and its identifiers.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from brug.formats.sbom.component import Component, text

_NOTHING = frozenset({"NOASSERTION", "NONE"})
_CPE = frozenset({"cpe23Type", "cpe22Type", "cpe23", "cpe22"})
_PURL = frozenset({"purl", "packageUrl", "packageURL"})


def of_packages(value: dict[str, Any]) -> Iterator[Component]:
    for one in _records(value.get("packages")):
        references = [
            (each.get("referenceType"), each.get("referenceLocator"))
            for each in _records(one.get("externalRefs"))
        ]
        yield from component(
            {
                "name": one.get("name"),
                "version": one.get("versionInfo"),
                "supplier": one.get("supplier"),
            },
            references,
        )


def component(
    package: Mapping[str, Any], references: Iterable[tuple[Any, Any]]
) -> Iterator[Component]:
    """A package of version 2 with its types and places of references; none where it has no name."""
    found = {_kind(kind): text(place) for kind, place in references}
    if name := text(package.get("name")):
        yield Component(
            name, _said(package.get("version")), _maker(package.get("supplier")),
            found.get("purl", ""), found.get("cpe", ""),
        )  # fmt: skip


def of_graph(value: dict[str, Any]) -> Iterator[Component]:
    elements = list(_records(value.get("@graph")))
    names = {
        str(one.get("spdxId") or one.get("@id")): text(one.get("name")) for one in elements
    }  # fmt: skip
    for one in elements:
        kind = one.get("type") or one.get("@type")
        name = text(one.get("name"))
        if not isinstance(kind, str) or not kind.endswith("Package") or not name:
            continue
        found = {
            kind: text(each.get("identifier"))
            for each in _records(one.get("externalIdentifier"))
            for kind in (_kind(each.get("externalIdentifierType")),)
            if kind
        }
        maker = one.get("suppliedBy")
        maker = maker[0] if isinstance(maker, list) and maker else maker
        yield Component(
            name,
            _said(one.get("software_packageVersion") or one.get("packageVersion")),
            names.get(maker, "") if isinstance(maker, str) else "",
            text(one.get("software_packageUrl")) or found.get("purl", ""),
            found.get("cpe", ""),
        )


def _kind(value: Any) -> str:
    name = str(value).rpartition("/")[2]
    return "purl" if name in _PURL else "cpe" if name in _CPE else ""


def _records(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _said(value: Any) -> str:
    found = text(value)
    return "" if found in _NOTHING else found


def _maker(value: Any) -> str:
    """`Organization: ACME (mail@acme.example)`."""
    found = _said(value)
    kind, colon, name = found.partition(":")
    return name.partition("(")[0].strip() if colon and kind in {"Organization", "Person"} else found
