# SPDX-License-Identifier: EUPL-1.2
"""`addTag`, `removeTag`, `attachTagToObject`, `removeTagFromObject`.

The first two answer 200 whatever happens and never make a tag; the others make one for
tag editors and let exclusive taxonomies be, as MISP does.
"""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.formats.misp import coercion
from brug.intel import attributes, tagging, taglist
from brug.intel.finding import find
from brug.intel.tagging import AlreadyAttached, Exclusive, Kind, LocalOnly, NotAttached, Target
from brug.intel.taglist import ListedTag
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound

INVALID_TAG = "Invalid Tag."
NO_RIGHT = "You don't have permission to do that."
LOCAL_BY_HOST = "Local tags can only be added by users of the host organisation."
NOT_CREATED = "Tag not found and insufficient privileges to create it."
OTHERS = (
    "Cannot alter the tags of this data, only the organisation that has created the data (orgc)"
    " can modify global tags."
)
BY_AJAX = {True: "Tag added.", False: "Tag removed."}
MAX_TAGS = 1000


def _target(call: Call, kind: Kind, key: str) -> Target:
    """Raises NotFound."""
    item_id = find(call.session, kind, key)
    if kind == "event":
        return Target("event", item_id, item_id)
    (found,) = attributes.by_ids(call.session, [item_id])
    if found.deleted:
        raise NotFound(f"attribute {item_id} is deleted")
    return Target("attribute", found.event_id, item_id)


def _listed(value: Any) -> list[str]:
    """One name or number, a list of them, or the JSON text of a list."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    several = value if isinstance(value, list) else [value]
    return [coercion.text("tag", one) for one in several[:MAX_TAGS] if isinstance(one, str | int)]


def _relationship(body: dict[str, Any]) -> str | None:
    return coercion.text("relationship_type", body.get("relationship_type"))[:255] or None


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
            item = next(iter(_listed(body.get(f"{kind}_ids"))), "")
        named = call.arg(1) or body.get("tag")
        tags = _listed(named) if named not in (None, "", []) else []
        return cls(
            item,
            tags,
            is_on(call.named.get("local")) or is_on(body.get("local")),
            _relationship(body),
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
    text = BY_AJAX[adding]
    if failed:
        text = f"{text.rstrip('.')}, but {len(failed)} could not be: {failed[0]}"
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
        target = _target(call, "event", asked.item)
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
        target = _target(call, "event", asked.item)
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
        target = _target(call, "attribute", asked.item)
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
        target = _target(call, "attribute", asked.item)
    return _each(call, asked, target, False, _known(_removal("attribute"), asked))


_KINDS: tuple[Kind, ...] = ("event", "attribute")


def _named_target(call: Call) -> Target:
    uuid = call.arg(0) or call.data().get("uuid")
    if not isinstance(uuid, str | int) or not uuid:
        raise MispError(405, "Invalid object uuid")
    for kind in _KINDS:
        try:
            return _target(call, kind, str(uuid))
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
    names = _listed(named) if named not in (None, "", []) else []
    if local and not (call.principal.is_host or call.principal.is_site_admin):
        raise _fail("attachTagToObject", [LOCAL_BY_HOST for _ in names])
    target = _named_target(call)
    if not names:
        raise MispError(405, "Invalid tag")
    relationship = _relationship(body)

    def one(name: str) -> str | None:
        tag = _or_made(call, name)
        if tag is None:
            return NOT_CREATED
        tagging.attach(
            call.session, target, tag, local=local, exclusive=False, relationship=relationship
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
        except (LocalOnly, Invalid) as error:
            reason = error.public
        except Forbidden as error:
            raise MispError(403, OTHERS) from error
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
