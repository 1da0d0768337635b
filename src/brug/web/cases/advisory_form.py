# SPDX-License-Identifier: EUPL-1.2
"""The form of an advisory: from what was sent to the sheet that it fills."""

import re
from collections.abc import Callable
from typing import TypeVar

from brug.cases.advisories.sheet import (
    Fix,
    Note,
    Product,
    Reference,
    Sheet,
    Thanks,
    Weakness,
)
from brug.web.fields import Fields

T = TypeVar("T")
MOST_ROWS = 2_000
# How many empty rows stand ready; more of a kind for whoever asks for them.
READY, MORE = 1, 5


def sheet_typed(form: Fields, before: Sheet) -> Sheet:
    """The sheet as it was filled in; what a row shows of the document it says itself (`at`)."""
    products = _rows(form, "product", lambda at: _product(form, at, before))
    unique = list({one.key: one for one in products}.values())
    seen = {one.key for one in unique}
    unique += [one for one in before.products if one.is_locked and one.key not in seen]
    return Sheet(
        title=form.text("title"),
        category=form.text("category"),
        lang=form.text("lang"),
        source_lang=form.text("source_lang"),
        tlp=form.text("tlp"),
        notes=_once(_rows(form, "note", lambda at: _note(form, at, len(before.notes)))),
        references=_once(
            _rows(form, "ref", lambda at: _reference(form, at, len(before.references)))
        ),
        thanks=_once(_rows(form, "thanks", lambda at: _thanks(form, at, len(before.thanks)))),
        products=unique,
        weaknesses=_once(_rows(form, "vuln", lambda at: _weakness(form, at, before, unique))),
    )  # fmt: skip


def with_room(sheet: Sheet, more: str) -> Sheet:
    """The same with empty rows to be filled in; `more` is a kind of rows, as fields call it."""

    def empty(kind: str) -> range:
        return range(MORE if more == kind else READY)

    sheet.notes += [Note() for _ in empty("note")]
    sheet.references += [Reference() for _ in empty("ref")]
    sheet.thanks += [Thanks() for _ in empty("thanks")]
    locked = bool(sheet.products) and all(one.is_locked for one in sheet.products)
    if not locked:
        known = {one.key for one in sheet.products}
        free = (key for n in range(MOST_ROWS) if (key := f"new-{n}") not in known)
        sheet.products += [Product(next(free), is_new=True) for _ in empty("product")]
    if not any(one.is_blank for one in sheet.weaknesses):
        sheet.weaknesses.append(Weakness())
    for number, one in enumerate(sheet.weaknesses):
        one.fixes += [Fix() for _ in empty(f"vuln.{number}.fix")]
    return sheet


def without_blanks(sheet: Sheet) -> Sheet:
    """What was left empty is shown again once, at the end."""
    sheet.notes = [one for one in sheet.notes if one.text or one.title or one.at is not None]
    sheet.references = [
        one for one in sheet.references if one.url or one.summary or one.at is not None
    ]
    sheet.thanks = [one for one in sheet.thanks if one != Thanks()]
    sheet.products = [one for one in sheet.products if not (one.is_new and one.is_blank)]
    sheet.weaknesses = [one for one in sheet.weaknesses if not one.is_blank or _has_fix(one)]
    for one in sheet.weaknesses:
        one.fixes = [fix for fix in one.fixes if fix.details or fix.url or fix.at is not None]
    return sheet


def _has_fix(one: Weakness) -> bool:
    return any(fix.details or fix.url for fix in one.fixes)


def _rows(form: Fields, kind: str, read: Callable[[str], T]) -> list[T]:
    """One of each number that stands behind a kind of rows, in their order."""
    pattern = re.compile(re.escape(kind) + r"\.([0-9]{1,4})\.")
    numbers = {int(found[1]) for name, _ in form.pairs if (found := pattern.match(name))}
    return [read(f"{kind}.{number}") for number in sorted(numbers)[:MOST_ROWS]]


def _once(rows: list[T]) -> list[T]:
    """No two rows show the same part of the document."""
    seen: set[int] = set()
    for row in rows:
        at = row.at  # type: ignore[attr-defined]
        if at in seen:
            row.at = None  # type: ignore[attr-defined]
        elif at is not None:
            seen.add(at)
    return rows


def _at(form: Fields, row: str, count: int) -> int | None:
    number = form.number(f"{row}.at", -1, -1)
    return number if 0 <= number < count and form.text(f"{row}.at") else None


def _lines(form: Fields, name: str) -> str:
    return form.get(name).strip()


def _note(form: Fields, row: str, count: int) -> Note:
    return Note(
        _at(form, row, count), form.text(f"{row}.category"), form.text(f"{row}.title"),
        _lines(form, f"{row}.text"),
    )  # fmt: skip


def _reference(form: Fields, row: str, count: int) -> Reference:
    return Reference(
        _at(form, row, count), form.text(f"{row}.category"), form.text(f"{row}.summary"),
        form.text(f"{row}.url"),
    )  # fmt: skip


def _thanks(form: Fields, row: str, count: int) -> Thanks:
    names = [one.strip() for one in form.get(f"{row}.names").split(",") if one.strip()]
    return Thanks(
        _at(form, row, count), names, form.text(f"{row}.organization"),
        form.text(f"{row}.summary"), form.text(f"{row}.urls"),
    )  # fmt: skip


def _product(form: Fields, row: str, before: Sheet) -> Product:
    key = form.get(f"{row}.key")
    known = next((one for one in before.products if one.key == key), None)
    if known is not None and known.is_locked:
        return known
    return Product(
        key if known or key.startswith("new-") else f"new-{row}",
        is_new=known is None,
        vendor=form.text(f"{row}.vendor"),
        product=form.text(f"{row}.product"),
        version=form.text(f"{row}.version"),
        is_range=form.text(f"{row}.kind") == "range",
        name=form.text(f"{row}.name"),
        purl=form.text(f"{row}.purl"),
        cpe=form.text(f"{row}.cpe"),
    )


def _weakness(form: Fields, row: str, before: Sheet, products: list[Product]) -> Weakness:
    at = _at(form, row, len(before.weaknesses))
    known = before.weaknesses[at] if at is not None else Weakness()
    statuses = {
        one.key: form.text(f"{row}.status.{number}") for number, one in enumerate(products)
        if f"{row}.status.{number}" in form
    }  # fmt: skip
    return Weakness(
        at=at,
        cve=form.text(f"{row}.cve").upper(),
        cwe=form.text(f"{row}.cwe").upper(),
        title=form.text(f"{row}.title"),
        description=_lines(form, f"{row}.description"),
        vector=form.text(f"{row}.vector"),
        has_several_scores=known.has_several_scores,
        statuses=statuses,
        fixes=_once(_rows(form, f"{row}.fix", lambda fix: _fix(form, fix, len(known.fixes)))),
        is_gone=form.flag(f"{row}.gone"),
    )


def _fix(form: Fields, row: str, count: int) -> Fix:
    return Fix(
        _at(form, row, count), form.text(f"{row}.category"), _lines(form, f"{row}.details"),
        form.text(f"{row}.url"), form.get(f"{row}.products"),
    )  # fmt: skip
