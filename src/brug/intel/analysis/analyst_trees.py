# SPDX-License-Identifier: EUPL-1.2
"""What is said about items, nested, with the organisations that said it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from brug.formats.misp.analyst import Tree
from brug.intel.analysis import analyst
from brug.model.analyst import AnalystData
from brug.store.session import Session


def beside(session: Session, items: Iterable[AnalystData]) -> dict[str, dict[str, Any]]:
    """What is shown with each item, by its UUID: its organisations, who may change it."""
    items = list(items)
    return _beside(session, items, analyst.organisations(session, items))


def _beside(
    session: Session, items: Iterable[AnalystData], organisations: Mapping[int, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    return {
        item.uuid: {
            "Orgc": organisations.get(item.orgc_id),
            "Org": organisations.get(item.org_id),
            "_canEdit": analyst.may_change(session, item),
        }
        for item in items
    }


def tree(session: Session, items: Sequence[AnalystData]) -> Tree:
    return Tree(items, beside(session, items))


def trees(session: Session, several: Mapping[int, Sequence[AnalystData]]) -> dict[int, Tree]:
    """One for each of several events."""
    every = [item for items in several.values() for item in items]
    organisations = analyst.organisations(session, every)
    return {
        event_id: Tree(items, _beside(session, items, organisations))
        for event_id, items in several.items()
    }
