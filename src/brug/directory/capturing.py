# SPDX-License-Identifier: EUPL-1.2
"""Organisations that come along with what others send: known by UUID, made where new."""

from brug.model.event import OrganisationRef
from brug.store.session import Session


def capture(session: Session, named: OrganisationRef) -> int:
    """The number of an organisation that a synchronising user or site admin brings.

    One that is new here is not of this node; a name that another one has already is told
    apart by the beginning of the UUID, as two organisations may share a name.
    """
    found = session.value("SELECT capture_organisation(%s, %s)", (named.uuid, named.name))
    return int(found)


class Capturing:
    """The same for several items, each organisation asked once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: dict[tuple[str, str], int] = {}

    def of(self, named: OrganisationRef) -> int:
        known = named.uuid, named.name
        if known not in self._ids:
            self._ids[known] = capture(self._session, named)
        return self._ids[known]
