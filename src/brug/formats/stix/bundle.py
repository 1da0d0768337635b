# SPDX-License-Identifier: EUPL-1.2
"""MISP's JSON of events or attributes -> the objects of a STIX 2.1 or 2.0 bundle, in order.

An attribute for detection whose type has a pattern is an indicator; one that has an
observable object is observed data; every other is `x-misp-attribute`. MISP objects are
`x-misp-object`, and what in them is for detection is an indicator beside it. Ids are made
of the UUIDs, so that the same event gives the same objects.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from brug.formats.stix import clusters, markings, patterns

Json = dict[str, Any]
Read = Mapping[str, Any]
TOOL = 'misp:tool="MISP-STIX-Converter"'
# What an event does not hold itself, and what several may hold.
_SHARED = frozenset({"marking-definition", "identity"})
_CLUSTERS = frozenset(clusters.KINDS.values())
_KNOWN_PATTERN_TYPES = {"yara": "yara", "snort": "snort", "sigma": "sigma"}


def moment(seconds: Any) -> str:
    """Seconds since 1970 as STIX writes a time."""
    return datetime.fromtimestamp(int(seconds or 0), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Bundle:
    """One bundle, written piece by piece; what several events share stands in it once."""

    def __init__(self, version: str) -> None:
        self.is_21 = version != "2.0"
        self._said: set[str] = set()

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
        inside, refs = [], dict[str, None]()
        for one in self._inside(event, author_ref):
            if one["type"] not in _SHARED:
                refs[one["id"]] = None
            if one["type"] in _CLUSTERS:
                if one["id"] in self._said:
                    continue
                self._said.add(one["id"])
            inside.append(one)
        made = self._holder(event, author_ref)
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

    def _inside(self, event: Read, author: str) -> Iterator[Json]:
        for attribute in event.get("Attribute") or []:
            yield from self._attribute(attribute, author)
        for misp_object in event.get("Object") or []:
            yield from self._object(misp_object, author)
        when = moment(event.get("timestamp"))
        yield from clusters.objects(event.get("Galaxy") or [], self._start, when)

    def _start(self, kind: str, uuid: str, **fields: Any) -> Json:
        made: Json = {"type": kind}
        if self.is_21:
            made["spec_version"] = "2.1"
        return made | {"id": self._ref(kind, uuid), **fields}

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
        fixed = "2015-09-14T15:40:21.000Z"
        yield made | {
            "created": fixed, "modified": fixed, "name": org.get("name") or "-",
            "identity_class": "organization",
        }  # fmt: skip

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
        tags = [tag["name"] for tag in a.get("Tag") or []]
        marked, labels = self._marked(tags)
        yield from marked
        for one in self._as_objects(a, author, uuid or a["uuid"]):
            if "created" in one:
                one["labels"] = [*_labels(a), *labels]
                self._mark(one, tags)
            yield one
            if not uuid and one["type"] in {"indicator", "observed-data"}:
                yield from self._sightings(a, one["id"])

    def _as_objects(self, a: Read, author: str, uuid: str) -> Iterator[Json]:
        when = moment(a.get("timestamp"))
        head = {"created_by_ref": author, "created": when, "modified": when}
        first, second = _parts(a)
        if a.get("to_ids"):
            if made := self._indicator(a, first, second):
                yield self._start("indicator", uuid, **head, **made)
                return
        elif (seen := patterns.observed(a["type"], first, second)) is not None:
            yield from self._observed(uuid, head, seen, _from_to(a))
            return
        made = {"x_misp_category": a["category"], "x_misp_type": a["type"]}
        made["x_misp_value"] = a.get("value", "")
        if a.get("comment"):
            made["x_misp_comment"] = a["comment"]
        yield self._start("x-misp-attribute", uuid, **head, **made)

    def _indicator(self, a: Read, first: str, second: str) -> Json:
        kind = _KNOWN_PATTERN_TYPES.get(a["type"]) if self.is_21 else None
        pattern = a.get("value", "") if kind else patterns.pattern(a["type"], first, second)
        if not pattern:
            return {}
        since, until = _from_to(a)
        made: Json = {"description": a["comment"]} if a.get("comment") else {}
        made |= {"pattern": pattern, "valid_from": since}
        if self.is_21:
            made |= {"pattern_type": kind or "stix", "indicator_types": ["malicious-activity"]}
            if not kind:
                made["pattern_version"] = "2.1"
        if until > since:
            made["valid_until"] = until
        phase = {"kill_chain_name": "misp-category", "phase_name": a["category"].lower()}
        return made | {"kill_chain_phases": [phase]}

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
        for one in a.get("Sighting") or []:
            if str(one.get("type")) != "0":
                continue
            when = moment(one.get("date_sighting"))
            made = self._start(
                "sighting", one["uuid"], created=when, modified=when, first_seen=when,
                last_seen=when, count=1, sighting_of_ref=ref,
            )  # fmt: skip
            if (org := one.get("Organisation") or {}).get("uuid"):
                yield from self._identity(org)
                made["where_sighted_refs"] = [self._ref("identity", org["uuid"])]
            yield made

    def _object(self, o: Read, author: str) -> Iterator[Json]:
        when = moment(o.get("timestamp"))
        inside = [
            {name: a[name] for name in ("type", "object_relation", "value", "uuid", "category",
                                        "to_ids") if a.get(name) is not None}
            for a in o.get("Attribute") or []
        ]  # fmt: skip
        tags = {tag["name"] for a in o.get("Attribute") or [] for tag in a.get("Tag") or []}
        marked, labels = self._marked(sorted(tags))
        yield from marked
        made = self._start(
            "x-misp-object", o["uuid"], created_by_ref=author, created=when, modified=when,
            x_misp_name=o.get("name") or "-", x_misp_meta_category=o.get("meta-category") or "misc",
            x_misp_attributes=inside,
        )  # fmt: skip
        meta = o.get("meta-category") or "misc"
        made["labels"] = [f'misp:name="{o.get("name")}"', f'misp:meta-category="{meta}"', *labels]
        if o.get("comment"):
            made["x_misp_comment"] = o["comment"]
        self._mark(made, sorted(tags))
        yield made
        for a in o.get("Attribute") or []:
            if a.get("to_ids") and patterns.pattern(a["type"], *_parts(a)):
                yield from self._attribute(a, author, uuid=str(uuid5(UUID(a["uuid"]), "stix")))


def _labels(a: Read) -> list[str]:
    found = [f'misp:type="{a["type"]}"', f'misp:category="{a["category"]}"']
    return [*found, 'misp:to_ids="True"'] if a.get("to_ids") else found


def _parts(a: Read) -> tuple[str, str]:
    value = str(a.get("value") or "")
    if "|" not in a["type"]:
        return value, ""
    first, _, second = value.partition("|")
    return first, second


def _from_to(a: Read) -> tuple[str, str]:
    """Since when, and until when ("" where nobody said)."""
    since, until = a.get("first_seen"), a.get("last_seen")
    return _time(since) or moment(a.get("timestamp")), _time(until)


def _time(text: Any) -> str:
    if not text:
        return ""
    found = datetime.fromisoformat(str(text)).astimezone(UTC)
    return found.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
