# SPDX-License-Identifier: EUPL-1.2
"""An event as it goes to another server: whole, in MISP's core format.

With what is marked as deleted, with files, sharing groups and the keys of a protected event;
without local tags, tags that are not to be exported, sightings, notes and proposals, which
go their own ways, and without whoever made it here: that is personal data. Levels are as
they are stored; whoever sends it on applies the hop rule.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from brug.directory.sharing_groups_as_misp import embedded
from brug.formats.misp.shapes import Surroundings
from brug.formats.misp.writing import event_json
from brug.intel import attachments, loading, protecting
from brug.intel.leaving.whole import keep_inside, leave_out_local_tags
from brug.intel.protecting import SigningKey
from brug.model.event import Attribute, Event
from brug.store.session import Session


def key_json(one: SigningKey) -> dict[str, Any]:
    """A key of a protected event as events carry it."""
    return {
        "id": str(one.id),
        "uuid": one.uuid,
        "type": one.type,
        "timestamp": str(one.timestamp),
        "parent_id": str(one.event_id),
        "parent_type": "Event",
        "key_data": one.key_data,
        "revoked": one.revoked,
        "fingerprint": one.fingerprint,
    }


def document(session: Session, key: str | int) -> dict[str, Any]:
    """The event as the session sees it. Raises NotFound."""
    return document_of(session, loading.event(session, key, deleted=True))


def document_of(session: Session, event: Event) -> dict[str, Any]:
    """The same of an event that is loaded, and may have been thinned out."""
    items = [*event.attributes, *(a for o in event.objects for a in o.attributes)]
    keep_inside(event)
    leave_out_local_tags(event)
    event.creator_email, event.proposals = None, []
    beside = Surroundings(
        groups=embedded(session, _groups(event, items)), data=_files(session, items),
        keys=[key_json(one) for one in protecting.of_event(session, event.head.id)],
        include_related=False,
    )  # fmt: skip
    made: dict[str, Any] = msgspec.to_builtins(event_json(event, beside))
    _tell_groups(made, beside.groups)
    return made


def _groups(event: Event, items: Iterable[Attribute]) -> list[int]:
    named = [
        event.head.sharing_group_id, *(a.sharing_group_id for a in items),
        *(o.sharing_group_id for o in event.objects), *(r.sharing_group_id for r in event.reports),
    ]  # fmt: skip
    return sorted({one for one in named if one is not None})


def _tell_groups(made: dict[str, Any], groups: Any) -> None:
    """Reports name their group by number alone; another server knows it by its UUID."""
    for report in made.get("EventReport", []):
        number = report["sharing_group_id"]
        if number.isdecimal() and int(number) in groups:
            report["SharingGroup"] = groups[int(number)]


def _files(session: Session, items: Iterable[Attribute]) -> dict[int, str]:
    files = [a.id for a in items if a.type in attachments.TYPES]
    return attachments.as_base64(session, files) if files else {}
