# SPDX-License-Identifier: EUPL-1.2
"""The product tree of an advisory: what it speaks of, and how that hangs together (3.2.2)."""

from typing import Annotated, Literal

from msgspec import field

from brug.formats.csaf.parts import (
    Cpe,
    Distinct,
    HashValue,
    Pair,
    Part,
    Purl,
    Some,
    Text,
    Uri,
)

BranchCategory = Literal[
    "architecture",
    "host_name",
    "language",
    "legacy",
    "patch_level",
    "product_family",
    "product_name",
    "product_version",
    "product_version_range",
    "service_pack",
    "specification",
    "vendor",
]
RelationCategory = Literal[
    "default_component_of",
    "external_component_of",
    "installed_on",
    "installed_with",
    "optional_component_of",
]


class FileHash(Part):
    algorithm: Text
    value: HashValue


class Hashes(Part):
    file_hashes: Annotated[list[FileHash], Some]
    filename: Text


class GenericUri(Part):
    namespace: Uri
    uri: Uri


class IdentificationHelper(Part):
    """By what a product is known elsewhere."""

    least = 1

    cpe: Cpe | None = None
    hashes: Annotated[list[Hashes], Some] = field(default_factory=list)
    model_numbers: Annotated[list[Text], Distinct] = field(default_factory=list)
    purl: Purl | None = None
    sbom_urls: Annotated[list[Uri], Some] = field(default_factory=list)
    serial_numbers: Annotated[list[Text], Distinct] = field(default_factory=list)
    skus: Annotated[list[Text], Some] = field(default_factory=list)
    x_generic_uris: Annotated[list[GenericUri], Some] = field(default_factory=list)


class FullProductName(Part):
    name: Text
    product_id: Text
    product_identification_helper: IdentificationHelper | None = None


class Branch(Part):
    """A name on the way to a product; it has a product or further branches, never both."""

    least = 3
    most = 3

    category: BranchCategory
    name: Text
    branches: Annotated[list["Branch"], Some] = field(default_factory=list)
    product: FullProductName | None = None


class ProductGroup(Part):
    group_id: Text
    product_ids: Annotated[list[Text], Pair]
    summary: Text | None = None


class Relationship(Part):
    """A product made of two: `product_reference` stands in this relation to the other."""

    category: RelationCategory
    full_product_name: FullProductName
    product_reference: Text
    relates_to_product_reference: Text


class ProductTree(Part):
    least = 1

    branches: Annotated[list[Branch], Some] = field(default_factory=list)
    full_product_names: Annotated[list[FullProductName], Some] = field(default_factory=list)
    product_groups: Annotated[list[ProductGroup], Some] = field(default_factory=list)
    relationships: Annotated[list[Relationship], Some] = field(default_factory=list)
