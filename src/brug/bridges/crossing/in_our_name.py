# SPDX-License-Identifier: EUPL-1.2
"""Sightings that come in the name of this node's own organisation: its sensors say so themselves.

A partner leaves out what the receiver saw itself. Whoever sends such would have this node count
and pass on what nobody here ever saw.
"""

from typing import Any

from brug.bridges.gate.hop import rows
from brug.formats.misp.bearing import bearing

Document = dict[str, Any]
_BELOW = ("Attribute", "Object", "EventReport")


def strip(item: Document, host: str) -> None:
    """Takes them out of an event, or of what is said of one."""
    found = rows(item, "Sighting")
    kept = [one for one in found if not _is_of(one, host)]
    if len(kept) < len(found):
        item["Sighting"] = kept
    below = bearing(item)
    for name in _BELOW:
        for one in rows(below, name):
            strip(one, host)


def _is_of(one: Document, host: str) -> bool:
    org = one.get("Organisation")
    return isinstance(org, dict) and str(org.get("uuid", "")).lower() == host
