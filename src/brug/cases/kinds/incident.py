# SPDX-License-Identifier: EUPL-1.2
"""Incidents: handling in phases, and the notifications that law asks of whom it struck.

The tables stand in prose in docs/spec/incident.md. Phases are those of incident handling, from
detection to lessons; what an entity owes under NIS2 art. 23 is a machine of its own for each
participant in that role, so that one incident can strike several.
"""

from brug.cases.case import Case, Check, Kind, Machine, Participant, Transition
from brug.cases.declaring import LOOKS_ON, Fact, Measure, Role
from brug.cases.kinds import incident_crisis
from brug.cases.kinds.incident_fields import Fields, classifications
from brug.model.words import N_

_HANDLES = frozenset({"lead", "handler"})
_OWES = frozenset({"entity", "lead"})
_STRUCK = frozenset({"entity"})
_ANSWERS = frozenset({"authority", "csirt"})  # to what an entity notifies (NIS2 art. 23(5))

ROLES = (
    Role(key="lead", title=N_("Leads the case"), leads=True),
    Role(key="handler", title=N_("Handles the incident")),
    Role(key="entity", title=N_("Entity that was struck")),
    Role(key="csirt", title=N_("CSIRT that helps")),
    Role(key="authority", title=N_("Competent authority")),
    Role(key="spoc", title=N_("Single point of contact of another country")),
    Role(key="observer", title=N_("Looks on"), may=LOOKS_ON),
)

PHASE = Machine(
    key="phase",
    title=N_("Phase"),
    states={
        "detection": N_("Detection"),
        "containment": N_("Containment"),
        "eradication": N_("Eradication"),
        "recovery": N_("Recovery"),
        "lessons": N_("Lessons"),
        "closed": N_("Closed"),
    },
    initial="detection",
    final=frozenset({"closed"}),
    transitions=(
        Transition(
            trigger="contain", title=N_("Contain"), source=("detection",), target="containment",
            roles=_HANDLES, needs=("detected_at",),
        ),
        Transition(
            trigger="eradicate", title=N_("Eradicate"), source=("containment",),
            target="eradication", roles=_HANDLES,
        ),
        Transition(
            trigger="recover", title=N_("Recover"), source=("containment", "eradication"),
            target="recovery", roles=_HANDLES,
        ),
        Transition(
            trigger="conclude", title=N_("Look back"), source=("recovery",), target="lessons",
            roles=_HANDLES, needs=("handled_at",),
        ),
        Transition(
            trigger="recur", title=N_("It came back"),
            source=("eradication", "recovery", "lessons"), target="containment",
            roles=_HANDLES, asks=True,
        ),
        Transition(
            trigger="dismiss", title=N_("No incident"), source=("detection", "containment"),
            target="closed", roles=frozenset({"lead"}), asks=True,
        ),
        Transition(
            trigger="close", title=N_("Close"), source=("lessons",), target="closed",
            roles=frozenset({"lead"}), needs=("classification",),
        ),
        Transition(
            trigger="reopen", title=N_("Reopen"), source=("closed",), target="detection",
            roles=frozenset({"lead"}), asks=True,
        ),
    ),
)  # fmt: skip

