# SPDX-License-Identifier: EUPL-1.2
"""CycloneDX (ECMA-424), in JSON and XML: the components, however deep one stands in another.

The component that the bill is about is one of them: whoever runs it runs that, too. What is named
elsewhere is not run: the tools that made the bill, what a component descends from (`pedigree`),
what it was built with (`formulation`).
"""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from brug.formats.sbom.component import Component, text
from brug.formats.xml_reading import local_name, text_of

_LISTED = "{*}components/{*}component"


def of_json(value: dict[str, Any]) -> Iterator[Component]:
    metadata = value.get("metadata")
    about = metadata.get("component") if isinstance(metadata, dict) else None
    waiting: list[Any] = [about, *_list(value.get("components"))]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        waiting += _list(one.get("components"))
        if text(one.get("name")):
            yield Component(
                text(one["name"]), text(one.get("version")), _maker(one), text(one.get("purl")),
                text(one.get("cpe")),
            )  # fmt: skip


def _maker(one: dict[str, Any]) -> str:
    for name in ("manufacturer", "supplier"):
        found = one.get(name)
        if isinstance(found, dict) and text(found.get("name")):
            return text(found["name"])
    return text(one.get("publisher")) or text(one.get("group"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def of_xml(root: ET.Element) -> Iterator[Component]:
    waiting = [*root.findall("{*}metadata/{*}component"), *root.findall(_LISTED)]
    while waiting:
        one = waiting.pop()
        waiting += one.findall(_LISTED)
        said = {local_name(inner): inner for inner in one}
        name = text(text_of(said.get("name")))
        if name:
            yield Component(
                name, text(text_of(said.get("version"))), _maker_in(said),
                text(text_of(said.get("purl"))), text(text_of(said.get("cpe"))),
            )  # fmt: skip


def _maker_in(said: dict[str, ET.Element]) -> str:
    for key in ("manufacturer", "supplier"):
        for inner in said.get(key, ()):
            if local_name(inner) == "name" and text(text_of(inner)):
                return text(text_of(inner))
    return text(text_of(said.get("publisher"))) or text(text_of(said.get("group")))
