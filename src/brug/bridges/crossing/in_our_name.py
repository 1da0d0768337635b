# SPDX-License-Identifier: EUPL-1.2
"""Sightings that come in the name of this node's own organisation: its sensors say so themselves.

A partner leaves out what the receiver saw itself. Whoever sends such would have this node count
and pass on what nobody here ever saw.
"""

from brug.bridges.crossing import reading
from brug.bridges.crossing.reading import Document
from brug.bridges.gate.hop import rows
from brug.formats.misp.bearing import bearing


def strip(document: Document, host: str) -> None:
    """Takes them out of an event, or of what is said of one."""
    bearers = bearing(document)
    for one in (*reading.items(bearers), *rows(bearers, "Object"), *rows(bearers, "EventReport")):
        reading.leave_out_sightings_by(one, host)
    reading.leave_out_sightings_by(document, host)
