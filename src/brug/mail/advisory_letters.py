# SPDX-License-Identifier: EUPL-1.2
"""The letter that an advisory concerns what an organisation runs.

Made in its reader's session, so that it tells of nothing that the reader does not see. Which
products are registered is in no letter; of an advisory that is not for the community or wider
it says the id alone.
"""

from brug.formats.letter import unbroken
from brug.mail.content import Cause, Content, Reader, address
from brug.model import tlp
from brug.store.session import Session

_LONGEST = 300


def concerning(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """None where the advisory, in that version, is not there any more for the reader."""
    if "count" in cause.details:
        parts = {
            "count": cause.details["count"], "link": address(session, "/cases/advisories/concerns"),
        }  # fmt: skip
        text = reader.say("advisories_text", **parts)
        return Content(reader.say("advisories_subject", **parts), _footed(reader, text))
    row = session.one(
        "SELECT id, tracking_id, title, publisher, tlp, severity, score, cves"
        " FROM catalogue_advisory WHERE namespace = %(namespace)s"
        " AND tracking_id = %(tracking_id)s AND version = %(version)s ORDER BY id DESC LIMIT 1",
        {name: str(cause.details.get(name)) for name in ("namespace", "tracking_id", "version")},
    )
    if row is None:
        return None
    number, tracking_id, title, publisher, label, severity, score, cves = row
    said = reader.say("advisory_hidden")
    if not tlp.is_above(label or "green", "green"):
        lines = [unbroken(title)[:_LONGEST], unbroken(publisher)[:_LONGEST], ", ".join(cves[:20])]
        lines += [f"CVSS {score} ({severity})"] if score is not None else []
        said = "\n".join(line for line in lines if line)
    parts = {
        "id": tracking_id, "said": said,
        "link": address(session, f"/cases/advisories/catalogue/{number}"),
    }  # fmt: skip
    text = reader.say("advisory_text", **parts)
    return Content(reader.say("advisory_subject", **parts), _footed(reader, text))


def _footed(reader: Reader, text: str) -> str:
    return f"{text}\n\n-- \n{reader.say('advisory_foot')}\n"
