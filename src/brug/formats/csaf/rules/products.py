# SPDX-License-Identifier: EUPL-1.2
"""Tests of the product tree and of what refers to it (6.1.1-6.1.5, 6.1.13, 6.1.25, 6.1.31)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from packageurl import PackageURL

from brug.formats.csaf.finding import Spot, mandatory, shown
from brug.formats.csaf.places import Named, Places, record, records, text, texts
from brug.formats.csaf.products import STATUSES

_RANGE = re.compile(
    r"[<>]=?|(?<!\S)(?:after|all|before|earlier|later|prior|versions)(?!\S)", re.IGNORECASE
)


@mandatory("6.1.1", "Missing definition of product ID")
def product_ids_are_defined(places: Places) -> Iterator[Spot]:
    known = {product for _, product in places.defined}
    for at, product in _product_references(places):
        if product not in known:
            yield at, f"no product in the product tree has the id {shown(product)}"


def _product_references(places: Places) -> Iterator[Named]:
    for at, group in places.groups:
        yield from texts(at, group, "product_ids")
    for at, relation in places.relationships:
        for name in ("product_reference", "relates_to_product_reference"):
            product = text(relation, name)
            if product is not None:
                yield f"{at}/{name}", product
    for at, vulnerability in places.vulnerabilities:
        status = record(vulnerability, "product_status")
        for name in STATUSES:
            yield from texts(f"{at}/product_status", status, name)
    for at, score in places.scores():
        yield from texts(at, score, "products")
    for at, statement in places.statements():
        yield from texts(at, statement, "product_ids")


@mandatory("6.1.2", "Multiple definition of product ID")
def product_ids_are_defined_once(places: Places) -> Iterator[Spot]:
    yield from _repeated(places.defined, "another product has the id")


def _repeated(named: Iterable[Named], words: str) -> Iterator[Spot]:
    seen: set[str] = set()
    for at, name in named:
        if name in seen:
            yield at, f"{words} {shown(name)} already"
        seen.add(name)


@mandatory("6.1.3", "Circular definition of product ID")
def products_are_not_made_of_themselves(places: Places) -> Iterator[Spot]:
    edges = list(_made_of(places))
    circle = _circles((product, of) for _, product, of in edges)
    for at, product, of in edges:
        if product == of or circle[product] == circle[of]:
            yield at, f"the product {shown(product)} is made of itself by this"


def _circles(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A name for each product that it shares with those that it is made of and that are made
    of it: Kosaraju's strongly connected components, in time that grows with the edges.
    """
    onward: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for product, of in edges:
        onward.setdefault(product, []).append(of)
        back.setdefault(of, []).append(product)
    finished: dict[str, None] = {}
    seen: set[str] = set()
    for start in onward:
        waiting = [(start, False)]
        while waiting:
            product, done = waiting.pop()
            if done:
                finished[product] = None
            elif product not in seen:
                seen.add(product)
                waiting.append((product, True))
                waiting.extend((of, False) for of in onward.get(product, ()))
    found: dict[str, str] = {}
    for start in reversed(finished):
        reached = [start]
        while reached:
            product = reached.pop()
            if product not in found:
                found[product] = start
                reached.extend(back.get(product, ()))
    return found


def _made_of(places: Places) -> Iterator[tuple[str, str, str]]:
    for at, relation in places.relationships:
        product = text(record(relation, "full_product_name"), "product_id")
        for name in ("product_reference", "relates_to_product_reference"):
            of = text(relation, name)
            if product is not None and of is not None:
                yield f"{at}/{name}", product, of


@mandatory("6.1.4", "Missing definition of product group ID")
def group_ids_are_defined(places: Places) -> Iterator[Spot]:
    for at, statement in places.statements():
        for where, group in texts(at, statement, "group_ids"):
            if group not in places.members:
                yield where, f"no group in the product tree has the id {shown(group)}"


@mandatory("6.1.5", "Multiple definition of product group ID")
def group_ids_are_defined_once(places: Places) -> Iterator[Spot]:
    named = ((f"{at}/group_id", text(group, "group_id")) for at, group in places.groups)
    yield from _repeated(
        ((at, name) for at, name in named if name is not None), "another group has the id"
    )


@mandatory("6.1.13", "PURL")
def package_urls_are_valid(places: Places) -> Iterator[Spot]:
    for at, name in places.names:
        purl = text(record(name, "product_identification_helper"), "purl")
        if purl is not None:
            try:
                PackageURL.from_string(purl)
            except ValueError as error:
                where = f"{at}/product_identification_helper/purl"
                yield where, f"no valid package URL: {str(error)[:200]}"


@mandatory("6.1.25", "Multiple use of same hash algorithm")
def hashes_of_a_file_use_each_algorithm_once(places: Places) -> Iterator[Spot]:
    for at, name in places.names:
        helper = record(name, "product_identification_helper")
        where = f"{at}/product_identification_helper"
        for place, hashes in records(where, helper, "hashes"):
            used = Counter[str]()
            for spot, one in records(place, hashes, "file_hashes"):
                algorithm = text(one, "algorithm")
                if algorithm is not None:
                    used[algorithm] += 1
                    if used[algorithm] > 1:
                        words = f"another hash of this file is by {shown(algorithm)} already"
                        yield f"{spot}/algorithm", words


@mandatory("6.1.31", "Version range in product version")
def a_version_is_no_range(places: Places) -> Iterator[Spot]:
    for at, branch in places.branches:
        name = text(branch, "name")
        if branch.get("category") == "product_version" and name is not None:
            found = _RANGE.search(name)
            if found is not None:
                words = f"{shown(name)} says {shown(found[0])}, so it is a range of versions"
                yield f"{at}/name", f"{words}; use the category product_version_range"
