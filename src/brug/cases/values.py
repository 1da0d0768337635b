# SPDX-License-Identifier: EUPL-1.2
"""Values by which two cases turn out to be about the same thing.

Each says for itself that two matters meet: a CVE number wherever it stands, an event or attribute
that is linked, what a document holds, a product, an address or a digest that somebody wrote down.
Words that many cases have in common are not among them; search finds those.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from brug.cases import searching
from brug.cases.acts import AnyAct, Attached, Filled, Linked
from brug.model.words import N_
from brug.store.session import Session

PURPOSE = "case value"
MOST = 500  # of one entry
LONGEST = 300
TITLES: Final[Mapping[str, str]] = {
    "cve": N_("CVE number"), "event": N_("Linked event"), "attribute": N_("Linked attribute"),
    "value": N_("Value in a linked event"), "document": N_("The same document"),
    "product": N_("Product"), "address": N_("Network address"), "digest": N_("Digest of a file"),
}  # fmt: skip
# What it counts for, where several cases share something.
WEIGHTS: Final[Mapping[str, int]] = {
    "event": 5, "attribute": 5, "document": 5, "digest": 4, "cve": 3, "product": 2, "address": 2,
    "value": 2,
}  # fmt: skip
_PRODUCTS = "products"  # the field that names products, in kinds that have one
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,19}\b", re.IGNORECASE)
_DIGEST = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_OCTET = 255


class Shared(msgspec.Struct, frozen=True, order=True):
    """A value with what it is."""

    kind: str
    value: str

    @property
    def marked(self) -> str:
        return f"{self.kind} {self.value}"


def values_of(act: AnyAct) -> list[Shared]:
    """Those of one act, each once."""
    return list(dict.fromkeys(_values(act)))[:MOST]


def values_in(title: str, fields: Mapping[str, Any]) -> list[Shared]:
    """Those of a case that is about to be opened."""
    found = [*_in_text(title), *_values(Filled(fields=dict(fields)))]
    return list(dict.fromkeys(found))[:MOST]


def note(session: Session, case_id: int, entry: int, act: AnyAct) -> None:
    """Within `files.whole`: by which values an entry is found, besides its words."""
    if found := values_of(act):
        session.execute(
            "INSERT INTO case_value (mark, entry, case_id) SELECT DISTINCT n, %s, %s"
            " FROM unnest(%s::bigint[]) AS n",
            (entry, case_id, session.seal.marks([one.marked for one in found], PURPOSE)),
        )


def _values(act: AnyAct) -> Iterator[Shared]:
    match act:
        case Linked(kind=kind, uuid=uuid, is_undone=False) if kind in {"event", "attribute"}:
            yield Shared(kind, uuid)
        case Attached(is_undone=False):
            yield Shared("document", act.sha256)
            if act.sample:
                yield Shared("digest", act.sample)
            return  # its own digest is no text of it
        case Filled():
            for one in act.fields.get(_PRODUCTS) or ():
                if isinstance(one, str) and one.strip():
                    yield Shared("product", " ".join(one.casefold().split())[:LONGEST])
        case _:
            pass
    for text in searching.texts_of(act):
        yield from _in_text(text)


def _in_text(text: str) -> Iterator[Shared]:
    for found in _CVE.findall(text):
        yield Shared("cve", found.upper())
    for found in _DIGEST.findall(text):
        yield Shared("digest", found.lower())
    for found in _ADDRESS.findall(text):
        octets = [int(one) for one in found.split(".")]
        # What stands for any machine, or for the own one, brings nothing together.
        if max(octets) <= _OCTET and octets[0] not in {0, 127, 255}:
            yield Shared("address", ".".join(map(str, octets)))
