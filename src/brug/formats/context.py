# SPDX-License-Identifier: EUPL-1.2
"""What events are about, for people and for ATT&CK's tools: markdown, JSON, a layer.

Markdown shows values as text: nothing in them becomes a heading, a link or HTML.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

Json = dict[str, Any]


class Use(NamedTuple):
    """A tag, and how many events it is on."""

    name: str
    colour: str
    events: int


class ClusterOf(NamedTuple):
    """A galaxy's cluster."""

    id: int
    tag: str
    value: str
    description: str
    galaxy: str
    galaxy_description: str


class Told(NamedTuple):
    """Tags with what they mean: taxonomies by namespace, meanings by tag, clusters."""

    uses: list[Use]
    taxonomies: dict[str, str]
    meanings: dict[str, str]
    clusters: list[ClusterOf]


class Technique(NamedTuple):
    """A technique of ATT&CK, and how many events speak of it."""

    id: str
    name: str
    events: int


_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|>~=-])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
SHORTENED = 300


def plain(text: str, longest: int = SHORTENED) -> str:
    """A text in markdown that is only a text, on one line."""
    shown = " ".join(text.split())
    if len(shown) > longest:
        shown = shown[:longest] + "..."
    shown = "".join(c if c.isprintable() else "\ufffd" for c in shown)
    return _SPECIAL.sub(r"\\\1", shown).translate(_ENTITIES).replace("\\&gt;", "&gt;")


def markdown(told: Told, base_url: str) -> str:
    """The aggregated context."""
    made = ["# Aggregated context data", "## Tags and Taxonomies"]
    for space, uses in _by_namespace(told):
        made.append(f"#### {plain(space)}")
        if said := told.taxonomies.get(space.lower()):
            made.append(f"*{plain(said, 2_000)}*")
        for use in uses:
            meaning = told.meanings.get(use.name.lower(), "")
            made.append(f"- {plain(use.name)}" + (f": {plain(meaning)}" if meaning else ""))
    made.append("## Galaxy Clusters")
    galaxy = None
    for one in told.clusters:
        if one.galaxy != galaxy:
            galaxy = one.galaxy
            made += [f"#### {plain(one.galaxy)}", f"*{plain(one.galaxy_description)}*"]
        url = f"{base_url}/galaxy_clusters/view/{one.id}"
        made += [f"- [{plain(one.value)}]({url})", f"  {plain(one.description)}"]
    return "\n".join(made) + "\n"


def document(told: Told) -> Json:
    """The same as JSON."""
    return {
        "Taxonomy": [
            {
                "namespace": space,
                "description": told.taxonomies.get(space.lower(), ""),
                "Tag": [
                    {"name": u.name, "colour": u.colour, "events": u.events,
                     "description": told.meanings.get(u.name.lower(), "")}
                    for u in uses
                ],
            }
            for space, uses in _by_namespace(told)
        ],
        "GalaxyCluster": [
            {"id": str(c.id), "tag_name": c.tag, "value": c.value, "description": c.description,
             "galaxy": c.galaxy}
            for c in told.clusters
        ],
    }  # fmt: skip


def _by_namespace(told: Told) -> Iterator[tuple[str, list[Use]]]:
    spaces: dict[str, list[Use]] = {}
    for use in told.uses:
        if not use.name.startswith("misp-galaxy:"):
            space = use.name.partition(":")[0] if ":" in use.name else "Custom tags"
            spaces.setdefault(space, []).append(use)
    yield from spaces.items()


def layer(techniques: Iterable[Technique], name: str) -> Json:
    """A layer for the ATT&CK Navigator (layer format 4.5); the score is the number of events."""
    found = list(techniques)
    return {
        "name": name,
        "versions": {"layer": "4.5", "navigator": "5.0.0"},
        "domain": "enterprise-attack",
        "description": "Techniques in the events that a search found",
        "techniques": [
            {"techniqueID": t.id, "score": t.events, "comment": t.name, "enabled": True}
            for t in found
        ],
        "gradient": {
            "colors": ["#ffffff", "#b22222"],
            "minValue": 0,
            "maxValue": max((t.events for t in found), default=1),
        },
    }


def technique_sightings(found: Iterable[tuple[str, int, list[str]]]) -> Iterator[bytes]:
    """A list of technique sightings, as the ATT&CK Sightings project takes them."""
    yield b"["
    between = b""
    for uuid, seconds, ids in found:
        when = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        one = {
            "id": uuid, "sightingType": "direct-technique-sighting", "startTime": when,
            "endTime": when, "detectionType": "raw",
            "techniques": [{"techniqueID": one} for one in ids],
        }  # fmt: skip
        yield between + msgspec.json.encode(one)
        between = b","
    yield b"]"
