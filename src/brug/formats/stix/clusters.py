# SPDX-License-Identifier: EUPL-1.2
"""Galaxy clusters -> the STIX 2 objects that mean the same; others stay labels."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]

KINDS = {
    "mitre-attack-pattern": "attack-pattern",
    "mitre-course-of-action": "course-of-action",
    "mitre-intrusion-set": "intrusion-set",
    "mitre-malware": "malware",
    "mitre-tool": "tool",
    "threat-actor": "threat-actor",
    "malpedia": "malware",
    "ransomware": "malware",
    "rat": "malware",
    "stealer": "malware",
    "banker": "malware",
    "botnet": "malware",
    "backdoor": "malware",
    "tool": "tool",
}


def objects(
    galaxies: Iterable[Mapping[str, Any]], start: Callable[..., Json], when: str
) -> Iterator[Json]:
    """One object for each cluster of a known galaxy."""
    for galaxy in galaxies:
        kind = KINDS.get(str(galaxy.get("type")))
        if kind is None:
            continue
        for cluster in galaxy.get("GalaxyCluster") or []:
            made = start(
                kind, cluster["uuid"], created=when, modified=when, name=cluster.get("value") or "-"
            )
            if cluster.get("description"):
                made["description"] = cluster["description"]
            if kind == "malware" and "spec_version" in made:
                made["is_family"] = True
            made["labels"] = [
                f'misp:galaxy-name="{galaxy.get("name")}"',
                f'misp:galaxy-type="{galaxy.get("type")}"',
                str(cluster.get("tag_name") or ""),
            ]
            yield made
