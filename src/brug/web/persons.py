# SPDX-License-Identifier: EUPL-1.2
"""For whoever takes part in one case without an account: a page of its own, outside of all rooms.

A personal link and a code that is mailed lead in; a cookie that holds for this link alone keeps
the door open for some hours. Whatever is wrong with a link is answered alike, so that nobody
learns which there are. The case is shown by the parts of its usual page, on a view that has what
this person has and writes as this person; it is read in a system session, so nothing but the view
may be asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, wraps
from typing import BinaryIO

from brug.cases.acts import AnyAct
from brug.cases.documents import Told
from brug.cases.entries import Entry
from brug.cases.persons import letters, links, outside
from brug.cases.persons.letters import PAGE
from brug.cases.persons.outside import NoSeat, Person, Seat
from brug.cases.taking_part import NotYours
from brug.web.cases import acting, attaching, editing, showing
from brug.web.cases.marks import Marks
from brug.web.cases.showing import Failed
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

CASE = PAGE + "/case"
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_ACTS = {"detached": "attached"}

Answer = Callable[[Visit], Reply]


def cookie_name(secure: bool) -> str:
    return "__Host-brug-person" if secure else "brug-person"


class SeatView(View):
    """A case as a person outside has it."""

    is_outside = True

    def __init__(self, visit: Visit, seat: Seat) -> None:  # not the reader's, as its base has it
        self.visit = visit
        self.person: Person = seat.person
        self.file, self.case, self.author = seat.file, seat.case, seat.author
        self.entries, self.came = {one.id: one for one in seat.entries}, {}

    @property
    def place(self) -> str:
        return CASE

    def fresh(self) -> View:
        return SeatView(self.visit, Seat.take(self.visit.session, self.person))

    def may(self, what: str) -> bool:
        return what not in outside.NEVER and super().may(what)

    def act(self, doing: AnyAct, to: Sequence[str] = ()) -> Entry:
        return outside.act(self.visit.session, self.person, doing, to)

    def attach(self, source: BinaryIO, told: Told, to: Sequence[str]) -> Entry:
        return outside.attach(self.visit.session, self.person, source.read(), told, to)

    @cached_property
    def _colleagues(self) -> dict[int, str]:
        """Nobody's address is told here."""
        return {}


def private(handler: Answer) -> Answer:
    """What is between a person and this node stays on no disk, in no index, in no address.

    Whoever is not in, for whatever reason, is shown the door.
    """

    @wraps(handler)
    def guarded(visit: Visit) -> Reply:
        visit.reader = None  # whoever is signed in besides is somebody else here
        with visit.node.database.system() as session:
            visit.host = letters.host(session)
        try:
            reply = handler(visit)
        except NoSeat:
            reply = visit.redirect(PAGE)
            reply.cookies[cookie_name(visit.secure)] = ""
        reply.headers |= _PRIVATE
        return reply

    return guarded


@contextmanager
def seated(visit: Visit, *, writes: bool = False) -> Iterator[SeatView]:
    """The case of whoever is in. Raises NoSeat."""
    cookie = visit.cookies.get(cookie_name(visit.secure), "")
    if not cookie:
        raise NoSeat("no cookie")
    before = visit.open_session
    try:
        with visit.node.database.system() as session:
            visit.open_session = session
            person = links.of_cookie(session, cookie)
            yield SeatView(visit, Seat.take(session, person, writes=writes))
    finally:
        visit.open_session = before


# -- the door -----------------------------------------------------------------------------


@page(PAGE, anonymous=True)
@private
def knock(visit: Visit) -> Reply:
    """With a link, the way to a code; the same page whether it leads anywhere or not."""
    return visit.show("persons/door.html", link=visit.query.get("link"), asked=False, problem="")


@page(PAGE + "/code", "POST", anonymous=True)
@private
def ask_code(visit: Visit) -> Reply:
    link = visit.form.get("link")
    with visit.node.database.system() as session:
        links.ask_code(session, link)
    return visit.show("persons/door.html", link=link, asked=True, problem="")


@page(PAGE + "/enter", "POST", anonymous=True)
@private
def enter(visit: Visit) -> Reply:
    link, code = visit.form.get("link"), visit.form.get("code")
    with visit.node.database.system() as session:
        cookie = links.enter(session, link, code)
    if cookie is None:
        problem = visit.gettext("Link and code do not fit. Ask for another code, or another link.")
        return visit.show("persons/door.html", 403, link=link, asked=True, problem=problem)
    reply = visit.redirect(CASE)
    reply.cookies[cookie_name(visit.secure)] = cookie
    return reply


@page(PAGE + "/leave", "POST", anonymous=True)
@private
def leave(visit: Visit) -> Reply:
    name = cookie_name(visit.secure)
    with visit.node.database.system() as session:
        links.leave(session, visit.cookies.get(name, ""))
    reply = visit.show("persons/door.html", link="", asked=False, problem="")
    reply.cookies[name] = ""
    return reply


# -- the case -----------------------------------------------------------------------------


def _shown(visit: Visit, view: View, failed: Failed | None = None) -> Reply:
    assert isinstance(view, SeatView)  # noqa: S101
    status = failed.status if failed else 200
    parts = showing.parts(visit, view, failed)
    return visit.show(
        "persons/case.html", status, wide=True, mails=view.person.mails, marks=Marks(view), **parts
    )


@page(CASE, anonymous=True)
@private
def show(visit: Visit) -> Reply:
    with seated(visit) as view:
        return _shown(visit, view)


@page(CASE + "/acts/{what:str}", "POST", anonymous=True)
@private
def act(visit: Visit) -> Reply:
    what = visit.args["what"]
    with seated(visit, writes=True) as view:
        if what in acting.DONE and what != "left" and not view.may(_ACTS.get(what, what)):
            raise NotYours(f"person {view.person.id} may not have this {what[:40]}")
        return acting.acted(visit, view, _shown, PAGE)


@page(CASE + "/acts/{what:str}", anonymous=True)
@private
def back(visit: Visit) -> Reply:
    return visit.redirect(CASE)


@page(CASE + "/edit", anonymous=True)
@private
def ask_fields(visit: Visit) -> Reply:
    with seated(visit) as view:
        return editing.asked(visit, view)


@page(CASE + "/edit", "POST", anonymous=True)
@private
def fill(visit: Visit) -> Reply:
    with seated(visit, writes=True) as view:
        if not view.may("filled"):
            raise NotYours(f"person {view.person.id} may not fill anything in")
        return editing.filled(visit, view)


@page(CASE + "/documents/{document:str}", anonymous=True)
@private
def fetch(visit: Visit) -> Reply:
    with seated(visit) as view:
        return attaching.fetched(visit, view)


@page(CASE + "/mails", "POST", anonymous=True)
@private
def mails(visit: Visit) -> Reply:
    """Whether they want to hear by mail what is new."""
    wanted = visit.form.flag("wanted")
    with seated(visit) as view:
        visit.session.execute(
            "UPDATE case_person SET mails = %s WHERE id = %s", (wanted, view.person.id)
        )
    said = visit.gettext("You get a mail when there is something new.")
    return visit.redirect(CASE, said if wanted else visit.gettext("You get no more mails."))
