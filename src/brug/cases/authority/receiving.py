# SPDX-License-Identifier: EUPL-1.2
"""Taking a notification in: a case of the authority's own, or a further report in one.

The entity takes part as it is named, without an account: it sees the case where somebody says
which organisation of this node it is, and never by what a file says of itself.
"""

from hashlib import sha256
from io import BytesIO
from uuid import uuid4

from brug.cases import act_rules, documents, files, keeping, notified, people, taking_part
from brug.cases.acts import AnyAct, Filled, Joined, Moved, Recorded
from brug.cases.authority import parts
from brug.cases.authority.notification import KIND, Notification, name_of
from brug.cases.case import Case, Participant
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.documents import Told
from brug.cases.files import File
from brug.cases.reports import REPORTS, filling, given_here, telling
from brug.model.errors import Conflict, Invalid
from brug.store.session import Session


class Known(Conflict):
    """The file was received before."""

    code = "received_before"

    def __init__(self, number: str) -> None:
        self.public = f"This notification was received before: {number} has it."
        super().__init__(self.public)


_CLASS = "significant_incident"
_STEPS = ("assess", "find_significant", "warn", "notify", "report_progress", "report_finally")
AS_NOTIFIED = "As the entity notified it."


def take(
    session: Session, told: Notification, at: Moment, *, into: str = "", organisation: str = "",
    role: str = "authority",
) -> File:  # fmt: skip
    """`at` is when it was received; `into` an own case that it belongs to.

    `organisation` is the entity's, where this node knows it: its people see the case then.
    Raises Invalid, NotFound, Forbidden; then nothing is kept.
    """
    if role not in parts.ROLES:
        raise Invalid("role", f"one of {', '.join(parts.ROLES)}", role)
    if at.at > given_here(session).now:
        raise Invalid("received", "a time that is past", moments.in_text(at))
    if told.raw:
        _require_new(session, told.raw)
    number = into or _opened(session, told, organisation, role)
    file, case = files.view(session, number)
    entity = _entity(session, case, told)
    mine = parts.mine(session, case)
    for doing in (*_facts(case, told, entity, mine, at), *_fields(case, told)):
        keeping.act(session, file.uuid, doing)
    if told.is_significant:
        _move_on(session, file, entity)
    _keep(session, file, told, entity, at)
    return files.find(session, file.uuid)


def _require_new(session: Session, data: bytes) -> None:
    """The same file again is no other incident. Raises Conflict, naming the case."""
    digest = sha256(data).hexdigest()
    for file, case in documents.cases_with(session, digest):
        if any(one.act.sha256 == digest for one in documents.shown(case)):
            raise Known(file.number)


def _opened(session: Session, told: Notification, organisation: str, role: str) -> str:
    name = name_of(told.entity)
    made = keeping.open_case(session, KIND, f"Notification by {name}")
    if organisation:
        joining = people.joining(session, organisation, "entity")
    else:
        joining = Joined(participant=str(uuid4()), org=str(uuid4()), name=name, role="entity")
    me = session.principal
    answering = Joined(participant=str(uuid4()), org=me.org_uuid, name=me.org_name, role=role)
    keeping.act_several(session, made.uuid, [(joining, ()), (answering, ())])
    return made.uuid


def _entity(session: Session, case: Case, told: Notification) -> Participant:
    """The one whose notification it is: by its name, or the only one. Raises Invalid."""
    if case.kind.key != KIND:
        raise Invalid("into", "an incident", case.number)
    if not any(case.kind.role(one.role).leads for one in _own(session, case)):
        raise Invalid("into", "a case that your organisation leads", case.number)
    several = filling.owing(case)
    return several[0] if len(several) == 1 else filling.entity(case, told.entity)


def _own(session: Session, case: Case) -> list[Participant]:
    return taking_part.parts_of(case, keeping.author(session))


def _facts(
    case: Case, told: Notification, entity: Participant, mine: Participant, at: Moment
) -> list[AnyAct]:
    said = dict(told.facts)
    report = REPORTS[told.report]
    if told.sent is not None:
        said.setdefault(report.records, told.sent)
    found: list[AnyAct] = []
    for name, when in said.items():
        known = case.fact(name, entity.id)
        sent_again = report.again and name == report.records
        if known is None or sent_again or known.at != moments.in_text(when):
            found.append(_recorded(name, when, entity, told.channel))
    if notified.said(case, notified.RECEIVED, mine, entity) is None:
        of = case.participants[notified.said_of(case, mine, entity)]
        found.append(_recorded(notified.RECEIVED, at, of, told.channel))
    return found


def _recorded(name: str, when: Moment, of: Participant, source: str) -> Recorded:
    at = moments.in_text(when)
    return Recorded(fact=name, at=at, zone=when.zone, of=of.id, source=source)


def _fields(case: Case, told: Notification) -> list[AnyAct]:
    given = dict(told.fields)
    if told.is_significant:
        given.setdefault("significant_because", AS_NOTIFIED)
        given.setdefault("notified_as", _CLASS)
    changed = {name: value for name, value in given.items() if case.fields.get(name) != value}
    return [Filled(fields=changed)] if changed else []


def _move_on(session: Session, file: File, entity: Participant) -> None:
    """As far as what it said carries, one step after another."""
    for trigger in _STEPS:
        case = files.view(session, file.uuid)[1]
        state = case.positions["nis2", entity.id].state
        step = case.kind.machine("nis2").find(state, trigger)
        if step is None or act_rules.missing(case, step, entity.id):
            continue
        doing = Moved(
            machine="nis2", trigger=trigger, leaves=state, of=entity.id, because=AS_NOTIFIED
        )
        keeping.act(session, file.uuid, doing)


def _keep(
    session: Session, file: File, told: Notification, entity: Participant, at: Moment
) -> None:
    """What came, as it came; what was taken down by hand, as the form that it filled."""
    case = files.view(session, file.uuid)[1]
    report = REPORTS[told.report]
    data = told.raw
    if not data:
        form = filling.filled(case, entity, report, given_here(session))
        sent = told.sent or at
        by_hand = {"sent": {"at": moments.in_text(sent), "zone": sent.zone, "because": ""}}
        data = telling.as_json(telling.document(form) | by_hand | {"taken_by": told.channel})
    version = len(filling.all_sent(case, entity, report)) + 1
    said = Told(
        name=filling.file_name(report, entity, version), media_type="application/json",
        because=_how(told, at),
    )  # fmt: skip
    sent_then = _recorded(report.records, told.sent or at, entity, told.channel)
    documents.attach(session, file.uuid, BytesIO(data), said, who_may=sent_then)


def _how(told: Notification, at: Moment) -> str:
    reference = f", {told.reference}" if told.reference else ""
    channel = f", {told.channel}" if told.channel else ""
    return f"Received {moments.in_text(at)}{channel}{reference}"
