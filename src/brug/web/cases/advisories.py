# SPDX-License-Identifier: EUPL-1.2
"""Own advisories: those of the host in a list, and those of one case, to be begun there.

Whoever writes advisories of the host sees drafts and all that was released; others see what was
released to them.
"""

from datetime import datetime
from typing import Any

import msgspec

from brug.cases import keeping, taking_part
from brug.cases.advisories import editing, publishing_party, releasing, shelf, storing
from brug.cases.advisories.storing import Own
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.formats.csaf import marking
from brug.formats.csaf.document import Label
from brug.formats.disposition import attachment
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.store.session import Session
from brug.web.cases import advisory_words as words
from brug.web.cases import room, sentences
from brug.web.cases.room import BASE, ONE
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/advisories"
OF_CASE = ONE + "/advisory"
ADVISORY = OF_CASE + "/{number:int}"
EVERY: tuple[Label, ...] = ("WHITE", "GREEN", "AMBER", "RED")
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Row(msgspec.Struct, frozen=True):
    """One advisory, as lists show it."""

    tracking_id: str
    title: str
    href: str
    case: str
    has_draft: bool
    status: str
    version: str
    label: str
    released: datetime | None
    url: str


def may_write(session: Session) -> bool:
    try:
        storing.require_author(session)
    except Forbidden:
        return False
    return True


@page(PLACE, shows=("own",), probe=PLACE)
def listed(visit: Visit) -> Reply:
    """Drafts and what was released, by label."""
    room.require_reader(visit)
    writes = may_write(visit.session)
    label, state = visit.query.text("label"), visit.query.text("state")
    every = own_rows(visit) if writes else _released_rows(visit)
    rows = [
        one for one in every
        if label in {"", one.label}
        and (not state or (one.has_draft if state == "draft" else one.status == state))
    ]  # fmt: skip
    return visit.show(
        "cases/advisories.html",
        tabs=room.tabs_of(visit),
        rows=rows,
        writes=writes,
        is_publishing=publishing_party.is_publishing(visit.session),
        label=label,
        state=state,
        labels=EVERY,
        words=words,
    )


def own_rows(visit: Visit, case_id: int | None = None) -> list[Row]:
    """Those that the reader may edit. A draft's title is sealed with it."""
    session, base = visit.session, publishing_party.base_url(visit.session)
    return [_own_row(session, base, one) for one in storing.listed(session, case_id)]


def _own_row(session: Session, base: str, one: Own) -> Row:
    title, label = one.title or "", one.label or ""
    if one.has_draft:
        document = storing.newest(session, one).document
        title = document.title
        tlp = marking.label_of(document)
        label = label or (marking.as_csaf(tlp) if tlp else "")
    return Row(
        one.tracking_id, title, f"{BASE}/{one.case_id}/advisory/{one.id}", one.case, one.has_draft,
        one.status or "", one.version or "", label, one.released, served(base, one),
    )  # fmt: skip


def served(base: str, one: Own) -> str:
    """Where the current release is served; nowhere for RED."""
    if not one.path or not one.label or one.label == "RED":
        return ""
    return releasing.address(base, one.label, one.path)


def _released_rows(visit: Visit) -> list[Row]:
    """What was released to whoever reads."""
    base = publishing_party.base_url(visit.session)
    rows = [
        Row(
            one.tracking_id, one.title, "", "", has_draft=False, status="", version="",
            label=label, released=one.released, url=releasing.address(base, label, one.path),
        )
        for label in shelf.SHELVES
        for one in shelf.listed(visit.session, label)
    ]  # fmt: skip
    return sorted(rows, key=lambda one: (one.released is None, one.released), reverse=True)


# -- of one case ---------------------------------------------------------------------------


@page(OF_CASE, probe="/cases/{case}/advisory")
def of_case(visit: Visit) -> Reply:
    return _of_case(visit, View(visit, visit.args["key"]))


def _of_case(visit: Visit, view: View, error: BrugError | None = None) -> Reply:
    storing.require_author(visit.session)
    said = sentences.sentence(visit, error) if error else ""
    return visit.show(
        "cases/case_advisories.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=view.case,
        rows=own_rows(visit, view.file.id),
        is_publishing=publishing_party.is_publishing(visit.session),
        may_begin=view.case.kind is DISCLOSURE,
        labels=EVERY,
        words=words,
        said=said,
    )


@page(OF_CASE, "POST")
def begin(visit: Visit) -> Reply:
    """A draft made of what the case says."""
    view = View(visit, visit.args["key"], writes=True)
    label = visit.form.text("tlp")
    try:
        with visit.session.connection.transaction():
            tlp = {"WHITE": "clear"}.get(label, label.lower())
            own, _ = editing.begin(visit.session, view.file.uuid, tlp)
    except (Invalid, Conflict) as error:
        return _of_case(visit, view, error)
    return visit.redirect(f"{view.place}/advisory/{own.id}", visit.gettext("The draft is begun."))


class Desk(View):
    """An advisory of a case, for one of those who write it."""

    def __init__(self, visit: Visit, *, writes: bool = False) -> None:
        super().__init__(visit, visit.args["key"], writes=writes)
        storing.require_author(visit.session)
        self.own = storing.of_case(visit.session, self.file.id, _number(visit))
        if writes:
            self.own = storing.lock(visit.session, self.own)
        self.advisory = storing.newest(visit.session, self.own)

    @property
    def at(self) -> str:
        """The address of the advisory."""
        return f"{self.place}/advisory/{self.own.id}"

    @property
    def releases(self) -> bool:
        """Whether the reader leads the case, and so may release."""
        mine = taking_part.parts_of(self.case, keeping.author(self.visit.session))
        return any(self.case.kind.role(one.role).leads for one in mine)

    def context(self, **more: Any) -> dict[str, Any]:
        tracking = self.advisory.document.tracking
        return {
            "tabs": room.tabs_of(self.visit), "it": self, "file": self.file, "case": self.case,
            "own": self.own, "advisory": self.advisory, "tracking": tracking, "words": words,
            "label": marking.label_of(self.advisory.document), "when": room.when,
            "served": served(publishing_party.base_url(self.visit.session), self.own),
            "past": storing.past(self.visit.session, self.own),
        } | more  # fmt: skip


def _number(visit: Visit) -> int:
    number = int(visit.args["number"])
    if not 0 < number < 2**31:
        raise NotFound(f"no advisory {number}")
    return number


@page(ADVISORY + "/draft.json")
def as_json(visit: Visit) -> Reply:
    """The newest draft, to be edited elsewhere."""
    desk = Desk(visit)
    return download(editing.as_file(desk.advisory), f"{_safe(desk.own.tracking_id)}_draft.json")


@page(ADVISORY + "/releases/{version:str}")
def release_of(visit: Visit) -> Reply:
    desk = Desk(visit)
    version = visit.args["version"]
    raw = storing.released(visit.session, desk.own, version)
    return download(raw, f"{_safe(desk.own.tracking_id)}_{_safe(version)}.json")


def download(raw: bytes, name: str) -> Reply:
    headers = _KEPT | {"Content-Disposition": attachment(name)}
    return Reply(raw, 200, headers, media_type="application/json")


def _safe(text: str) -> str:
    return "".join(one if one.isalnum() or one in "-_." else "-" for one in text)
