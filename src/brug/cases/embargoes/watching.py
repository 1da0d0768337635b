# SPDX-License-Identifier: EUPL-1.2
"""Watches open disclosures: what leaks, which embargo ends, which vendor is silent.

A case is looked at after it changed, and when something of it is due. Whatever is found is raised
once: shown on the start page and in the case, and mailed by the number of the case alone. A vendor
that owes an answer is written to, with an account here or without one; one that stays silent is
said to be so in the case, with a task for whoever leads it from here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import NAMESPACE_URL, uuid5

import msgspec

from brug.cases import chasing, files, one_by_one, projecting, rules, writing
from brug.cases.acts import AnyAct, Moved, Planned
from brug.cases.case import Case, Participant
from brug.cases.embargoes import alarms, flagging, knowing, matching, terms
from brug.cases.entries import Author
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.forms import instant
from brug.cases.hooks import noting
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.persons import letters
from brug.model.errors import BrugError
from brug.store import outbox, settings
from brug.store.session import Database, Session

ROUND_SECONDS = 20.0
MOST = 100
AGAIN = timedelta(minutes=5)
DAYS_BEFORE = (14, 7, 3, 1)
BREACHES = frozenset({"breach", "known", "published"})  # what programs are told, too


def watch(database: Database) -> float:
    """One round; the seconds until the next."""
    with database.system() as session:
        now = datetime.now(UTC)
        numbers = [row[0] for row in session.all(
            "SELECT f.id FROM case_file f JOIN case_reading r ON r.case_id = f.id AND r.reader = 0"
            " LEFT JOIN case_watch w ON w.case_id = f.id WHERE f.kind = %s AND NOT f.is_over"
            "   AND (w.case_id IS NULL OR w.stamp IS DISTINCT FROM r.stamp OR w.next <= %s)"
            " ORDER BY f.id LIMIT %s",
            (DISCLOSURE.key, now, MOST),
        )]  # fmt: skip
    one_by_one.each(database, numbers, partial(_look_alone, now), _put_off)
    return 0.0 if len(numbers) == MOST else ROUND_SECONDS


def _look_alone(now: datetime, session: Session, number: int) -> None:
    locked = "SELECT 1 FROM case_file WHERE id = %s FOR UPDATE SKIP LOCKED"
    if session.one(locked, (number,)) is not None:
        look(session, number, now)


def _put_off(session: Session, number: int) -> None:
    _note(session, number, datetime.now(UTC) + one_by_one.LATER)


def _note(session: Session, number: int, again: datetime | None) -> None:
    """That it was looked at, and when it is the next time.

    Not when it was: whoever waited for the lock meanwhile writes with an earlier time.
    """
    session.execute(
        "INSERT INTO case_watch (case_id, stamp, next)"
        " SELECT case_id, stamp, %s FROM case_reading WHERE case_id = %s AND reader = 0"
        " ON CONFLICT (case_id) DO UPDATE SET stamp = excluded.stamp, next = excluded.next",
        (again, number),
    )


class _Look(msgspec.Struct):
    """One case while it is looked at; `here` are the parts that this node speaks for."""

    session: Session
    file: File
    case: Case
    now: datetime
    here: list[tuple[Participant, int]]
    next: list[datetime] = []

    def tell(
        self, kind: str, key: str, about: dict[str, str], org: tuple[Participant, int] | None = None
    ) -> bool:
        """Raises it, and mails those whom it is for; nothing where it was raised before."""
        org_id = org[1] if org else None
        if not alarms.raised(self.session, self.file.id, kind, key, about, org_id):
            return False
        details = {"number": self.file.number, "notice": kind}
        whom = [org] if org else self.here
        people = {user for one, _ in whom for user in _readers(self.session, one)}
        for user in sorted(people):
            outbox.put(self.session, "clock", user_id=user, details=details)
        if kind in BREACHES:
            # Somebody who takes part twice, as vendor and finder say, is told once.
            for bound in dict.fromkeys((one.org, one.user) for one, _ in whom):
                noting.note(self.session, self.file.id, "breach", {"alarm": kind}, bound=bound)
        return True


def look(session: Session, number: int, now: datetime) -> None:
    """One case."""
    file = files.of_id(session, number)
    case = fold(DISCLOSURE, files.entries_of(session, file))
    here = _here(session, number, case)
    found = _Look(session, file, case, now, here)
    linked = [
        uuid for (kind, uuid), one in case.links.items() if kind == "event" and not one.is_undone
    ]
    flagging.flag(session, case, linked, now)
    _end(found)
    _breaches(found, linked)
    _silence(found)
    _note(session, number, min(found.next, default=None))


def _here(session: Session, number: int, case: Case) -> list[tuple[Participant, int]]:
    node = str(settings.get(session, "node.uuid"))
    rows = session.all(
        "SELECT participant::text, org_id FROM case_party WHERE case_id = %s"
        " AND org_id IS NOT NULL",
        (number,),
    )
    known = dict(rows)
    return [
        (one, known[one.id]) for one in case.present
        if one.id in known and one.node in {"", node}
    ]  # fmt: skip


def _readers(session: Session, one: Participant) -> list[int]:
    """Who of a participant works on cases here."""
    rows = session.all(
        "SELECT a.id FROM account a JOIN role r ON r.id = a.role_id"
        " JOIN organisation_named o ON o.id = a.org_id"
        " WHERE NOT a.disabled AND o.uuid::text = %(org)s"
        " AND CASE WHEN %(user)s::int IS NULL THEN 'case' = ANY (r.rights)"
        "   ELSE a.id = %(user)s END",
        {"org": one.org, "user": one.user},
    )
    return [row[0] for row in rows]


# -- what is looked for --------------------------------------------------------------------


def _end(found: _Look) -> None:
    """An end that comes near, or has come; who stood still for long hears of the last alone."""
    case, now = found.case, found.now
    if case.embargo is None:
        return
    until = case.embargo.until
    end = instant("embargo", until)
    if terms.holds(case, now):
        marks = [(end - timedelta(days=days), days) for days in DAYS_BEFORE]
        passed = [days for at, days in marks if at <= now]
        if passed:
            found.tell("ends", f"ends {until} {min(passed)}", {"until": until})
            alarms.settle(found.session, found.file.id, "ends ", f" {until} {min(passed)}")
        found.next += [at for at, _ in marks if at > now] + [end]
        return
    alarms.settle(found.session, found.file.id, "ends ", " none")
    if terms.ran_out(case, now):
        found.tell("ended", f"ended {until}", {"until": until})
        state = case.positions["embargo", ""].state
        for lead, _ in (one for one in found.here if _leads(case, one[0])):
            if state in {"active", "revise"}:
                _act(found, lead, Moved(
                    machine="embargo", trigger="terminate", leaves=state,
                    because=f"It ended with its date ({until})",
                ))  # fmt: skip
                break


def _breaches(found: _Look, linked: Sequence[str]) -> None:
    case, now = found.case, found.now
    if case.embargo is not None and instant("embargo", case.embargo.until) > now:
        _known(found)
    if not terms.holds(case, now):
        return
    for uuid in matching.published(found.session, linked):
        found.tell("published", f"published {uuid}", {"event": uuid})
    cves = [str(one) for one in case.fields.get("cve") or []]
    since = instant("opened", case.opened)
    for one, org_id in found.here:
        for seen in matching.seen(found.session, org_id, cves, since, linked):
            key = f"breach {seen.cve} {seen.where} {seen.reference}"
            about = {"cve": seen.cve, "where": seen.where, "reference": seen.reference,
                     "who": seen.who}  # fmt: skip
            if found.tell("breach", key, about, (one, org_id)) and _leads(case, one):
                title = f"{seen.cve} is named outside of this case: is the embargo broken?"
                _task(found, one, f"breach {seen.cve}", title)
    if cves and found.here:
        found.next.append(now + AGAIN)


def _known(found: _Look) -> None:
    """What others know before the end; whoever is about to publish has some time to do so."""
    step = knowing.step(found.case)
    if step is None:
        return
    if knowing.is_own(found.case, step):
        alarms.settle(found.session, found.file.id, "known ", " none")
        return
    waits = knowing.waits_until(step)
    if waits is not None and waits > found.now and _drafts(found):
        found.next.append(waits)
        return
    state = found.case.positions["exposure", ""].state
    found.tell("known", f"known {state}", {"state": state})


def _drafts(found: _Look) -> bool:
    query = "SELECT EXISTS (SELECT 1 FROM advisory WHERE case_id = %s)"
    return bool(found.session.value(query, (found.file.id,)))


def _silence(found: _Look) -> None:
    days = int(settings.get(found.session, "disclosure.chase_days"))
    leads = [one for one in found.here if _leads(found.case, one[0])]
    for contact in chasing.contacts(found.case, found.now, days):
        alarms.settle(found.session, found.file.id, f"silent {contact.participant.id} ",
                      str(contact.waits_since))  # fmt: skip
        if contact.next is not None:
            found.next.append(contact.next)
        if contact.stage:
            _chase(found, contact)
        if not contact.stage or not leads:
            continue
        since = contact.waits_since
        name = contact.participant.name
        key = f"silent {contact.participant.id} {contact.stage} {since}"
        about = {"vendor": name, "stage": str(contact.stage), "since": str(since)}
        for lead in leads:
            if not found.tell("silent", key, about, lead):
                continue
            title = chasing.STAGES[contact.stage - 1][1]
            _task(found, lead[0], key, f"{title} ({name})")
            if contact.stage > 1 and contact.state in {"written", "answering"}:
                _act(found, lead[0], Moved(
                    machine="contact", trigger="fall_silent", leaves=contact.state,
                    of=contact.participant.id, because=f"No answer since {since:%Y-%m-%d}",
                ))  # fmt: skip


def _chase(found: _Look, contact: chasing.Contact) -> None:
    """Writes to the vendor itself, where it is reached from here: once for each stage."""
    one, since = contact.participant, contact.waits_since
    assert since is not None  # noqa: S101 — there is a stage
    made = found.session.execute(
        "INSERT INTO case_warned (case_id, participant, key) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (found.file.id, one.id, f"chase {contact.stage} {since.isoformat()}"),
    )
    if not made.rowcount:
        return
    details = {"number": found.file.number, "since": f"{since:%Y-%m-%d}"}
    if any(part.id == one.id for part, _ in found.here):
        for user in _readers(found.session, one):
            said = details | {"notice": "awaited"}
            outbox.put(found.session, "clock", user_id=user, details=said)
    letters.chase(found.session, found.file.id, one.id, details)


def _leads(case: Case, one: Participant) -> bool:
    return case.kind.role(one.role).leads and one.user is None


# -- what is done --------------------------------------------------------------------------


def _task(found: _Look, by: Participant, key: str, title: str) -> None:
    task = str(uuid5(NAMESPACE_URL, f"{found.case.id} {key}"))
    if task not in found.case.tasks:
        _act(found, by, Planned(task=task, title=title[:300], assignee=by.id))


def _act(found: _Look, by: Participant, doing: AnyAct) -> None:
    """In the name of an organisation of this node that leads, by nobody in person."""
    session, file = found.session, found.file
    author = Author(str(settings.get(session, "node.uuid")), by.org, 0)
    try:
        rules.require(found.case, author, doing)
    except BrugError:
        return  # somebody was faster
    before = files.entries_of(session, file)
    entry = writing.write(session, (file.id, file.uuid), before, author, doing)
    found.case = fold(DISCLOSURE, [*before, entry])
    projecting.project(session, file.id, found.case)
