# SPDX-License-Identifier: EUPL-1.2
"""What people said of an event in a document: sightings, notes and proposals, by what names them.

Sightings and notes (opinions and relationships as well) are named by their UUIDs. Proposals of
several people to change one attribute share its UUID; one is named by what it says.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from brug.bridges.gate.alike import ALIKE
from brug.bridges.gate.hop import NOTES, notes, rows
from brug.bridges.gate.parts import has_hanging
from brug.formats.misp.reading_attributes import read_proposals
from brug.intel.proposal.bringing_proposals import Saying, saying

Document = dict[str, Any]
# As messages name them -> where they are remembered.
COLUMNS = {"Sighting": "sightings", "Note": "notes", "ShadowAttribute": "proposals"}
HEX = 32  # of a UUID, and of what is kept of a digest
_encoder = msgspec.json.Encoder()


def said_in(document: Document) -> dict[str, list[str]]:
    """In hexadecimal; of a proposal its UUID with what it says."""
    found: dict[str, list[str]] = {name: [] for name in COLUMNS}
    for place, item in bearers(document):
        found["Sighting"] += [hex_of(one) for one in rows(item, "Sighting")]
        found["Note"] += [hex_of(one) for _, one in notes(item)]
        if item.get("ShadowAttribute"):
            found["ShadowAttribute"] += proposals(place, item, rows(item, "ShadowAttribute"))
    return found


def bearers(document: Document) -> Iterator[tuple[str, Document]]:
    """What something was said of, and the place of it as proposals are read there."""
    yield "", document
    yield from _attributes(document)
    for one in rows(document, "Object"):
        yield "", {name: one.get(name) for name in NOTES}
        yield from _attributes(one)
    for report in rows(document, "EventReport"):
        yield "", report


def _attributes(holder: Document) -> Iterator[tuple[str, Document]]:
    several = holder.get("Attribute")
    for one in several if isinstance(several, list) else ():
        if isinstance(one, dict) and ALIKE not in one and has_hanging(one):
            yield "Attribute", one


def proposals(place: str, item: Document, several: Iterable[Document]) -> Iterator[str]:
    """Those of an item that can be read and are open, as whoever gets them reads them."""
    still_open = [one for one in several if not one.get("deleted")]
    alone: Document = {"uuid": item.get("uuid"), "ShadowAttribute": still_open}
    for one in read_proposals({"Attribute": [alone]} if place else alone, []):
        uuid = one.attribute_uuid or one.uuid
        if uuid:
            yield uuid.replace("-", "") + digest(saying(uuid, one))


def proposals_in(text: str) -> Iterator[str]:
    """The same of what is remembered of them, one after the other."""
    return (text[at : at + 2 * HEX] for at in range(0, len(text), 2 * HEX))


def digest(what: Saying) -> str:
    """The first 16 bytes of SHA-256 over what a proposal says, in hexadecimal."""
    return hashlib.sha256(_encoder.encode(what)).hexdigest()[:HEX]


def hex_of(one: Document) -> str:
    """Its UUID."""
    return str(one.get("uuid", "")).replace("-", "").lower()
