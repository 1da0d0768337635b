# SPDX-License-Identifier: EUPL-1.2
"""A decoded document as the tests walk it: what has the expected shape, with its pointer.

What has another shape is passed over, since the structural check names it already; so every
test runs on every document, however broken.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from brug.formats.csaf.versions import Version, parsed

Json = dict[str, Any]
At = tuple[str, Json]
Named = tuple[str, str]
_STATEMENTS = ("flags", "remediations", "threats")


def record(value: Json, name: str) -> Json:
    """The object in a property; an empty one where there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def text(value: Json, name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None


def records(at: str, value: Json, name: str) -> Iterator[At]:
    """The objects in a list."""
    found = value.get(name)
    if isinstance(found, list):
        for index, item in enumerate(found):
            if isinstance(item, dict):
                yield f"{at}/{name}/{index}", item


def texts(at: str, value: Json, name: str) -> Iterator[Named]:
    """The texts in a list."""
    found = value.get(name)
    if isinstance(found, list):
        for index, item in enumerate(found):
            if isinstance(item, str):
                yield f"{at}/{name}/{index}", item


class Places:
    """One document; what several tests look at is collected once."""

    def __init__(self, value: Json) -> None:
        self.value = value
        self.document = record(value, "document")
        self.tracking = record(self.document, "tracking")
        self.publisher = record(self.document, "publisher")
        self.tree = record(value, "product_tree")
        self.category = text(self.document, "category")
        self.status = text(self.tracking, "status")
        self.version = parsed(text(self.tracking, "version"))

    @cached_property
    def vulnerabilities(self) -> list[At]:
        return list(records("", self.value, "vulnerabilities"))

    @cached_property
    def branches(self) -> list[At]:
        """All branches, the outer before the inner."""
        found: list[At] = []
        waiting = list(records("/product_tree", self.tree, "branches"))[::-1]
        while waiting:
            at, branch = waiting.pop()
            found.append((at, branch))
            waiting.extend(list(records(at, branch, "branches"))[::-1])
        return found

    @cached_property
    def relationships(self) -> list[At]:
        return list(records("/product_tree", self.tree, "relationships"))

    @cached_property
    def names(self) -> list[At]:
        """All full product names, wherever they stand."""
        found = [
            (f"{at}/product", branch["product"])
            for at, branch in self.branches
            if isinstance(branch.get("product"), dict)
        ]
        found += records("/product_tree", self.tree, "full_product_names")
        found += [
            (f"{at}/full_product_name", relation["full_product_name"])
            for at, relation in self.relationships
            if isinstance(relation.get("full_product_name"), dict)
        ]
        return found

    @cached_property
    def defined(self) -> list[Named]:
        """Each place that defines a product id."""
        return [
            (f"{at}/product_id", name["product_id"])
            for at, name in self.names
            if isinstance(name.get("product_id"), str)
        ]

    @cached_property
    def groups(self) -> list[At]:
        return list(records("/product_tree", self.tree, "product_groups"))

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """The product ids of each group."""
        found: dict[str, list[str]] = {}
        for at, group in self.groups:
            name = text(group, "group_id")
            if name is not None:
                inside = found.setdefault(name, [])
                inside += [product for _, product in texts(at, group, "product_ids")]
        return found

    def statements(self, *kinds: str) -> Iterator[At]:
        """Flags, remediations and threats: what is said of products and groups of them."""
        for at, vulnerability in self.vulnerabilities:
            for kind in kinds or _STATEMENTS:
                yield from records(at, vulnerability, kind)

    def scores(self) -> Iterator[At]:
        for at, vulnerability in self.vulnerabilities:
            yield from records(at, vulnerability, "scores")

    def concerned(self, statement: Json) -> Iterator[str]:
        """Each product that a statement is about, by itself or in a group."""
        yield from dict.fromkeys(product for _, product in texts("", statement, "product_ids"))
        for group in dict.fromkeys(name for _, name in texts("", statement, "group_ids")):
            yield from self.members.get(group, ())

    @cached_property
    def groups_of(self) -> dict[str, set[str]]:
        """The groups that each product is in."""
        found: dict[str, set[str]] = {}
        for group, products in self.members.items():
            for product in products:
                found.setdefault(product, set()).add(group)
        return found

    @cached_property
    def history(self) -> "list[tuple[str, Json, Version | None]]":
        """The revisions as they stand, with their version where it is one."""
        return [
            (at, revision, parsed(text(revision, "number")))
            for at, revision in records("/document/tracking", self.tracking, "revision_history")
        ]
