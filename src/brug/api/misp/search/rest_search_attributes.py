# SPDX-License-Identifier: EUPL-1.2
"""`/attributes/restSearch`: attributes by filters, in JSON; other formats in `search_formats`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import msgspec

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.item import proposal_json
from brug.api.misp.relating import analyst_json
from brug.api.misp.search import hit_scores, search_documents, search_formats, search_request
from brug.api.misp.search.search_formats import Shape
from brug.api.misp.search.search_request import Asked
from brug.directory import organisations
from brug.formats.misp.searching import HitEventJson, HitJson
from brug.formats.misp.writing import moment, number
from brug.intel.decay import scoring
from brug.intel.decay.decaying import Score
from brug.intel.leaving import left_out
from brug.intel.proposal import proposals
from brug.intel.search import attributes, beside
from brug.intel.search.attributes import Found, FoundTag
from brug.store.session import Session

FORMATS = {"json", "xml", *search_formats.FORMATS, *search_documents.OF_ATTRIBUTES}
# More hits than these are fetched and written in batches of as many.
BATCH = 5_000


@endpoint(
    "attributes",
    "restSearch",
    shows=("event", "attribute", "tag", "proposal"),
    probes=(
        ("POST", "/attributes/restSearch", {"returnFormat": "json"}),
        ("GET", "/attributes/restSearch/limit:1000", None),
        ("POST", "/attributes/restSearch", {"returnFormat": "json", "includeProposals": 1}),
    ),
    summary="Attributes by filters, in many formats",
    body={"returnFormat": "json", "value": "text or %text%", "limit": "number"},
)
def rest_search(call: Call) -> Answer:
    asked = search_request.read(call, "attributes", FORMATS)
    if asked.format in search_formats.FORMATS:
        return search_formats.exported(call, asked, "attributes")
    if asked.format == "stix2":
        return search_documents.attributes(call, asked, _with_authors(call, asked))
    if asked.format == "attack-sightings":  # of events only; a stock MISP answers none
        return Answer([], headers=search_request.headers(asked, 0, "json"))
    if asked.format == "xml":
        return _in_batches(call, asked, search_formats.XML_ATTRIBUTES)
    if asked.filters.limit is None or asked.filters.limit > BATCH:
        first = msgspec.structs.replace(asked.filters, limit=BATCH, page=1)
        found, more = attributes.find(call.session, first)
        if more or asked.filters.page > 1:
            return _in_batches(call, asked, search_formats.JSON_ATTRIBUTES)
        more = False
    else:
        found, more = attributes.find(call.session, asked.filters)
    shown = list(hits(call.session, asked, _wanted(call.session, asked, found)))
    return Answer(
        {"response": {"Attribute": shown}},
        headers=search_request.headers(asked, len(shown) + more, "json"),
    )


def _wanted(session: Session, asked: Asked, found: list[Found]) -> list[Found]:
    """Without what is to be left out."""
    return left_out.kept(session, found, asked.filters)


def _with_authors(call: Call, asked: Asked) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Hits with the organisations that created their events."""
    session, authors = call.session, dict[int, dict[str, Any]]()
    for batch in attributes.stream(session, asked.filters, BATCH):
        found = _wanted(session, asked, batch)
        missing = sorted({hit.event_orgc_id for hit in found} - authors.keys())
        for one in organisations.of_ids(session, missing) if missing else []:
            authors[one.id] = {"uuid": one.uuid, "name": one.name}
        creators = {str(hit.id): hit.event_orgc_id for hit in found}
        for made in hits(session, asked, found):
            yield msgspec.to_builtins(made), authors[creators[made.id]]


def _in_batches(call: Call, asked: Asked, shape: Shape) -> Answer:
    count = 0

    def fill(out: IO[bytes]) -> None:
        nonlocal count
        out.write(shape.head)
        for batch in attributes.stream(call.session, asked.filters, BATCH):
            for hit in hits(call.session, asked, _wanted(call.session, asked, batch)):
                out.write(shape.between if count else b"")
                out.write(shape.item(hit))
                count += 1
        out.write(shape.tail)

    payload = call.exports.filled(fill)
    headers = search_request.headers(asked, count, asked.format)
    return Answer(payload, headers=headers, media_type=shape.media_type)


