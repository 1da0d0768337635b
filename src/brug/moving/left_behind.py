# SPDX-License-Identifier: EUPL-1.2
"""What does not carry over when a node moves in: a table of how to count it, and what to do."""

from typing import LiteralString

import msgspec

from brug.moving.client import Misp, Refused
from brug.moving.report import Lost
from brug.moving.taking import unwrapped
from brug.store.session import Session


class Left(msgspec.Struct, frozen=True):
    """Something that stays behind: its list there, and what to do.

    `wrapped`, `field` and `known`: only those stay that this node does not have; `unused`:
    and that are not in use there.
    """

    what: str
    path: str
    advice: str
    wrapped: str = ""
    field: str = ""
    known: LiteralString = ""
    unused: bool = False


LEFT = (
    Left("workflows", "/workflows/index", "there are none here"),
    Left("scheduled tasks", "/tasks/index", "Brug has its own"),
    Left(
        "object templates that are not here", "/objectTemplates/index",
        "objects made with them come along, and no new ones can be made", "ObjectTemplate", "uuid",
        "SELECT uuid::text FROM object_template",
    ),
    Left(
        "taxonomies that are neither here nor in use", "/taxonomies/index",
        "switch those on that you want, or import them here", "Taxonomy", "namespace",
        "SELECT lower(namespace) FROM taxonomy", unused=True,
    ),
    Left(
        "warninglists that are neither here nor in use", "/warninglists/index",
        "switch those on that you want", "Warninglist", "name",
        "SELECT lower(name) FROM warninglist", unused=True,
    ),
)  # fmt: skip
# What no interface tells of others, or at all.
NOT_TOLD = (
    ("log entries", "keep the old database for as long as you need them"),
    ("one-time codes", "their users set them up again"),
    ("bookmarks and favourite tags", "their users make them again"),
    ("requests to take an event over", "settle them there first, or ask again here"),
    ("saved event graphs", "the drawings stay there"),
    ("event templates of a stock MISP", "its interface tells of none; make them again here"),
    (
        "allowed lists and import expressions of a stock MISP",
        "its interface tells of none; make them again here",
    ),
    ("news", "there are none here"),
)


def left_behind(misp: Misp, session: Session) -> list[Lost]:
    """Everything of the tables that there is, as far as the other side tells."""
    counted = [lost for row in LEFT if (lost := _lost(misp, session, row)) is not None]
    return counted + [Lost(what, None, advice) for what, advice in NOT_TOLD]


def _lost(misp: Misp, session: Session, row: Left) -> Lost | None:
    """How many of a kind stay behind, where the other side tells."""
    try:
        there = [unwrapped(item, row.wrapped) for page in misp.pages(row.path) for item in page]
    except Refused:
        return None
    if row.known:
        here = {known[0] for known in session.all(row.known)}
        there = [one for one in there if str(one.get(row.field)).lower() not in here]
    if row.unused:
        there = [one for one in there if one.get("enabled") is not True]
    return Lost(row.what, len(there), row.advice) if there else None
