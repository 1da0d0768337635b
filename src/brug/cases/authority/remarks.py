# SPDX-License-Identifier: EUPL-1.2
"""Whom else an authority may have to tell, by what the case says; each with its source.

Remarks, and no more: whether a duty is there is for a person to say. What was not read in its
source says so.
"""

from collections.abc import Callable

import msgspec

from brug.cases import files
from brug.cases.authority import parts
from brug.cases.case import Case
from brug.model.words import N_
from brug.store.session import Session


class Remark(msgspec.Struct, frozen=True):
    key: str
    text: str
    source: str
    is_verified: bool


class _Row(msgspec.Struct, frozen=True):
    remark: Remark
    applies: Callable[[Case], bool]


def _is(name: str, value: str) -> Callable[[Case], bool]:
    return lambda case: case.fields.get(name) == value


def _bound_as(duty: str) -> Callable[[Case], bool]:
    return lambda case: duty in (case.fields.get("bound_as") or ())


ROWS = (
    _Row(
        Remark(
            "police", N_("A crime is suspected: advise the entity on reporting it to the police."),
            "Directive (EU) 2022/2555 art. 23(5)", True,
        ),
        _is("suspected_malicious", "yes"),
    ),
    _Row(
        Remark(
            "states", N_("Other countries are concerned: tell them and ENISA without undue delay."),
            "Directive (EU) 2022/2555 art. 23(6)", False,
        ),
        _is("cross_border", "yes"),
    ),
    _Row(
        Remark(
            "data_protection",
            N_("Personal data are concerned: see whether the data protection authority is told."),
            "Directive (EU) 2022/2555 art. 35(1)", False,
        ),
        _is("personal_data", "yes"),
    ),
    _Row(
        Remark(
            "critical_entity",
            N_("It is a critical entity: see whether the authority for those (CER) is told."),
            "Directive (EU) 2022/2555 art. 23(10); Directive (EU) 2022/2557 art. 15", False,
        ),
        _bound_as("critical_entity"),
    ),
    _Row(
        Remark(
            "financial_entity",
            N_("It is a financial entity: DORA applies instead, and its supervisor is told."),
            "Directive (EU) 2022/2555 art. 4; Regulation (EU) 2022/2554 art. 19", False,
        ),
        _bound_as("financial_entity"),
    ),
    _Row(
        Remark(
            "trust_service_provider",
            N_("It is a trust service provider: see whether the supervisory body is told."),
            "Regulation (EU) No 910/2014 art. 19a, 24", False,
        ),
        _bound_as("trust_service_provider"),
    ),
)  # fmt: skip


def of(case: Case) -> list[Remark]:
    return [row.remark for row in ROWS if row.applies(case)]


def here(session: Session, which: str) -> list[Remark]:
    """Of a case in which the principal is one who was notified. Raises NotFound, NotYours."""
    case = files.view(session, which)[1]
    parts.mine(session, case)
    return of(case)
