# SPDX-License-Identifier: EUPL-1.2
"""TLP as STIX 2 marks objects: the definitions that are given, with the ids that are given.

STIX 2.1, 7.2.1.4 (TLP 1.0); FIRST's TLP 2.0 as the extension that OASIS published for it.
What a version has no definition for is said as a statement, never as something milder.
"""

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

Json = dict[str, Any]

_TLP_1 = {
    "white": "613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "green": "34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "f88d31f6-486f-44da-b317-01333bde0b82",
    "red": "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
_TLP_2 = {
    "clear": "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
}
_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


def definition(tag: str, *, is_21: bool) -> Json | None:
    """The marking of a tag; None for a tag that is no TLP marking."""
    namespace, colon, level = tag.strip().lower().partition(":")
    if namespace != "tlp" or not colon:
        return None
    if level in _TLP_1:
        made: Json = _marking(_TLP_1[level], "2017-01-20T00:00:00.000Z", is_21)
        made |= {"definition_type": "tlp", "definition": {"tlp": level}}
        return made | ({"name": f"TLP:{level.upper()}"} if is_21 else {})
    if level not in _TLP_2:
        return None
    if is_21:
        made = _marking(_TLP_2[level], "2022-10-01T00:00:00.000Z", is_21)
        extension = {"extension_type": "property-extension", "tlp_2_0": level}
        return made | {"name": f"TLP:{level.upper()}", "extensions": {_EXTENSION: extension}}
    made = _marking(_statement_id(level), "2022-10-01T00:00:00.000Z", is_21)
    return made | {"definition_type": "statement", "definition": {"statement": f"tlp:{level}"}}


def _statement_id(level: str) -> str:
    """The same for everyone, and of the version that STIX 2.0 takes."""
    return str(UUID(bytes=uuid5(NAMESPACE_URL, f"tlp:{level}").bytes, version=4))


def _marking(uuid: str, created: str, is_21: bool) -> Json:
    made: Json = {"type": "marking-definition"}
    if is_21:
        made["spec_version"] = "2.1"
    return made | {"id": f"marking-definition--{uuid}", "created": created}
