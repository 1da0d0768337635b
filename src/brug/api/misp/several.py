# SPDX-License-Identifier: EUPL-1.2
"""Several things that one request names: a list, the JSON text of one, or a single one.

Clients of MISP send all three. More than a route takes is refused, never cut off.
"""

from collections.abc import Iterable
from typing import Any

from brug.formats.json_text import decode
from brug.formats.misp import coercion
from brug.model.errors import Invalid
from brug.model.naming import number_in

MOST = 10_000


def from_text(field: str, value: Any) -> Any:
    """What a text of JSON says; anything but a text is itself. Raises Invalid."""
    if not isinstance(value, str):
        return value
    try:
        return decode(value.encode())
    except Invalid as error:
        raise Invalid(field, "JSON", coercion.start_of(value)) from error


def several(field: str, value: Any, most: int = MOST) -> list[Any]:
    """The things that are named; none where nothing is said. Raises Invalid."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = from_text(field, value)
    found = value if isinstance(value, list) else [] if value in (None, "") else [value]
    if len(found) > most:
        raise Invalid(field, f"at most {most} at once")
    return found


def texts(field: str, value: Any, most: int = MOST) -> list[str]:
    """The same as texts, without what is empty. Raises Invalid."""
    found = (coercion.text(field, one).strip() for one in several(field, value, most))
    return [one for one in found if one]


def numbers(named: Iterable[str]) -> list[int]:
    """Those of some texts that are numbers."""
    return [number for one in named if (number := number_in(one)) is not None]
