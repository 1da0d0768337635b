# SPDX-License-Identifier: EUPL-1.2
"""`/taxonomies`: list, view, switch, and make their tags.

Unlike in MISP, what lists tags counts only what the reader sees, and nothing changes by GET.
"""

from collections.abc import Callable

import msgspec

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import SaveFailed, saved
from brug.api.misp.vocabulary import vocabulary_update
from brug.formats.misp import coercion
from brug.intel.label import taglist
from brug.intel.vocabulary import (
    as_misp,
    taxonomies,
    taxonomy_changes,
    taxonomy_export,
    taxonomy_tags,
)
from brug.intel.vocabulary.taxonomies import Taxonomy
from brug.model.errors import Invalid, NotFound

ABSENT = (404, "Taxonomy not found.")


def _found(call: Call) -> Taxonomy:
    with reaching(ABSENT):
        return taxonomies.taxonomy(call.session, call.arg(0))


def _by_id(call: Call, verb: str) -> Taxonomy:
    """For what changes: by id alone, as MISP; its refusal echoes what was asked."""
    ref = call.arg(0)
    try:
        return taxonomies.taxonomy(call.session, int(ref))
    except (NotFound, ValueError) as error:
        raise SaveFailed(verb, "Taxonomy", "Invalid taxonomy.", call.path, ref) from error


@endpoint(
    "taxonomies",
    "index",
    shows=("vocabulary", "tag"),
    probes=(("GET", "/taxonomies/index", None),),
    summary="List taxonomies, with the number of their tags and of those that exist.",
)
def index(call: Call) -> Answer:
    wanted = {**call.named, **call.data("Taxonomy")}.get("enabled")
    enabled = None if wanted is None or wanted == "" else coercion.flag("enabled", wanted)
    present = taxonomy_tags.counts_by_taxonomy(call.session)
    return Answer(
        [
            {
                "Taxonomy": as_misp.taxonomy_json(one),
                "total_count": one.total,
                "current_count": present.get(one.id, 0),
            }
            for one in taxonomies.taxonomies(call.session, enabled)
        ]
    )


@endpoint(
    "taxonomies",
    "view",
    shows=("vocabulary", "tag"),
    probes=(("GET", "/taxonomies/view/tlp", None),),
    summary="One taxonomy by id or namespace, with its tags.",
)
def view(call: Call) -> Answer:
    return _whole(call, _found(call))


def _whole(call: Call, found: Taxonomy) -> Answer:
    tags = taxonomies.tags_of(call.session, found.id)
    existing = taglist.named(call.session, [tag.tag for tag in tags])
    entries = [as_misp.taxonomy_tag_json(tag, existing.get(tag.tag)) for tag in tags]
    return Answer({"Taxonomy": as_misp.taxonomy_json(found), "entries": entries})


@endpoint(
    "taxonomies",
    "taxonomy_tags",
    shows=("vocabulary", "tag"),
    probes=(("GET", "/taxonomies/taxonomy_tags/tlp", None),),
    summary="A taxonomy's tags by name, with how many events and attributes carry each.",
)
def tags_with_uses(call: Call) -> Answer:
    found = _found(call)
    tags = sorted(taxonomies.tags_of(call.session, found.id), key=lambda tag: tag.tag)
    existing = taglist.named(call.session, [tag.tag for tag in tags])
    uses = taxonomy_tags.uses(call.session, [tag.id for tag in existing.values()])
    entries = []
    for tag in tags:
        present = existing.get(tag.tag)
        events, attributes = uses.get(present.id, (0, 0)) if present else (0, 0)
        entries.append(
            as_misp.taxonomy_tag_json(tag, present) | {"events": events, "attributes": attributes}
        )
    return Answer({"Taxonomy": as_misp.taxonomy_json(found), "entries": entries})


@endpoint(
    "taxonomies",
    "export",
    shows=("vocabulary",),
    probes=(("GET", "/taxonomies/export/tlp", None),),
    summary="A taxonomy in the format of the MISP taxonomies project.",
)
def export(call: Call) -> Answer:
    return Answer(taxonomy_export.export(call.session, _found(call)))


class _Switch(msgspec.Struct, frozen=True):
    """A route that sets one of a taxonomy's flags; `on` is None where the body says it."""

    action: str
    flag: str
    on: bool | None
    done: str
    summary: str


