# SPDX-License-Identifier: EUPL-1.2
"""What a list of tags means to people: markings, clusters of galaxies, and the rest."""

import re
from collections.abc import Iterable

import msgspec

from brug.intel.vocabulary.clusters import clusters_by_tag
from brug.model.event import Tag
from brug.store.session import Session

_MARKING = re.compile(r"(tlp|pap):([a-z+_-]+)", re.IGNORECASE)
_GALAXY = re.compile(r'misp-galaxy:([^=]+)="(.+)"', re.IGNORECASE)


class Cluster(msgspec.Struct, frozen=True):
    """A tag that names a cluster: of which galaxy, which one."""

    galaxy: str
    name: str
    tag: Tag


class Context(msgspec.Struct):
    """Tags by what they are."""

    markings: list[str]
    clusters: list[Cluster]
    tags: list[Tag]


def named(session: Session, found: Context) -> Context:
    """With the names of clusters whose tags hold a UUID: a node's own, as far as one sees them."""
    own = [one.tag.name for one in found.clusters if one.tag.is_custom_galaxy]
    if own:
        known = clusters_by_tag(session, own)
        found.clusters = [
            msgspec.structs.replace(one, name=known[one.tag.name].value)
            if one.tag.name in known
            else one
            for one in found.clusters
        ]
    return found


def read(tags: Iterable[Tag]) -> Context:
    found = Context([], [], [])
    for tag in tags:
        if _MARKING.fullmatch(tag.name):
            found.markings.append(tag.name.upper())
        elif cluster := _GALAXY.fullmatch(tag.name):
            galaxy = cluster[1].replace("mitre-", "").replace("-", " ")
            found.clusters.append(Cluster(galaxy[:1].upper() + galaxy[1:], cluster[2], tag))
        else:
            found.tags.append(tag)
    return found
