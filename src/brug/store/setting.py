# SPDX-License-Identifier: EUPL-1.2
"""One row of the registry of settings."""

from collections.abc import Callable
from typing import Literal

import msgspec

# A secret is stored sealed, is never shown again, and reads as SET or "".
Kind = Literal["text", "number", "flag", "list", "secret"]
Value = str | int | bool | list[str] | None
SET = "*"


class Setting(msgspec.Struct, frozen=True):
    """One row. `check` says what was expected where a value does not fit, else nothing."""

    name: str
    kind: Kind
    default: Value
    meaning: str
    misp: tuple[str, ...] = ()
    low: int = 0
    high: int = 2**31 - 1
    choices: tuple[str, ...] = ()
    check: Callable[[str], str | None] | None = None

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]
