# SPDX-License-Identifier: EUPL-1.2
"""How a tag relates to what carries it, and tags that do not go together.

`modifyTagRelationship` names the attachment, as the event's own JSON does; `runTaxonomy-
ExclusivityCheck` names what the exclusivity of taxonomies would not allow today.
"""

from collections.abc import Iterable
from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.event.showing import all_attributes
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.vocabulary.tag_targets import relationship
from brug.intel import loading
from brug.intel.label import tagging
from brug.intel.label.tagging import Kind
from brug.intel.vocabulary.taxonomies import Exclusive, exclusive
from brug.model.event import Tag
from brug.model.naming import number_in

ABSENT = (404, "Tag not found.")
_KINDS: dict[str, Kind] = {"event": "event", "attribute": "attribute"}


@endpoint(
    "tags", "modifyTagRelationship", methods=WRITE, right="tagger", changes=True,
    summary="Say how an attached tag relates to its event or attribute.",
    body={"relationship_type": "text"},
)  # fmt: skip
def modify(call: Call) -> Answer:
    kind, link = _KINDS.get(call.arg(0).lower()), number_in(call.arg(1))
    if kind is None or link is None:
        raise MispError(*ABSENT)
    with reaching(ABSENT):
        tagging.relate(call.session, kind, link, relationship(call.data("Tag")))
    return Answer(saved("Relationship updated.", call.path, str(link)))


@endpoint(
    "events", "runTaxonomyExclusivityCheck",
    shows=("event", "tag", "attribute"),
    probes=(("GET", "/events/runTaxonomyExclusivityCheck/{event}", None),),
    summary="The tags of an event and its attributes that exclude each other.",
)  # fmt: skip
def check(call: Call) -> Answer:
    with reaching((404, "Invalid event.")):
        event = loading.event(call.session, call.arg(0))
    found = []
    items = all_attributes(event)
    carried = {tag.name for one in items for tag in one.tags} | {tag.name for tag in event.tags}
    rules = exclusive(call.session, carried)
    clashes = _clashes(rules, event.tags)
    if clashes:
        found.append({"Event": {"id": str(event.head.id)}, "conflicts": clashes})
    for attribute in items:
        clashes = _clashes(rules, attribute.tags)
        if clashes:
            found.append({"Attribute": {"id": str(attribute.id)}, "conflicts": clashes})
    return Answer(found)


def _clashes(rules: Exclusive, tags: Iterable[Tag]) -> list[dict[str, Any]]:
    names = [tag.name for tag in tags]
    found = []
    for place, name in enumerate(names):
        rival = rules.conflict(names[:place], name)
        if rival is not None:
            found.append({"tags": [rival, name]})
    return found
