# SPDX-License-Identifier: EUPL-1.2
"""The spellings under which a product is looked up: one index for purls, CPE names and names.

Versions have no part in a key: who shares one is compared in full (`matching`).
"""

from brug.formats.products import cpe, names, purl
from brug.model.errors import Invalid

LONGEST = 400


def of_purl(text: str) -> str:
    """Empty for what is no purl."""
    try:
        return f"p:{purl.read(text).package}"[:LONGEST]
    except Invalid:
        return ""


def of_cpe(text: str) -> str:
    """Empty for what is no CPE name, or names no single vendor and product."""
    try:
        found = cpe.read(text)
    except Invalid:
        return ""
    vague = any(mark in value for value in found.values[1:3] for mark in "*?")
    return "" if vague else f"c:{found.vendor}:{found.product}"[:LONGEST]


def of_names(vendor: str, product: str) -> str:
    """Empty where one of them says nothing."""
    maker, made = names.vendor(vendor), names.product(product)
    if made.startswith(maker) and made != maker:
        made = made.removeprefix(maker)  # "Siemens SIMATIC" of Siemens
    return f"n:{maker}|{made}"[:LONGEST] if maker and made else ""


def of_cpe_names(text: str) -> str:
    """The vendor and product of a CPE name as names."""
    try:
        found = cpe.read(text)
    except Invalid:
        return ""
    return of_names(found.vendor.replace("_", " "), found.product.replace("_", " "))


def of_product(*, vendor: str, name: str, purl_text: str, cpe_text: str) -> list[str]:
    """All keys of a product, each once."""
    found = [
        of_purl(purl_text) if purl_text else "",
        of_cpe(cpe_text) if cpe_text else "",
        of_names(vendor, name),
        of_cpe_names(cpe_text) if cpe_text else "",
    ]
    return [one for one in dict.fromkeys(found) if one]
