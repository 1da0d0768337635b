# SPDX-License-Identifier: EUPL-1.2
"""`/attributes/describeTypes`: types, categories and presets, encoded once a process."""

from functools import cache

import msgspec

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.model import attribute_types


@cache
def _encoded() -> bytes:
    return msgspec.json.encode({"result": attribute_types.describe_types()})


@endpoint(
    "attributes",
    "describeTypes",
    shows=("vocabulary",),
    probes=(("GET", "/attributes/describeTypes", None),),
    summary="The attribute types with their categories and presets",
)
def describe_types(_: Call) -> Answer:
    return Answer(_encoded())
