# SPDX-License-Identifier: EUPL-1.2
"""`/tag_collections`: tags that are attached together; `/favourite_tags`: a user's own."""

from collections.abc import Sequence
from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.vocabulary.tag_targets import listed as named_tags
from brug.formats.misp import coercion
from brug.intel.label import tag_collections, taglist
from brug.intel.label.tag_collections import TagCollection
from brug.intel.vocabulary.clusters_as_misp import galaxies_by_tag
from brug.model.errors import Invalid, NotFound

ABSENT = (404, "Invalid tag collection.")
NOT_YOURS = (403, "You dont have a permission to do that")


def _own(found: TagCollection, *, user: bool) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "uuid": found.uuid,
        **({"user_id": str(found.user_id)} if user else {}),
        "org_id": str(found.org_id),
        "name": found.name,
        "description": found.description,
        "all_orgs": found.all_orgs,
    }


def _all_whole(call: Call, several: Sequence[TagCollection]) -> list[dict[str, Any]]:
    """Collections with their tags, and the galaxies that these stand for."""
    names = sorted({tag.name for one in several for tag in one.tags if tag.is_galaxy})
    galaxies = galaxies_by_tag(call.session, names) if names else {}
    return [_whole(one, galaxies) for one in several]


def _whole(found: TagCollection, galaxies: dict[str, Any]) -> dict[str, Any]:
    return {
        "TagCollection": _own(found, user=False),
        "Organisation": {
            "id": str(found.org_id), "name": found.org_name, "uuid": found.org_uuid,
        },
        "TagCollectionTag": [
            {
                "id": str(one.id),
                "tag_collection_id": str(found.id),
                "tag_id": str(one.tag_id),
                "Tag": {"id": str(one.tag_id), "name": one.name, "colour": one.colour},
            }
            for one in found.tags
        ],
        "Galaxy": [galaxies[one.name] for one in found.tags if one.name in galaxies],
    }  # fmt: skip


@endpoint(
    "tag_collections", "index",
    shows=("tag", "own"),
    probes=(("GET", "/tag_collections/index", None),),
    summary="Tag collections of one's own organisation, and those for all.",
    body={"searchall": "text"},
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.named, **call.data("TagCollection")}
    search = asked.get("searchall") or asked.get("filter") or ""
    found = tag_collections.listed(call.session, str(search)[:255].replace("\0", ""))
    return Answer(_all_whole(call, found))


@endpoint(
    "tag_collections", "view",
    shows=("tag", "own"),
    probes=(("GET", "/tag_collections/view/{tag_collection}", None),),
    summary="One tag collection.",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(ABSENT):
        found = tag_collections.view(call.session, call.arg(0))
    return Answer(_all_whole(call, [found])[0])


def _editable(call: Call) -> TagCollection:
    with reaching(ABSENT, NOT_YOURS):
        return tag_collections.editable(call.session, call.arg(0))


@endpoint(
    "tag_collections", "add", methods=WRITE, right="tag_editor", changes=True,
    summary="Make a tag collection.",
    body={"name": "text", "description": "text", "all_orgs": "flag"},
)  # fmt: skip
def add(call: Call) -> Answer:
    with saving("add", "TagCollection", call.path):
        said = tag_collections.drafted(call.data("TagCollection"))
        made = tag_collections.add(call.session, said)
    return Answer({"TagCollection": _own(made, user=True)})


@endpoint(
    "tag_collections", "edit", methods=WRITE, right="tag_editor", changes=True,
    summary="Change a tag collection.",
    body={"name": "text", "description": "text", "all_orgs": "flag"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = _editable(call)
    with saving("edit", "TagCollection", call.path, str(found.id)):
        said = tag_collections.drafted(call.data("TagCollection"))
        made = tag_collections.edit(call.session, found, said)
    return Answer({"TagCollection": _own(made, user=True)})


@endpoint(
    "tag_collections", "delete", methods=DELETABLE, right="tag_editor", changes=True,
    summary="Delete a tag collection; its tags stay.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    tag_collections.delete(call.session, _editable(call))
    return Answer(saved("Tag collection deleted.", "/tag_collections/delete"))


@endpoint(
    "tag_collections", "addTag", methods=WRITE, right="tag_editor", changes=True,
    summary="Put tags into a collection.", body={"tag": "name, number or list"},
)  # fmt: skip
def add_tag(call: Call) -> Answer:
    found = _editable(call)
    given = call.arg(1) or call.data("TagCollection").get("tag")
    names = named_tags(given) if given not in (None, "", []) else []
    ids = taglist.ids_of(call.session, names)
    if not names or None in ids:
        return Answer({"saved": False, "errors": "Invalid Tag."})
    tag_collections.add_tags(call.session, found, [one for one in ids if one is not None])
    return Answer({"saved": True, "success": "Tag(s) added."})


@endpoint(
    "tag_collections", "removeTag", methods=DELETABLE, right="tag_editor", changes=True,
    summary="Take a tag out of a collection.", body={"tag": "name or number"},
)  # fmt: skip
def remove_tag(call: Call) -> Answer:
    found = _editable(call)
    given = call.arg(1) or str(call.data("TagCollection").get("tag") or "")
    try:
        gone = tag_collections.remove_tag(call.session, found, taglist.find(call.session, given).id)
    except NotFound:
        gone = False
    if not gone:
        return Answer({"saved": False, "errors": "Invalid tag or tag collection."})
    return Answer({"saved": True, "success": "Tag removed."})


@endpoint(
    "tag_collections", "import", methods=WRITE, right="tag_editor", changes=True,
    summary="Make tag collections as `index` shows them; tags that the node knows go in.",
    body={"[]": "tag collections"},
)  # fmt: skip
def take_in(call: Call) -> Answer:
    sent = call.body if isinstance(call.body, list) else [call.body]
    made = 0
    for one in sent:
        if not isinstance(one, dict):
            continue
        raw = one.get("TagCollection", one)
        if not isinstance(raw, dict):
            continue
        try:
            collection = tag_collections.add(call.session, tag_collections.drafted(raw))
        except Invalid as error:
            raise MispError(404, f"Invalid tag collection. {error.public}") from error
        tag_collections.add_tags(call.session, collection, _known(call, one))
        made += 1
    text = f"{made} new tag collections added."
    return Answer(saved(text, "/tag_collections/import"))


def _known(call: Call, sent: dict[str, Any]) -> list[int]:
    raw = sent.get("TagCollection")
    inside = sent.get("TagCollectionTag") or (raw.get("Tag") if isinstance(raw, dict) else None)
    names = []
    for one in inside if isinstance(inside, list) else []:
        tag = one.get("Tag", one) if isinstance(one, dict) else one
        name = tag.get("name") if isinstance(tag, dict) else tag
        names.append(coercion.text("name", name))
    return [one for one in taglist.ids_of(call.session, names) if one is not None]


@endpoint(
    "favourite_tags", "toggle", methods=WRITE, changes=True,
    summary="Make a tag one of one's favourites, or no longer.", body={"data": "number or name"},
)  # fmt: skip
def toggle_favourite(call: Call) -> Answer:
    try:
        tag = taglist.find(call.session, str(call.data("FavouriteTag").get("data") or call.arg(0)))
    except NotFound:
        return Answer({"saved": False, "errors": "Tag not found."})
    word = "Adding" if tag_collections.toggle_favourite(call.session, tag) else "Removing"
    where = "to" if word == "Adding" else "from"
    text = f"{word} the tag {where} your favourites was successful."
    return Answer({"saved": True, "success": text})