def hits(session: Session, asked: Asked, found: Sequence[Found]) -> Iterator[HitJson]:
    """Hits as MISP shows them, with what was asked beside them."""
    if not found:
        return
    tags = attributes.tags_of(session, [hit.id for hit in found])
    add = _Additions(session, asked, found)
    scored = add.scores(session, found, tags)
    for hit in found:
        if asked.wants("excludeDecayed") and hit_scores.are_all_decayed(scored.get(hit.id, ())):
            continue
        made = HitJson(
            str(hit.id), str(hit.event_id), str(hit.object_id), hit.object_relation, hit.category,
            hit.type, hit.to_ids, hit.uuid, str(hit.timestamp), str(hit.distribution),
            number(hit.sharing_group_id), hit.comment, hit.deleted, hit.disable_correlation,
            moment(hit.first_seen), moment(hit.last_seen), hit.value,
        )  # fmt: skip
        made.Event = HitEventJson(
            str(hit.event_org_id), str(hit.event_distribution), str(hit.event_publish_timestamp),
            str(hit.event_id), hit.event_info, str(hit.event_orgc_id), hit.event_uuid,
        )  # fmt: skip
        if hit.id in tags:
            made.Tag = [_tag(tag) for tag in tags[hit.id]]
        add.to(made, hit)
        if scored.get(hit.id):
            made.decay_score = hit_scores.shown(session, asked, scored[hit.id])
        yield made


def _tag(tag: FoundTag) -> dict[str, Any]:
    return {
        "id": str(tag.id), "name": tag.name, "colour": tag.colour,
        "numerical_value": tag.numerical_value, "is_galaxy": tag.is_galaxy, "local": tag.local,
    }  # fmt: skip


def _inherited(tag: FoundTag) -> dict[str, Any]:
    return {
        "id": str(tag.id), "name": tag.name, "colour": tag.colour,
        "numerical_value": tag.numerical_value, "inherited": 1,
    }  # fmt: skip


class _Additions:
    """What was asked beside hits, fetched once for all of them."""

    def __init__(self, session: Session, asked: Asked, found: Sequence[Found]) -> None:
        self._asked = asked
        wants = asked.wants
        events = sorted({hit.event_id for hit in found})
        self._data = beside.data(session, found) if wants("withAttachments") else {}
        self._sightings = beside.sightings_of(session, found) if wants("includeSightings") else None
        self._related = beside.related(session, found) if wants("includeCorrelations") else None
        self._warnings = beside.warnings(session, found) if wants("includeWarninglistHits") else {}
        # Scores rest on them, so MISP shows them with scores as well.
        self._inherits = wants("includeEventTags") or wants("includeDecayScore")
        needed = self._inherits or hit_scores.are_asked(asked)
        self._event_tags = attributes.tags_of_events(session, events) if needed else {}
        self._objects = beside.objects(session, found)
        ids = [hit.id for hit in found]
        self._proposals = proposals.of_attributes(session, ids) if wants("includeProposals") else {}
        uuids = [hit.uuid for hit in found]
        wanted = wants("includeAnalystData")
        self._said = analyst_json.of_attributes(session, uuids) if wanted else {}
        self._context = beside.context(session, events) if wants("includeContext") else {}

    def scores(
        self, session: Session, found: Sequence[Found], tags: Mapping[int, Sequence[FoundTag]]
    ) -> dict[int, list[Score]]:
        """By attribute; none where the search asks for none."""
        if not hit_scores.are_asked(self._asked):
            return {}
        used = hit_scores.models(session, self._asked)
        return scoring.scores(session, used, found, tags, self._event_tags)

    def to(self, made: HitJson, hit: Found) -> None:
        if hit.id in self._data:
            made.data = self._data[hit.id]
        if self._asked.wants("includeEventUuid"):
            made.event_uuid = hit.event_uuid
        if self._sightings is not None:
            made.Sighting = self._sightings.get(hit.id, [])
        if self._related is not None:
            made.RelatedAttribute = self._related.get(hit.id, [])
        if hit.event_id in self._context:
            made.Event = self._context[hit.event_id]
        if hit.object_id in self._objects:
            made.Object = self._objects[hit.object_id]
        inherited = self._event_tags.get(hit.event_id) if self._inherits else None
        if inherited:
            own = [] if made.Tag is msgspec.UNSET else made.Tag
            made.Tag = [*own, *(_inherited(tag) for tag in inherited)]
        if self._asked.wants("includeProposals"):
            made.ShadowAttribute = [
                proposal_json.beside_attribute(one) for one in self._proposals.get(hit.id, [])
            ]
        self._say(made)
        if hit.id in self._warnings:
            made.warnings = self._warnings[hit.id]

    def _say(self, made: HitJson) -> None:
        for name, several in self._said.get(("Attribute", made.uuid), {}).items():
            setattr(made, name, several)
