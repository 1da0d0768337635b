# SPDX-License-Identifier: EUPL-1.2
"""Many cases together: those that are alike."""

from brug.api.cases import many_forms as forms
from brug.api.cases.files import row_of
from brug.api.cases.table import Call, route
from brug.cases import duplicates, files
from brug.cases.values import WEIGHTS


@route(
    "GET",
    "/cases/{case}/duplicates",
    summary="Other cases that share a value with this one",
    answers=(forms.Duplicates,),
    is_search=True,
)
def alike(call: Call) -> forms.Duplicates:
    file, case = files.view(call.session, call.args["case"])
    return forms.Duplicates(
        [
            forms.Alike(
                row_of(one.file),
                one.score,
                [
                    forms.Shared(shared.kind, shared.value, WEIGHTS[shared.kind])
                    for shared in one.shared
                ],
            )
            for one in duplicates.of_case(call.session, file, case)
        ]
    )
