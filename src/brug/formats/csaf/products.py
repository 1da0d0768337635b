# SPDX-License-Identifier: EUPL-1.2
"""The products of an advisory, each with what stands on the way to it in the tree.

Vendor, product and version are in the branches; a purl or CPE in the helper; a range of
versions in a branch of that category, as `vers:` (vers-spec) or in words.
"""

from collections.abc import Iterator

import msgspec

from brug.formats.csaf.product_tree import (
    Branch,
    FullProductName,
    IdentificationHelper,
    ProductTree,
    Relationship,
)
from brug.formats.csaf.vulnerability import Vulnerability

STATUSES = (
    "first_affected",
    "known_affected",
    "last_affected",
    "first_fixed",
    "fixed",
    "known_not_affected",
    "recommended",
    "under_investigation",
)
AFFECTED = frozenset({"first_affected", "known_affected", "last_affected"})
FIXED = frozenset({"first_fixed", "fixed"})
VERS = "vers:"


class Made(msgspec.Struct, frozen=True):
    """Of what two products one is made, and how the first stands to the second."""

    category: str
    product: str
    of: str


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product that an advisory names. `branches` are the names on the way, outermost first."""

    id: str
    name: str
    pointer: str
    branches: tuple[tuple[str, str], ...] = ()
    helper: IdentificationHelper | None = None
    made_of: Made | None = None

    def named(self, category: str) -> str | None:
        """The innermost branch of a category, as in the vendor's name."""
        found = [name for kind, name in self.branches if kind == category]
        return found[-1] if found else None

    @property
    def vers(self) -> str | None:
        """The range of versions, where it is written for machines."""
        found = self.named("product_version_range")
        return found if found is not None and found.startswith(VERS) else None

    @property
    def cpe(self) -> str | None:
        return None if self.helper is None else self.helper.cpe

    @property
    def purl(self) -> str | None:
        return None if self.helper is None else self.helper.purl


def products(tree: ProductTree | None) -> dict[str, Product]:
    """Each product of a tree by its id; of two with one id (which test 6.1.2 finds), the first."""
    found: dict[str, Product] = {}
    for product in _all(tree) if tree is not None else ():
        found.setdefault(product.id, product)
    return found


def _all(tree: ProductTree) -> Iterator[Product]:
    at = "/product_tree"
    yield from _under(tree.branches, f"{at}/branches", ())
    for index, name in enumerate(tree.full_product_names):
        yield _product(name, f"{at}/full_product_names/{index}")
    for index, relation in enumerate(tree.relationships):
        yield _product(
            relation.full_product_name,
            f"{at}/relationships/{index}/full_product_name",
            made_of=_made_of(relation),
        )


def _under(branches: list[Branch], at: str, way: tuple[tuple[str, str], ...]) -> Iterator[Product]:
    for index, branch in enumerate(branches):
        here = (*way, (branch.category, branch.name))
        if branch.product is not None:
            yield _product(branch.product, f"{at}/{index}/product", here)
        yield from _under(branch.branches, f"{at}/{index}/branches", here)


def _product(
    name: FullProductName,
    at: str,
    way: tuple[tuple[str, str], ...] = (),
    made_of: Made | None = None,
) -> Product:
    return Product(
        id=name.product_id,
        name=name.name,
        pointer=at,
        branches=way,
        helper=name.product_identification_helper,
        made_of=made_of,
    )


def _made_of(relation: Relationship) -> Made:
    return Made(
        relation.category, relation.product_reference, relation.relates_to_product_reference
    )


def groups(tree: ProductTree | None) -> dict[str, list[str]]:
    """The product ids of each group."""
    return {} if tree is None else {one.group_id: one.product_ids for one in tree.product_groups}


def status_of(vulnerability: Vulnerability) -> dict[str, list[str]]:
    """What holds for each product, in the order of `STATUSES`; several can hold for one."""
    found: dict[str, list[str]] = {}
    if vulnerability.product_status is not None:
        for status in STATUSES:
            for product in getattr(vulnerability.product_status, status):
                found.setdefault(product, []).append(status)
    return found
