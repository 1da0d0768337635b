# SPDX-License-Identifier: EUPL-1.2
"""SPDX in JSON: the packages of 2.2 and 2.3, and those of 3.0's JSON-LD.

Of the linked data the shape that the specification's own serialisation has is read: elements in
one `@graph`, each with its type and its identifiers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from brug.formats.products import cpe, purl
from brug.formats.sbom.component import Component, text
from brug.model.errors import Invalid

_ADDRESS = re.compile(r"\([^()]*\)\s*$")  # of mail, or nothing, in brackets at the end
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
    if name := text(package.get("name")):
        version = _said(package.get("version"))
        yield from _known_as(name, version, _maker(package.get("supplier")), references)


def _known_as(
    name: str, version: str, vendor: str, references: Iterable[tuple[Any, Any]]
) -> Iterator[Component]:
    """One package; each further name by which it is known is a component by that name alone.

    Scanners give a package every CPE name that it may have, and one of them is that of advisories.
    """
    purls: list[str] = []
    cpes: list[str] = []
    for kind, place in references:
        if which := _kind(kind):
            (purls if which == "purl" else cpes).append(text(place))
    purls, cpes = _each(purls, _same_purl), _each(cpes, _same_cpe)
    yield Component(name, version, vendor, next(iter(purls), ""), next(iter(cpes), ""))
    yield from (Component(name, version, purl=one) for one in purls[1:])
    yield from (Component(name, version, cpe=one) for one in cpes[1:])


def _each(texts: list[str], spelling: Callable[[str], str]) -> list[str]:
    """One of each spelling, as it came first; what is no such name only where nothing else is."""
    found: dict[str, str] = {}
    for one in texts:
        try:
            found.setdefault(spelling(one), one)
        except Invalid:
            continue
    return list(found.values()) or texts[:1]


def _same_purl(text: str) -> str:
    return str(purl.read(text))


def _same_cpe(text: str) -> str:
    return cpe.read(text).text


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
        references = [
            (each.get("externalIdentifierType"), each.get("identifier"))
            for each in _records(one.get("externalIdentifier"))
        ]
        maker = one.get("suppliedBy")
        maker = maker[0] if isinstance(maker, list) and maker else maker
        yield from _known_as(
            name,
            _said(one.get("software_packageVersion") or one.get("packageVersion")),
            names.get(maker, "") if isinstance(maker, str) else "",
            [("purl", one.get("software_packageUrl")), *references],
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
    return _ADDRESS.sub("", name).strip() if colon and kind in {"Organization", "Person"} else found
