# SPDX-License-Identifier: EUPL-1.2
"""Of disclosures: the terms of an embargo, alarms, vendors that do not answer."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from brug.api.cases.table import Call, in_language, route
from brug.cases import files, keeping
from brug.cases.embargoes import alarms, negotiating, policies
from brug.cases.embargoes.negotiating import Step
from brug.cases.embargoes.policies import Proposal
from brug.cases.embargoes.telling import (
    AlarmsTold,
    EmbargoTold,
    VendorsTold,
    alarms_of,
    embargo_of,
    vendors_of,
)
from brug.model.errors import NotFound
from brug.store import settings

MOST = 200


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an alarm is closed; the case keeps it."""

    because: Annotated[str, msgspec.Meta(min_length=1, max_length=5000)]


class OfCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case, to see until when."""

    case: str = ""


class Policies(msgspec.Struct, frozen=True):
    """Of a case that of the key's owner first, each with until when it would last."""

    policies: list[Proposal]


@route(
    "GET", "/cases/{case}/embargo", summary="The terms of an embargo, and who agreed to which",
    answers=(EmbargoTold,),
)  # fmt: skip
def embargo(call: Call) -> EmbargoTold:
    return embargo_of(files.view(call.session, call.args["case"])[1])


@route(
    "POST", "/cases/{case}/embargo",
    summary="Propose, accept, reject or end an embargo, or agree to it",
    answers=(EmbargoTold,), body=Step, changes=True,
)  # fmt: skip
def negotiate(call: Call) -> EmbargoTold:
    """A step is one act or several, as the page has them."""
    negotiating.take(call.session, call.args["case"], call.body)
    return embargo_of(files.view(call.session, call.args["case"])[1])


@route(
    "GET", "/embargo-policies", summary="How long embargoes last by which policy", query=OfCase,
    answers=(Policies,),
)  # fmt: skip
def by_policy(call: Call) -> Policies:
    language = in_language(call)
    if not call.query.case:
        every = policies.table(policies.config(call.session), language)[0].values()
        return Policies([Proposal(one, None, is_ours=False) for one in every])
    case = files.view(call.session, call.query.case)[1]
    return Policies(policies.proposals(call.session, case, language))


@route(
    "GET", "/cases/{case}/vendors", summary="Which vendors answer, and which do not",
    answers=(VendorsTold,),
)  # fmt: skip
def vendors(call: Call) -> VendorsTold:
    case = files.view(call.session, call.args["case"])[1]
    days = int(settings.get(call.session, "disclosure.chase_days"))
    return vendors_of(case, keeping.author(call.session), datetime.now(UTC), days)


@route("GET", "/alarms", summary="Alarms that wait for an answer", answers=(AlarmsTold,))
def waiting(call: Call) -> AlarmsTold:
    return alarms_of(alarms.open_ones(call.session, MOST))


@route(
    "GET", "/cases/{case}/alarms", summary="Alarms of a case, the newest first",
    answers=(AlarmsTold,),
)  # fmt: skip
def listed(call: Call) -> AlarmsTold:
    return _of_case(call)


def _of_case(call: Call) -> AlarmsTold:
    return alarms_of(alarms.of_case(call.session, files.find(call.session, call.args["case"]).id))


@route(
    "POST", "/cases/{case}/alarms/{alarm}/close", summary="Close an alarm, and say why",
    answers=(AlarmsTold,), body=Closing, changes=True,
)  # fmt: skip
def close(call: Call) -> AlarmsTold:
    number = call.args["alarm"]
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound(f"no alarm {number[:20]}")
    alarms.close(call.session, call.args["case"], int(number), call.body.because)
    return _of_case(call)
