# SPDX-License-Identifier: EUPL-1.2
"""Which attributes of an event's document something hangs on.

Most have nothing but their value. Whoever looks for groups, clusters, sightings, proposals or
notes in a document would else go through all of them, each for itself.
"""

from typing import Any

from brug.formats.misp.bare import Bare
from brug.model.analyst import KIND_NAMES

Json = dict[str, Any]
_HANGING = ("Galaxy", "SharingGroup", "Sighting", "ShadowAttribute", *KIND_NAMES)


def bearing(document: Json) -> Json:
    """The document with those of its attributes alone on which something hangs.

    A copy; the items in it are those of the document itself. Objects keep all that is in them.
    """
    attributes = document.get("Attribute")
    if not isinstance(attributes, list):
        return document
    few = [
        one for one in attributes
        if type(one) is not Bare and (not isinstance(one, dict) or any(map(one.get, _HANGING)))
    ]  # fmt: skip
    return {**document, "Attribute": few}
