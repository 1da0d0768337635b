# SPDX-License-Identifier: EUPL-1.2
"""The Traffic Light Protocol in advisories, which speak its first version.

CSAF 2.0 knows WHITE, not CLEAR, and no AMBER+STRICT: where a label is lacking, the next
stricter one is taken, never a wider one.
"""

from brug.formats.csaf.document import Document, Label
from brug.model.tlp import LABELS

_AS_CSAF: dict[str, Label] = {
    "clear": "WHITE",
    "green": "GREEN",
    "amber": "AMBER",
    "amber+strict": "RED",
    "red": "RED",
}
_FROM_CSAF: dict[Label, str] = {"WHITE": "clear", "GREEN": "green", "AMBER": "amber", "RED": "red"}
URL = "https://www.first.org/tlp/"


def as_csaf(label: str) -> Label:
    """The label of CSAF 2.0 for one of TLP 2.0 (`model.tlp`). Raises KeyError for another."""
    return _AS_CSAF[label]


def narrowed(label: str) -> bool:
    """Whether a label says less in CSAF 2.0 than it did, so that its author must know."""
    return _FROM_CSAF[as_csaf(label)] != label


def label_of(document: Document) -> str | None:
    """The label of TLP 2.0 that a document carries, if it carries one."""
    if document.distribution is None or document.distribution.tlp is None:
        return None
    return _FROM_CSAF[document.distribution.tlp.label]


def is_public(document: Document) -> bool:
    """Whether anyone may have it: requirement 4 of section 7.1. What is not marked is not."""
    return label_of(document) == LABELS[0]
