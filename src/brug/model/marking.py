# SPDX-License-Identifier: EUPL-1.2
"""What a marking forbids a sensor: TLP 2.0 and PAP, as tags say them.

The effective marking is the strictest on the item and its parents, so one tag that forbids
is enough. Unmarked is not marked. PAP (Permissible Actions Protocol): RED is for no system
that acts on traffic, AMBER allows to alert and not to block. TLP:RED is for named people;
a sensor's file is read by whoever runs the sensor.
"""

from typing import Literal

Use = Literal["alert", "block"]

# What a partner recalled and is kept here for a legal reason.
RECALLED = "brug:recalled"
# What should have gone after its time and is kept here for a legal reason.
KEPT = "brug:kept"

FORBIDDEN: dict[Use, frozenset[str]] = {
    "alert": frozenset({"tlp:red", "pap:red", RECALLED, KEPT}),
    "block": frozenset({"tlp:red", "pap:red", "pap:amber", RECALLED, KEPT}),
}


def forbids(tag: str, use: Use) -> bool:
    """Whether a tag keeps its item out of files of a use."""
    return tag.strip().lower() in FORBIDDEN[use]
