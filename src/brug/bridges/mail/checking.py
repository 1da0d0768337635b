# SPDX-License-Identifier: EUPL-1.2
"""Whether letters to partners can go: what `brug doctor` says of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from brug.bridges import agreements, partners
from brug.bridges.crossing import rows
from brug.bridges.mail import mailboxes
from brug.bridges.mail.mailboxes import Contact
from brug.bridges.partners import BridgeRow
from brug.store import outbox
from brug.store.session import Session


def problems(session: Session) -> Iterator[tuple[str, str]]:
    """Of each open bridge by mail what is found first, and what to do."""
    for bridge in partners.listed(session):
        if bridge.transport == "mail" and bridge.state == "open":
            found = _problem(session, bridge)
            if found is not None:
                yield f"{bridge.partner}: {found[0]}", found[1]


def _problem(session: Session, bridge: BridgeRow) -> tuple[str, str] | None:
    name = f"'{bridge.partner}'"
    if not outbox.is_set_up(session):
        return "no mail is set up", "`brug settings set mail.host HOST` and `mail.from ADDRESS`"
    several = mailboxes.contacts(session, bridge.id)
    if not several:
        return "there is no contact", f"`brug bridge mail contact {name} ADDRESS`"
    if agreements.in_force(session, bridge.id, datetime.now(UTC)) is None:
        return "no agreement is in force", f"`brug bridge agreement template {name}`"
    for one in several:
        problem = _of_contact(one)
        if problem:
            return f"{one.email}: {problem}", f"`brug bridge mail contact {name} {one.email}`"
    known = rows.progress(session).get(bridge.id)
    if known is not None and known.problem:
        return known.problem, f"`brug bridge retry {name}` once it is mended"
    return None


def _of_contact(contact: Contact) -> str:
    if contact.gpgkey and not contact.has_usable_key:
        return "the key has expired or was revoked"
    return contact.problem
