# SPDX-License-Identifier: EUPL-1.2
"""The page of formats: which attribute types go where, from the tables that decide it."""

from __future__ import annotations

from brug.api.misp.search import rest_search_attributes, rest_search_events, rest_search_objects
from brug.formats.sensors.kinds import PIECES
from brug.formats.sensors.table import SENSORS
from brug.formats.stix.patterns import KINDS
from brug.model.marking import FORBIDDEN

PAGE = """# Formats

What a search finds can be had in these formats: `returnFormat` of `events/restSearch` and
`attributes/restSearch` on MISP's interface, `brug export --format`, and *Download* on the page of
an event. `objects/restSearch` gives {objects}.

Nothing that a value holds ends a rule, a record, an element or a line. A value that is not what
its type says is left out of files for sensors. An answer of any length is written in bounded
memory and sent when it is whole (settings `limits.exports_at_once`, `limits.export_bytes`).

| format | events | attributes | what it is |
|---|---|---|---|
"""
MEANINGS = {
    "json": "MISP's JSON", "xml": "MISP's XML",
    "csv": "MISP's CSV; `requested_attributes`, `includeContext`, `headerless`",
    "text": "values for detection of published events, one a line",
    "values": "values as the filters say, one a line (an addition)",
    "hashes": "hashes of files for detection, one a line",
    "cache": "MD5 of each value, one a line; with `includeEventUuid` its event behind a comma",
    "count": "how many there are",
    "stix2": "STIX 2.1, or 2.0 with `stix-version`",
    "stix": "STIX 1.1.1: JSON, or XML where that is accepted",
    "stix-json": "STIX 1.1.1 in JSON", "stix-xml": "STIX 1.1.1 in XML",
    "attack": "a layer for the ATT&CK Navigator (a stock MISP: HTML)",
    "attack-sightings": "sightings of ATT&CK techniques, one an event",
    "context": "tags and clusters with what they mean (a stock MISP: HTML)",
    "context-markdown": "the same, to read",
}  # fmt: skip
MARKINGS = """
## What markings keep out of files for sensors

The effective marking is the strictest on the attribute and its event, local tags too. Files for
sensors hold what is for detection (`to_ids`) of published events, and leave out:

| use | left out |
|---|---|
"""
PARAMETERS = """
No PAP marking means no limit. The parameters of the zone (`rpz`), with or without `rpz_` in front:
`policy` (`NXDOMAIN`, `NODATA`, `DROP`, `Local-Data`, `PASSTHRU`, `TCP-only`, or MISP's numbers),
`walled_garden`, `ns`, `ns_alt`, `email`, `serial`, `refresh`, `retry`, `expiry`, `minimum_ttl`,
`ttl`. Rules of `suricata` and `snort` begin at `sid` (1000000), ten for each attribute, so that an
attribute keeps its ids. Rules that somebody wrote (types `snort` and `yara`) are taken where they
are one whole rule that runs no code and touches no file; they always alert, whatever they said.
Written YARA rules need the compiler (`yara-x`) beside the node.

## Which types go where

| type | {names} | STIX pattern |
|---|{lines}---|
"""


def page() -> str:
    """The whole page."""
    known = {
        "events": rest_search_events.FORMATS, "attributes": rest_search_attributes.FORMATS,
    }  # fmt: skip
    meanings = MEANINGS | {name: form.meaning for name, form in SENSORS.items()}
    both = sorted(known["events"] | known["attributes"])
    rows = [
        f"| `{name}` | {_yes(name in known['events'])} | {_yes(name in known['attributes'])}"
        f" | {meanings[name]} |"
        for name in both
    ]
    uses = []
    for use, tags in FORBIDDEN.items():
        of = ", ".join(f"`{name}`" for name, form in SENSORS.items() if form.use == use)
        uses.append(f"| {use} ({of}) | {', '.join(sorted(tag.upper() for tag in tags))} |")
    head = PARAMETERS.format(names=" | ".join(SENSORS), lines="---|" * len(SENSORS))
    types = [_type(name) for name in sorted({*PIECES, *KINDS})]
    objects = ", ".join(f"`{name}`" for name in sorted(rest_search_objects.FORMATS))
    top = PAGE.format(objects=objects)
    return top + "\n".join(rows) + "\n" + MARKINGS + "\n".join(uses) + "\n" + head + "\n".join(
        [*types, ""]
    )  # fmt: skip


def _type(name: str) -> str:
    kinds = {piece.kind for piece in PIECES.get(name, ())}
    cells = " | ".join(_yes(bool(kinds & form.kinds)) for form in SENSORS.values())
    shown = name.replace("|", "\\|")
    return f"| `{shown}` | {cells} | {_yes(name in KINDS)} |"


def _yes(claim: bool) -> str:
    return "yes" if claim else ""
