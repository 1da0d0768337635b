# SPDX-License-Identifier: EUPL-1.2
"""The fields of an event that people give: read, checked, and what there is to choose."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from brug.directory import sharing_groups
from brug.model.event import COMMUNITY, SHARING_GROUP
from brug.model.new_event import GroupRef, NewEvent, NewTag
from brug.store import settings
from brug.web.visit import Visit

MARKINGS = ("", "tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red")


class Head(msgspec.Struct):
    """The fields of the event that the form asks for."""

    info: str = ""
    date: str = ""
    level: int = COMMUNITY
    group: str = ""
    threat: int = 4
    analysis: int = 0
    marking: str = ""
    errors: dict[str, str] = {}


def defaults(visit: Visit, info: str) -> Head:
    level = int(settings.get(visit.session, "events.default_distribution"))
    return Head(info=info, date=datetime.now(UTC).date().isoformat(), level=level)


def choices(visit: Visit) -> dict[str, Any]:
    return {"groups": sharing_groups.listed(visit.session, active=True), "markings": MARKINGS}


def read(visit: Visit) -> Head:
    form = visit.form
    head = Head(
        info=form.text("info")[:2000],
        date=form.text("date"),
        level=form.number("level", COMMUNITY, high=4),
        group=form.text("group"),
        threat=form.number("threat", 4, low=1, high=4),
        analysis=form.number("analysis", 0, high=2),
        marking=form.text("marking"),
        errors={},
    )
    if not head.info:
        head.errors["info"] = visit.gettext("Fill this in.")
    try:
        date.fromisoformat(head.date)
    except ValueError:
        head.errors["date"] = visit.gettext("Give a date such as 2030-01-31.")
    if head.level == SHARING_GROUP and not head.group.isdecimal():
        head.errors["group"] = visit.gettext("Choose the group that it is for.")
    if head.marking not in MARKINGS:
        head.errors["marking"] = visit.gettext("Choose one of the list.")
    return head


def event_of(head: Head) -> NewEvent:
    return NewEvent(
        None,
        head.info,
        date=head.date,
        threat_level_id=head.threat,
        analysis=head.analysis,
        distribution=head.level,
        group=GroupRef(id=int(head.group)) if head.level == SHARING_GROUP else None,
        published=False,
        tags=[NewTag(head.marking)] if head.marking else [],
    )
