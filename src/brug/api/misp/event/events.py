# SPDX-License-Identifier: EUPL-1.2
"""`/events/*`: adding, viewing, editing, deleting; their tags are in `tagging`."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, Shows, endpoint
from brug.api.misp.event.protected import check_added, check_edited, signed
from brug.api.misp.event.showing import Asked, answered, shown
from brug.api.misp.outcomes import is_on, reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory.brought_groups import bring
from brug.formats.misp.overlaying import head_of
from brug.formats.misp.reading import read_event
from brug.formats.misp.writing import event_json
from brug.intel import loading
from brug.intel.adding import EmptyPublished, EventExists, add
from brug.intel.blocklists import EventBlocked, OrganisationBlocked, refuse_blocked
from brug.intel.changing import NotNewer, edit
from brug.intel.deleting import UnderHold, delete_event
from brug.intel.finding import find, uuid_of
from brug.intel.leaving.whole import keep_inside, leave_out_local_tags
from brug.intel.publishing import push_event
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, NotFound
from brug.model.event import Event
from brug.model.new_event import Refusal

NO_DATA = "No valid event data received."
EXISTS = "Event already exists, if you would like to edit it, use the url in the location header."
INVALID = (404, "Invalid event")
NOT_EDITED = "Event could not be saved: "
NOT_NEWER = "Event in the request not newer than the local copy."
NOT_CREATOR = (
    "The user used to edit the event is not authorised to do so. This can be caused by the user"
    " not being of the same organisation as the original creator of the event whilst also not"
    " being a site administrator."
)
VIEWED: tuple[Shows, ...] = (
    "event", "attribute", "object", "tag", "sighting", "report", "proposal",
)  # fmt: skip


def event_or_404(call: Call, key: str, *, deleted: bool = False) -> Event:
    with reaching(INVALID):
        return loading.event(call.session, key, deleted=deleted)


class _Options:
    """What a view asks for, in the path or the body."""

    def __init__(self, call: Call) -> None:
        self._said: dict[str, Any] = {**call.data(), **call.named}

    def on(self, name: str, *, default: bool = False) -> bool:
        return is_on(self._said[name]) if name in self._said else default

    @property
    def deleted(self) -> set[bool]:
        """Whether attributes that are not marked as deleted are shown, that are, or both."""
        said = self._said.get("deleted")
        if isinstance(said, list):
            return {is_on(item) for item in said} or {False}
        if str(said) in {"only", "2"}:
            return {True}
        return {False, True} if is_on(said) else {False}

    def asked(self) -> Asked:
        return Asked(
            related=self.on("includeEventCorrelations", default=True),
            granular=self.on("includeGranularCorrelations"),
            sightings=not self.on("noSightings"),
            data=self.on("includeAttachments", default=True),
            warnings=self.on("includeWarninglistHits"),
            galaxies=not self.on("excludeGalaxy"),
            extensions=self.on("extensionList"),
            feeds=self.on("includeFeedCorrelations"),
            servers=self.on("includeServerCorrelations"),
        )


def _reduced(event: Event, options: _Options) -> Event:
    """Without what the view leaves out."""
    if False not in options.deleted:
        event.attributes = [a for a in event.attributes if a.deleted]
        for one in event.objects:
            one.attributes = [a for a in one.attributes if a.deleted]
        event.objects = [o for o in event.objects if o.deleted or o.attributes]
    if options.on("noEventTags"):
        event.tags = []
    if options.on("excludeLocalTags"):
        leave_out_local_tags(event)
    return event


@endpoint(
    "events", "view",
    shows=VIEWED,
    probes=(
        ("GET", "/events/view/{event}/deleted:1/includeGranularCorrelations:1", None),
        ("GET", "/events/view/{event}", None),
        ("GET", "/events/view/{event}/extended:1/extensionList:1", None),
    ),
    summary="One event with what hangs on it",
)  # fmt: skip
def view(call: Call) -> Answer:
    if call.method == "HEAD":
        with reaching(INVALID):
            find(call.session, "event", call.arg(0))
        return Answer({})
    options = _Options(call)
    event = event_or_404(call, call.arg(0), deleted=True in options.deleted)
    extending = loading.extensions(call.session, event) if options.on("extended") else []
    for one in extending:
        _take_in(event, one)
    call.opened(event.head.id, call.principal)
    answer = shown(call.session, _reduced(event, options), options.asked())
    if options.on("extended"):
        answer.extension_events = {str(one.head.id): _extension(one) for one in extending}
    return signed(call, event.head, {"Event": answer})


def _take_in(event: Event, extension: Event) -> None:
    """Shows the items of an extension as if they were the event's own."""
    event.attributes = event.attributes + extension.attributes
    event.objects = event.objects + extension.objects
    event.reports = event.reports + extension.reports
    event.proposals = event.proposals + extension.proposals
    known = {tag.name for tag in event.tags}
    event.tags = event.tags + [tag for tag in extension.tags if tag.name not in known]


