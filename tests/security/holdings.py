# SPDX-License-Identifier: EUPL-1.2
"""What an organisation holds besides its events, made through the interface by its people."""

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from tests.security.asking import Ask
from tests.security.drawing import new_key
from tests.security.kinds import OURS

if TYPE_CHECKING:
    from tests.security.arena import Arena

HERE = 0  # seen by the own organisation
MODEL = {"lifetime": 30, "decay_speed": 2.3, "threshold": 30, "default_base_score": 80,
         "base_score_config": {}}  # fmt: skip


class Side(NamedTuple):
    """An organisation, who writes there, who administers it, and what all of it is called."""

    name: str
    writer: str
    admin: str
    mark: str


@cache
def key_of(who: str) -> str:
    """The OpenPGP key of a person."""
    return new_key(who)


class Asking:
    """Has things made, and shows what is there of the side's own."""

    def __init__(self, arena: "Arena", side: Side) -> None:
        self.arena = arena
        self.side = side
        self.mark = side.mark

    def made(self, path: str, body: Any = None, who: str | None = None) -> Any:
        answered = self.arena.ask(who or self.side.admin, Ask("POST", path, body or {}))
        assert answered.did, (path, body, answered)
        return answered.body

    def own(self, kind: str, number: int = 0) -> Any:
        return self.arena.items[self.side.name][kind][number]

    def of_all(self, kind: str, number: int = 0) -> Any:
        """Of what is everybody's."""
        return self.arena.items[OURS][kind][number]


def furnish(arena: "Arena", side: Side) -> None:
    asking = Asking(arena, side)
    for number in range(2):
        _said(asking, number)
        _kept(asking, number)
        _signer(asking, number)
    _boards(asking)
    _clusters(asking)
    _collections(asking)
    _bookmarks(asking)


def _said(asking: Asking, number: int) -> None:
    """A note on an event, an opinion on it, a relationship that leads away from it."""
    mark, level = asking.mark, {"distribution": HERE, "authors": f"{asking.mark} author"}
    event, attribute = asking.own("event")["uuid"], asking.own("attribute")["uuid"]
    note = asking.made(
        f"/analyst_data/add/Note/{event}/Event", {"note": f"{mark} note {number}", **level}
    )["Note"]["uuid"]
    opinion = {"opinion": 50, "comment": f"{mark} opinion {number}", **level}
    asking.made(f"/analyst_data/add/Opinion/{note}/Note", opinion)
    leads = {
        "relationship_type": f"{mark}-relation", "related_object_uuid": event,
        "related_object_type": "Event", **level,
    }  # fmt: skip
    asking.made(f"/analyst_data/add/Relationship/{attribute}/Attribute", leads)


def _kept(asking: Asking, number: int) -> None:
    """A graph of an event, a decaying model, a blueprint, tags that belong together."""
    mark, event = asking.mark, asking.own("event")["id"]
    graph = {"network_name": f"{mark} graph {number}", "network_json": f'{{"{mark}": []}}'}
    asking.made(f"/eventGraph/add/{event}", {"EventGraph": graph})
    asking.made(f"/events/addEventLock/{event}")
    named = {"name": f"{mark} model {number}", "description": mark, "formula": "Polynomial"}
    model = asking.made("/decayingModel/add", {**named, "all_orgs": False, "parameters": MODEL})
    model_id = model["data"]["DecayingModel"]["id"]
    link = f"/decayingModelMapping/linkAttributeTypeToModel/{model_id}"
    asking.made(link, {"attributetypes": ["domain"]})
    rules = {"OR": {"org_uuid": [asking.own("event")["uuid"]], "org_name": [mark]}}
    blueprint = {"name": f"{mark} blueprint {number}", "rules": rules}
    asking.made("/sharing_group_blueprints/add", blueprint)
    tags = {"name": f"{mark} tags {number}", "description": mark, "all_orgs": False}
    tagged = asking.made("/tag_collections/add", tags)["TagCollection"]["id"]
    asking.made(f"/tag_collections/addTag/{tagged}", {"tag": asking.own("tag")["id"]})
    form = {"name": f"{mark} form {number}", "description": mark, "tags": [asking.own("tag")["id"]]}
    made = asking.made("/templates/add", form)["Template"]["id"]
    asked = {"name": f"{mark} field", "type": "domain", "category": "Network activity"}
    asking.made(f"/templateElements/add/attribute/{made}", asked)


def _boards(asking: Asking) -> None:
    """A board of the administrator's for the organisation, and one of the writer's alone."""
    for who, selectable in ((asking.side.admin, True), (asking.side.writer, False)):
        board = [{"widget": "WhoamiWidget", "config": {"alias": asking.mark}}]
        asking.made("/dashboards/updateSettings", {"value": board}, who)
        named = {"name": f"{asking.mark} board", "selectable": selectable}
        asking.made("/dashboards/saveTemplate", named, who)


def _signer(asking: Asking, number: int) -> None:
    """A key that an event lists: the writer's on one, a new one on the other."""
    event = asking.own("event", number)["id"]
    text = new_key("another") if number else key_of(asking.side.writer)
    asking.made(f"/cryptographicKeys/add/Event/{event}", {"type": "pgp", "key_data": text})


def _clusters(asking: Asking) -> None:
    """A fork, a deleted one and an original; the fork is on an event and an attribute.

    In the second galaxy: the first one is deleted first.
    """
    mark, galaxy = asking.mark, asking.of_all("galaxy", 1)["id"]
    uuids = [str(uuid4()) for _ in range(3)]
    for number, uuid in enumerate(uuids):
        cluster = {
            "uuid": uuid, "value": f"{mark} cluster {number}", "description": mark,
            "source": mark, "authors": [mark], "distribution": HERE,
            "GalaxyElement": [{"key": "synonyms", "value": f"{mark} element"}],
        } | ({} if number else {"extends_uuid": uuids[2], "extends_version": 1})  # fmt: skip
        asking.made(f"/galaxy_clusters/add/{galaxy}", cluster)
    for target in (uuids[2], uuids[1]):
        relation = {
            "galaxy_cluster_uuid": uuids[0], "referenced_galaxy_cluster_uuid": target,
            "referenced_galaxy_cluster_type": f"{mark}-similar", "distribution": HERE,
        }  # fmt: skip
        asking.made("/galaxy_cluster_relations/add", relation)
    asking.made(f"/galaxy_clusters/delete/{uuids[1]}")
    for kind in ("event", "attribute"):
        path = f"/galaxies/attachCluster/{asking.own(kind)['id']}/{kind}"
        asking.made(path, {"Galaxy": {"target_id": uuids[0]}})


def _collections(asking: Asking) -> None:
    mark, events = asking.mark, [asking.own("event", number)["uuid"] for number in range(2)]
    for number in range(2):
        body = {"name": f"{mark} collection {number}", "type": "campaign", "description": mark,
                "distribution": HERE}  # fmt: skip
        made = asking.made("/collections/add", body)["Collection"]["id"]
        # The other event can still be put into it.
        element = {"element_uuid": events[number], "element_type": "Event", "description": mark}
        asking.made(f"/collection_elements/add/{made}", element)


def _bookmarks(asking: Asking) -> None:
    """A person's own, and one for the organisation."""
    for who in (asking.side.writer, asking.side.admin):
        for shown in (False, True):
            body = {
                "name": f"{asking.mark} bookmark", "url": f"https://{asking.mark}.example/",
                "comment": asking.mark, "exposed_to_org": shown,
            }  # fmt: skip
            asking.made("/bookmarks/add", body, who)
