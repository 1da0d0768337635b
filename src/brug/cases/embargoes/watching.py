# SPDX-License-Identifier: EUPL-1.2
"""Watches open disclosures: what leaks, which embargo ends, which vendor is silent.

A case is looked at after it changed, and when something of it is due. Whatever is found is raised
once: shown on the start page and in the case, and mailed by the number of the case alone. A vendor
that owes an answer is written to, with an account here or without one. That one stays silent is
for those who coordinate, and for that vendor: so are the task and the step that say so.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from brug.cases import chasing, files, one_by_one
from brug.cases.acts import Linked, Moved
from brug.cases.case import Case, Participant
from brug.cases.embargoes import alarms, flagging, knowing, matching, terms
from brug.cases.embargoes.looking import Look, do, parts_here, plan
from brug.cases.entries import Entry
from brug.cases.folding import fold
from brug.cases.forms import instant
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.persons import letters
from brug.cases.readers import readers
from brug.cases.taking_part import leading
from brug.store import outbox, settings
from brug.store.session import Database, Session

ROUND_SECONDS = 20.0
MOST = 100
AGAIN = timedelta(minutes=5)
DAYS_BEFORE = (14, 7, 3, 1)


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


def look(session: Session, number: int, now: datetime) -> None:
    """One case."""
    file = files.of_id(session, number)
    case = fold(DISCLOSURE, files.entries_of(session, file))
    here = parts_here(session, number, case)
    found = Look(session, file, case, now, here)
    linked = [
        uuid for (kind, uuid), one in case.links.items() if kind == "event" and not one.is_undone
    ]
    flagging.flag(session, case, linked, now)
    _end(found)
    _breaches(found, linked)
    _silence(found)
    _note(session, number, min(found.next, default=None))


# -- what is looked for --------------------------------------------------------------------


def _end(found: Look) -> None:
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
                do(found, lead, Moved(
                    machine="embargo", trigger="terminate", leaves=state,
                    because=f"It ended with its date ({until})",
                ))  # fmt: skip
                break


def _breaches(found: Look, linked: Sequence[str]) -> None:
    case, now = found.case, found.now
    if case.embargo is not None and instant("embargo", case.embargo.until) > now:
        _known(found)
    if not terms.holds(case, now):
        return
    for uuid in matching.published(found.session, linked):
        _published(found, uuid)
    cves = [str(one) for one in case.fields.get("cve") or []]
    since = instant("opened", case.opened)
    for one, org_id in found.here:
        for seen in matching.seen(found.session, org_id, cves, since, linked):
            key = f"breach {seen.cve} {seen.where} {seen.reference}"
            about = {"cve": seen.cve, "where": seen.where, "reference": seen.reference,
                     "who": seen.who}  # fmt: skip
            if found.tell("breach", key, about, (one, org_id)) and _leads(case, one):
                title = f"{seen.cve} is named outside of this case: is the embargo broken?"
                plan(found, one, f"breach {seen.cve} {one.id}", title, [one.id])
    if cves and found.here:
        found.next.append(now + AGAIN)


def _published(found: Look, uuid: str) -> None:
    """An event, for those who know that it has to do with the case."""
    whom = [one for one in found.here if _has_link(found.case, one[0], uuid)]
    for one in [None] if len(whom) == len(found.here) else whom:
        found.tell("published", f"published {uuid}", {"event": uuid}, one)


def _has_link(case: Case, one: Participant, uuid: str) -> bool:
    return any(
        isinstance(entry.act, Linked) and (entry.act.kind, entry.act.uuid) == ("event", uuid)
        and (not entry.to or one.id in entry.to or entry.author.is_of(one.org))
        for entry in case.timeline
    )  # fmt: skip


def _known(found: Look) -> None:
    """What others know before the end; whoever is about to publish has some time to do so."""
    step = knowing.step(found.case)
    if step is None:
        return
    if knowing.is_own(found.case, step):
        alarms.settle(found.session, found.file.id, "known ", " none")
        return
    waits = _waits_until(found, step)
    if waits is not None and waits > found.now:
        found.next.append(waits)
        return
    state = found.case.positions["exposure", ""].state
    found.tell("known", f"known {state}", {"state": state})


def _waits_until(found: Look, step: Entry) -> datetime | None:
    """Till when an own advisory may follow: of a draft here, or of who said it at another node.

    Another node's drafts are not known here, and what it says takes its time to come.
    """
    waits = knowing.waits_until(step)
    if waits is None:
        return None
    node = str(settings.get(found.session, "node.uuid"))
    if step.author.node != node:
        query = "SELECT came FROM case_entry WHERE uuid = %s"
        came: datetime = found.session.value(query, (step.id,))
        return came + knowing.SOON
    return waits if _drafts(found) else None


def _drafts(found: Look) -> bool:
    query = "SELECT EXISTS (SELECT 1 FROM advisory WHERE case_id = %s)"
    return bool(found.session.value(query, (found.file.id,)))


def _silence(found: Look) -> None:
    days = int(settings.get(found.session, "disclosure.chase_days"))
    ours = [one for one in found.here if _leads(found.case, one[0])]
    for contact in chasing.contacts(found.case, found.now, days):
        alarms.settle(found.session, found.file.id, f"silent {contact.participant.id} ",
                      str(contact.waits_since))  # fmt: skip
        if contact.next is not None:
            found.next.append(contact.next)
        if contact.stage:
            _chase(found, contact)
        if not contact.stage or not ours:
            continue
        since = contact.waits_since
        name = contact.participant.name
        key = f"silent {contact.participant.id} {contact.stage} {since}"
        about = {"vendor": name, "stage": str(contact.stage), "since": str(since)}
        for lead in ours:
            if not found.tell("silent", key, about, lead):
                continue
            title = chasing.STAGES[contact.stage - 1][1]
            to = [*(one.id for one in leading(found.case)), contact.participant.id]
            plan(found, lead[0], key, f"{title} ({name})", to)
            if contact.stage > 1 and contact.state in {"written", "answering"}:
                do(found, lead[0], Moved(
                    machine="contact", trigger="fall_silent", leaves=contact.state,
                    of=contact.participant.id,
                ))  # fmt: skip


def _chase(found: Look, contact: chasing.Contact) -> None:
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
        for user in readers(found.session, one):
            said = details | {"notice": "awaited"}
            outbox.put(found.session, "clock", user_id=user, details=said)
    letters.chase(found.session, found.file.id, one.id, details)


def _leads(case: Case, one: Participant) -> bool:
    return case.kind.role(one.role).leads and one.user is None
