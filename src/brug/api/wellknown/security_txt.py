# SPDX-License-Identifier: EUPL-1.2
"""security.txt (RFC 9116): where a hole in this node, or one that it coordinates, is reported.

There where the node takes reports from anyone (setting `cases.intake`). It is made when it is
asked for, so that it never expires.
"""

from datetime import UTC, datetime, timedelta

from brug.cases import intake
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
    if not intake.is_open(session):
        raise NoSecurityTxt("cases.intake is off")
    node = str(settings.get(session, "node.url")).rstrip("/")
    expires = (datetime.now(UTC) + VALID).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: {node}/report-vulnerability",
        f"Expires: {expires}",
        "Preferred-Languages: en, nl",
        f"Canonical: {node}{PATH}",
    ]
    return ("\n".join(lines) + "\n").encode()