NOTIFICATION = Machine(
    key="nis2",
    title=N_("Notification (NIS2 art. 23)"),
    each=frozenset({"entity"}),
    states={
        "detected": N_("Detected"),
        "assessing": N_("Assessing"),
        "not_significant": N_("Not significant"),
        "warning_due": N_("Early warning due"),
        "warned": N_("Warned"),
        "notified": N_("Notified"),
        "progress": N_("Progress reported"),
        "final_sent": N_("Final report sent"),
        "closed": N_("Closed"),
        "withdrawn": N_("Withdrawn"),
    },
    initial="detected",
    final=frozenset({"not_significant", "closed", "withdrawn"}),
    transitions=(
        Transition(
            trigger="assess", title=N_("Start to assess"), source=("detected",),
            target="assessing", roles=_OWES,
        ),
        Transition(
            trigger="find_not_significant", title=N_("Not significant"), source=("assessing",),
            target="not_significant", roles=_OWES, asks=True,
        ),
        Transition(
            trigger="find_significant", title=N_("Significant"),
            source=("assessing", "not_significant"), target="warning_due", roles=_OWES,
            needs=("aware_at", "significant_because"),
        ),
        Transition(
            trigger="warn", title=N_("Early warning sent"), source=("warning_due",),
            target="warned", roles=_OWES,
            needs=("warning_submitted_at", "suspected_malicious", "cross_border"),
        ),
        Transition(
            trigger="notify", title=N_("Notification sent"), source=("warning_due", "warned"),
            target="notified", roles=_OWES,
            needs=("notification_submitted_at", "summary", "functional_impact"),
        ),
        Transition(
            trigger="report_progress", title=N_("Progress report sent"), source=("notified",),
            target="progress", roles=_OWES, needs=("progress_submitted_at",),
        ),
        Transition(
            trigger="report_finally", title=N_("Final report sent"),
            source=("notified", "progress"), target="final_sent", roles=_OWES,
            needs=("final_submitted_at", "root_cause", "measures"),
        ),
        Transition(
            trigger="end", title=N_("Nothing is left open"), source=("final_sent",),
            target="closed", roles=_OWES | {"authority"},
        ),
        Transition(
            trigger="withdraw", title=N_("Found not significant after all"),
            source=("warning_due", "warned", "notified"), target="withdrawn", roles=_OWES,
            asks=True,
        ),
    ),
)  # fmt: skip

FACTS = (
    Fact(key="detected_at", title=N_("First seen")),
    Fact(key="started_at", title=N_("Began")),
    Fact(
        key="aware_at",
        title=N_("Became aware"),
        explains=N_(
            "Reasonable certainty after a first assessment; not the first alert, and not the end"
            " of the investigation (Implementing Regulation (EU) 2024/2690, recital 31)."
        ),
    ),
    Fact(key="request_at", title=N_("Authority asked for a report"), by=_ANSWERS),
    Fact(key="report_due_at", title=N_("When the authority wants that report"), by=_ANSWERS),
    Fact(key="warning_submitted_at", title=N_("Early warning sent")),
    Fact(
        key="early_warning_received_at",
        title=N_("Early warning received"),
        by=_ANSWERS,
        of=_STRUCK,
    ),
    Fact(
        key="response_sent_at",
        title=N_("First feedback sent to the entity"),
        by=_ANSWERS,
        of=_STRUCK,
    ),
    Fact(key="notification_submitted_at", title=N_("Notification sent")),
    Fact(key="intermediate_submitted_at", title=N_("Report on request sent")),
    Fact(key="progress_submitted_at", title=N_("Progress report sent")),
    Fact(key="final_submitted_at", title=N_("Final report sent")),
    Fact(key="recipients_informed_at", title=N_("Recipients of the service told")),
    Fact(key="cross_border_established_at", title=N_("Other countries found to be concerned")),
    Fact(key="states_informed_at", title=N_("Other countries and ENISA told")),
    Fact(key="breach_notified_at", title=N_("Breach notified (GDPR art. 33)")),
    Fact(key="high_risk_found_at", title=N_("High risk to people found")),
    Fact(key="subjects_informed_at", title=N_("People concerned told (GDPR art. 34)")),
    Fact(key="classified_major_at", title=N_("Classified as major (DORA)")),
    Fact(key="initial_submitted_at", title=N_("Initial notification sent (DORA)")),
    Fact(key="last_intermediate_submitted_at", title=N_("Last intermediate report sent (DORA)")),
    Fact(key="dora_final_submitted_at", title=N_("Final report sent (DORA)")),
    Fact(key="cra_warning_submitted_at", title=N_("Early warning sent (CRA)")),
    Fact(key="cra_notification_submitted_at", title=N_("Notification sent (CRA)")),
    Fact(key="cra_final_submitted_at", title=N_("Final report sent (CRA)")),
    Fact(key="users_informed_at", title=N_("Users of the product told (CRA art. 14(8))")),
    Fact(key="cer_initial_submitted_at", title=N_("Initial notification sent (CER)")),
    Fact(key="cer_detailed_submitted_at", title=N_("Detailed report sent (CER)")),
    Fact(key="trust_breach_notified_at", title=N_("Breach of a trust service notified (eIDAS)")),
    Fact(key="handled_at", title=N_("Incident was over")),
    Fact(key="crisis_review_at", title=N_("Next review of the crisis level")),
)
CLOCKS = (
    "nis2-early-warning", "nis2-notification", "nis2-notification-trust", "nis2-intermediate",
    "nis2-final", "nis2-progress", "nis2-final-after-progress", "nis2-csirt-response",
    "nis2-cross-border", "nis2-recipients", "dora-initial", "dora-intermediate", "dora-final",
    "cra-incident-warning", "cra-incident-notification", "cra-incident-final", "cra-users",
    "gdpr-sa", "gdpr-subjects", "cer-initial", "cer-detailed", "eidas-24",
)  # fmt: skip


