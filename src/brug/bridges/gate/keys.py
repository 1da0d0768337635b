# SPDX-License-Identifier: EUPL-1.2
"""Whether mail over a bridge can be encrypted to everybody it goes to."""

from brug.formats import openpgp
from brug.model.errors import Invalid
from brug.store.session import Session


def is_usable(key: str) -> bool:
    """Whether something can be encrypted to a key now: it may have expired since it was given."""
    try:
        openpgp.read(key)
    except Invalid:
        return False
    return True


def all_hold(session: Session, bridge_id: int) -> bool:
    """Whether each contact of a bridge has a key that can be used; no contacts have none."""
    found = session.all("SELECT gpgkey FROM mail_contact WHERE bridge_id = %s", (bridge_id,))
    return bool(found) and all(is_usable(row[0]) for row in found)
