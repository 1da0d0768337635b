# SPDX-License-Identifier: EUPL-1.2
"""What the enabled noticelists say to a reader, in the reader's language. It stops nothing."""

from collections.abc import Iterable

from brug.intel.vocabulary.noticelists import Notice, applying
from brug.model.attribute_types import TYPES, defaults
from brug.web.visit import Visit


def _said(visit: Visit, notices: Iterable[Notice]) -> list[str]:
    texts = [
        f"{notice.list_name}: {notice.message.get(visit.language) or notice.message['en']}"
        for notice in notices
    ]
    return list(dict.fromkeys(texts))


def of_values(visit: Visit, types: Iterable[str]) -> list[str]:
    """About values of these types."""
    known = {kind for kind in types if kind in TYPES}
    facts = {"type": known, "category": {defaults(kind).category for kind in known}}
    return _said(visit, applying(visit.session, "attribute", facts))


def of_event(visit: Visit, level: int, types: Iterable[str]) -> list[str]:
    """About an event at a level with values of these types."""
    facts = {"distribution": {str(level)}}
    return [
        *_said(visit, applying(visit.session, "event", facts)),
        *of_values(visit, types),
    ]
