# SPDX-License-Identifier: EUPL-1.2
"""What the pages of the room have in common: its tabs, who may look, what kinds there are."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from brug.cases.acts import Marked
from brug.cases.files import File
from brug.cases.kinds import KINDS
from brug.model.errors import Forbidden
from brug.web import navigation
from brug.web.rendering import moment
from brug.web.visit import Visit

BASE = "/cases"
ONE = BASE + "/{key:str}"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,40}")
_SOONEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def tabs_of(visit: Visit) -> list[navigation.Link]:
    return navigation.tabs(navigation.CASES, visit.principal, visit.path, visit.gettext)


def require_reader(visit: Visit) -> None:
    """Raises Forbidden for whoever has neither the right nor a part in any case."""
    if not visit.takes_part:
        raise Forbidden(f"{visit.principal.email} takes part in no case")


def require_opener(visit: Visit) -> None:
    """Raises Forbidden for whoever may not open cases."""
    if not visit.principal.may("case"):
        raise Forbidden(f"{visit.principal.email} may not open cases")


def place(file: File) -> str:
    """The address of a case."""
    return place_of(file.number, file.uuid)


def place_of(number: str, uuid: str) -> str:
    """By the number that people say, where that fits into an address."""
    fits = _PLAIN.fullmatch(number) and number not in {".", ".."}
    return f"{BASE}/{quote(number) if fits else uuid}"


def kind_title(visit: Visit, key: str) -> str:
    return visit.gettext(KINDS[key].title) if key in KINDS else key


def state_title(visit: Visit, file: File) -> str:
    """Of the first machine of its kind, which lists show."""
    states: Mapping[str, str] = KINDS[file.kind].machines[0].states if file.kind in KINDS else {}
    return visit.gettext(states[file.state]) if file.state in states else file.state


def labels(marking: Marked | File) -> list[str]:
    """TLP and PAP as chips show them."""
    pairs = (("TLP", marking.tlp), ("PAP", marking.pap))
    return [f"{scheme}:{label}".upper() for scheme, label in pairs if label]


def when(text: str) -> datetime | None:
    """A time that an entry states; none where no calendar of people has it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment(at) if at.tzinfo and _SOONEST <= at < _LATEST else None


def is_past(text: str) -> bool:
    at = when(text) if text else None
    return at is not None and at < datetime.now(UTC)
