# SPDX-License-Identifier: EUPL-1.2
"""security.txt (RFC 9116): where a hole in this node, or one that it coordinates, is reported.

There where the node takes reports from anyone (setting `cases.intake`), or publishes advisories
and says whom to ask about them. It is made when it is asked for, so that it never expires.
"""

from datetime import UTC, datetime, timedelta

from brug.cases import intake
from brug.cases.advisories import provider, publishing_party
from brug.cases.persons.letters import KEY_PAGE
from brug.directory import mail_keys
from brug.model.errors import NotFound
from brug.store import settings
from brug.store.session import Session

PATH = "/.well-known/security.txt"
VALID = timedelta(days=30)


class NoSecurityTxt(NotFound):
    """The node takes no reports from strangers."""

    code = "not_published"
    public = "This node takes no reports of vulnerabilities."


def document(session: Session) -> bytes:
    """The file. Raises NoSecurityTxt."""
    node = publishing_party.base_url(session)
    is_publishing = publishing_party.is_publishing(session)
    contacts = [f"{node}/report-vulnerability"] if intake.is_open(session) else []
    if is_publishing and (contact := str(settings.get(session, "advisories.contact"))):
        contacts.append(contact)
    if not contacts:
        raise NoSecurityTxt("cases.intake is off, and advisories have no contact")
    expires = (datetime.now(UTC) + VALID).strftime("%Y-%m-%dT00:00:00Z")
    key = intake.key_address(session)
    lines = [
        *(f"Contact: {one}" for one in contacts),
        *([f"Encryption: {key}"] if key else []),
        *([f"Encryption: {node}{KEY_PAGE}"] if mail_keys.current(session) else []),
        f"Expires: {expires}",
        "Preferred-Languages: en, nl",
        f"Canonical: {node}{PATH}",
        *([f"CSAF: {node}{provider.METADATA_PATH}"] if is_publishing else []),
    ]
    return ("\n".join(lines) + "\n").encode()