_SWITCHES = (
    _Switch("enable", "enabled", True, "Taxonomy enabled", "Switch a taxonomy on."),
    _Switch("disable", "enabled", False, "Taxonomy disabled", "Switch a taxonomy off."),
    _Switch(
        "toggleRequired", "required", None, "Taxonomy toggleRequireded",
        "Say whether events need a tag of this taxonomy.",
    ),
    _Switch(
        "toggleHighlighted", "highlighted", None, "Taxonomy toggleHighlighteded",
        "Say whether this taxonomy's tags stand out.",
    ),
)  # fmt: skip


def _switching(switch: _Switch) -> Callable[[Call], Answer]:
    def handler(call: Call) -> Answer:
        on = switch.on
        if on is None:
            on = coercion.flag(switch.flag, call.data("Taxonomy").get(switch.flag))
        found = _by_id(call, switch.action)
        taxonomies.switch(call.session, found.id, switch.flag, on)
        return Answer(saved(switch.done, call.path, str(found.id)))

    return handler


for _switch in _SWITCHES:
    endpoint(
        "taxonomies", _switch.action, methods=WRITE, right="site_admin", changes=True,
        summary=_switch.summary, body={_switch.flag: "flag"} if _switch.on is None else None,
    )(_switching(_switch))  # fmt: skip


@endpoint(
    "taxonomies", "addTag", methods=WRITE, right="tag_editor", changes=True,
    summary="Make a taxonomy's tags, all or those named, so that they can be chosen.",
    body={"taxonomy_id": "id", "name": "tag or tags"},
)  # fmt: skip
def add_tag(call: Call) -> Answer:
    data = call.data("Tag")
    ref = call.arg(0) or coercion.text("taxonomy_id", data.get("taxonomy_id"))
    names = data.get("name")
    if isinstance(names, str):
        names = [names]
    with reaching(ABSENT):
        found = taxonomies.taxonomy(call.session, ref)
    wanted = None
    if isinstance(names, list) and not call.arg(0):
        wanted = [coercion.text("name", name) for name in names]
    taxonomy_tags.make(call.session, found, wanted)
    return Answer(saved("The tag(s) has been saved.", call.path, call.arg(0) or None))


def _hidden(call: Call, *, hidden: bool) -> Answer:
    taxonomy_tags.hide(call.session, _found(call), hidden=hidden)
    text = f"The tag(s) has been {'hidden' if hidden else 'unhidden'}."
    return Answer(saved(text, call.path, call.arg(0)))


@endpoint(
    "taxonomies", "disableTag", "hideTag", methods=WRITE, right="tag_editor", changes=True,
    summary="Hide a taxonomy's tags from choosing.",
)  # fmt: skip
def hide_tags(call: Call) -> Answer:
    return _hidden(call, hidden=True)


@endpoint(
    "taxonomies", "unhideTag", methods=WRITE, right="tag_editor", changes=True,
    summary="Show a taxonomy's tags again.",
)  # fmt: skip
def show_tags(call: Call) -> Answer:
    return _hidden(call, hidden=False)


@endpoint(
    "taxonomies", "update", methods=WRITE, right="site_admin", changes=True,
    summary="Whether the taxonomies of the installed package are served.",
)  # fmt: skip
def update(call: Call) -> Answer:
    text = "All taxonomy libraries are up to date already."
    return vocabulary_update.answer(call, "Taxonomy", "pytaxonomies", text)


@endpoint(
    "taxonomies", "import", methods=WRITE, right="site_admin", changes=True,
    shows=("vocabulary",), summary="Store a taxonomy of this node's own.",
    body={"namespace": "text", "description": "text", "predicates": "list", "values": "list"},
)  # fmt: skip
def take_in(call: Call) -> Answer:
    try:
        found = taxonomy_changes.put(call.session, taxonomy_changes.drafted(call.data("Taxonomy")))
    except Invalid as error:
        raise SaveFailed("import", "Taxonomy", error.expected, call.path) from error
    return _whole(call, found)


@endpoint(
    "taxonomies", "delete", methods=DELETABLE, right="site_admin", changes=True,
    summary="Delete a taxonomy; its tags stay, and no update brings it back.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = _by_id(call, "delete")
    taxonomy_changes.delete(call.session, found)
    return Answer(saved("Taxonomy successfully deleted.", call.path, str(found.id)))


@endpoint(
    "taxonomies", "normalizeCustomTagsToTaxonomyFormat", methods=WRITE, right="site_admin",
    changes=True, summary="Tags that differ from a taxonomy's in case alone become that one's.",
)  # fmt: skip
def normalise(call: Call) -> Answer:
    tags, rows = taxonomy_changes.normalise_tags(call.session)
    return Answer(saved(f"{tags} tags successfully converted. {rows} row updated.", call.path))
