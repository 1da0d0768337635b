# SPDX-License-Identifier: EUPL-1.2
"""Documents that were fetched and wait to be taken in: bounded in number and in bytes."""

import msgspec

from brug.cases.catalogue import taking
from brug.cases.catalogue.sources.documents import Wrong
from brug.cases.catalogue.sources.provider import Listed
from brug.cases.catalogue.taking import Came

AT_ONCE = 20


class Waiting(msgspec.Struct):
    """Documents that wait to be taken in together, with when their list says they changed."""

    said: dict[str, str] = {}
    came: list[Came] = []
    wrong: list[tuple[str, str, bytes]] = []
    size: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.said) >= AT_ONCE or self.size >= taking.BYTES_AT_ONCE

    def add(self, one: Listed, came: Came) -> None:
        self.came.append(came)
        self._count(one, came.raw)

    def refuse(self, one: Listed, error: Wrong) -> None:
        self.wrong.append((one.url, error.public, error.raw))
        self._count(one, error.raw)

    def _count(self, one: Listed, raw: bytes) -> None:
        self.said[one.url] = one.said or "-"
        self.size += len(raw)