def _extension(event: Event) -> dict[str, Any]:
    head = event.head
    return {
        "id": str(head.id),
        "info": head.info,
        "orgc_id": str(head.orgc_id),
        "user_id": str(head.user_id),
        "Orgc": {"id": str(event.orgc.id), "name": event.orgc.name, "uuid": event.orgc.uuid},
    }


def _changed(call: Call, event_id: int, refused: list[Refusal], pushed: str = "") -> Answer:
    """The event after a change, and which items were refused; `pushed` goes on to servers."""
    if pushed:
        push_event(call.session, pushed)
    try:
        event = loading.event(call.session, event_id)
    except NotFound:
        # Whoever may change an event that others hold can shut themselves out.
        url = f"/events/view/{event_id}"
        return Answer(saved("Event saved.", url, str(event_id)))
    if is_on(call.named.get("metadata")):
        keep_inside(event)
        made = event_json(event, metadata=True)
    else:
        made = shown(call.session, event)
    return answered(call, made, refused)


def _kept_out(error: EventBlocked | OrganisationBlocked) -> Answer:
    """Answered, not raised: that it was kept out is counted."""
    told = {"name": error.public, "message": error.public, "url": "/events/add"}
    return Answer(told, error.status)


@endpoint(
    "events", "add",
    methods=WRITE,
    right="add",
    changes=True,
    shows=VIEWED,
    summary="Adds an event with attributes, objects, tags and reports",
    body={"info": "text", "distribution": "0-4", "Attribute": [{"type": "text", "value": "text"}]},
)  # fmt: skip
def add_event(call: Call) -> Answer:
    raw = call.data("Event")
    if not raw and (not call.body or isinstance(call.body, dict)):
        raise MispError(405, NO_DATA)
    if not raw:
        raise SaveFailed("add", "Event", {"Event": {"info": ["valueNotEmpty"]}}, "/events/add")
    try:
        new = read_event(raw)
        check_added(call, new)
        bring(call.session, raw)
        added = add(call.session, new)
    except Refused as error:
        # Whoever is kept out is told so first, and not what else does not fit.
        try:
            refuse_blocked(call.session, [(None, call.principal.org_uuid)])
        except OrganisationBlocked as blocked:
            return _kept_out(blocked)
        raise SaveFailed("add", "Event", {"Event": error.errors}, "/events/add") from error
    except EmptyPublished as error:
        raise SaveFailed("add", "Event", {"Event": error.public}, "/events/add") from error
    except (EventBlocked, OrganisationBlocked) as error:
        return _kept_out(error)
    except EventExists as error:
        location = f"{call.base_url}/events/{error.event_id}"
        raise MispError(404, EXISTS, {"Location": location}) from error
    return _changed(call, added.event_id, added.refused, added.uuid if new.published else "")


@endpoint(
    "events", "edit",
    methods=WRITE,
    right="modify",
    changes=True,
    shows=VIEWED,
    summary="Changes an event; items inside are found by UUID, or added",
    body={"info": "text", "Attribute": [{"uuid": "UUID", "value": "text"}]},
)  # fmt: skip
def edit_event(call: Call) -> Answer:
    raw = call.data("Event")
    with reaching(INVALID, (403, "You are not authorised to do that.")):
        event_id = find(call.session, "event", call.arg(0))
        url = f"/events/edit/{event_id}"
        try:
            head = head_of(raw)
            check_edited(call, event_id, head)
            bring(call.session, raw)
            pushed = uuid_of(call.session, "event", event_id) if head.published else ""
            edited = edit(call.session, event_id, head, raw)
        except Refused as error:
            raise SaveFailed("edit", "Event", error.errors, url, str(event_id)) from error
        except NotNewer as error:
            text = NOT_EDITED + NOT_NEWER
            raise SaveFailed("edit", "Event", text, url, str(event_id)) from error
        except Forbidden as error:
            if not call.principal.may("sync"):
                raise
            text = NOT_EDITED + NOT_CREATOR
            raise SaveFailed("edit", "Event", text, url, str(event_id)) from error
    return _changed(call, event_id, edited.refused, pushed)


@endpoint(
    "events", "delete",
    methods=DELETABLE,
    right="modify",
    changes=True,
    summary="Deletes one event, or several named in the body",
    body={"id": ["number or UUID"]},
)  # fmt: skip
def delete(call: Call) -> Answer:
    named = call.data("Event").get("id")
    keys = [call.arg(0)] if call.args else (named if isinstance(named, list) else [named])
    gone = 0
    for key in keys:
        try:
            delete_event(call.session, str(key))
        except UnderHold:
            if len(keys) == 1:
                raise
            continue
        except (NotFound, Forbidden):
            continue
        gone += 1
    if not gone:
        text = "Event was not deleted." if len(keys) == 1 else "Events were not deleted."
        raise SaveFailed("delete", "Event", text, "/events/delete")
    text = "Event deleted." if gone == 1 else f"{gone} events deleted."
    if not call.args:
        return Answer(saved(text, "/events/delete"))
    return Answer(saved(text, f"/events/delete/{call.arg(0)}", call.arg(0)))
