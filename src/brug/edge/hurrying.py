# SPDX-License-Identifier: EUPL-1.2
"""Connections of httpx that end in time, whatever their other side does.

What the library is told is how long each of its steps may take: whoever sends a byte now and then
takes any number of them, and all the while whoever asked waits.
"""

from collections.abc import Callable, Mapping
from typing import Any

Told = Callable[[str, Mapping[str, Any]], None]
_MADE = (".connect_tcp.complete", ".start_tls.complete")


def within(left: Callable[[], float]) -> Told:
    """For the extension `trace` of a request: no step takes longer than is left then, in seconds;
    `left` raises where nothing is.
    """

    def told(name: str, info: Mapping[str, Any]) -> None:
        if name.endswith(_MADE):
            stream = info["return_value"]
            stream.read = _hurried(stream.read, left)
            stream.write = _hurried(stream.write, left)

    return told


def _hurried(step: Callable[..., Any], left: Callable[[], float]) -> Callable[..., Any]:
    def hurried(what: Any, timeout: float | None = None) -> Any:
        return step(what, left() if timeout is None else min(timeout, left()))

    return hurried
