# SPDX-License-Identifier: EUPL-1.2
"""Attaching a cluster is attaching the tag that stands for it, which is made where it is new.

A tag made that way is known to those who see an item that carries it: the tag of a hidden
cluster tells nothing to others.
"""

from brug.intel.label import tagging, taglist
from brug.intel.label.tagging import LocalOnly, Target
from brug.intel.label.taglist import ListedTag
from brug.intel.label.tags import intern
from brug.intel.vocabulary.clusters import Cluster
from brug.model.errors import NotFound
from brug.model.new_event import NewTag
from brug.store.session import Session

COLOUR = "#0088cc"


def tag_of(session: Session, cluster: Cluster) -> ListedTag:
    """The tag of a cluster."""
    name = cluster.tag_name
    ids = intern(session, [NewTag(name, COLOUR)])
    try:
        return taglist.find(session, name)
    except NotFound:
        # It is there for those who see an item with it, and nobody here does yet.
        return ListedTag(
            ids[name], name, COLOUR, True, 0, 0, False, None, True, not cluster.is_default, False
        )


def attach(
    session: Session,
    target: Target,
    cluster: Cluster,
    *,
    local: bool = False,
    relationship: str | None = None,
) -> None:
    """Raises Forbidden, AlreadyAttached, LocalOnly."""
    if cluster.galaxy is not None and cluster.galaxy.local_only and not local:
        raise LocalOnly(f"galaxy {cluster.galaxy.id} is for this node only")
    tagging.attach(
        session,
        target,
        tag_of(session, cluster),
        local=local,
        relationship=relationship,
        exclusive=False,
    )
