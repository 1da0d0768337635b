# SPDX-License-Identifier: EUPL-1.2
"""What stands in the way of something, in words for whoever asked for it."""

from brug.model.errors import Conflict


class Refused(Conflict):
    """`says` is a sentence that can be translated, and `about` what it names: nothing but what
    whoever asked sent, or may know.
    """

    def __init__(self, says: str, **about: object) -> None:
        self.says, self.about = says, about
        self.public = says % about
        super().__init__(self.public)
