# SPDX-License-Identifier: EUPL-1.2
"""An advisory as a page edits it: rows of texts. A value of values.

Each row knows by `at` which part of the document it shows, so that what a page does not show
of it is kept (`filling_in`). A product tree with more levels than vendor, product and version
is shown and not edited.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from brug.formats.csaf.product_tree import Branch, FullProductName, ProductTree
from brug.formats.csaf.products import AFFECTED, status_of
from brug.formats.csaf.vulnerability import Advisory, Remediation, Vulnerability

LEVELS = ("vendor", "product_name", "product_version")
RANGE = "product_version_range"
EVERY_AFFECTED = "*"
SEVERAL = "="
"""What a page cannot show as one choice, and leaves as it is."""
MOST_CELLS = 2_000
"""Products times vulnerabilities: a form beyond it is edited as a file."""


class Note(msgspec.Struct):
    at: int | None = None
    category: str = "general"
    title: str = ""
    text: str = ""


class Reference(msgspec.Struct):
    at: int | None = None
    category: str = "external"
    summary: str = ""
    url: str = ""


class Thanks(msgspec.Struct):
    at: int | None = None
    names: list[str] = []
    organization: str = ""
    summary: str = ""
    url: str = ""


class Product(msgspec.Struct):
    """`key` is its id, or whatever a row that has none yet is called by."""

    key: str
    is_new: bool = False
    is_locked: bool = False
    vendor: str = ""
    product: str = ""
    version: str = ""
    is_range: bool = False
    name: str = ""
    purl: str = ""
    cpe: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.vendor or self.product or self.version or self.name)

    @property
    def full_name(self) -> str:
        return self.name or self.composed

    @property
    def composed(self) -> str:
        return " ".join(filter(None, (self.vendor, self.product, self.version)))


class Fix(msgspec.Struct):
    """`products` is `EVERY_AFFECTED`, `SEVERAL`, or the key of one."""

    at: int | None = None
    category: str = "vendor_fix"
    details: str = ""
    url: str = ""
    products: str = EVERY_AFFECTED


class Weakness(msgspec.Struct):
    """A vulnerability; `statuses` by the products' keys."""

    at: int | None = None
    cve: str = ""
    cwe: str = ""
    title: str = ""
    description: str = ""
    vector: str = ""
    has_several_scores: bool = False
    statuses: dict[str, str] = {}
    fixes: list[Fix] = []
    is_gone: bool = False

    @property
    def is_blank(self) -> bool:
        texts = (self.cve, self.cwe, self.title, self.description, self.vector)
        return self.at is None and not any(texts) and not any(self.statuses.values())


class Sheet(msgspec.Struct):
    title: str
    category: str
    lang: str
    source_lang: str
    tlp: str
    notes: list[Note]
    references: list[Reference]
    thanks: list[Thanks]
    products: list[Product]
    weaknesses: list[Weakness]

    @property
    def is_too_large(self) -> bool:
        return len(self.products) * (len(self.weaknesses) + 1) > MOST_CELLS


def sheet_of(advisory: Advisory) -> Sheet:
    document = advisory.document
    distribution = document.distribution
    return Sheet(
        title=document.title,
        category=document.category,
        lang=document.lang or "",
        source_lang=document.source_lang or "",
        tlp=distribution.tlp.label if distribution and distribution.tlp else "",
        notes=[
            Note(at, one.category, one.title or "", one.text)
            for at, one in enumerate(document.notes)
        ],
        references=[
            Reference(at, one.category or "external", one.summary, one.url)
            for at, one in enumerate(document.references)
        ],
        thanks=[
            Thanks(
                at, one.names, one.organization or "", one.summary or "", next(iter(one.urls), "")
            )
            for at, one in enumerate(document.acknowledgments)
        ],
        products=products_of(advisory.product_tree),
        weaknesses=[_weakness(at, one) for at, one in enumerate(advisory.vulnerabilities)],
    )  # fmt: skip


def products_of(tree: ProductTree | None) -> list[Product]:
    if tree is None:
        return []
    found = [*_under(tree.branches, ()), *(_product(one, ()) for one in tree.full_product_names)]
    if any(one.is_locked for one in found):
        for one in found:
            one.is_locked = True
    made = (one.full_product_name for one in tree.relationships)
    return found + [Product(one.product_id, is_locked=True, name=one.name) for one in made]


def _under(branches: list[Branch], way: tuple[Branch, ...]) -> Iterator[Product]:
    for branch in branches:
        here = (*way, branch)
        if branch.product is not None:
            yield _product(branch.product, here)
        yield from _under(branch.branches, here)


def _product(name: FullProductName, way: tuple[Branch, ...]) -> Product:
    helper = name.product_identification_helper
    row = Product(
        name.product_id,
        is_locked=not _is_plain(way),
        name=name.name,
        purl=(helper.purl or "") if helper else "",
        cpe=(helper.cpe or "") if helper else "",
    )
    for branch in way:
        if branch.category == "vendor":
            row.vendor = branch.name
        elif branch.category == "product_name":
            row.product = branch.name
        else:
            row.version, row.is_range = branch.name, branch.category == RANGE
    return row


def _is_plain(way: tuple[Branch, ...]) -> bool:
    """Whether three cells say all of it."""
    levels = [LEVELS[2] if one.category == RANGE else one.category for one in way]
    in_order = [one for one in LEVELS if one in levels]
    return levels == in_order and not any(one.extra for one in way)


def _weakness(at: int, one: Vulnerability) -> Weakness:
    statuses = {
        product: several[0] if len(several) == 1 else SEVERAL
        for product, several in status_of(one).items()
    }
    described = next((note.text for note in one.notes if note.category == "description"), "")
    return Weakness(
        at=at,
        cve=one.cve or "",
        cwe=one.cwe.id if one.cwe else "",
        title=one.title or "",
        description=described,
        vector=vector_of(one),
        has_several_scores=len(one.scores) > 1,
        statuses=statuses,
        fixes=[_fix(n, each, affected_of(one)) for n, each in enumerate(one.remediations)],
    )


def vector_of(one: Vulnerability) -> str:
    """Of its only score."""
    if len(one.scores) != 1:
        return ""
    score = one.scores[0]
    if score.cvss_v3 is not None:
        return score.cvss_v3.vector_string
    return score.cvss_v2.vector_string if score.cvss_v2 else ""


def affected_of(one: Vulnerability) -> list[str]:
    return [product for product, said in status_of(one).items() if AFFECTED & set(said)]


def _fix(at: int, one: Remediation, affected: list[str]) -> Fix:
    products = SEVERAL
    if not one.group_ids and set(one.product_ids) == set(affected):
        products = EVERY_AFFECTED
    elif not one.group_ids and len(one.product_ids) == 1:
        products = one.product_ids[0]
    return Fix(at, one.category, one.details, one.url or "", products)


def plain_of(value: Any) -> Any:
    """A copy that can be changed without changing what it was made of."""
    return msgspec.json.decode(msgspec.json.encode(value))
