# SPDX-License-Identifier: EUPL-1.2
"""SPDX 2 as tags and values, one a line: the packages of it.

A package goes from its `PackageName` to the next one, or to where a file, a snippet or a licence
begins. What stands in `<text>` may have lines of its own, which are no tags.
"""

import re
from collections.abc import Iterator

from brug.formats.sbom.component import Component
from brug.formats.sbom.spdx import component

_LINE = re.compile(r"([A-Za-z][A-Za-z0-9]*):[ \t]*(.*)")
_TEXT = re.compile(r"<text>.*?</text>", re.DOTALL)
_START = re.compile(rb"(?m)^SPDXVersion:[ \t]*SPDX-2\.")
_LOOKED_AT = 64 * 1024
_ELSEWHERE = frozenset({"FileName", "SnippetSPDXID", "LicenseID", "Relationship", "Annotator"})
_TAGS = {"PackageName": "name", "PackageVersion": "version", "PackageSupplier": "supplier"}


def is_it(raw: bytes) -> bool:
    return _START.search(raw[:_LOOKED_AT]) is not None


def of_tags(raw: bytes) -> Iterator[Component]:
    """Raises UnicodeDecodeError."""
    package: dict[str, str] = {}
    references: list[tuple[str, str]] = []
    for line in _TEXT.sub("", raw.decode("utf-8-sig")).splitlines():
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        tag, value = found[1], found[2].strip()
        if tag == "PackageName" or tag in _ELSEWHERE:
            yield from component(package, references)
            package, references = {}, []
        if tag == "PackageName" or (tag in _TAGS and package):
            package[_TAGS[tag]] = value
        elif tag == "ExternalRef" and package:
            _, kind, place = [*value.split(maxsplit=2), "", "", ""][:3]
            references.append((kind, place))
    yield from component(package, references)
