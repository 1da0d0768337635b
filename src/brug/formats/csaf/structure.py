# SPDX-License-Identifier: EUPL-1.2
"""Whether a document has the structure of CSAF 2.0: all that is wrong, and where.

The structure is that of the records (`vulnerability.Advisory`), compiled once into small
checks. The tests hold it against the committee's JSON schema, property by property. As there,
properties that nobody knows are no fault.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from brug.formats.csaf.cvss import CvssV2, CvssV3
from brug.formats.csaf.finding import SCHEMA, Finding, escaped, shown
from brug.formats.csaf.moments import is_uri, moment
from brug.formats.csaf.parts import Part
from brug.formats.csaf.vulnerability import Advisory

MOST = 10_000
"""So many faults are told; a document of 15 MB can have millions."""


class Found(list[tuple[str, str, str]]):
    """Each with the test, the pointer and the message; up to MOST."""

    def append(self, one: tuple[str, str, str]) -> None:
        if len(self) == MOST:
            raise _Enough
        super().append(one)


class _Enough(Exception):
    pass


Check = Callable[[Any, str, Found], None]

_FORMS: dict[str, tuple[Callable[[str], object], str]] = {
    "uri": (is_uri, "a URI with its scheme"),
    "date-time": (moment, "a time as in 2026-11-27T09:00:00Z"),
}


def structural(value: Any) -> list[Finding]:
    """What is wrong with the structure of a decoded document: all, or the first MOST."""
    found = _faults(Advisory, SCHEMA, value, "")
    return [
        Finding(test, "JSON schema" if test == SCHEMA else "Invalid CVSS", pointer, message)
        for test, pointer, message in found
    ]


def cvss_faults(kind: str, value: Any, at: str) -> list[tuple[str, str]]:
    """What is wrong with the structure of a score, `cvss_v2` or `cvss_v3`: test 6.1.8."""
    cls = CvssV2 if kind == "cvss_v2" else CvssV3
    return [(pointer, message) for _, pointer, message in _faults(cls, cls.test, value, at)]


def _faults(kind: type[Part], test: str, value: Any, at: str) -> Found:
    found = Found()
    with suppress(_Enough):
        _of(kind, test)(value, at, found)
    return found


@cache
def _of(kind: type[Part], test: str) -> Check:
    info: Any = inspect.type_info(kind)
    return _record(info, test)


def _compiled(kind: inspect.Type, test: str, told: dict[str, Any]) -> Check:
    match kind:
        case inspect.Metadata(type=inner, extra=extra):
            return _compiled(inner, test, extra or {})
        case inspect.UnionType(types=types):
            return _compiled(next(t for t in types if not _is_none(t)), test, told)
        case inspect.StructType(cls=cls):
            tested = getattr(cls, "test", test)
            # Not before it is called: branches hold branches.
            return lambda value, at, found: _of(cls, tested)(value, at, found)  # noqa: PLW0108
        case inspect.ListType():
            return _listed(kind, test, told)
        case inspect.LiteralType(values=values):
            return _one_of(values, test)
        case inspect.FloatType(ge=low, le=high):
            return _number(low, high, test)
        case inspect.StrType():
            return _text(kind, test, told)
    raise TypeError(f"no check for {kind}")


def _is_none(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.NoneType)


def _refuse(found: Found, test: str, at: str, expected: str, value: Any) -> None:
    found.append((test, at, f"expected {expected} (got {shown(value)})"))


def _text(kind: inspect.StrType, test: str, told: dict[str, Any]) -> Check:
    least = kind.min_length or 0
    form, words = _FORMS.get(told.get("form", ""), (None, "a text"))
    words = told.get("words", words)
    # `\d` is a digit in ASCII, and `$` the very end, in a JSON schema.
    pattern = re.compile((kind.pattern or "").replace(r"\d", "[0-9]"))

    def check(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, str):
            _refuse(found, test, at, words, value)
        elif len(value) < least:
            _refuse(found, test, at, "a text that is not empty" if least == 1 else words, value)
        elif (
            (form is not None and not form(value))
            or pattern.search(value) is None
            or (kind.pattern is not None and value.endswith("\n"))
        ):
            _refuse(found, test, at, words, value)

    return check


def _one_of(values: tuple[Any, ...], test: str) -> Check:
    words = " or ".join(str(value) for value in sorted(values))

    def check(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, str) or value not in values:
            _refuse(found, test, at, words, value)

    return check


def _number(low: float | None, high: float | None, test: str) -> Check:
    def check(value: Any, at: str, found: Found) -> None:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if not fits or not (low or 0) <= value <= (high or 0):
            _refuse(found, test, at, f"a number from {low} to {high}", value)

    return check


def _listed(kind: inspect.ListType, test: str, told: dict[str, Any]) -> Check:
    each = _compiled(kind.item_type, test, {})
    least = kind.min_length or 0
    distinct = told.get("distinct", False)

    def check(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, list):
            _refuse(found, test, at, "a list", value)
            return
        if len(value) < least:
            words = "a list that is not empty" if least == 1 else f"a list of {least} or more"
            _refuse(found, test, at, words, value)
        for index, item in enumerate(value):
            each(item, f"{at}/{index}", found)
        if distinct:
            _distinct(value, at, test, found)

    return check


def _distinct(values: list[Any], at: str, test: str, found: Found) -> None:
    seen: set[Any] = set()
    for index, value in enumerate(values):
        key = value if isinstance(value, str) else msgspec.json.encode(value, order="sorted")
        if key in seen:
            _refuse(found, test, f"{at}/{index}", "what is not in this list already", value)
        seen.add(key)


def _record(kind: inspect.StructType, test: str) -> Check:
    cls: Any = kind.cls
    fields = [field for field in kind.fields if field.name != "extra"]
    checks = {field.encode_name: _compiled(field.type, test, {}) for field in fields}
    needed = [field.encode_name for field in fields if field.required]
    least, most = cls.least, cls.most

    def check(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, dict):
            _refuse(found, test, at, "an object", value)
            return
        for name in needed:
            if name not in value:
                found.append((test, at, f"the property {name} is missing"))
        for name, inner in value.items():
            each = checks.get(name)
            if each is not None:
                each(inner, f"{at}/{escaped(name)}", found)
        if len(value) < least or (most is not None and len(value) > most):
            number = f"{least} properties" if most else f"{least} or more properties"
            found.append((test, at, f"expected {number} (there are {len(value)})"))
        if "vectorString" in checks and "version" in checks:
            _same_version(value, at, test, found)

    return check


def _same_version(value: dict[str, Any], at: str, test: str, found: Found) -> None:
    """A score of CVSS 3.0 carries a vector of 3.0, one of 3.1 a vector of 3.1."""
    vector, version = value.get("vectorString"), value.get("version")
    if (
        isinstance(vector, str)
        and isinstance(version, str)
        and version in {"3.0", "3.1"}
        and vector.startswith("CVSS:3.")
        and not vector.startswith(f"CVSS:{version}/")
    ):
        _refuse(found, test, f"{at}/vectorString", f"a vector of CVSS {version}", vector)
