# SPDX-License-Identifier: EUPL-1.2
"""MISP's JSON of events or attributes -> the objects of a STIX 2.1 or 2.0 bundle, in order.

An attribute for detection whose type has a pattern is an indicator; one that has an
observable object is observed data; every other is `x-misp-attribute`. MISP objects are
`x-misp-object`, and what in them is for detection is an indicator beside it. Ids are made
of the UUIDs, so that the same event gives the same objects.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from brug.formats.stix import clusters, items, markings, patterns, remarks
from brug.formats.stix.package import TOOL
from brug.formats.stix.times import moment, since_until

Json = dict[str, Any]
Read = Mapping[str, Any]
# What an event does not hold itself, and what several may hold.
_SHARED = frozenset({"marking-definition", "identity"})
_CLUSTERS = frozenset(clusters.KINDS.values())
# When the identity of an organisation was made: nobody knows, so it is the same for all.
_FIRST = "2015-09-14T15:40:21.000Z"


class Bundle:
    """One bundle, written piece by piece; what several events share stands in it once."""

    def __init__(self, version: str) -> None:
        self.is_21 = version != "2.0"
        self._said: set[str] = set()
        # Of the event that is being written: what its items are called here, by UUID.
        self._refs: dict[str, str] = {}

    @property
    def head(self) -> Json:
        """What stands before the objects, but for the id."""
        return {"type": "bundle"} if self.is_21 else {"type": "bundle", "spec_version": "2.0"}

    def event(self, event: Read) -> Iterator[Json]:
        """Everything of an event; first the report or grouping that names the rest."""
        author = event["Orgc"]
        yield from self._identity(author)
        author_ref = self._ref("identity", author["uuid"])
        tags = [tag["name"] for tag in event.get("Tag") or []]
        marked, labels = self._marked(tags)
        made = self._holder(event, author_ref)
        inside, refs = [], dict[str, None]()
        for one in self._inside(event, author_ref, made["id"]):
            if one["type"] not in _SHARED:
                refs[one["id"]] = None
            if one["type"] in _CLUSTERS:
                if one["id"] in self._said:
                    continue
                self._said.add(one["id"])
            inside.append(one)
        made["object_refs"] = list(refs) or [author_ref]
        made["labels"] = ["Threat-Report", TOOL, *labels]
        self._mark(made, tags)
        yield made
        yield from inside
        yield from marked

    def attribute(self, attribute: Read, author: Read) -> Iterator[Json]:
        """One attribute alone."""
        yield from self._identity(author)
        yield from self._attribute(attribute, self._ref("identity", author["uuid"]))

    # Pieces -------------------------------------------------------------------------------

    def _inside(self, event: Read, author: str, holder: str) -> Iterator[Json]:
        self._refs = {}
        for attribute in event.get("Attribute") or []:
            yield from self._attribute(attribute, author)
        objects = event.get("Object") or []
        for misp_object in objects:
            yield from self._object(misp_object, author)
        when = moment(event.get("timestamp"))
        yield from clusters.objects(event.get("Galaxy") or [], self._start, when)
        for misp_object in objects:
            yield from self._references(misp_object)
        for report in (event.get("EventReport") or []) if self.is_21 else ():
            yield self._start("note", report["uuid"], **remarks.note(report, holder, author))

    def _start(self, kind: str, uuid: str, **fields: Any) -> Json:
        if self.is_21:
            made = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid}"}
        else:
            made = {"type": kind, "id": self._ref(kind, uuid)}
        made.update(fields)
        return made

    def _ref(self, kind: str, uuid: str) -> str:
        """An id. STIX 2.0 takes random UUIDs only: others give one that looks it."""
        if not self.is_21 and UUID(uuid).version != 4:
            uuid = str(UUID(bytes=uuid5(UUID(uuid), "2.0").bytes, version=4))
        return f"{kind}--{uuid}"

    def _identity(self, org: Read) -> Iterator[Json]:
        made = self._start("identity", org["uuid"])
        if made["id"] in self._said:
            return
        self._said.add(made["id"])
        made |= {"created": _FIRST, "modified": _FIRST, "name": org.get("name") or "-"}
        yield made | {"identity_class": "organization"}

    def _marked(self, tags: Iterable[str]) -> tuple[list[Json], list[str]]:
        """Definitions that were not said yet, and the tags that are labels."""
        new, labels = [], []
        for tag in tags:
            found = markings.definition(tag, is_21=self.is_21)
            if found is None:
                labels.append(tag)
            elif found["id"] not in self._said:
                self._said.add(found["id"])
                new.append(found)
        return new, labels

    def _mark(self, made: Json, tags: Iterable[str]) -> None:
        found = [markings.definition(tag, is_21=self.is_21) for tag in tags]
        if refs := [one["id"] for one in found if one]:
            made["object_marking_refs"] = list(dict.fromkeys(refs))

    def _holder(self, event: Read, author: str) -> Json:
        when = moment(event.get("timestamp"))
        published = bool(event.get("published"))
        kind = "report" if published or not self.is_21 else "grouping"
        made = self._start(
            kind, event["uuid"], created_by_ref=author, created=when, modified=when,
            name=event.get("info") or "-",
        )  # fmt: skip
        if kind == "grouping":
            made["context"] = "suspicious-activity"
        else:
            said = event.get("publish_timestamp")
            made["published"] = moment(said) if said and str(said) != "0" else when
            if self.is_21:
                made["report_types"] = ["threat-report"]
        return made

    def _attribute(self, a: Read, author: str, *, uuid: str = "") -> Iterator[Json]:
        """An attribute with its sightings; `uuid` where its own is kept in an object."""
        tags = [tag["name"] for tag in a.get("Tag") or ()]
        labels: list[str] = []
        if tags:
            marked, labels = self._marked(tags)
            yield from marked
        for one in self._as_objects(a, author, uuid or a["uuid"]):
            if "created" in one:
                one["labels"] = items.labels(a, *labels)
                self._mark(one, tags)
                self._refs[a["uuid"]] = one["id"]
            yield one
            if one["type"] in {"indicator", "observed-data"} and a.get("Sighting"):
                yield from self._sightings(a, one["id"])

    def _as_objects(self, a: Read, author: str, uuid: str) -> Iterator[Json]:
        when = moment(a.get("timestamp"))
        head = {"created_by_ref": author, "created": when, "modified": when}
        if a.get("to_ids"):
            if made := items.indicator(a, when, is_21=self.is_21):
                yield self._start("indicator", uuid, **head, **made)
                return
        elif (seen := patterns.observed(a["type"], *items.parts(a))) is not None:
            yield from self._observed(uuid, head, seen, since_until(a, when))
            return
        yield self._start("x-misp-attribute", uuid, **head, **items.custom(a))

    def _observed(
        self, uuid: str, head: Json, seen: Json, times: tuple[str, str]
    ) -> Iterator[Json]:
        since, until = times
        made = self._start(
            "observed-data", uuid, **head, first_observed=since,
            last_observed=max(since, until), number_observed=1,
        )  # fmt: skip
        if not self.is_21:
            yield made | {"objects": {"0": seen}}
            return
        kind = seen.pop("type")
        thing = self._start(kind, uuid, **seen)
        yield made | {"object_refs": [thing["id"]]}
        yield thing

    def _sightings(self, a: Read, ref: str) -> Iterator[Json]:
        for one in a["Sighting"]:
            kind, org = str(one.get("type")), one.get("Organisation") or {}
            org_ref = self._ref("identity", org["uuid"]) if org.get("uuid") else ""
            if kind == remarks.SEEN:
                made = self._start("sighting", one["uuid"], **remarks.sighting(one, ref))
                if org_ref:
                    made["where_sighted_refs"] = [org_ref]
            elif kind == remarks.FALSE_POSITIVE and self.is_21 and org_ref:
                said = remarks.opinion(one, ref, org, org_ref)
                made = self._start("opinion", one["uuid"], **said)
            else:
                continue
            if org_ref:
                yield from self._identity(org)
            yield made

    def _object(self, o: Read, author: str) -> Iterator[Json]:
        when = moment(o.get("timestamp"))
        tags = sorted({t["name"] for a in o.get("Attribute") or [] for t in a.get("Tag") or []})
        marked, labels = self._marked(tags)
        yield from marked
        made = self._start(
            "x-misp-object", o["uuid"], created_by_ref=author, created=when, modified=when,
            **items.custom_object(o),
        )  # fmt: skip
        made["labels"] += labels
        self._mark(made, tags)
        self._refs[o["uuid"]] = made["id"]
        yield made
        for a in o.get("Attribute") or []:
            if a.get("to_ids") and patterns.pattern(a["type"], *items.parts(a)):
                yield from self._attribute(a, author, uuid=str(uuid5(UUID(a["uuid"]), "stix")))

    def _references(self, o: Read) -> Iterator[Json]:
        """Those whose target stands here too."""
        for one in o.get("ObjectReference") or []:
            target = self._refs.get(one["referenced_uuid"])
            if target is not None and not one.get("deleted"):
                said = remarks.relationship(one, self._refs[o["uuid"]], target)
                yield self._start("relationship", one["uuid"], **said)