def _bound(case: "Case", one: "Participant") -> frozenset[str]:
    """An entity is bound by NIS2, and by what else its case says; others by what they are."""
    duties = case.fields.get("bound_as") or () if one.role == "entity" else ()
    return frozenset({one.role, *duties})


def _circumstances(case: "Case") -> frozenset[str]:
    said = case.fields
    found = set()
    if said.get("risk_to_people") == "unlikely":
        found.add("risk_unlikely")
    if said.get("trust_services_hit") == "no":
        found.add("trust_services_not_hit")
    return frozenset(found)


def _order(case: "Case", of: str) -> str:
    """A final report follows a notification, of the same entity."""
    final = case.fact("final_submitted_at", of)
    first = case.fact("notification_submitted_at", of)
    if final is not None and first is not None and final.at < first.at:
        return "final_submitted_at after notification_submitted_at"
    return ""


def _open_question(case: "Case", of: str) -> str:
    """Nothing is over while a report that was asked for is not there."""
    asked, sent = case.fact("request_at", of), case.fact("intermediate_submitted_at", of)
    if asked is None or (sent is not None and sent.at >= asked.at):
        return ""
    return "the report that the authority asked for"


def _known_class(case: "Case", _: str) -> str:
    said = case.fields.get("classification")
    return "" if said is None or said in classifications() else "a class and type of RSIT"


def _open_answers(case: "Case", _: str) -> str:
    """The notification answers what the early warning left unknown (NIS2 art. 23(4)(b))."""
    asked = ("suspected_malicious", "cross_border")
    unknown = [name for name in asked if case.fields.get(name) == "unknown"]
    return f"an answer to {' and '.join(unknown)}" if unknown else ""


INCIDENT = Kind(
    key="incident",
    title=N_("Incident"),
    prefix="INC",
    fields=Fields,
    roles=ROLES,
    opener="lead",
    machines=(PHASE, NOTIFICATION, *incident_crisis.MACHINES),
    facts=FACTS,
    clocks=CLOCKS,
    bound=_bound,
    circumstances=_circumstances,
    measures=(
        Measure(
            key="answer", title=N_("To the first answer"), until=("response_sent_at",),
            by_others=True,
        ),
        Measure(
            key="contained", title=N_("To containment"), since=("detected_at",), machine="phase",
            states=frozenset({"eradication", "recovery"}),
        ),
        Measure(
            key="handled", title=N_("To the end of the incident"), since=("detected_at",),
            until=("handled_at",),
        ),
    ),
    checks=(
        Check(
            key="order_of_reports", title=N_("a final report that is later than the notification"),
            about=("final_submitted_at", "notification_submitted_at"), finds=_order,
            blocks=frozenset({"report_finally"}),
        ),
        Check(
            key="known_class", title=N_("a class or type that the taxonomy has"),
            about=("classification",), finds=_known_class, blocks=frozenset({"close"}),
        ),
        Check(
            key="open_answers", title=N_("an answer to what was left unknown"),
            about=("suspected_malicious", "cross_border"), finds=_open_answers,
            blocks=frozenset({"report_finally"}),
        ),
        Check(
            key="open_question", title=N_("the report that the authority asked for"),
            about=("intermediate_submitted_at",), finds=_open_question, blocks=frozenset({"end"}),
        ),
    ),
)  # fmt: skip
