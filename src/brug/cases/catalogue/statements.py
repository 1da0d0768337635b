# SPDX-License-Identifier: EUPL-1.2
"""What an advisory says of each product, in the short form that matching reads.

A product made of two (`relationships`) is known by the one that is on or in the other; the
other, the platform, is known by it, too, and says so.
"""

from collections.abc import Iterator

import msgspec

from brug.cases.catalogue import keys
from brug.formats.csaf.products import Product, products, status_of
from brug.formats.csaf.vulnerability import Advisory

_DEFAULT = "default_component_of"
DEEPEST = 5


class Statement(msgspec.Struct, frozen=True, array_like=True):
    """One product of an advisory. `holds` are pairs of a vulnerability's name and a status;
    `is_platform`: it is what the affected part may be installed on.
    """

    product_id: str
    name: str
    vendor: str = ""
    product: str = ""
    version: str = ""
    range: str = ""
    purl: str = ""
    cpe: str = ""
    holds: tuple[tuple[str, str], ...] = ()
    is_platform: bool = False


def of_advisory(advisory: Advisory) -> list[Statement]:
    """Of each product that has a status, once for each way that it is known."""
    known = products(advisory.product_tree)
    holds: dict[str, list[tuple[str, str]]] = {}
    for number, one in enumerate(advisory.vulnerabilities, 1):
        ids = [each.text for each in one.ids]
        called = one.cve or next(iter(ids), "") or one.title or f"#{number}"
        for product, statuses in status_of(one).items():
            holds.setdefault(product, []).extend((called, status) for status in statuses)
    return [
        _statement(known[product], part, tuple(said), is_platform=is_platform)
        for product, said in holds.items()
        if product in known
        for part, is_platform in _parts(known[product], known)
    ]


def _parts(
    product: Product, known: dict[str, Product], depth: int = 0
) -> Iterator[tuple[Product, bool]]:
    if product.made_of is None or depth >= DEEPEST:
        yield product, False
        return
    if product.helper is not None:
        yield product, False
    inner, outer = known.get(product.made_of.product), known.get(product.made_of.of)
    if inner is not None:
        yield from _parts(inner, known, depth + 1)
    if outer is not None:
        by_default = product.made_of.category == _DEFAULT
        for part, is_platform in _parts(outer, known, depth + 1):
            yield part, is_platform or not by_default


def _statement(
    whole: Product, part: Product, holds: tuple[tuple[str, str], ...], *, is_platform: bool
) -> Statement:
    return Statement(
        whole.id,
        whole.name,
        part.named("vendor") or "",
        part.named("product_name") or part.named("product_family") or "",
        part.named("product_version") or "",
        part.named("product_version_range") or "",
        part.purl or "",
        part.cpe or "",
        holds,
        is_platform,
    )


def by_key(statements: list[Statement]) -> dict[str, list[Statement]]:
    """Under each key the statements that may concern whoever has it."""
    found: dict[str, list[Statement]] = {}
    for one in statements:
        for key in keys.of_product(
            vendor=one.vendor, name=one.product, purl_text=one.purl, cpe_text=one.cpe
        ):
            found.setdefault(key, []).append(one)
    return found
