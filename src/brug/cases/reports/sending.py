# SPDX-License-Identifier: EUPL-1.2
"""That a report was sent: the fact with its time, and the form as it was, in one transaction.

The form is kept as a document of the case, so it is signed by its entry, in the ledger, and
reaches every authority that takes part. A late or incomplete report is never blocked; it asks
for a reason, which is kept with it. So does one that was sent before what it reports: mostly a
slip of the pen.
"""

from io import BytesIO

import msgspec

from brug.cases import act_rules, documents, files, keeping, rules
from brug.cases.acts import Moved, Recorded
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.documents import Told
from brug.cases.entries import Entry
from brug.cases.reports import filling
from brug.cases.reports.filling import Filled
from brug.cases.reports.telling import as_json, document
from brug.model.errors import Conflict, Invalid
from brug.store.session import Session


class Incomplete(Conflict):
    """Something required is not there; it can be sent so, with a reason."""

    code = "incomplete_report"

    def __init__(self, form: Filled) -> None:
        self.names = tuple(one.item.name for one in form.missing)
        self.public = (
            f"Still missing: {', '.join(self.names)}. Say that it was sent incomplete, and why."
        )
        super().__init__(self.public)


# What a reason is expected for.
INCOMPLETE = "why it was sent incomplete"
LATE = "why it was sent after its deadline"
EARLY = "why it was sent before that which starts its deadline"


class Sent(msgspec.Struct, frozen=True):
    """What was written: the document, the fact where this sending is one, the step that it is.

    `state` is where the sender's machine is now, where the report has to do with one.
    """

    form: Filled
    document: Entry
    fact: Entry | None
    step: Entry | None
    state: str


def send(
    session: Session, which: str, report_key: str, at: Moment, *, of: str = "",
    because: str = "", incomplete: bool = False,
) -> Sent:  # fmt: skip
    """Raises NotFound, Invalid, Incomplete, and what `keeping.act` does; then nothing is kept."""
    case = files.view(session, which)[1]
    report = filling.find(report_key, case)
    one = filling.entity(case, of)
    given = filling.given_here(session)
    if at.at > given.now:
        raise Invalid("at", "a time that is past", moments.in_text(at))
    form = filling.filled(case, one, report, given)
    if form.missing and not incomplete:
        raise Incomplete(form)
    if form.missing and not because.strip():
        raise Invalid("because", INCOMPLETE)
    if is_late(form, at) and not because.strip():
        raise Invalid("because", LATE)
    if is_early(form, at) and not because.strip():
        raise Invalid("because", EARLY)
    doing = Recorded(
        fact=report.records, at=moments.in_text(at), zone=at.zone, of=one.id, because=because
    )
    # Also where the fact stands already: who may not say it may send no further version.
    rules.require(case, keeping.author(session), doing)
    fact = keeping.act(session, which, doing) if form.would_record else None
    told = document(form) | {
        "sent": {"at": moments.in_text(at), "zone": at.zone, "because": because},
    }
    name = filling.file_name(report, one, form.version)
    said = Told(name=name, media_type="application/json", because=because)
    # As the one who may record it, of several that the principal is: it counts as a report then.
    kept = documents.attach(session, which, BytesIO(as_json(told)), said, who_may=doing)
    step, state = _move(session, which, form)
    return Sent(form, kept, fact, step, state)


def _move(session: Session, which: str, form: Filled) -> tuple[Entry | None, str]:
    """The step that the sending is, if it is possible from where the sender is now.

    What was sent incomplete, or before the incident was found significant, moves nothing: a
    person does that once what the step needs is there.
    """
    if form.report.moves is None:
        return None, ""
    (key, trigger), of = form.report.moves, form.participant.id
    case = files.view(session, which)[1]
    state = case.positions[key, of].state
    for machine, whose, one in rules.possible(case, keeping.author(session)):
        if (machine.key, whose, one.trigger) == (key, of, trigger):
            if act_rules.missing(case, one, of):
                break
            doing = Moved(machine=key, trigger=trigger, leaves=state, of=of)
            return keeping.act(session, which, doing), one.target
    return None, state


def is_late(form: Filled, at: Moment) -> bool:
    """Later than the law has it, where the sending is what meets the deadline."""
    clock = form.clock
    if clock is None or clock.legal is None or not form.would_record:
        return False
    return at.at > clock.legal


def is_early(form: Filled, at: Moment) -> bool:
    """Before what starts its deadline: such a sending does not meet it."""
    clock = form.clock
    return clock is not None and clock.started is not None and at.at < clock.started.at
