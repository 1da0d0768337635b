# SPDX-License-Identifier: EUPL-1.2
"""`/tags/*`: listing, viewing, searching, making, changing and deleting tags.

A tag that came along with an event is listed for those who see an item that carries it,
and counted by what they see.
"""

from typing import Any

from brug.api.misp.directory.given import Kind, flag, given, number, text
from brug.api.misp.dispatch import DELETABLE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError
from brug.api.misp.several import texts
from brug.intel.label import tag_collections, taglist
from brug.intel.label.taglist import NameTaken
from brug.intel.vocabulary.as_misp import predicate_json, tag_json, taxonomy_json
from brug.intel.vocabulary.taxonomies import parse, taxonomies
from brug.intel.vocabulary.taxonomy_tags import predicates
from brug.model.errors import Invalid

INVALID = (404, "Invalid tag")
UNSEEN = (405, "Invalid Tag")
_FIELDS: dict[str, Kind] = {
    "name": text,
    "colour": text,
    "exportable": flag,
    "hide_tag": flag,
    "org_id": number,
    "user_id": number,
    "numerical_value": number,
    "local_only": flag,
}


@endpoint(
    "tags", "index",
    shows=("tag",),
    probes=(("GET", "/tags/index", None), ("GET", "/tags/index/searchall:a", None)),
    summary="The tags that one sees, with how many seen items carry them",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.data("Tag"), **call.named}
    counted = not is_on(asked.get("exclude_statistics"))
    search = asked.get("searchall") or asked.get("search") or asked.get("filter") or ""
    found = taglist.listed(
        call.session, search=_plain(search), name=_plain(asked.get("name")), counted=counted
    )
    liked = tag_collections.favourites(call.session)
    if is_on(asked.get("favouritesOnly")):
        found = [tag for tag in found if tag.id in liked]
    rows = []
    for tag in page_of(asked, found):
        row = tag_json(tag) | {"favourite": tag.id in liked}
        rows.append(
            row | {"count": tag.events, "attribute_count": tag.attributes} if counted else row
        )
    return Answer({"Tag": rows})


def _plain(value: Any) -> str:
    """A text to look for; what no tag can contain finds none."""
    wanted = text("search", value) if isinstance(value, str | int) else ""
    return wanted.strip("%")


@endpoint(
    "tags", "view",
    shows=("tag",),
    probes=(("GET", "/tags/view/{tag}", None),),
    summary="One tag",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(UNSEEN):
        tag = taglist.view(call.session, taglist.find(call.session, call.arg(0)).id)
    counts = {"count": tag.events, "attribute_count": tag.attributes}
    return Answer(tag_json(tag) | counts)


@endpoint(
    "tags", "search",
    shows=("tag", "vocabulary"),
    probes=(("POST", "/tags/search", {"tag": "%"}), ("GET", "/tags/search/%25", None)),
    summary="Tags by name; % stands for anything",
    body={"tag": "name or list"},
)  # fmt: skip
def search(call: Call) -> Answer:
    body = call.data("Tag")
    wanted = body.get("tag") or body.get("tagname") or call.arg(0)
    patterns = texts("tag", wanted if isinstance(wanted, list) else [wanted], 1000)
    found = taglist.matching(call.session, patterns) if patterns else []
    known = {one.namespace.lower(): one for one in taxonomies(call.session)} if found else {}
    inside = predicates(call.session, [tag.name for tag in found]) if found else {}
    rows = []
    for tag in found:
        row: dict[str, Any] = {"Tag": tag_json(tag)}
        taxonomy = known.get(parse(tag.name).namespace)
        if taxonomy is not None and tag.name in inside:
            row["Taxonomy"] = taxonomy_json(taxonomy)
            row["TaxonomyPredicate"] = predicate_json(inside[tag.name])
        rows.append(row)
    return Answer(rows)


def _refused(error: Invalid | NameTaken) -> MispError:
    field = error.field if isinstance(error, Invalid) else "name"
    reason = error.expected if isinstance(error, Invalid) else error.public
    return MispError(405, f"Could not add the Tag. [{field}]: {reason}")


@endpoint(
    "tags", "add", "quickAdd",
    methods=("POST",),
    right="tag_editor",
    changes=True,
    shows=("tag",),
    summary="Makes a tag, or answers the one of that name",
    body={"name": "text", "colour": "#RRGGBB", "exportable": True},
)  # fmt: skip
def add(call: Call) -> Answer:
    try:
        tag = taglist.add(call.session, given(_FIELDS, call.data("Tag")))
    except Invalid as error:
        raise _refused(error) from error
    return Answer({"Tag": tag_json(tag)})


@endpoint(
    "tags", "edit",
    methods=("POST", "PUT"),
    right="site_admin",
    changes=True,
    shows=("tag",),
    summary="Changes a tag",
    body={"name": "text", "colour": "#RRGGBB", "hide_tag": False},
)  # fmt: skip
def edit(call: Call) -> Answer:
    try:
        with reaching(INVALID):
            tag_id = taglist.find(call.session, call.arg(0)).id
            tag = taglist.edit(call.session, tag_id, given(_FIELDS, call.data("Tag")))
    except (Invalid, NameTaken) as error:
        raise _refused(error) from error
    return Answer({"Tag": tag_json(tag)})


@endpoint(
    "tags", "delete",
    methods=DELETABLE,
    right="site_admin",
    changes=True,
    summary="Deletes a tag, and takes it off all that carries it",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(INVALID):
        tag_id = taglist.find(call.session, call.arg(0)).id
        taglist.delete(call.session, tag_id)
    url = f"{call.base_url}/tags/delete/{tag_id}"
    return Answer({"name": "Tag deleted.", "message": "Tag deleted.", "url": url})
