# SPDX-License-Identifier: EUPL-1.2
"""What is asked of an incident: NIS2 art. 23(4), GDPR art. 33(3), the ENISA taxonomies.

Everything is optional, because an incident is recorded before it is understood; what a step
needs is said by the step. Classes and types are RSIT's (machine version 1003), sectors those of
annexes I and II of Directive (EU) 2022/2555.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from brug.model.words import N_

YesNo = Annotated[
    Literal["yes", "no", "unknown"],
    Meta(extra={"titles": {"yes": N_("Yes"), "no": N_("No"), "unknown": N_("Not known yet")}}),
]
Impact = Annotated[
    Literal["none", "low", "medium", "high"],
    Meta(
        extra={
            "titles": {
                "none": N_("None"),
                "low": N_("Low"),
                "medium": N_("Medium"),
                "high": N_("High"),
            }
        }
    ),
]
SECTORS = {
    "energy": N_("Energy"),
    "transport": N_("Transport"),
    "banking": N_("Banking"),
    "financial_market_infrastructures": N_("Financial market infrastructures"),
    "health": N_("Health"),
    "drinking_water": N_("Drinking water"),
    "waste_water": N_("Waste water"),
    "digital_infrastructure": N_("Digital infrastructure"),
    "ict_service_management_b2b": N_("ICT service management, business to business"),
    "public_administration": N_("Public administration"),
    "space": N_("Space"),
    "postal_and_courier": N_("Postal and courier services"),
    "waste_management": N_("Waste management"),
    "chemicals": N_("Chemicals"),
    "food": N_("Food"),
    "manufacturing": N_("Manufacturing"),
    "digital_providers": N_("Digital providers"),
    "research": N_("Research"),
}
_Sector = Literal[
    "energy", "transport", "banking", "financial_market_infrastructures", "health",
    "drinking_water", "waste_water", "digital_infrastructure", "ict_service_management_b2b",
    "public_administration", "space", "postal_and_courier", "waste_management", "chemicals",
    "food", "manufacturing", "digital_providers", "research",
]  # fmt: skip
Sector = Annotated[_Sector, Meta(extra={"titles": SECTORS})]
Risk = Annotated[
    Literal["unlikely", "risk", "high"],
    Meta(extra={"titles": {"unlikely": N_("Unlikely"), "risk": N_("A risk"), "high": N_("High")}}),
]
DUTIES = {
    "controller": N_("Controller of personal data (GDPR)"),
    "financial_entity": N_("Financial entity (DORA)"),
    "manufacturer": N_("Manufacturer of a product with digital elements (CRA)"),
    "trust_service_provider": N_("Trust service provider"),
    "critical_entity": N_("Critical entity (CER)"),
}
_Duty = Literal[
    "controller", "financial_entity", "manufacturer", "trust_service_provider", "critical_entity",
]  # fmt: skip
Duty = Annotated[_Duty, Meta(extra={"titles": DUTIES})]
CLASSES = {"essential": N_("Essential"), "important": N_("Important"), "neither": N_("Neither")}
Class = Annotated[Literal["essential", "important", "neither"], Meta(extra={"titles": CLASSES})]
NOTIFIED_AS = {
    "significant_incident": N_("Significant incident"),
    "incident": N_("Incident"),
    "cyber_threat": N_("Cyber threat"),
    "near_miss": N_("Near miss"),
}
_NotifiedAs = Literal["significant_incident", "incident", "cyber_threat", "near_miss"]
NotifiedAs = Annotated[_NotifiedAs, Meta(extra={"titles": NOTIFIED_AS})]
SERVICES = {
    "dns": N_("DNS service"),
    "tld": N_("Top-level domain registry"),
    "cloud": N_("Cloud computing"),
    "data_centre": N_("Data centre"),
    "cdn": N_("Content delivery network"),
    "managed_service": N_("Managed service, or managed security service"),
    "marketplace": N_("Online marketplace"),
    "search_engine": N_("Online search engine"),
    "social_network": N_("Social networking platform"),
    "trust_service": N_("Trust service"),
}
_Service = Literal[
    "dns", "tld", "cloud", "data_centre", "cdn", "managed_service", "marketplace",
    "search_engine", "social_network", "trust_service",
]  # fmt: skip
Service = Annotated[_Service, Meta(extra={"titles": SERVICES})]
HARM = {
    "death": N_("Somebody died"),
    "health": N_("Considerable damage to somebody's health"),
    "trade_secrets": N_("Trade secrets were taken"),
    "access": N_("Unauthorised access that can cause severe disruption"),
}
_Harm = Literal["death", "health", "trade_secrets", "access"]
Harm = Annotated[_Harm, Meta(extra={"titles": HARM})]
LEVELS = ("none", "minor", "large", "very_large")  # of the scheme that we ship


def levels() -> list[str]:
    return list(LEVELS)


Country = Annotated[
    str,
    Meta(pattern=r"^[A-Z]{2}$", title=N_("Country (ISO 3166, two letters)"), examples=["NL", "BE"]),
]
MainEstablishment = Annotated[str, Meta(
    pattern=r"^[A-Z]{2}$", title=N_("Country of the main establishment"), examples=["NL", "BE"],
    description=N_("Whose law, time and holidays count; else the authority's, or this node's."),
)]  # fmt: skip
Text = Annotated[str, Meta(max_length=20_000)]
Line = Annotated[str, Meta(max_length=500)]
Number = Annotated[int, Meta(ge=0, le=10**12)]
Percent = Annotated[int, Meta(ge=0, le=100)]


@cache
def rsit() -> dict[str, dict[str, Any]]:
    """Classes with their names and types."""
    file = files("brug.cases.kinds") / "rsit.toml"
    return tomllib.loads(file.read_text("utf-8"))


def classifications() -> list[str]:
    """All tags of the taxonomy, classes before their types."""
    return [
        tag
        for key, one in rsit().items()
        for tag in (f"rsit:{key}", *(f'rsit:{key}="{kind}"' for kind in one["types"]))
    ]


class Fields(msgspec.Struct, kw_only=True, omit_defaults=True):
    summary: Annotated[Text, Meta(title=N_("What happened"))] | None = None
    classification: (
        Annotated[
            str,
            Meta(
                pattern=r'^rsit:[a-z-]+(="[a-z0-9-]+")?$',
                title=N_("Classification (RSIT)"),
                examples=['rsit:malicious-code="ransomware"'],
                description=N_("The one that shows best what was achieved."),
                extra={"choices": classifications},
            ),
        ]
        | None
    ) = None
    suspected_malicious: (
        Annotated[YesNo, Meta(title=N_("Suspected to be unlawful or malicious"))] | None
    ) = None
    cross_border: Annotated[YesNo, Meta(title=N_("Can have impact across borders"))] | None = None
    countries: Annotated[list[Country], Meta(title=N_("Countries concerned"))] | None = None
    main_establishment: MainEstablishment | None = None
    sector: Annotated[Sector, Meta(title=N_("Sector"))] | None = None
    subsector: Annotated[Line, Meta(title=N_("Subsector or type of entity"))] | None = None
    entity_class: (
        Annotated[Class, Meta(title=N_("Essential or important (NIS2 art. 3)"))] | None
    ) = None
    notified_as: (
        Annotated[
            NotifiedAs,
            Meta(
                title=N_("What was notified"),
                description=N_(
                    "Significant incidents by duty (NIS2 art. 23(1)), others freely (30)."
                ),
            ),
        ]
        | None
    ) = None
    spread: Annotated[Line, Meta(title=N_("Geographic spread"))] | None = None
    services: Annotated[list[Line], Meta(title=N_("Services affected"))] | None = None
    users_affected: Annotated[Number, Meta(title=N_("Users affected"))] | None = None
    users_counted_by: Annotated[Line, Meta(title=N_("How users were counted"))] | None = None
    functional_impact: Annotated[Impact, Meta(title=N_("Impact on services"))] | None = None
    information_impact: Annotated[Impact, Meta(title=N_("Impact on information"))] | None = None
    recoverability: Annotated[Impact, Meta(title=N_("Effort to recover"))] | None = None
    loss_eur: Annotated[Number, Meta(title=N_("Estimated loss in euro"))] | None = None
    significant_because: (
        Annotated[
            Text,
            Meta(
                title=N_("Why it is significant, or not"),
                description=N_("NIS2 art. 23(3): caused or can cause severe disruption or loss."),
            ),
        ]
        | None
    ) = None
    personal_data: Annotated[YesNo, Meta(title=N_("Personal data concerned"))] | None = None
    people_affected: Annotated[Number, Meta(title=N_("People affected"))] | None = None
    data_categories: (
        Annotated[Text, Meta(title=N_("Categories of people and of records"))] | None
    ) = None
    records_affected: Annotated[Number, Meta(title=N_("Records affected"))] | None = None
    dpo_contact: (
        Annotated[Line, Meta(title=N_("Contact of the data protection officer"))] | None
    ) = None
    consequences: Annotated[Text, Meta(title=N_("Likely consequences for people"))] | None = None
    risk_to_people: Annotated[Risk, Meta(title=N_("Risk to people (GDPR art. 33)"))] | None = None
    bound_as: (
        Annotated[
            list[Duty],
            Meta(
                title=N_("The entity is also bound as"),
                description=N_("Each brings deadlines of its own."),
            ),
        ]
        | None
    ) = None
    trust_services_hit: Annotated[YesNo, Meta(title=N_("Its trust services were hit"))] | None = (
        None
    )
    supply_chain: (
        Annotated[Line, Meta(title=N_("Supplier or product through which it came"))] | None
    ) = None
    root_cause: Annotated[Text, Meta(title=N_("Kind of threat or root cause"))] | None = None
    measures: Annotated[Text, Meta(title=N_("Measures taken and under way"))] | None = None
    contact: Annotated[Line, Meta(title=N_("Contact, day and night"))] | None = None
    # By what severity follows, besides impact, recovery, users and people above.
    other_sectors: Annotated[list[Sector], Meta(title=N_("Other sectors concerned"))] | None = None
    harm: Annotated[list[Harm], Meta(title=N_("Harm that was done"))] | None = None
    service_type: (
        Annotated[
            Service,
            Meta(
                title=N_("Kind of service"),
                description=N_(
                    "For these the thresholds of Implementing Regulation (EU) 2024/2690 apply."
                ),
            ),
        ]
        | None
    ) = None
    outage_minutes: Annotated[Number, Meta(title=N_("Minutes fully down"))] | None = None
    limited_minutes: Annotated[Number, Meta(title=N_("Minutes of limited service"))] | None = None
    users_percent: Annotated[Percent, Meta(title=N_("Users in the Union, in percent"))] | None = (
        None
    )
    loss_percent: (
        Annotated[Percent, Meta(title=N_("Estimated loss in percent of yearly turnover"))] | None
    ) = None
    recurring: (
        Annotated[YesNo, Meta(title=N_("Twice in six months, of the same apparent cause"))] | None
    ) = None
    planned_maintenance: Annotated[YesNo, Meta(title=N_("Planned maintenance"))] | None = None
    large_scale: (
        Annotated[
            YesNo,
            Meta(
                title=N_("Large-scale incident"),
                description=N_(
                    "NIS2 art. 6(7): more than one Member State can respond to, or significant"
                    " impact on at least two."
                ),
            ),
        ]
        | None
    ) = None
    severity_set: (
        Annotated[
            str,
            Meta(
                pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$",
                max_length=80,
                title=N_("Severity set by a person"),
                description=N_("It holds with its reason; what was computed stays beside it."),
                extra={"choices": levels},
            ),
        ]
        | None
    ) = None
    severity_because: Annotated[Line, Meta(title=N_("Why that severity was set"))] | None = None
    # What is recorded of an escalation.
    crisis_criteria: Annotated[Text, Meta(title=N_("Criteria met for the crisis level"))] | None = (
        None
    )
    crisis_decided_by: Annotated[Line, Meta(title=N_("Who decided on the crisis level"))] | None = (
        None
    )
    bodies_informed: Annotated[list[Line], Meta(title=N_("Bodies informed"))] | None = None
