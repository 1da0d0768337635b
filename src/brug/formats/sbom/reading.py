# SPDX-License-Identifier: EUPL-1.2
"""Bytes -> components of a bill of materials; which format it is, the bytes say.

Refused whole: what is too large, too deep, no such bill, or lists too much. XML has no document
type, so no entities. Of components that say the same, one is kept.
"""

import msgspec

from brug.formats.json_text import decode
from brug.formats.sbom import cyclonedx, spdx, spdx_tags
from brug.formats.sbom.component import Component
from brug.formats.xml_reading import local_name, read_xml
from brug.model.errors import Invalid

MAX_BYTES = 64 * 2**20
MOST = 50_000
_EXPECTED = "a bill of materials: CycloneDX in JSON or XML, or SPDX in JSON or tags"


class Bill(msgspec.Struct, frozen=True):
    """`format` as people say it; `left_out` is what has no name, or more than fits."""

    format: str
    components: list[Component]


def read(raw: bytes, most: int = MOST) -> Bill:
    """Raises Invalid."""
    if len(raw) > MAX_BYTES:
        raise Invalid("sbom", f"at most {MAX_BYTES // 2**20} MiB")
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"<":
        name, found = _of_xml(raw)
    else:
        name, found = _of_tags(raw) if spdx_tags.is_it(raw) else _of_json(raw)
    components = list(dict.fromkeys(found))
    if len(components) > most:
        raise Invalid("sbom", f"at most {most:,} components (there are {len(components):,})")
    if not components:
        raise Invalid("sbom", "a component with a name")
    return Bill(name, components)


def _of_xml(raw: bytes) -> tuple[str, list[Component]]:
    try:
        root = read_xml(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid("sbom", "XML in UTF-8") from error
    except Invalid as error:
        raise Invalid("sbom", error.expected) from error
    if local_name(root) != "bom" or "cyclonedx.org/schema/bom" not in root.tag:
        raise Invalid("sbom", _EXPECTED)
    return "CycloneDX (XML)", list(cyclonedx.of_xml(root))


def _of_tags(raw: bytes) -> tuple[str, list[Component]]:
    try:
        return "SPDX (tags)", list(spdx_tags.of_tags(raw))
    except UnicodeDecodeError as error:
        raise Invalid("sbom", "text in UTF-8") from error


def _of_json(raw: bytes) -> tuple[str, list[Component]]:
    try:
        value = decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except Invalid as error:
        raise Invalid("sbom", _EXPECTED) from error
    if isinstance(value, dict):
        if value.get("bomFormat") == "CycloneDX":
            return "CycloneDX (JSON)", list(cyclonedx.of_json(value))
        if isinstance(value.get("spdxVersion"), str):
            return "SPDX (JSON)", list(spdx.of_packages(value))
        if "@graph" in value and "spdx" in str(value.get("@context")).lower():
            return "SPDX 3 (JSON-LD)", list(spdx.of_graph(value))
    raise Invalid("sbom", _EXPECTED)
