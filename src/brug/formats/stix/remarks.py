# SPDX-License-Identifier: EUPL-1.2
"""What is said about items of an event, in STIX 2: sightings, opinions, notes, relationships.

As MISP's converter writes them: a false positive is an opinion that disagrees strongly, a
report is a note on the event, a reference is a relationship. STIX 2.0 has neither opinions
nor notes: what would be one is left out there.
"""

import re
from collections.abc import Mapping
from typing import Any

from brug.formats.stix.times import moment

Json = dict[str, Any]
Read = Mapping[str, Any]
SEEN, FALSE_POSITIVE = "0", "1"
_NOT_IN_TYPES = re.compile(r"[^a-z0-9-]+")


def sighting(one: Read, ref: str) -> Json:
    """That something was seen, without where."""
    when = moment(one.get("date_sighting"))
    return {
        "created": when, "modified": when, "first_seen": when, "last_seen": when, "count": 1,
        "sighting_of_ref": ref,
    }  # fmt: skip


def opinion(one: Read, ref: str, author: Read, author_ref: str) -> Json:
    """That something was seen and was harmless."""
    when = moment(one.get("date_sighting"))
    return {
        "created": when, "modified": when, "explanation": "False positive Sighting",
        "authors": [author.get("name") or "-"], "opinion": "strongly-disagree",
        "object_refs": [ref], "x_misp_author_ref": author_ref,
    }  # fmt: skip


def note(report: Read, ref: str, author_ref: str) -> Json:
    """An event report."""
    when = moment(report.get("timestamp"))
    name = report.get("name") or "-"
    return {
        "created_by_ref": author_ref, "created": when, "modified": when, "abstract": name,
        "content": report.get("content") or name, "object_refs": [ref],
    }  # fmt: skip


def relationship(reference: Read, source: str, target: str) -> Json:
    """A reference between two things of an event. STIX 2.1, 5.1."""
    when = moment(reference.get("timestamp"))
    kind = _NOT_IN_TYPES.sub("-", str(reference.get("relationship_type") or "").lower())
    made = {
        "created": when, "modified": when,
        "relationship_type": kind.strip("-") or "related-to", "source_ref": source,
        "target_ref": target,
    }  # fmt: skip
    if reference.get("comment"):
        made["description"] = reference["comment"]
    return made
