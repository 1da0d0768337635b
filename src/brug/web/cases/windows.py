# SPDX-License-Identifier: EUPL-1.2
"""Parts of what a case's page would have too much of: the newest first, and the way to the others.

Each list is paged by a parameter of its own, and its piece alone is asked for where scripts run.
With `all` everything is on one page, to be printed; `entry` is the page of the timeline on which
an entry stands, so that `?entry=UUID#e-UUID` leads to it however many came later.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from brug.cases.acts import Linked, Planned, Said
from brug.cases.case import Case
from brug.web import lists
from brug.web.cases import attaching
from brug.web.cases.view import View
from brug.web.lists import Paging
from brug.web.rendering import address
from brug.web.visit import Visit

ENTRIES_AT_ONCE = 25
AT_ONCE = 10
EVERYTHING = 100_000
Item = TypeVar("Item")
# The piece of the page, by the id that it has.
PIECES: Mapping[str, str] = {
    "said": "cases/_messages.html", "planned": "cases/_tasks.html",
    "attached": "cases/_documents.html", "linked": "cases/_links.html",
    "decided": "cases/_decisions.html", "timeline": "cases/_timeline.html",
    "recorded": "cases/_facts.html", "joined": "cases/_people.html",
    "marked": "cases/_marking.html", "next": "cases/_next.html",
}  # fmt: skip
# Where forms stand, by what their ids begin with.
_FORMS: Mapping[str, str] = {
    "form-planned": "planned", "form-attached": "attached", "form-linked": "linked",
    "form-decided": "decided", "form-undone": "recorded", "form-joined": "joined",
    "form-left": "joined", "form-marked": "marked", "form-embargoed": "marked",
    "form-renamed": "marked", "form-moved": "next",
}  # fmt: skip


class Window(msgspec.Struct, frozen=True):
    """By what parameter a list is paged, where it stands, and how much of it at once."""

    name: str
    place: str
    most: int = AT_ONCE


MESSAGES, TASKS = Window("messages", "said"), Window("tasks", "planned")
DOCUMENTS, LINKS = Window("documents", "attached"), Window("links", "linked")
DECISIONS, TIMELINE = Window("decisions", "decided"), Window("page", "timeline", ENTRIES_AT_ONCE)


def of(visit: Visit, view: View, opened: str) -> dict[str, Any]:
    """What the page shows of each list; `opened` is the form that it opens."""
    case = view.case
    said = [one for one in case.timeline[::-1] if isinstance(one.act, Said)]
    messages, messages_page = part(visit, MESSAGES, said)
    task = opened.removeprefix("planned.")
    tasks, tasks_page = part(
        visit, TASKS, _tasks(case), (lambda one: one.task == task) if task else None
    )
    shown, documents_page = part(visit, DOCUMENTS, attaching.newest(view))
    decisions, decisions_page = part(visit, DECISIONS, case.decisions[::-1])
    entry = visit.query.text("entry")
    timeline, pages = part(
        visit, TIMELINE, case.timeline[::-1], (lambda one: one.id == entry) if entry else None
    )
    return {
        "messages": messages, "messages_page": messages_page, "tasks": tasks,
        "tasks_page": tasks_page, "documents": attaching.rows(view, shown),
        "documents_page": documents_page, "decisions": decisions,
        "decisions_page": decisions_page, "timeline": timeline, "page": pages,
        "has_all": has_all(visit),
    }  # fmt: skip


def links(visit: Visit, case: Case) -> tuple[Sequence[Linked], Paging]:
    """Those that were not taken away, the newest last."""
    return part(visit, LINKS, [one for one in case.links.values() if not one.is_undone])


def has_all(visit: Visit) -> bool:
    return visit.query.flag("all")


def piece(visit: Visit) -> str | None:
    """The template of the piece that a script asks for: a list, or the part with a form."""
    if not visit.partial:
        return None
    target = visit.headers.get("hx-target", "")
    place = _FORMS.get(target.partition(".")[0], target)
    return PIECES.get(place)


def part(
    visit: Visit,
    window: Window,
    items: Sequence[Item],
    is_wanted: Callable[[Item], bool] | None = None,
) -> tuple[Sequence[Item], Paging]:
    """Some of them: of the page that is asked for, else of the one with what is wanted."""
    most = EVERYTHING if has_all(visit) else window.most
    number = 1
    if visit.query.get(window.name):
        number = visit.query.number(window.name, 1, low=1, high=200_000)
    elif is_wanted is not None:
        place = next((at for at, one in enumerate(items) if is_wanted(one)), 0)
        number = place // most + 1
    first = (number - 1) * most
    shown = items[first : first + most]
    rest = lists.kept(visit, window.name, "open", "fact", "of", "entry", "all")

    def to(query: Mapping[str, str]) -> str:
        return address(_path(visit), query) + f"#{window.place}"

    is_cut = len(shown) < len(items)
    return shown, Paging(
        first=first + 1 if shown else 0,
        last=first + len(shown),
        total=len(items),
        previous=to(rest | {window.name: str(number - 1)}) if number > 1 else None,
        next=to(rest | {window.name: str(number + 1)})
        if shown and first + len(shown) < len(items)
        else None,
        piece=window.place,
        everything=to({"all": "1"}) if is_cut else None,
    )


def _tasks(case: Case) -> list[Planned]:
    """What is to be done first, the soonest first."""
    return sorted(case.tasks.values(), key=lambda one: (one.is_done, one.due or "~", one.title))


def _path(visit: Visit) -> str:
    """Of the case's page, also where a form of it was refused."""
    return visit.path.partition("/acts/")[0]
