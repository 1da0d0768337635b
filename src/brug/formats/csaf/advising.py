# SPDX-License-Identifier: EUPL-1.2
"""What an advisory says, for a person or a list: each vulnerability with its products.

A product stands with all that is said of it: its status, scores, and by what it is known.
"""

import msgspec

from brug.formats.csaf.marking import label_of
from brug.formats.csaf.products import Product, products, status_of
from brug.formats.csaf.vulnerability import Advisory, Score, Vulnerability


class Concerned(msgspec.Struct):
    """A product that a vulnerability has a status for."""

    id: str
    name: str
    status: list[str]
    scores: list[str]
    identifiers: list[str]


class Remedy(msgspec.Struct):
    """What helps, and whom: products by their id, and groups of products by theirs."""

    category: str
    details: str
    url: str | None
    products: list[str]
    groups: list[str]


class Weakness(msgspec.Struct):
    """A vulnerability as an advisory describes it."""

    heading: str
    cve: str | None
    cwe: str | None
    ids: list[str]
    products: list[Concerned]
    remediations: list[Remedy]


class Shown(msgspec.Struct):
    title: str
    id: str
    publisher: str
    namespace: str
    category: str
    version: str
    status: str
    initial_release_date: str
    current_release_date: str
    tlp: str | None
    vulnerabilities: list[Weakness]


def shown(advisory: Advisory) -> Shown:
    """What an advisory says."""
    document, tracking = advisory.document, advisory.document.tracking
    known = products(advisory.product_tree)
    return Shown(
        title=document.title,
        id=tracking.id,
        publisher=document.publisher.name,
        namespace=document.publisher.namespace,
        category=document.category,
        version=tracking.version,
        status=tracking.status,
        initial_release_date=tracking.initial_release_date,
        current_release_date=tracking.current_release_date,
        tlp=label_of(document),
        vulnerabilities=[_weakness(one, known) for one in advisory.vulnerabilities],
    )


def _weakness(one: Vulnerability, known: dict[str, Product]) -> Weakness:
    ids = [f"{each.text} ({each.system_name})" for each in one.ids]
    names = [one.cve, *ids]
    cwe = None if one.cwe is None else f"{one.cwe.id} {one.cwe.name}"
    scores = _scores(one.scores)
    return Weakness(
        heading=": ".join(filter(None, [next(filter(None, names), None), one.title, cwe])),
        cve=one.cve,
        cwe=cwe,
        ids=ids,
        products=[
            Concerned(
                id=product,
                name=known[product].name if product in known else product,
                status=status,
                scores=scores.get(product, []),
                identifiers=_identifiers(known.get(product)),
            )
            for product, status in status_of(one).items()
        ],
        remediations=[
            Remedy(
                each.category,
                each.details,
                each.url,
                each.product_ids,
                each.group_ids,
            )
            for each in one.remediations
        ],
    )


def _scores(scores: list[Score]) -> dict[str, list[str]]:
    """The scores of each product, in words; of one entry the newer version first."""
    found: dict[str, list[str]] = {}
    for score in scores:
        words = []
        if score.cvss_v3 is not None:
            v3 = score.cvss_v3
            words.append(f"{v3.base_score} {v3.base_severity} {v3.vector_string}")
        if score.cvss_v2 is not None:
            words.append(f"{score.cvss_v2.base_score} {score.cvss_v2.vector_string} (2.0)")
        for product in score.products:
            found.setdefault(product, []).extend(words)
    return found


def _identifiers(product: Product | None) -> list[str]:
    if product is None:
        return []
    return [name for name in (product.purl, product.cpe, product.vers) if name is not None]
