# SPDX-License-Identifier: EUPL-1.2
"""Which versions of the native protocol are spoken, and which two nodes agree on.

A node speaks its own version and the one before. What two have agreed on never goes down
again by itself: whoever suddenly speaks an older one may be somebody who took its features
out on the way.
"""

from collections.abc import Collection

from brug.model.errors import BrugError

SPOKEN = (1,)


class NoCommonVersion(BrugError):
    """Two nodes have no version in common."""

    code = "no_common_version"
    status = 400

    def __init__(self, ours: Collection[int], theirs: Collection[int]) -> None:
        super().__init__(f"we speak {sorted(ours)} of the native protocol, they {sorted(theirs)}")
        self.public = f"version: expected one of {sorted(ours)} (got {sorted(theirs)[:20]})"


class Downgrade(BrugError):
    """A partner speaks an older version than was agreed."""

    code = "downgrade"
    status = 400

    def __init__(self, agreed: int, spoken: int) -> None:
        super().__init__(f"version {agreed} was agreed on, the partner now speaks {spoken}")
        self.public = f"version: expected {agreed}, which was agreed on, or higher (got {spoken})"


def agree(ours: Collection[int], theirs: Collection[int], agreed: int = 0) -> int:
    """The highest that both speak. Raises NoCommonVersion, and Downgrade below `agreed`."""
    common = set(ours) & set(theirs)
    if not common:
        raise NoCommonVersion(ours, theirs)
    if max(common) < agreed:
        raise Downgrade(agreed, max(common))
    return max(common)
