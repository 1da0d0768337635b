# SPDX-License-Identifier: EUPL-1.2
"""XML of others, as a tree: no document type, no entities, so nothing is fetched or expanded."""

import re
from xml.etree import ElementTree as ET

from brug.model.errors import Invalid


def read_xml(text: str) -> ET.Element:
    """The root of a document. Raises Invalid."""
    if re.search(r"<!\s*(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise Invalid("body", "XML without a document type")
    try:
        return ET.fromstring(text.encode())  # noqa: S314 — see above
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise Invalid("body", f"XML ({error})") from error


def local_name(one: ET.Element) -> str:
    """An element's name without its namespace."""
    return one.tag.rpartition("}")[2]


def text_of(one: ET.Element | None) -> str:
    return "" if one is None else (one.text or "").strip()
