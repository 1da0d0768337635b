# SPDX-License-Identifier: EUPL-1.2
"""`attachTagToObject` and `removeTagFromObject`: tags of events and attributes by UUID.

Unknown tags are made for tag editors, and exclusive taxonomies do not forbid, as in MISP. Who
may attach a local tag follows from one rule wherever it is attached (`brug.intel.label.tagging`,
MISP's `canModifyTag`); MISP itself asks here alone for the host organisation.
"""

import json
from collections.abc import Callable

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.vocabulary.tag_targets import INVALID_TAG, listed, relationship, target_of
from brug.intel.label import tag_collections, tagging, taglist
from brug.intel.label.tagging import (
    AlreadyAttached,
    KeptForOthers,
    Kind,
    LocalOnly,
    NotAttached,
    Target,
)
from brug.intel.label.taglist import ListedTag
from brug.model.errors import Forbidden, Invalid, NotFound

LOCAL_BY_OTHERS = (
    "Local tags can only be added by users of the host organisation and by those who may change"
    " the event."
)
NOT_CREATED = "Tag not found and insufficient privileges to create it."
OTHERS = (
    "Cannot alter the tags of this data, only the organisation that has created the data (orgc)"
    " can modify global tags."
)

_KINDS: tuple[Kind, ...] = ("event", "attribute")


def _named_target(call: Call) -> Target:
    uuid = call.arg(0) or call.data().get("uuid")
    if not isinstance(uuid, str | int) or not uuid:
        raise MispError(405, "Invalid object uuid")
    for kind in _KINDS:
        try:
            return target_of(call, kind, str(uuid))
        except NotFound:
            continue
    raise MispError(404, "Invalid Target.")


def _or_made(call: Call, name: str) -> ListedTag | None:
    """The tag, made for those who may make tags."""
    try:
        return taglist.find(call.session, name)
    except NotFound:
        if not call.principal.may("tag_editor") or not name.strip():
            return None
        return taglist.add(call.session, {"name": name})


def _fail(action: str, reasons: list[str]) -> SaveFailed:
    text = f"Failed to attach {len(reasons)} tags. Reasons: "
    numbered = {str(index): reason for index, reason in enumerate(reasons)}
    text += json.dumps(numbered, separators=(",", ":"))
    return SaveFailed(action, "Tag", text, f"/tags/{action}")


@endpoint(
    "tags", "attachTagToObject",
    methods=WRITE,
    right="tagger",
    changes=True,
    summary="Attaches tags to an event or attribute by UUID; makes them for tag editors",
    body={"uuid": "UUID", "tag": "name, number or list", "local": False},
)  # fmt: skip
def attach(call: Call) -> Answer:
    body = call.data("Tag")
    named = call.arg(1) or body.get("tag")
    local = is_on(body.get("local"))
    names = listed(named) if named not in (None, "", []) else []
    names = tag_collections.expanded(call.session, names)
    target = _named_target(call)
    if not names:
        raise MispError(405, "Invalid tag")
    relation = relationship(body)

    def one(name: str) -> str | None:
        tag = _or_made(call, name)
        if tag is None:
            return NOT_CREATED
        tagging.attach(
            call.session, target, tag, local=local, exclusive=False, relationship=relation
        )  # fmt: skip
        return None

    return _attached(target, names, local, one, call)


def _attached(
    target: Target,
    names: list[str],
    local: bool,
    one: Callable[[str], str | None],
    call: Call,
) -> Answer:
    kind, reasons, text = target.kind.capitalize(), [], ""
    for name in names:
        try:
            reason = one(name)
            if reason is None:
                tag = taglist.find(call.session, name)
                scope = "Local" if local else "Global"
                text = (
                    f"{scope} tag {tag.name}({tag.id}) successfully attached to"
                    f" {kind}({target.item_id})."
                )
        except AlreadyAttached:
            reason = None
            text = (
                f"{kind} already has the requested tag attached, no changes had to be made for"
                f" tag {taglist.find(call.session, name).name}."
            )
        except (LocalOnly, KeptForOthers, Invalid) as error:
            reason = error.public
        except Forbidden as error:
            if not local:
                raise MispError(403, OTHERS) from error
            reason = LOCAL_BY_OTHERS
        if reason is not None:
            reasons.append(reason)
    if reasons:
        raise _fail("attachTagToObject", reasons)
    if len(names) > 1:
        text = f"Successfully attached {len(names)} tags to {kind} ({target.item_id})"
    return Answer(saved(text, "/tags/attachTagToObject"))


@endpoint(
    "tags", "removeTagFromObject",
    methods=WRITE,
    right="tagger",
    changes=True,
    summary="Takes a tag off an event or attribute by UUID",
    body={"uuid": "UUID", "tag": "name or number"},
)  # fmt: skip
def remove(call: Call) -> Answer:
    named = call.arg(1) or call.data("Tag").get("tag")
    with reaching((405, INVALID_TAG)):
        tag = taglist.find(call.session, str(named))
    target = _named_target(call)
    kind = target.kind.capitalize()
    try:
        local = tagging.detach(call.session, target, tag)
    except NotAttached as error:
        text = f"Could not remove tag as it is not attached to the target {kind}"
        raise MispError(404, text) from error
    except Forbidden as error:
        raise MispError(403, OTHERS) from error
    text = (
        f"{'Local' if local else 'Global'} tag {tag.name} ({tag.id}) successfully removed from"
        f" {kind}({target.item_id})."
    )
    return Answer(saved(text, "/tags/removeTagFromObject"))
