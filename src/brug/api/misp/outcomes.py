# SPDX-License-Identifier: EUPL-1.2
"""What becomes of a change to events and all that hangs on them, in MISP's words.

What is absent and what is hidden are one answer; what may be seen and not changed is
another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brug.api.misp.dispatch import Answer
from brug.api.misp.refusals import MispError, SaveFailed
from brug.intel.levels import GroupRefused
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, Invalid, NotFound

NOT_YOURS = (403, "You do not have permission to do that.")


@contextmanager
def reaching(absent: tuple[int, str], forbidden: tuple[int, str] = NOT_YOURS) -> Iterator[None]:
    """The endpoint's own words for an item that is not there, or not for the principal."""
    try:
        yield
    except NotFound as error:
        raise MispError(*absent) from error
    except Forbidden as error:
        raise MispError(*forbidden) from error


def errors_of(error: Invalid | GroupRefused) -> dict[str, list[str]]:
    """Texts by field."""
    if isinstance(error, Refused):
        return error.errors
    return {error.field: [error.public]}


@contextmanager
def saving(verb: str, model: str, url: str, item_id: Any = None) -> Iterator[None]:
    """A refused field becomes MISP's answer to a failed save."""
    try:
        yield
    except (Invalid, GroupRefused) as error:
        raise SaveFailed(verb, model, errors_of(error), url, item_id) from error


def not_saved(verb: str, model: str, errors: Any, url: str) -> Answer:
    """The same answer without undoing the transaction: refusals that are kept stay."""
    text = f"Could not {verb} {model}"
    payload = {"saved": False, "name": text, "message": text, "url": url, "errors": errors}
    return Answer(payload, 403)


def is_on(value: Any) -> bool:
    """A flag as paths and bodies carry it: 1, true, on; anything else is off."""
    return str(value).strip().lower() in {"1", "true", "yes", "on"}
