# SPDX-License-Identifier: EUPL-1.2
"""Questions that say whether a report is owed, answered from what the case says."""

from typing import TYPE_CHECKING

from brug.cases.reports.declaring import Answer, Question
from brug.model.words import N_

if TYPE_CHECKING:
    from brug.cases.case import Case, Participant

_NOT = frozenset({"not_significant", "withdrawn"})


def _significant(case: "Case", one: "Participant") -> Answer:
    """As its own state in NIS2 says."""
    position = case.positions.get(("nis2", one.id))
    if position is None or position.state in {"detected", "assessing"}:
        return "unknown"
    return "no" if position.state in _NOT else "yes"


def _asked(case: "Case", one: "Participant") -> Answer:
    return "yes" if case.fact("request_at", one.id) else "no"


def _is_over(case: "Case", one: "Participant") -> Answer:
    return "yes" if case.fact("handled_at", one.id) else "no"


def _goes_on(case: "Case", one: "Participant") -> Answer:
    return "no" if case.fact("handled_at", one.id) else "yes"


def _personal(case: "Case", _: "Participant") -> Answer:
    said = case.fields.get("personal_data")
    return said if said in {"yes", "no"} else "unknown"


def _risky(case: "Case", _: "Participant") -> Answer:
    said = case.fields.get("risk_to_people")
    return "unknown" if said is None else "no" if said == "unlikely" else "yes"


def _trust_services_hit(case: "Case", _: "Participant") -> Answer:
    said = case.fields.get("trust_services_hit")
    return said if said in {"yes", "no"} else "unknown"


def _major(case: "Case", one: "Participant") -> Answer:
    return "yes" if case.fact("classified_major_at", one.id) else "unknown"


def _bound(duty: str) -> "Question":
    def answers(case: "Case", _: "Participant") -> Answer:
        said = case.fields.get("bound_as")
        return "unknown" if said is None else "yes" if duty in said else "no"

    return Question(key=f"is_{duty}", title=BOUND[duty], about=("bound_as",), answers=answers)


def _on_union_market(case: "Case", _: "Participant") -> Answer:
    said = case.fields.get("union_market")
    return said if said in {"yes", "no"} else "unknown"


def _exploited(case: "Case", one: "Participant") -> Answer:
    """Once the manufacturer is aware of it; what triage found may say that it is not."""
    if case.fact("aware_of_active_exploitation_at", one.id):
        return "yes"
    return "no" if case.fields.get("exploitation") in {"none", "public_poc"} else "unknown"


def _has_measure(case: "Case", one: "Participant") -> Answer:
    return "yes" if case.fact("corrective_or_mitigating_measure_available_at", one.id) else "no"


BOUND = {
    "controller": N_("Is the entity controller of personal data?"),
    "financial_entity": N_("Is it a financial entity (DORA)?"),
    "manufacturer": N_("Is it manufacturer of a product with digital elements (CRA)?"),
    "trust_service_provider": N_("Is it a provider of trust services (eIDAS)?"),
    "critical_entity": N_("Is it a critical entity (CER)?"),
}
SIGNIFICANT = Question(
    key="significant", title=N_("Is the incident significant (NIS2 art. 23(3))?"),
    about=("significant_because",), answers=_significant,
)  # fmt: skip
ASKED = Question(
    key="asked", title=N_("Did the authority ask for it?"), about=("request_at",), answers=_asked
)
OVER = Question(
    key="over", title=N_("Is the incident over?"), about=("handled_at",), answers=_is_over
)
GOES_ON = Question(
    key="goes_on", title=N_("Does the incident go on?"), about=("handled_at",), answers=_goes_on
)
PERSONAL = Question(
    key="personal_data", title=N_("Are personal data concerned?"), about=("personal_data",),
    answers=_personal,
)  # fmt: skip
RISKY = Question(
    key="risk", title=N_("Is a risk to people likely (GDPR art. 33(1))?"),
    about=("risk_to_people",), answers=_risky,
)  # fmt: skip
MAJOR = Question(
    key="major", title=N_("Is it classified as major (DORA)?"), about=("classified_major_at",),
    answers=_major,
)  # fmt: skip
TRUST_SERVICES_HIT = Question(
    key="trust_services_hit", title=N_("Were its trust services hit?"),
    about=("trust_services_hit",), answers=_trust_services_hit,
)  # fmt: skip
UNION_MARKET = Question(
    key="union_market",
    title=N_("Is it a product with digital elements on the Union's market (CRA)?"),
    about=("union_market",), answers=_on_union_market,
)  # fmt: skip
EXPLOITED = Question(
    key="exploited", title=N_("Is the vulnerability actively exploited (CRA art. 14(1))?"),
    about=("aware_of_active_exploitation_at", "exploitation"), answers=_exploited,
)  # fmt: skip
MEASURE = Question(
    key="measure", title=N_("Is a corrective or mitigating measure available?"),
    about=("corrective_or_mitigating_measure_available_at",), answers=_has_measure,
)  # fmt: skip
CONTROLLER = _bound("controller")
FINANCIAL = _bound("financial_entity")
MANUFACTURER = _bound("manufacturer")
TRUST_SERVICES = _bound("trust_service_provider")
CRITICAL = _bound("critical_entity")
