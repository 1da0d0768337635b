# SPDX-License-Identifier: EUPL-1.2
"""What is released now, by label: rows for lists, and the bytes of each file.

A session sees what its user may have (store/schema/71_advisories.sql); the node itself reads for
everyone, so each question here names its label. RED stands on no shelf.
"""

from datetime import datetime
from typing import Any

import msgspec

from brug.formats.csaf.document import Label
from brug.store.session import Session

SHELVES: tuple[Label, ...] = ("WHITE", "GREEN", "AMBER")
_KINDS = {"sha256": "text/plain", "sha512": "text/plain", "asc": "application/pgp-signature"}


class Shelved(msgspec.Struct, frozen=True):
    """A released advisory, as lists name it."""

    tracking_id: str
    path: str
    title: str
    summary: str
    first_released: datetime
    released: datetime

    @property
    def year(self) -> str:
        return self.path.partition("/")[0]


class Content(msgspec.Struct, frozen=True):
    """A file as it is served."""

    media_type: str
    raw: bytes


def state(session: Session, label: Label) -> int:
    """Changes with whatever changes on a shelf; 0 where it is empty."""
    found = session.one(
        "SELECT max(number), count(*) FROM advisory_release WHERE is_current AND label = %s",
        (label,),
    )
    number, count = found or (None, 0)
    return 0 if number is None else number * 2**20 + count


def emptied(session: Session, label: Label) -> datetime:
    """When the last advisory left a shelf on which nothing is; when the node began, if none did.
    By the system: others do not see what stood there.
    """
    found: datetime = session.value(
        "SELECT coalesce((SELECT max(left_at) FROM (SELECT label, lead(released)"
        "   OVER (PARTITION BY advisory_id ORDER BY number) AS left_at FROM advisory_release)"
        " AS stood WHERE label = %s), (SELECT min(made) FROM node_key))",
        (label,),
    )
    return found


def updated(session: Session) -> datetime | None:
    """When any shelf last changed."""
    found: datetime | None = session.value(
        "SELECT max(released) FROM advisory_release WHERE is_current AND label = ANY (%s)",
        (list(SHELVES),),
    )
    return found


def listed(
    session: Session, label: Label, known: dict[int, Shelved] | None = None
) -> list[Shelved]:
    """The current release of each advisory, the last released first.

    `known` are those read before, by their number: only others are read, and it then holds these.
    """
    known = {} if known is None else known
    numbers = [
        row[0]
        for row in session.all(
            "SELECT number FROM advisory_release WHERE is_current AND label = %s"
            " ORDER BY released DESC, number DESC",
            (label,),
        )
    ]
    fresh = [number for number in numbers if number not in known]
    rows = session.all(
        "SELECT number, tracking_id, path, title, summary, first_released, released"
        " FROM advisory_release WHERE number = ANY (%s)",
        (fresh,),
    ) if fresh else []  # fmt: skip
    known |= {row[0]: Shelved(*row[1:]) for row in rows}
    for number in known.keys() - set(numbers):
        del known[number]
    return [known[number] for number in numbers]


def file(session: Session, label: Label, path: str) -> Content | None:
    """An advisory, or what lies beside it: a digest, or the signature."""
    stem, _, ending = path.rpartition(".")
    wanted = stem if ending in _KINDS else path
    row: Any = session.one(
        "SELECT raw, sha256, sha512, signature FROM advisory_release"
        " WHERE is_current AND label = %s AND path = %s",
        (label, wanted),
    )
    if row is None:
        return None
    name = wanted.rpartition("/")[2]
    raw, sha256, sha512, signature = row
    if ending == "asc":
        return Content(_KINDS[ending], str(signature).encode())
    if ending in _KINDS:
        digest = sha256 if ending == "sha256" else sha512
        return Content(_KINDS[ending], f"{digest}  {name}\n".encode())
    return Content("application/json", bytes(raw))
