# SPDX-License-Identifier: EUPL-1.2
"""Many cases together: those that are alike, one thing done in several."""

from brug.api.cases import case_templates, merging  # noqa: F401 — their routes
from brug.api.cases import many_forms as forms
from brug.api.cases.files import row_of
from brug.api.cases.table import Call, route
from brug.cases import bulk, duplicates, files, listing, statistics
from brug.cases.bulk import Asked
from brug.cases.statistics import Statistics
from brug.cases.values import WEIGHTS
from brug.model.errors import Invalid


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


@route(
    "GET", "/case-statistics", summary="Figures of the cases that one takes part in",
    query=forms.Span, answers=(Statistics,),
)  # fmt: skip
def figures(call: Call) -> Statistics:
    asked: forms.Span = call.query
    return statistics.of(call.session, asked.months)


@route(
    "POST", "/bulk", summary="Do one thing in many cases", body=forms.Bulk,
    answers=(forms.Outcomes,), changes=True,
)  # fmt: skip
def done_in_many(call: Call) -> forms.Outcomes:
    """Each case by its own rules and for itself: the answer says of each what became of it."""
    asked: forms.Bulk = call.body
    if bool(asked.cases) == (asked.find is not None):
        raise Invalid("cases", "cases by name, or `find`, and not both")
    names = list(asked.cases)
    if asked.find is not None:
        found, total = listing.listed(call.session, asked.find, bulk.MOST)
        if total > bulk.MOST:
            raise Invalid("find", f"what at most {bulk.MOST} cases fit", str(total))
        names = [one.uuid for one in found]
        if not names:
            return forms.Outcomes(0, 0, [])
    several = bulk.run(call.session, asked.do, [Asked(one) for one in names])
    done = sum(one.is_done for one in several)
    return forms.Outcomes(done, len(several) - done, [_outcome(one) for one in several])


def _outcome(one: bulk.Outcome) -> forms.Outcome:
    number = one.file.number if one.file else ""
    if one.error is None:
        return forms.Outcome(one.named, number, done=True)
    return forms.Outcome(
        one.named, number, done=False, code=one.error.code, message=one.error.public
    )
