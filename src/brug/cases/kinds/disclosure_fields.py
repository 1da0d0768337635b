# SPDX-License-Identifier: EUPL-1.2
"""What is asked of a disclosure: ISO/IEC 29147 reports, CVE and CSAF identifiers, scores.

Everything is optional: a report may be anonymous and say little.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from brug.cases.kinds.incident_fields import Country, YesNo
from brug.formats.cve import ids
from brug.formats.cve.record import CREDITS
from brug.model.words import N_

Text = Annotated[str, Meta(max_length=20_000)]
Line = Annotated[str, Meta(max_length=500)]
Cve = Annotated[
    str,
    Meta(
        pattern=r"^CVE-[0-9]{4}-[0-9]{4,19}$", title=N_("CVE number"), examples=["CVE-2026-12345"]
    ),
]
Cwe = Annotated[str, Meta(pattern=r"^CWE-[0-9]{1,5}$", examples=["CWE-79"])]
CveReservation = Annotated[
    str,
    Meta(
        pattern=ids.FORM,
        title=N_("A number and reserved, published or rejected"),
        examples=["CVE-2026-12345 reserved"],
    ),
]
Credit = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(CREDITS)}): [^\n]{{1,300}}$",
        title=N_("What somebody did, a colon, and the name"),
        examples=["finder: Anna de Vries"],
    ),
]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s]{1,2000}$",
        title=N_("An address beginning with https://"),
        examples=["https://vendor.example/notice"],
    ),
]
Triage = Annotated[
    Literal["decline", "track", "coordinate"],
    Meta(
        extra={
            "titles": {
                "decline": N_("Decline"),
                "track": N_("Track"),
                "coordinate": N_("Coordinate"),
            }
        }
    ),
]
Exploitation = Annotated[
    Literal["none", "public_poc", "active"],
    Meta(
        extra={
            "titles": {
                "none": N_("None"),
                "public_poc": N_("Public proof of concept"),
                "active": N_("Active"),
            }
        }
    ),
]


class Fields(msgspec.Struct, kw_only=True, omit_defaults=True):
    summary: Annotated[Text, Meta(title=N_("Description"))] | None = None
    products: (
        Annotated[
            list[Line],
            Meta(
                title=N_("Products and versions"),
                description=N_("A package URL, a CPE, or a name with its versions; one a line."),
            ),
        ]
        | None
    ) = None
    reproduction: Annotated[Text, Meta(title=N_("How to reproduce it"))] | None = None
    impact: Annotated[Text, Meta(title=N_("Impact"))] | None = None
    channel: Annotated[Line, Meta(title=N_("How the report came"))] | None = None
    disclosure_plans: Annotated[Text, Meta(title=N_("What the finder plans to publish"))] | None = (
        None
    )
    others_told: Annotated[list[Line], Meta(title=N_("Others who were told"))] | None = None
    no_credit: Annotated[bool, Meta(title=N_("The finder wants no credit"))] | None = None
    credits: (
        Annotated[
            list[Credit],
            Meta(
                title=N_("Credits"),
                description=N_("As in finder: Anna de Vries; one a line."),
            ),
        ]
        | None
    ) = None
    credit: Annotated[Line, Meta(title=N_("Credit that the finder wishes"))] | None = None
    triage: Annotated[Triage, Meta(title=N_("Triage (SSVC, coordinator)"))] | None = None
    exploitation: Annotated[Exploitation, Meta(title=N_("Exploitation"))] | None = None
    cve: Annotated[list[Cve], Meta(title=N_("CVE numbers"))] | None = None
    cve_reservations: (
        Annotated[
            list[CveReservation],
            Meta(
                title=N_("CVE numbers with their state"),
                description=N_("Number, state and numbering authority; one a line."),
            ),
        ]
        | None
    ) = None
    references: Annotated[list[Url], Meta(title=N_("Public references"))] | None = None
    cwe: Annotated[list[Cwe], Meta(title=N_("Weaknesses (CWE)"))] | None = None
    cvss_31: Annotated[Line, Meta(title=N_("CVSS 3.1 vector"))] | None = None
    cvss_40: Annotated[Line, Meta(title=N_("CVSS 4.0 vector"))] | None = None
    ssvc: (
        Annotated[
            list[Line],
            Meta(
                title=N_("Decisions (SSVC)"),
                description=N_("One a line, as the calculator writes them."),
            ),
        ]
        | None
    ) = None
    fixed_versions: Annotated[list[Line], Meta(title=N_("Versions that are fixed"))] | None = None
    union_market: (
        Annotated[
            YesNo,
            Meta(
                title=N_("A product with digital elements on the Union's market"),
                description=N_("The CRA asks its manufacturer for reports (art. 14)."),
            ),
        ]
        | None
    ) = None
    countries: (
        Annotated[list[Country], Meta(title=N_("Countries where it is on the market"))] | None
    ) = None
    exploit: Annotated[Text, Meta(title=N_("Nature of the exploit"))] | None = None
    measures: Annotated[Text, Meta(title=N_("Corrective or mitigating measures"))] | None = None
    sensitivity: Annotated[Line, Meta(title=N_("How sensitive the notification is"))] | None = None
    contact: Annotated[Line, Meta(title=N_("Contact of the manufacturer"))] | None = None
    publication_plan: Annotated[Text, Meta(title=N_("Plan of publication"))] | None = None
