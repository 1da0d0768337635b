# SPDX-License-Identifier: EUPL-1.2
"""Checking one attribute: does its value fit its type, does its type fit its category.

The order is MISP's: type, value, category; all errors come together. Duplicates in an
event are not this module's business.
"""

from brug.model.attribute_types.record import (
    COMPOSITE,
    EMPTY,
    NO_TYPE,
    NUL,
    SURROGATE,
    TOO_LONG,
    UNKNOWN_CATEGORY,
    UNKNOWN_TYPE,
    WRONG_CATEGORY,
    Checked,
    Refused,
    Unfit,
)
from brug.model.attribute_types.registry import CATEGORIES, CATEGORIES_OF, TYPES, Defaults, defaults
from brug.model.attribute_types.rewriting import rewrite
from brug.model.attribute_types.rules import COMPOSITES, FIT, SPLIT
from brug.model.attribute_types.scalars import BLANK, cast_scalar

# MISP's column; its clients count on the refusal.
MAX_BYTES = 65535

_NEVER_EMPTY = frozenset({"boolean"})  # nothing means false
_NO = (False, 0, "", "0", None)
_PRESET: dict[str, Defaults] = {of: defaults(of) for of in TYPES}


def check(type: str, value: object, category: str | None = None, to_ids: object = None) -> Checked:  # noqa: A002 -- MISP's name
    """The attribute in its normal form. `to_ids` is read as PHP reads it: "false" is true.

    Raises Refused with all field errors.
    """
    preset = _PRESET.get(type) if isinstance(type, str) else None
    if preset is None:
        raise Refused({"type": [UNKNOWN_TYPE if type else NO_TYPE]})
    try:
        value1, value2 = _parts(type, value)
    except Unfit as unfit:
        raise Refused(_category_errors(type, category) | {"value": [str(unfit)]}) from None
    if category is None:
        category = preset.category
    elif category not in CATEGORIES_OF[type]:
        raise Refused(_category_errors(type, category))
    flag = preset.to_ids if to_ids is None else to_ids not in _NO
    return Checked(type, category, flag, value1, value2)


def _parts(type_: str, value: object) -> tuple[str, str]:
    text = value if isinstance(value, str) else cast_scalar(value)
    text = text.strip(BLANK)
    if not text and type_ not in _NEVER_EMPTY:
        raise Unfit(EMPTY)
    if not text.isascii():
        _refuse_surrogates(text)
    if "\\" in text:
        text = rewrite(text)
    fit = FIT.get(type_)
    value1, value2 = (fit(text), "") if fit else SPLIT[type_](text)
    if not value1 and not value2:
        raise Unfit(COMPOSITE if fit is None else EMPTY)
    if "\0" in value1 or "\0" in value2:
        raise Unfit(NUL)
    if len(value1) + len(value2) > MAX_BYTES // 4:
        _refuse_too_long(value1, value2)
    return value1, value2


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unfit(SURROGATE) from None


def _refuse_too_long(value1: str, value2: str) -> None:
    bar = 1 if value2 else 0
    if len(value1.encode()) + bar + len(value2.encode()) > MAX_BYTES:
        raise Unfit(TOO_LONG)


def _category_errors(type_: str, category: object) -> dict[str, list[str]]:
    if category is None or category in CATEGORIES_OF[type_]:
        return {}
    errors = {"type": [WRONG_CATEGORY]}
    return errors if category in CATEGORIES else {"category": [UNKNOWN_CATEGORY]} | errors


def joined(checked: Checked) -> str:
    """The value as one text, such that checking it again gives the same.

    A composite keeps its bar even before an empty second part; MISP drops it there and then
    refuses what it has given out.
    """
    if checked.value2 or checked.type in COMPOSITES:
        return f"{checked.value1}|{checked.value2}"
    return checked.value1
