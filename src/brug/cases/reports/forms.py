# SPDX-License-Identifier: EUPL-1.2
"""The reports that law asks of whom an incident struck, and of who makes what is exploited.

In prose they stand in docs/spec/reports.md.

What NIS2 and GDPR say of the content stands in the items that are required. Of DORA, CRA, eIDAS and
CER only the deadlines are known: their forms offer what the case holds and require what names it.
"""

from collections.abc import Iterable

from brug.cases.reports import questions
from brug.cases.reports.declaring import Item, Report
from brug.model.words import N_

_WHO = (
    Item(name="name", whence="participant", is_required=True, title=N_("Entity")),
    Item(name="number", whence="case", is_required=True, title=N_("Number of the case")),
    Item(name="sector"),
    Item(name="subsector"),
    Item(name="contact", is_required=True),
)
_WHEN = (
    Item(name="detected_at", whence="fact"),
    Item(name="started_at", whence="fact"),
    Item(name="aware_at", whence="fact", is_required=True),
    Item(name="handled_at", whence="fact"),
)
_EXTENT = (
    Item(name="classification"), Item(name="services"), Item(name="users_affected"),
    Item(name="users_counted_by"), Item(name="information_impact"), Item(name="recoverability"),
    Item(name="loss_eur"), Item(name="spread"), Item(name="supply_chain"),
)  # fmt: skip
_LINKS = Item(name="event", whence="links", title=N_("Indicators: events that are linked"))
_ELSEWHERE = Item(name="elsewhere", whence="sent", title=N_("Reported elsewhere"))


def _required(*names: str) -> tuple[Item, ...]:
    return tuple(Item(name=name, is_required=True) for name in names)


def _offered(*names: str) -> tuple[Item, ...]:
    return tuple(Item(name=name) for name in names)


_SUSPICION = (
    Item(name="suspected_malicious", is_required=True),
    Item(name="cross_border", is_required=True),
    Item(name="countries"),
)
_ANSWERED = (
    Item(name="suspected_malicious", is_required=True, settles=True),
    Item(name="cross_border", is_required=True, settles=True),
    Item(name="countries"),
)
_ASSESSED = _required("summary", "functional_impact")
_RECIPIENTS = Item(name="recipients_informed_at", whence="fact")
_STATUS = (
    *_WHO, *_WHEN, *_required("summary"), *_offered("functional_impact"), *_EXTENT,
    *_offered("suspected_malicious", "cross_border", "countries", "root_cause", "measures"),
    _LINKS, _RECIPIENTS, _ELSEWHERE,
)  # fmt: skip
_FINAL = (
    *_WHO, *_WHEN, *_ASSESSED, *_EXTENT, *_required("root_cause", "measures"), *_ANSWERED,
    _LINKS, _RECIPIENTS, _ELSEWHERE,
)  # fmt: skip

