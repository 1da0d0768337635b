# SPDX-License-Identifier: EUPL-1.2
"""Coordinated vulnerability disclosure: between finder, vendors and coordinator.

The tables stand in prose in docs/spec/disclosure.md. States of participants, of the embargo and of
consent to it, and which event may follow which, are those of Vultron (CERT/CC); contact and the
handling of the whole follow ISO/IEC 29147 and 30111.
"""

from brug.cases.case import Case, Check, Kind, Participant
from brug.cases.declaring import LOOKS_ON, Fact, Measure, Role
from brug.cases.kinds.disclosure_fields import Fields
from brug.cases.kinds.disclosure_machines import MACHINES
from brug.formats.scoring import cvss
from brug.model.errors import BrugError
from brug.model.words import N_

ROLES = (
    Role(key="coordinator", title=N_("Coordinates"), leads=True),
    Role(key="finder", title=N_("Found or reported it")),
    Role(key="vendor", title=N_("Vendor")),
    Role(key="deployer", title=N_("Installs the fix")),
    Role(key="cna", title=N_("CVE numbering authority")),
    Role(key="observer", title=N_("Looks on"), may=LOOKS_ON),
)
FACTS = (
    Fact(key="report_received_at", title=N_("Report received")),
    Fact(key="report_acknowledged_at", title=N_("Receipt confirmed to the finder")),
    Fact(key="first_vendor_contact_attempt_at", title=N_("Vendor first written to")),
    Fact(key="fix_available_at", title=N_("Fix available")),
    Fact(key="public_disclosure_at", title=N_("Public")),
    Fact(key="exploit_public_at", title=N_("Exploit public")),
    Fact(key="exploited_in_the_wild_at", title=N_("Attacks seen")),
    Fact(
        key="aware_of_active_exploitation_at",
        title=N_("Manufacturer aware of active exploitation"),
        explains=N_("It starts the clocks of Regulation (EU) 2024/2847 (CRA), art. 14(2)."),
    ),
    Fact(
        key="corrective_or_mitigating_measure_available_at",
        title=N_("Corrective or mitigating measure available"),
    ),
    Fact(key="cra_warning_submitted_at", title=N_("Early warning sent (CRA)")),
    Fact(key="cra_notification_submitted_at", title=N_("Notification sent (CRA)")),
    Fact(key="cra_final_submitted_at", title=N_("Final report sent (CRA)")),
    Fact(key="users_informed_at", title=N_("Users of the product told (CRA art. 14(8))")),
    Fact(key="request_at", title=N_("CVE number asked for")),
    Fact(key="cve_answer_at", title=N_("CVE numbering authority answered")),
    Fact(key="cve_published_at", title=N_("CVE record published")),
)
CLOCKS = (
    "cvd-ack", "cra-vuln-warning", "cra-vuln-notification", "cra-vuln-final",
    "cra-vuln-users",
    "cna-first-refusal", "cna-publish-should", "cna-publish-must",
)  # fmt: skip


def _bound(_: "Case", one: "Participant") -> frozenset[str]:
    """A vendor is a manufacturer under the CRA."""
    return frozenset({"vendor", "manufacturer"} if one.role == "vendor" else {one.role})


def _state(case: "Case", machine: str, of: str = "") -> str:
    position = case.positions.get((machine, of))
    return position.state if position else ""


def _has_end(case: "Case", _: str) -> str:
    """An embargo needs an unambiguous end, with its zone."""
    return "" if case.embargo else "an embargo with its end"


def _no_fix_yet(case: "Case", _: str) -> str:
    """Once a fix is ready no new embargo is begun (Vultron)."""
    ready = any(key == "fix" and "F" in one.state for (key, _of), one in case.positions.items())
    begins = _state(case, "embargo") in {"none", "proposed"}
    return "that no fix is ready: a new embargo would only delay it" if ready and begins else ""


def _still_secret(case: "Case", _: str) -> str:
    """What is public, exploited or attacked is under no embargo."""
    known = _state(case, "exposure") not in {"", "pxa"}
    return "that nobody knows or attacks it yet" if known else ""


def _accepted(case: "Case", of: str) -> str:
    """A vendor that has not accepted the report has no fix for it."""
    return "" if _state(case, "report", of) == "accepted" else "a report that the vendor accepted"


def _nobody_objects(case: "Case", _: str) -> str:
    """Nothing is published under an embargo, unless others have done so."""
    in_force = _state(case, "embargo") in {"active", "revise"}
    return "the end of the embargo" if in_force and not _still_secret(case, "") else ""


def _scores(case: "Case", _: str) -> str:
    for name, version in (("cvss_31", "3.1"), ("cvss_40", "4.0")):
        if said := case.fields.get(name):
            try:
                found = cvss.score(said)
            except BrugError as error:
                return f"{name}: {error}"
            if found.version != version:
                return f"{name}: a vector of CVSS {version}"
    return ""


DISCLOSURE = Kind(
    key="disclosure",
    title=N_("Vulnerability disclosure"),
    prefix="CVD",
    fields=Fields,
    roles=ROLES,
    opener="coordinator",
    machines=MACHINES,
    facts=FACTS,
    clocks=CLOCKS,
    bound=_bound,
    measures=(
        Measure(
            key="answer", title=N_("To the first answer"), since=("report_received_at",),
            until=("report_acknowledged_at",), by_others=True,
        ),
        Measure(
            key="fixed", title=N_("To the fix"), since=("report_received_at",),
            until=("fix_available_at",), machine="fix", states=frozenset({"VFd", "VFD"}),
        ),
        Measure(
            key="public", title=N_("To publication"), since=("report_received_at",),
            until=("public_disclosure_at",), machine="handling", states=frozenset({"published"}),
        ),
    ),
    checks=(
        Check(
            key="embargo_has_end", title=N_("an embargo with its end"), finds=_has_end,
            blocks=frozenset({"accept_embargo"}),
        ),
        Check(
            key="no_fix_yet", title=N_("that no fix is ready yet"), finds=_no_fix_yet,
            blocks=frozenset({"propose", "accept_embargo"}),
        ),
        Check(
            key="still_secret", title=N_("that it is not public, exploited or attacked"),
            finds=_still_secret, blocks=frozenset({"propose", "accept_embargo"}),
        ),
        Check(
            key="accepted", title=N_("a report that the vendor accepted"), finds=_accepted,
            blocks=frozenset({"have_fix"}),
        ),
        Check(
            key="embargo_over", title=N_("the end of the embargo"), finds=_nobody_objects,
            blocks=frozenset({"publish"}),
        ),
        Check(
            key="scores", title=N_("a CVSS vector that can be read"), finds=_scores,
            about=("cvss_31", "cvss_40"), blocks=frozenset({"publish"}),
        ),
    ),
)  # fmt: skip
