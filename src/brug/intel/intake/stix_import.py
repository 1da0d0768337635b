# SPDX-License-Identifier: EUPL-1.2
"""Taking in a STIX document: an event of what it says, and the document beside, as it came."""

from base64 import b64encode

from brug.formats.json_text import decode
from brug.formats.misp.reading import read_event
from brug.formats.stix.package_reading import read_package
from brug.formats.stix.reading import Reading, read_bundle
from brug.intel.adding import Added, add
from brug.model.errors import Invalid
from brug.model.event import INHERIT, OWN_ORGANISATION
from brug.model.new_event import NewReport
from brug.store.session import Session

# Of the project `misp-objects`: the template for the file that an event was made of.
ORIGINAL = "4cd560e9-2cfe-40a1-9964-7b2e797ecac5"


def take_bundle(session: Session, document: bytes, name: str) -> Added:
    """A STIX 2 bundle. Raises Invalid, EventExists, Forbidden."""
    return _take(session, read_bundle(decode(document)), document, name)


def take_package(session: Session, document: bytes, name: str) -> Added:
    """A STIX 1 package. Raises Invalid, EventExists, Forbidden."""
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("body", "XML in UTF-8") from error
    return _take(session, read_package(text), document, name)


def _take(session: Session, reading: Reading, document: bytes, name: str) -> Added:
    raw = reading.event
    raw.setdefault("Object", []).append(_original(reading, document, name))
    new = read_event(raw)
    if reading.lost:
        listed = "\n".join(f"- {line}" for line in reading.lost)
        content = f"The file itself is attached. The event does not hold:\n\n{listed}\n"
        title = f"Not taken over from {name}"[:255]
        new.reports.append(NewReport(None, title, content, INHERIT))
    return add(session, new, keep_empty=True)


def _original(reading: Reading, document: bytes, name: str) -> dict[str, object]:
    data = b64encode(document).decode()
    return {
        "name": "original-imported-file",
        "meta-category": "file",
        "description": "Object describing the original file used to import data in MISP.",
        "template_uuid": ORIGINAL,
        "template_version": "2",
        # It holds all that the document does, whatever its parts are marked with: nobody else's.
        "distribution": OWN_ORGANISATION,
        "Attribute": [
            {"type": "attachment", "category": "External analysis", "value": name, "data": data,
             "object_relation": "imported-sample", "to_ids": False, "disable_correlation": True},
            {"type": "text", "category": "Other", "value": reading.version,
             "object_relation": "format", "to_ids": False, "disable_correlation": True},
        ],
    }  # fmt: skip
