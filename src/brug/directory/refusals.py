# SPDX-License-Identifier: EUPL-1.2
"""Why the directory refuses a change: by field and reason, so that each interface words it."""

from brug.model.errors import Conflict, Invalid


class Refused(Invalid):
    """A field does not fit; `reason` is one word, of which interfaces make their sentence."""

    code = "refused"

    def __init__(self, field: str, reason: str, expected: str, start: str = "") -> None:
        super().__init__(field, expected, start)
        self.reason = reason
        self.start = start[:60]


class InUse(Conflict):
    """Other things stand on the item: it can not be removed."""

    code = "in_use"
    public = "This is in use and can not be removed."
