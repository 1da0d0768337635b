# SPDX-License-Identifier: EUPL-1.2
"""Who is to be thanked in an advisory and in a CVE record. A value of values.

The kinds are those of CVE 5; CSAF has none, and says it in words. Whoever found a hole and wants no
credit is named nowhere, whatever else the case says of finders.
"""

import msgspec

from brug.cases.case import Case

FINDERS = frozenset({"finder", "reporter"})


class Credited(msgspec.Struct, frozen=True):
    kind: str
    name: str


def credits_of(case: Case) -> list[Credited]:
    """As they were written down, and the finder as the finder wishes."""
    found = [
        Credited(kind, name.strip())
        for kind, _, name in (one.partition(": ") for one in case.fields.get("credits") or [])
    ]
    wish = str(case.fields.get("credit") or "").strip()
    if wish and all(one.name != wish for one in found):
        found.insert(0, Credited("finder", wish))
    if case.fields.get("no_credit"):
        found = [one for one in found if one.kind not in FINDERS]
    return list(dict.fromkeys(found))
