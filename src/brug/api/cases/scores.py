# SPDX-License-Identifier: EUPL-1.2
"""Scores: what a vector of CVSS or a decision by SSVC comes to, alone or as what a case says."""

from typing import Annotated

import msgspec

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.table import Call, route
from brug.cases import entry_rows, files, keeping, scoring
from brug.formats.scoring import choosing, cvss
from brug.formats.scoring.cvss import Scored
from brug.formats.scoring.ssvc import Decision, decide

Vector = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class Vectored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vector of CVSS 2.0 to 4.0, or a decision by SSVC in one line."""

    vector: Vector


class Scoring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vector of CVSS 3.1 or 4.0, or a decision by SSVC in one line, for the case to say."""

    vector: Vector
    because: str = ""


class Score(msgspec.Struct, frozen=True):
    """`cvss` of a vector, or `ssvc` of a decision; the other one is null."""

    cvss: Scored | None
    ssvc: Decision | None


@route("GET", "/score", summary="What a vector or a decision comes to", query=Vectored,
       answers=(Score,))  # fmt: skip
def computed(call: Call) -> Score:
    vector: str = call.query.vector
    if vector.startswith("SSVC"):
        return Score(None, decide(*choosing.ssvc_points(vector)))
    return Score(cvss.score(vector), None)


@route(
    "POST", "/cases/{case}/score", summary="Have a disclosure say a score or decision",
    body=Scoring, answers=(forms.Signed,), status=201, changes=True,
)  # fmt: skip
def taken(call: Call) -> forms.Signed:
    """The entry fills all fields that follow from it."""
    asked: Scoring = call.body
    file, case = files.view(call.session, call.args["case"])
    doing = msgspec.structs.replace(scoring.taken(case, asked.vector), because=asked.because)
    done = keeping.act(call.session, file.uuid, doing)
    return signed(call.session, entry_rows.stored_several(call.session, [done.id]))[0]
