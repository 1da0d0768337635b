# SPDX-License-Identifier: EUPL-1.2
"""`addTag` and `removeTag` of events and attributes.

They answer 200 whatever happens, as MISP does for its pages, and never make a tag.
"""

import msgspec

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.tag_targets import INVALID_TAG, listed, relationship, target_of
from brug.intel import tag_collections, tagging, taglist
from brug.intel.tagging import AlreadyAttached, Exclusive, Kind, LocalOnly, NotAttached, Target
from brug.model.errors import Conflict, Forbidden, NotFound

NO_RIGHT = "You don't have permission to do that."
DONE = {True: "added", False: "removed"}


def _refusal(reason: str) -> Answer:
    return Answer({"saved": False, "errors": reason})


class _Asked(msgspec.Struct):
    """A request to addTag or removeTag: which item, which tags."""

    item: str
    tags: list[str]
    local: bool
    relationship: str | None

    @classmethod
    def read(cls, call: Call, kind: Kind) -> "_Asked":
        body = call.data()
        inner = body.get(kind.capitalize())
        body = body | inner if isinstance(inner, dict) else body
        item = call.arg(0) or str(body.get(kind) or body.get("id") or "")
        if item == "selected":
            item = next(iter(listed(body.get(f"{kind}_ids"))), "")
        named = call.arg(1) or body.get("tag")
        tags = listed(named) if named not in (None, "", []) else []
        tags = tag_collections.expanded(call.session, tags)
        return cls(
            item,
            tags,
            is_on(call.named.get("local")) or is_on(body.get("local")),
            relationship(body),
        )


def _each(
    call: Call, asked: _Asked, target: Target, adding: bool, texts: dict[type, str]
) -> Answer:
    """Every tag that is asked for; the answer is about the first that failed, if any did."""
    done, failed = 0, []
    for name in asked.tags:
        try:
            tag = taglist.find(call.session, name)
        except NotFound:
            failed.append("Tag not found." if adding and name.isdecimal() else texts[NotFound])
            continue
        try:
            if adding:
                tagging.attach(
                    call.session, target, tag, local=asked.local, relationship=asked.relationship
                )
            else:
                tagging.detach(call.session, target, tag)
            done += 1
        except (Conflict, Forbidden) as error:
            failed.append(texts[type(error)])
    if not done:
        return _refusal(failed[0] if failed else INVALID_TAG)
    text = f"Tag {DONE[adding]}."
    if failed:
        text = f"Tag {DONE[adding]}, but {len(failed)} could not be {DONE[adding]}: {failed[0]}"
    return Answer({"saved": True, "success": text, "check_publish": True})


_EVENT_ADD: dict[type, str] = {
    NotFound: INVALID_TAG,
    AlreadyAttached: "Tag is already attached to this event.",
    Exclusive: Exclusive.public,
    LocalOnly: LocalOnly.public,
    Forbidden: NO_RIGHT,
}
_ATTRIBUTE_ADD: dict[type, str] = dict.fromkeys(_EVENT_ADD, "Tag could not be added.") | {
    NotFound: INVALID_TAG
}


def _removal(kind: Kind) -> dict[type, str]:
    text = f"Invalid {kind} - tag combination."
    return {NotFound: text, NotAttached: text, Forbidden: NO_RIGHT}


def _known(texts: dict[type, str], asked: _Asked) -> dict[type, str]:
    """A name that is no tag is called so; a number that is none is no combination."""
    named = any(not tag.isdecimal() for tag in asked.tags)
    return texts | {NotFound: INVALID_TAG} if named else texts


@endpoint(
    "events", "addTag",
    methods=WRITE,
    right="tagger",
    changes=True,
    summary="Attaches a tag that exists to an event",
    body={"tag": "name or number"},
)  # fmt: skip
def add_to_event(call: Call) -> Answer:
    asked = _Asked.read(call, "event")
    try:
        target = target_of(call, "event", asked.item)
    except NotFound:
        return _refusal("Invalid event.")
    return _each(call, asked, target, True, _EVENT_ADD)


@endpoint(
    "events", "removeTag",
    methods=WRITE,
    right="tagger",
    changes=True,
    summary="Takes a tag off an event",
    body={"tag": "name or number"},
)  # fmt: skip
def remove_from_event(call: Call) -> Answer:
    asked = _Asked.read(call, "event")
    texts = _removal("event")
    try:
        target = target_of(call, "event", asked.item)
    except NotFound:
        return _refusal(texts[NotFound])
    return _each(call, asked, target, False, _known(texts, asked))


@endpoint(
    "attributes", "addTag",
    methods=WRITE,
    right="tagger",
    changes=True,
    summary="Attaches a tag that exists to an attribute",
    body={"tag": "name or number"},
)  # fmt: skip
def add_to_attribute(call: Call) -> Answer:
    asked = _Asked.read(call, "attribute")
    with reaching((404, "Invalid attribute")):
        target = target_of(call, "attribute", asked.item)
    return _each(call, asked, target, True, _ATTRIBUTE_ADD)


@endpoint(
    "attributes", "removeTag",
    methods=WRITE,
    right="tagger",
    changes=True,
    summary="Takes a tag off an attribute",
    body={"tag": "name or number"},
)  # fmt: skip
def remove_from_attribute(call: Call) -> Answer:
    asked = _Asked.read(call, "attribute")
    with reaching((404, "Invalid attribute")):
        target = target_of(call, "attribute", asked.item)
    return _each(call, asked, target, False, _known(_removal("attribute"), asked))
