# SPDX-License-Identifier: EUPL-1.2
"""The campaign's records -> MISP events with UUIDs and times, as a tool would send them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec.structs import replace

from brug.cli.demo.campaign import Campaign, Event, Fact, Report, Seen, Series, Thing
from brug.cli.demo.drawing import Drawing
from brug.model.errors import Invalid
from brug.model.event import SHARING_GROUP

# Definitions of object templates by name, as their publisher wrote them.
Templates = Mapping[str, dict[str, Any]]


def uuid_of(*names: str) -> str:
    """The same for the same names, so that links can be written before events are sent."""
    return str(uuid5(NAMESPACE_URL, "/".join(("https://demo.example", *names))))


def events_of(campaign: Campaign) -> list[Event]:
    """The events and those of the series, oldest first."""
    whole = [*campaign.events, *(e for series in campaign.series for e in _of_series(series))]
    return sorted(whole, key=lambda event: -event.days)


def _of_series(series: Series) -> Iterator[Event]:
    facts = tuple(_turned(fact, turn) for turn in range(series.repeat) for fact in series.facts)
    for number, title in enumerate(series.titles):
        yield Event(
            key=f"{series.key}-{number + 1}",
            org=series.org,
            days=series.days - number * series.every,
            info=title,
            level=series.level,
            threat=series.threat,
            tags=series.tags,
            facts=facts,
            things=series.things,
        )


def _turned(fact: Fact, turn: int) -> Fact:
    """A seed that begins with # counts within one repetition."""
    return replace(fact, value=fact.value.replace(":#", f":~{turn} "))


def sightings_of(campaign: Campaign, now: datetime) -> list[Seen]:
    """The sightings with their values drawn."""
    drawing = Drawing("", now)
    return [replace(seen, value=drawing.fill(seen.value)) for seen in campaign.sightings]


def clock_of(key: str) -> str:
    """A time of day between seven and eighteen; the same for the same key."""
    drawn = UUID(uuid_of(key, "clock")).bytes
    return f"{7 + drawn[0] % 11:02}:{drawn[1] % 60:02}"


def templates_of(campaign: Campaign) -> list[str]:
    """The names of the templates that the campaign's objects follow."""
    return sorted({thing.template for event in events_of(campaign) for thing in event.things})


class Composer:
    """Makes the JSON of events, with times relative to `now`."""

    def __init__(self, templates: Templates, group_id: str, now: datetime) -> None:
        self._templates = templates
        self._group_id = group_id
        self._now = now

    def compose(self, event: Event) -> dict[str, Any]:
        """The event as POST /events/add takes it."""
        day = self._now - timedelta(days=event.days)
        drawing = Drawing(event.key, day)
        written = int(min(drawing.moment(clock_of(event.key)), self._now).timestamp()) - 300
        at = {"timestamp": written}
        return {
            "uuid": uuid_of(event.key),
            "info": drawing.fill(event.info),
            "date": day.date().isoformat(),
            "threat_level_id": event.threat,
            "analysis": event.analysis,
            **self._level(event.level),
            "published": not event.draft,
            **at,
            "publish_timestamp": 0 if event.draft else written + 240,
            **({"extends_uuid": uuid_of(event.extends)} if event.extends else {}),
            "Tag": [{"name": name} for name in event.tags],
            "Attribute": [self._fact(fact, drawing) | at for fact in event.facts],
            "Object": [
                self._thing(event, number, drawing, at) for number in range(len(event.things))
            ],
            "EventReport": [self._report(event, one, drawing) | at for one in event.reports],
        }

    def _level(self, level: int) -> dict[str, Any]:
        named = {"sharing_group_id": self._group_id} if level == SHARING_GROUP else {}
        return {"distribution": level, **named}

    def _fact(self, fact: Fact, drawing: Drawing) -> dict[str, Any]:
        more = fact.more
        made: dict[str, Any] = {
            "type": fact.type,
            "value": drawing.fill(fact.value),
            "comment": drawing.fill(fact.comment),
            **self._level(more.level),
            "Tag": [{"name": name} for name in more.tags],
        }
        if more.to_ids is not None:
            made["to_ids"] = more.to_ids
        if more.seen is not None:
            first, last = (drawing.moment(text) for text in more.seen)
            made |= {"first_seen": _iso(first), "last_seen": _iso(last)}
        return made

    def _thing(
        self, event: Event, number: int, drawing: Drawing, at: dict[str, Any]
    ) -> dict[str, Any]:
        thing = event.things[number]
        template = self._templates[thing.template]
        values = [
            self._value(thing, relation, drawing.fill(value)) | at
            for relation, given in thing.of.items()
            for value in ([given] if isinstance(given, str) else given)
        ]
        return {
            "uuid": uuid_of(event.key, thing.key or str(number)),
            "name": template["name"],
            "meta-category": template["meta-category"],
            "description": template.get("description", ""),
            "template_uuid": template["uuid"],
            "template_version": str(template["version"]),
            "comment": drawing.fill(thing.comment),
            **self._level(thing.level),
            **at,
            "Attribute": values,
            "ObjectReference": [
                {"referenced_uuid": uuid_of(event.key, key), "relationship_type": relation}
                for relation, key in thing.refers
            ],
        }

    def _value(self, thing: Thing, relation: str, value: str) -> dict[str, Any]:
        element = self._templates[thing.template]["attributes"].get(relation)
        if element is None:
            raise Invalid(f"{thing.template}.{relation}", "a relation of that template")
        made: dict[str, Any] = {
            "object_relation": relation,
            "type": element["misp-attribute"],
            "value": value,
        }
        if "to_ids" in element:
            made["to_ids"] = element["to_ids"]
        if element.get("categories"):
            made["category"] = element["categories"][0]
        if element.get("disable_correlation"):
            made["disable_correlation"] = True
        return made

    def _report(self, event: Event, report: Report, drawing: Drawing) -> dict[str, Any]:
        return {
            "uuid": uuid_of(event.key, report.name),
            "name": report.name,
            "content": drawing.fill(report.content),
            **self._level(report.level),
        }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
