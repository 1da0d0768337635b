# SPDX-License-Identifier: EUPL-1.2
"""Rows of products -> the product tree, as vendor, product and version below each other."""

from typing import Any

from msgspec import structs

from brug.cases.advisories.sheet import LEVELS, RANGE, Product

Json = dict[str, Any]
AT = "/product_tree"


def tree_filled(
    tree: Json, before: list[Product], now: list[Product]
) -> tuple[Json, dict[str, str], dict[str, str]]:
    """The tree, the id of each row by its key, and by pointer the field that shows a product.

    A tree of which nothing was changed is left as it is.
    """
    locked = [one for one in before if one.is_locked]
    rows = [(n, one) for n, one in enumerate(now) if not one.is_locked and not one.is_blank]
    ids = {one.key: one.key for one in locked}
    ids |= {one.key: one.key for _, one in rows if not one.is_new}
    taken = set(ids) | {one.key for one in before}
    for _, one in rows:
        if one.is_new:
            ids[one.key] = _next(taken)
            taken.add(ids[one.key])
    if [one for one in before if not one.is_locked] != [one for _, one in rows]:
        was = {one.key: one for one in before}
        tree = _written(tree, [_named_anew(one, was.get(one.key)) for _, one in rows], ids)
    return tree, ids, _places(tree, {ids[one.key]: n for n, one in rows})


def _named_anew(one: Product, was: Product | None) -> Product:
    """A name that was made of the cells follows them."""
    if was is not None and was.name == one.name == was.composed:
        return structs.replace(one, name=one.composed)
    return one


def _next(taken: set[str]) -> str:
    number = len(taken) + 1
    while f"CSAFPID-{number:04}" in taken:
        number += 1
    return f"CSAFPID-{number:04}"


def _written(tree: Json, rows: list[Product], ids: dict[str, str]) -> Json:
    known = {name["product_id"]: name for name in _names(tree)}
    plain: list[Json] = []
    branches: list[Json] = []
    for one in rows:
        leaf = _leaf(known.get(one.key, {}), one, ids[one.key])
        levels = _levels(one)
        if levels:
            _hang(branches, levels, leaf)
        else:
            plain.append(leaf)
    kept = {k: v for k, v in tree.items() if k not in {"branches", "full_product_names"}}
    return (
        kept | ({"branches": branches} if branches else {})
        | ({"full_product_names": plain} if plain else {})
    )  # fmt: skip


def _levels(one: Product) -> list[tuple[str, str]]:
    """A product of which only the name is known stands in no branch."""
    cells = zip(LEVELS, (one.vendor, one.product, one.version), strict=True)
    named = [(level, text) for level, text in cells if text]
    if named and named[-1][0] == LEVELS[2] and one.is_range:
        named[-1] = (RANGE, named[-1][1])
    return named


def _leaf(known: Json, one: Product, product_id: str) -> Json:
    helper = dict(known.get("product_identification_helper", {}))
    for key, value in (("purl", one.purl), ("cpe", one.cpe)):
        helper.pop(key, None)
        if value:
            helper[key] = value
    leaf = known | {"name": one.full_name, "product_id": product_id}
    leaf.pop("product_identification_helper", None)
    return leaf | ({"product_identification_helper": helper} if helper else {})


def _hang(branches: list[Json], levels: list[tuple[str, str]], leaf: Json) -> None:
    (category, name), *below = levels
    if not below:
        branches.append({"category": category, "name": name, "product": leaf})
        return
    for branch in branches:
        if (branch["category"], branch["name"]) == (category, name) and "branches" in branch:
            break
    else:
        branch = {"category": category, "name": name, "branches": []}
        branches.append(branch)
    _hang(branch["branches"], below, leaf)


def _names(tree: Json) -> list[Json]:
    return [name for _, name in _placed(tree)]


def _placed(tree: Json) -> list[tuple[str, Json]]:
    """Each product of branches and of the plain list, with its pointer."""
    found: list[tuple[str, Json]] = []
    waiting = [(f"{AT}/branches/{n}", one) for n, one in enumerate(tree.get("branches", []))]
    while waiting:
        at, branch = waiting.pop(0)
        if "product" in branch:
            found.append((f"{at}/product", branch["product"]))
        waiting += [(f"{at}/branches/{n}", one) for n, one in enumerate(branch.get("branches", []))]
    return found + [
        (f"{AT}/full_product_names/{n}", one)
        for n, one in enumerate(tree.get("full_product_names", []))
    ]


def _places(tree: Json, rows: dict[str, int]) -> dict[str, str]:
    found = {AT: "products"}
    for at, name in _placed(tree):
        if (row := rows.get(name["product_id"])) is not None:
            helper = f"{at}/product_identification_helper"
            found |= {at: f"product.{row}.name", f"{helper}/purl": f"product.{row}.purl",
                      f"{helper}/cpe": f"product.{row}.cpe"}  # fmt: skip
            if at.endswith("/product"):
                found[at.removesuffix("/product")] = f"product.{row}.version"
    return found
