# SPDX-License-Identifier: EUPL-1.2
"""A sheet -> the document that it makes of an advisory. A value of values.

What the sheet does not show is kept. What comes out may be unsound: whoever asked checks it, and
`places` say at which field of the form a finding is mended, by the longest pointer that fits.
"""

from typing import Any

import msgspec

from brug.cases.advisories.product_filling import tree_filled
from brug.cases.advisories.sheet import (
    EVERY_AFFECTED,
    SEVERAL,
    Product,
    Sheet,
    Weakness,
    plain_of,
    sheet_of,
)
from brug.formats.csaf import marking, weaknesses
from brug.formats.csaf.products import AFFECTED, STATUSES
from brug.formats.csaf.records import plain
from brug.formats.csaf.scored import score_of
from brug.formats.csaf.vulnerability import Advisory
from brug.model.errors import Invalid

Json = dict[str, Any]
_STATEMENTS = ("flags", "remediations", "threats")


class Filled(msgspec.Struct):
    """`places`: JSON pointer -> field of the form; `errors` are by field."""

    value: Json
    places: dict[str, str]
    errors: dict[str, str]

    def field_of(self, pointer: str) -> str:
        """Where something at a pointer is mended; nothing where no field shows it."""
        while pointer:
            if pointer in self.places:
                return self.places[pointer]
            pointer = pointer.rpartition("/")[0]
        return ""


def filled(advisory: Advisory, sheet: Sheet) -> Filled:
    before = sheet_of(advisory)
    made = Filled(plain_of(plain(advisory)), {}, {})
    _document(made, sheet)
    keys = _products(made, before.products, sheet.products)
    gone = {one.key for one in before.products} - set(keys)
    found: list[Json] = []
    for row, one in enumerate(sheet.weaknesses):
        if one.is_gone or one.is_blank:
            continue
        original = made.value["vulnerabilities"][one.at] if one.at is not None else {}
        known = before.weaknesses[one.at] if one.at is not None else Weakness()
        _weakness(made, original, known, one, (row, len(found)), keys, gone)
        found.append(original)
    _put(made.value, "vulnerabilities", found)
    return made


def _document(made: Filled, sheet: Sheet) -> None:
    document = made.value["document"]
    document["title"], document["category"] = sheet.title, sheet.category
    _put(document, "lang", sheet.lang)
    _put(document, "source_lang", sheet.source_lang)
    distribution = document.get("distribution", {})
    _put(distribution, "tlp", distribution.get("tlp", {"url": marking.URL}) | {"label": sheet.tlp}
         if sheet.tlp else None)  # fmt: skip
    _put(document, "distribution", distribution)
    made.places |= {
        "/document/title": "title", "/document/category": "category", "/document/lang": "lang",
        "/document/source_lang": "source_lang", "/document/distribution": "tlp",
    }  # fmt: skip
    _rows(made, "notes", "note", [
        (one.at, one.text or one.title, {
            "category": one.category, "title": one.title, "text": one.text,
        }) for one in sheet.notes
    ])  # fmt: skip
    _rows(made, "references", "ref", [
        (one.at, one.url or one.summary, {
            "category": one.category, "summary": one.summary, "url": one.url,
        }) for one in sheet.references
    ])  # fmt: skip
    _rows(made, "acknowledgments", "thanks", [
        (one.at, one.names or one.organization or one.summary or one.url, {
            "names": one.names, "organization": one.organization, "summary": one.summary,
            "urls": _urls(document, one.at, one.url),
        }) for one in sheet.thanks
    ])  # fmt: skip


def _urls(document: Json, at: int | None, first: str) -> list[str]:
    """The first of them is shown; the others stay."""
    known = document["acknowledgments"][at].get("urls", []) if at is not None else []
    return ([first] if first else []) + known[1:]


def _rows(
    made: Filled, name: str, called: str, rows: list[tuple[int | None, Any, dict[str, Any]]]
) -> None:
    document = made.value["document"]
    known = document.get(name, [])
    kept: list[Json] = []
    for row, (at, is_said, values) in enumerate(rows):
        if not is_said:
            continue
        part = known[at] if at is not None else {}
        if values.get("category") == "external" and "category" not in part and at is not None:
            values.pop("category")
        for key, value in values.items():
            made.places[f"/document/{name}/{len(kept)}/{key}"] = f"{called}.{row}.{key}"
            _put(part, key, value)
        made.places[f"/document/{name}/{len(kept)}"] = f"{called}.{row}.{next(iter(values))}"
        kept.append(part)
    _put(document, name, kept)


def _put(part: Json, key: str, value: Any) -> None:
    """What is empty is absent."""
    if value in (None, "", [], {}):
        part.pop(key, None)
    else:
        part[key] = value


def _products(made: Filled, before: list[Product], now: list[Product]) -> dict[str, str]:
    """Writes the tree; which id each row that is kept has, by its key."""
    tree, ids, places = tree_filled(made.value.get("product_tree", {}), before, now)
    _put(made.value, "product_tree", tree)
    made.places |= places
    return ids


