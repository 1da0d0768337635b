# SPDX-License-Identifier: EUPL-1.2
"""Regular expressions as MISP's users write them (`/pattern/flags`, Perl's), run by RE2.

RE2 finds what Perl would find, in time that grows with the value alone, whatever the
pattern: none of them stops the node. What it cannot do for that reason (looking around,
referring back, possessive repetition) is refused when the pattern is saved.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import re2

from brug.model.attribute_types import Refused

LONGEST = 1000
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
# i, m, s and U mean the same to RE2; of u, A, D and S it does the first and the third anyway.
_FLAGS = "imsUuADS"
DELIMITERS = (
    "Expected a regular expression between delimiters that are neither letters, digits nor"
    " spaces, such as /8\\.8\\.8\\.8/ or #^intern\\.#i"
)
TOO_LONG = f"Expected a regular expression of at most {LONGEST} characters"
_UNSUPPORTED = (
    "This regular expression cannot be used ({}). Looking around, back references, possessive"
    " and atomic groups are not supported"
)
_FLAG = "Expected no flags but {} after the expression; found {!r}"

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_MISSING_GROUP = "The replacement names group {}, and the expression has {} of them"
# As PHP's preg_replace reads them: $1, \1 or ${1}.
_REFERENCE = re.compile(r"[\\$](\d{1,2})|\$\{(\d{1,2})\}|\\([\\$])")

Part = str | int


class Unsupported(Refused):
    """RE2 does not run it; `why` is what it says."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__({field: [_UNSUPPORTED.format(why)]})
        self.why = why


@lru_cache(maxsize=4096)
def compiled(entry: str, field: str, also: str = "") -> Any:
    """The pattern of an entry, for RE2. Raises Refused, naming the field.

    `also` are flags that are taken and change nothing.
    """
    source = _source(entry, field, also)
    try:
        return re2.compile(source, _OPTIONS)
    except (re2.error, UnicodeError) as error:
        raise Unsupported(field, _said(error)) from error


def _said(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)


def _source(entry: str, field: str, also: str = "") -> str:
    """What stands between the delimiters, with the flags as RE2 takes them."""
    if len(entry) > LONGEST:
        raise Refused({field: [TOO_LONG]})
    opening = entry[:1]
    if not opening or opening.isalnum() or opening.isspace() or opening in "\\\0":
        raise Refused({field: [DELIMITERS]})
    closing = _CLOSING.get(opening, opening)
    body, found, flags = entry[1:].rpartition(closing)
    if not found or not body or "\0" in body or _ends_early(body, opening, closing):
        raise Refused({field: [DELIMITERS]})
    wrong = sorted(set(flags) - set(_FLAGS) - set(also))
    if wrong:
        raise Refused({field: [_FLAG.format(", ".join(_FLAGS), wrong[0])]})
    taken = "".join(flag for flag in "imsU" if flag in flags)
    anchored = rf"\A(?:{body})" if "A" in flags else body
    return f"(?{taken}){anchored}" if taken else anchored


def _ends_early(body: str, opening: str, closing: str) -> bool:
    """Whether a delimiter inside that is not escaped would end it for Perl."""
    return opening == closing and closing in re.sub(r"\\.", "", body, flags=re.DOTALL)


def replacement_of(text: str, expression: Any, field: str) -> Sequence[Part]:
    """A replacement's texts and numbers of groups. Raises Refused."""
    parts: list[Part] = []
    end = 0
    for hit in _REFERENCE.finditer(text):
        parts.append(text[end : hit.start()])
        end = hit.end()
        if hit[3]:
            parts.append(hit[3])
            continue
        group = int(hit[1] or hit[2])
        if group > expression.groups:
            raise Refused({field: [_MISSING_GROUP.format(group, expression.groups)]})
        parts.append(group)
    parts.append(text[end:])
    return [part for part in parts if part != ""]


def replaced(expression: Any, parts: Sequence[Part], value: str) -> str:
    """The value with every hit replaced."""

    def made(hit: Any) -> str:
        return "".join(part if isinstance(part, str) else hit.group(part) or "" for part in parts)

    return str(expression.sub(made, value))


def any_of(entries: Iterable[str]) -> Callable[[str], bool]:
    """Whether one of the entries hits; together they take about the time of one."""
    sources = [_source(entry, "name") for entry in entries]
    try:
        together = [re2.compile("|".join(f"(?:{s})" for s in sources), _OPTIONS)]
    except re2.error:  # too large together, or groups of the same name
        together = [re2.compile(source, _OPTIONS) for source in sources]
    return lambda value: any(one.search(value) is not None for one in together)
