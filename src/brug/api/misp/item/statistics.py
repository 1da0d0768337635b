# SPDX-License-Identifier: EUPL-1.2
"""`/attributes/attributeStatistics`, `/tags/tagStatistics`."""

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.refusals import MispError
from brug.intel.counting import statistics

_NO = frozenset({"", "0", "false", "null"})


@endpoint(
    "attributes",
    "attributeStatistics",
    shows=("attribute",),
    probes=(
        ("GET", "/attributes/attributeStatistics/type", None),
        ("GET", "/attributes/attributeStatistics/category", None),
    ),
    summary="How many attributes there are by type or category; a second word: as shares",
)
def attributes(call: Call) -> Answer:
    by = call.arg(0) or "type"
    if by not in statistics.BY:
        raise MispError(405, "Invalid type requested.")
    counts = statistics.attributes(call.session, by)
    if call.arg(1).lower() not in _NO:
        return Answer(statistics.percentages(counts))
    return Answer({name: str(number) for name, number in counts.items()})


@endpoint(
    "tags",
    "tagStatistics",
    shows=("tag",),
    probes=(("GET", "/tags/tagStatistics", None),),
    summary="On how many events each tag is; `true`: as shares; a second `true`: by name",
)
def tags(call: Call) -> Answer:
    counts = statistics.tags(call.session)
    if call.arg(1).lower() == "true":
        counts = dict(sorted(counts.items()))
    shown = {name: str(number) for name, number in counts.items()}
    if call.arg(0).lower() == "true":
        shown = statistics.percentages(counts)
    by_taxonomy = statistics.taxonomies(call.session)
    # PHP's empty dictionary is an empty list.
    return Answer(
        {
            "tags": shown or [],
            "taxonomies": {name: str(number) for name, number in by_taxonomy.items()} or [],
        }
    )