def _weakness(
    made: Filled,
    part: Json,
    before: Weakness,
    one: Weakness,
    place: tuple[int, int],
    ids: dict[str, str],
    gone: set[str],
) -> None:
    row, number = place
    at, field = f"/vulnerabilities/{number}", f"vuln.{row}"
    made.places |= {
        at: f"{field}.title", f"{at}/cve": f"{field}.cve", f"{at}/cwe": f"{field}.cwe",
        f"{at}/scores": f"{field}.vector", f"{at}/notes": f"{field}.description",
        f"{at}/product_status": f"{field}.statuses", f"{at}/title": f"{field}.title",
        f"{at}/ids": f"{field}.cve",
    }  # fmt: skip
    _put(part, "cve", one.cve)
    _put(part, "title", one.title)
    if one.cwe != before.cwe:
        name = weaknesses.name_of(one.cwe) if one.cwe else None
        if one.cwe and not name:
            made.errors[f"{field}.cwe"] = "a weakness that exists, as in CWE-79"
        _put(part, "cwe", {"id": one.cwe, "name": name} if name else None)
    if one.description != before.description:
        _describe(part, one.description)
    affected_before = _affected(part)
    _forget(part, gone)
    _statuses(part, one, ids)
    _scores(made, part, before, one, f"{field}.vector", affected_before)
    _fixes(made, part, one, (field, at), ids)


def _describe(part: Json, text: str) -> None:
    notes = part.get("notes", [])
    for note in notes:
        if note["category"] == "description":
            note["text"] = text
            break
    else:
        notes.insert(0, {"category": "description", "title": "Description", "text": text})
    _put(part, "notes", [note for note in notes if note["text"]])


def _affected(part: Json) -> list[str]:
    said = part.get("product_status", {})
    every = (
        product for status in STATUSES if status in AFFECTED for product in said.get(status, [])
    )
    return list(dict.fromkeys(every))


def _forget(part: Json, gone: set[str]) -> None:
    """Products that are no longer there, wherever something is said of them."""
    if not gone:
        return
    for kind in _STATEMENTS:
        kept = []
        for statement in part.get(kind, []):
            had = "product_ids" in statement
            _put(statement, "product_ids",
                 [p for p in statement.get("product_ids", []) if p not in gone])  # fmt: skip
            if not had or "product_ids" in statement or "group_ids" in statement:
                kept.append(statement)
        _put(part, kind, kept)
    for score in part.get("scores", []):
        score["products"] = [p for p in score["products"] if p not in gone]
    _put(part, "scores", [score for score in part.get("scores", []) if score["products"]])
    said = part.get("product_status", {})
    for status in list(said):
        _put(said, status, [p for p in said[status] if p not in gone])
    _put(part, "product_status", said)


def _statuses(part: Json, one: Weakness, ids: dict[str, str]) -> None:
    said = part.get("product_status", {})
    for key, wanted in one.statuses.items():
        product = ids.get(key)
        if product is None or wanted == SEVERAL:
            continue
        now = [status for status in STATUSES if product in said.get(status, [])]
        if now == ([wanted] if wanted else []):
            continue
        for status in now:
            _put(said, status, [p for p in said[status] if p != product])
        if wanted:
            said.setdefault(wanted, []).append(product)
    _put(part, "product_status", said)


def _scores(
    made: Filled, part: Json, before: Weakness, one: Weakness, field: str, was: list[str]
) -> None:
    """One vector for whatever is affected; several scores stay as they are."""
    if before.has_several_scores:
        return
    now = _affected(part)
    if one.vector == before.vector:
        for score in part.get("scores", []):
            if now and set(score["products"]) == set(was):
                score["products"] = now
        return
    if not one.vector:
        part.pop("scores", None)
        return
    known = part.get("scores", [])
    products = now or (known[0]["products"] if known else [])
    if not products:
        made.errors[field] = "products that are affected: a score is of products"
        return
    try:
        part["scores"] = [plain_of(plain(score_of(one.vector, products)))]
    except Invalid as error:
        made.errors[field] = error.public


def _fixes(
    made: Filled, part: Json, one: Weakness, where: tuple[str, str], ids: dict[str, str]
) -> None:
    field, at = where
    known: list[Json] = part.get("remediations", [])
    kept: list[Json] = []
    for row, fix in enumerate(one.fixes):
        if not (fix.details or fix.url):
            continue
        item = known[fix.at] if fix.at is not None and fix.at < len(known) else {}
        for name in ("category", "details", "url"):
            made.places[f"{at}/remediations/{len(kept)}/{name}"] = f"{field}.fix.{row}.{name}"
            _put(item, name, getattr(fix, name))
        made.places[f"{at}/remediations/{len(kept)}"] = f"{field}.fix.{row}.products"
        if fix.products == EVERY_AFFECTED:
            if set(item.get("product_ids", [])) != set(_affected(part)):
                _put(item, "product_ids", _affected(part))
        elif fix.products != SEVERAL:
            _put(item, "product_ids", [ids[fix.products]] if fix.products in ids else [])
        kept.append(item)
    _put(part, "remediations", kept)