NIS2 = (
    Report(
        key="nis2-early-warning", title=N_("Early warning (NIS2)"), law="nis2",
        moves=("nis2", "warn"),
        rows=("nis2-early-warning",), records="warning_submitted_at",
        questions=(questions.SIGNIFICANT,),
        items=(*_WHO, *_WHEN[:3], *_SUSPICION, *_offered("summary"), _ELSEWHERE),
    ),
    Report(
        key="nis2-notification", title=N_("Notification (NIS2)"), law="nis2",
        moves=("nis2", "notify"),
        rows=("nis2-notification-trust", "nis2-notification"),
        records="notification_submitted_at", questions=(questions.SIGNIFICANT,),
        items=(
            *_WHO, *_WHEN, *_ANSWERED, *_ASSESSED, *_EXTENT, *_offered("measures"), _LINKS,
            _RECIPIENTS, _ELSEWHERE,
        ),
    ),
    Report(
        key="nis2-intermediate", title=N_("Report on request (NIS2)"), law="nis2",
        rows=("nis2-intermediate",), records="intermediate_submitted_at", again=True,
        questions=(questions.SIGNIFICANT, questions.ASKED),
        items=(
            *_STATUS, Item(name="request_at", whence="fact"),
            Item(name="report_due_at", whence="fact"),
        ),
    ),
    Report(
        key="nis2-progress", title=N_("Progress report (NIS2)"), law="nis2",
        moves=("nis2", "report_progress"),
        rows=("nis2-progress",), records="progress_submitted_at",
        questions=(questions.SIGNIFICANT, questions.GOES_ON), items=_STATUS,
    ),
    Report(
        key="nis2-final", title=N_("Final report (NIS2)"), law="nis2",
        moves=("nis2", "report_finally"),
        rows=("nis2-final-after-progress", "nis2-final"), records="final_submitted_at",
        questions=(questions.SIGNIFICANT, questions.OVER), items=_FINAL,
    ),
)  # fmt: skip
GDPR = (
    Report(
        key="gdpr-33", title=N_("Breach notification (GDPR art. 33)"), law="gdpr",
        rows=("gdpr-sa",), records="breach_notified_at",
        questions=(questions.CONTROLLER, questions.PERSONAL, questions.RISKY),
        items=(
            *_WHO, *_WHEN, *_required(
                "summary", "data_categories", "people_affected", "records_affected",
                "dpo_contact", "consequences", "measures",
            ),
            *_offered("risk_to_people"), Item(name="subjects_informed_at", whence="fact"),
            _ELSEWHERE,
        ),
    ),
)  # fmt: skip
_DORA = (*_WHO, *_WHEN, Item(name="classified_major_at", whence="fact"), *_required("summary"))
DORA = tuple(
    Report(
        key=key, title=title, law="dora", rows=(key,), records=records,
        again=key == "dora-intermediate", says_content=False,
        questions=(questions.FINANCIAL, questions.MAJOR),
        items=(
            *_DORA, *_EXTENT, *_offered("functional_impact", "root_cause", "measures"),
            _ELSEWHERE,
        ),
    )
    for key, title, records in (
        ("dora-initial", N_("Initial notification (DORA)"), "initial_submitted_at"),
        ("dora-intermediate", N_("Intermediate report (DORA)"), "last_intermediate_submitted_at"),
        ("dora-final", N_("Final report (DORA)"), "dora_final_submitted_at"),
    )
)  # fmt: skip
CRA = tuple(
    Report(
        key=key, title=title, law="cra", rows=(key,), records=records, says_content=False,
        questions=(questions.MANUFACTURER,),
        items=(
            *_WHO, *_WHEN, *_required("summary"), *_EXTENT,
            *_offered("suspected_malicious", "countries", "root_cause", "measures"), _LINKS,
            _ELSEWHERE,
        ),
    )
    for key, title, records in (
        ("cra-incident-warning", N_("Early warning (CRA)"), "cra_warning_submitted_at"),
        ("cra-incident-notification", N_("Notification (CRA)"), "cra_notification_submitted_at"),
        ("cra-incident-final", N_("Final report (CRA)"), "cra_final_submitted_at"),
    )
)  # fmt: skip
EIDAS = (
    Report(
        key="eidas-breach", title=N_("Breach of a trust service (eIDAS)"), law="eidas",
        rows=("eidas-24",), records="trust_breach_notified_at", says_content=False,
        questions=(questions.TRUST_SERVICES, questions.TRUST_SERVICES_HIT),
        items=(
            *_WHO, *_WHEN, *_required("summary"), *_EXTENT,
            *_offered(
                "functional_impact", "personal_data", "people_affected", "root_cause", "measures"
            ),
            _ELSEWHERE,
        ),
    ),
)  # fmt: skip
CER = tuple(
    Report(
        key=key, title=title, law="cer", rows=(key,), records=records, says_content=False,
        questions=(questions.CRITICAL,),
        items=(
            *_WHO, *_WHEN, *_required("summary"), *_EXTENT,
            *_offered(
                "functional_impact", "suspected_malicious", "cross_border", "countries",
                "root_cause", "measures",
            ),
            _ELSEWHERE,
        ),
    )
    for key, title, records in (
        ("cer-initial", N_("Initial notification (CER)"), "cer_initial_submitted_at"),
        ("cer-detailed", N_("Detailed report (CER)"), "cer_detailed_submitted_at"),
    )
)  # fmt: skip

# Art. 14(2): what the notification holds was seen, of the others only when they are due.
_MAKER = (
    Item(name="name", whence="participant", is_required=True, title=N_("Manufacturer")),
    Item(name="number", whence="case", is_required=True, title=N_("Number of the case")),
    Item(name="contact", is_required=True),
    Item(name="aware_of_active_exploitation_at", whence="fact", is_required=True),
    Item(name="products", is_required=True),
)
_VULNERABILITY = _offered("cve", "cwe", "impact", "cvss_31", "cvss_40")
_MEASURE_AT = Item(
    name="corrective_or_mitigating_measure_available_at", whence="fact", is_required=True
)
_EXPLOITED = (questions.UNION_MARKET, questions.EXPLOITED)
CRA_VULNERABILITY = (
    Report(
        key="cra-vuln-warning", title=N_("Early warning of an exploited vulnerability (CRA)"),
        law="cra", kind="disclosure", rows=("cra-vuln-warning",),
        records="cra_warning_submitted_at", says_content=False, questions=_EXPLOITED,
        items=(*_MAKER, *_offered("cve", "countries", "summary")),
    ),
    Report(
        key="cra-vuln-notification", title=N_("Notification of an exploited vulnerability (CRA)"),
        law="cra", kind="disclosure", rows=("cra-vuln-notification",),
        records="cra_notification_submitted_at", questions=_EXPLOITED,
        items=(
            *_MAKER, *_required("summary", "exploit", "measures", "sensitivity"),
            *_VULNERABILITY, *_offered("countries", "fixed_versions"), _LINKS, _ELSEWHERE,
        ),
    ),
    Report(
        key="cra-vuln-final", title=N_("Final report on an exploited vulnerability (CRA)"),
        law="cra", kind="disclosure", rows=("cra-vuln-final",),
        records="cra_final_submitted_at", says_content=False,
        questions=(*_EXPLOITED, questions.MEASURE),
        items=(
            *_MAKER, _MEASURE_AT, *_required("summary", "measures"),
            *_offered("exploit", "sensitivity"), *_VULNERABILITY,
            *_offered("countries", "fixed_versions"), _LINKS, _ELSEWHERE,
        ),
    ),
)  # fmt: skip


def _by_key(several: Iterable[Report]) -> dict[str, Report]:
    return {one.key: one for one in several}


REPORTS = _by_key((*NIS2, *GDPR, *DORA, *CRA, *EIDAS, *CER, *CRA_VULNERABILITY))
