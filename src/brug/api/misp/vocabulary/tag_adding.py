# SPDX-License-Identifier: EUPL-1.2
"""`addTag` and `removeTag` of events and attributes.

They answer 200 whatever happens, as MISP does for its pages, and never make a tag.
"""

from collections.abc import Callable

import msgspec

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.refusals import MispError
from brug.api.misp.vocabulary.tag_targets import INVALID_TAG, listed, relationship, target_of
from brug.intel.label import tag_collections, tagging, taglist
from brug.intel.label.tagging import (
    AlreadyAttached,
    Exclusive,
    KeptForOthers,
    Kind,
    LocalOnly,
    NotAttached,
    Target,
)
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
        except KeptForOthers as error:
            failed.append(error.public)
        except (Conflict, Forbidden) as error:
            failed.append(texts[type(error)])
    if not done:
        return _refusal(failed[0] if failed else INVALID_TAG)
    text = f"Tag {DONE[adding]}."
    if failed:
        text = f"Tag {DONE[adding]}, but {len(failed)} could not be {DONE[adding]}: {failed[0]}"
    return Answer({"saved": True, "success": text, "check_publish": True})


# Why a tag was not attached, in the words of each kind of item.
_NOT_ADDED: dict[Kind, dict[type, str]] = {
    "event": {
        NotFound: INVALID_TAG,
        AlreadyAttached: "Tag is already attached to this event.",
        Exclusive: Exclusive.public,
        LocalOnly: LocalOnly.public,
        Forbidden: NO_RIGHT,
    },
    "attribute": {
        NotFound: INVALID_TAG,
        **dict.fromkeys(
            (AlreadyAttached, Exclusive, LocalOnly, Forbidden), "Tag could not be added."
        ),
    },
}


def _not_removed(kind: Kind, asked: _Asked) -> dict[type, str]:
    """A name that is no tag is called so; a number that is none is no combination."""
    text = f"Invalid {kind} - tag combination."
    named = any(not tag.isdecimal() for tag in asked.tags)
    return {
        NotFound: INVALID_TAG if named else text, NotAttached: text, Forbidden: NO_RIGHT,
    }  # fmt: skip


def _changing(kind: Kind, *, adding: bool) -> Callable[[Call], Answer]:
    def handler(call: Call) -> Answer:
        asked = _Asked.read(call, kind)
        texts = _NOT_ADDED[kind] if adding else _not_removed(kind, asked)
        try:
            target = target_of(call, kind, asked.item)
        except NotFound as error:
            if kind == "attribute":
                raise MispError(404, "Invalid attribute") from error
            return _refusal("Invalid event." if adding else texts[NotAttached])
        if adding and kind == "attribute" and not asked.tags:
            raise MispError(404, "Invalid tag")
        return _each(call, asked, target, adding, texts)

    return handler


_ITEMS: tuple[tuple[Kind, str], ...] = (("event", "an event"), ("attribute", "an attribute"))
for _kind, _a_kind in _ITEMS:
    endpoint(
        f"{_kind}s", "addTag", methods=WRITE, right="tagger", changes=True,
        summary=f"Attaches a tag that exists to {_a_kind}", body={"tag": "name or number"},
    )(_changing(_kind, adding=True))  # fmt: skip
    endpoint(
        f"{_kind}s", "removeTag", methods=WRITE, right="tagger", changes=True,
        summary=f"Takes a tag off {_a_kind}", body={"tag": "name or number"},
    )(_changing(_kind, adding=False))  # fmt: skip
