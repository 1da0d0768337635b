# SPDX-License-Identifier: EUPL-1.2
"""What an advisory's file is called (5.1), and where it lies (7.1, requirement 11)."""

import re

from brug.formats.csaf.document import Tracking
from brug.formats.csaf.moments import moment

_OTHER = re.compile(r"[^+\-a-z0-9]+")
INVALID = "_invalid"
"""Marks the file of a document that is known not to be valid."""


def file_name(tracking_id: str, *, valid: bool = True) -> str:
    """The name of the file of the advisory with this id."""
    stem = _OTHER.sub("_", tracking_id.lower())
    return f"{stem}{'' if valid else INVALID}.json"


def path(tracking: Tracking) -> str:
    """Year and file name: the year is that of the first release, which never changes."""
    released = moment(tracking.initial_release_date)
    if released is None:
        raise ValueError("the initial release date is no time")
    return f"{released.year}/{file_name(tracking.id)}"
