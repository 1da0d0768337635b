# SPDX-License-Identifier: EUPL-1.2
"""Import rules: paths that say where Windows happens to be installed.

MISP ships a list of such rules, edited by its administrator; these are the ones whose
effect has been measured. They hold at the start of a value only: a command line or a
report quotes its paths as they were.
"""

import re
from collections.abc import Callable

_RULES: tuple[tuple[Callable[[str], re.Match[str] | None], str], ...] = (
    (re.compile(r"[a-z]:\\windows\\", re.IGNORECASE | re.ASCII).match, "%WINDIR%\\"),
    (re.compile(r"\\registry\\machine\\", re.IGNORECASE | re.ASCII).match, "HKLM\\"),
)


def rewrite(value: str) -> str:
    r"""`C:\Windows\x.exe` is `%WINDIR%\x.exe`; applied by `check` to every type."""
    for found_in, replacement in _RULES:
        if found := found_in(value):
            return replacement + value[found.end() :]
    return value
