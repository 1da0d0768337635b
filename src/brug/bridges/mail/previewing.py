# SPDX-License-Identifier: EUPL-1.2
"""The letter that would go about an event, before it does: nothing is sent or put on record."""

from datetime import UTC, datetime

import msgspec

from brug.bridges import agreements, explaining, gate
from brug.bridges.crossing import messages
from brug.bridges.crossing.drafting import Now
from brug.bridges.gate.spreading import spread
from brug.bridges.mail import letters, mailboxes, posting
from brug.bridges.mail.letters import Sent, Written
from brug.bridges.partners import BridgeRow
from brug.directory.refusals import Refused
from brug.intel.finding import find
from brug.store.session import Database


class Preview(msgspec.Struct, frozen=True):
    """What would go, if it is let; `says` is what stands in its way, or that nothing does."""

    outcome: str
    says: str
    letter: Written | None


def preview(database: Database, bridge: BridgeRow, event: str, language: str) -> Preview:
    """For those who operate the node: it shows all that the partner would see. Raises NotFound."""
    if language not in mailboxes.LANGUAGES:
        choices = ", ".join(mailboxes.LANGUAGES)
        raise Refused("language", "choice", f"one of {choices}", language)
    with database.system() as session:
        mailboxes.view(session, bridge)
        event_id = find(session, "event", event)
    document = explaining.what_partner_sees(database, bridge, event_id)
    with database.system() as session:
        steps = explaining.steps_of(session, bridge, document)
        lowered = steps.document
        if lowered is None:
            return Preview("refuse", explaining.STAGES[steps.stage], None)
        at = datetime.now(UTC)
        now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
        decision, crosses = now.decided(gate.facts_of(session, lowered, bridge))
        why = dict.fromkeys(
            one.text for one in decision.reasons if one.outcome == decision.outcome != "pass"
        )
        says = " ".join([f"{decision.outcome}.", *why, explaining.STAGES.get(steps.stage, "")])
        if crosses.outcome not in {"pass", "redact"}:
            return Preview(decision.outcome, says.strip(), None)
        copy = gate.apply(session, lowered, spread(lowered, crosses), bridge)
        redacted = crosses.outcome == "redact"
        message = messages.of_event(copy, redacted=redacted, agreement=now.version)
        frame = posting.frame_of(session, bridge)
    reader = mailboxes.Contact(0, "", "", language, "")
    return Preview(decision.outcome, says.strip(), letters.write(frame, reader, [Sent(message)]))
