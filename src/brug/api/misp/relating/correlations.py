# SPDX-License-Identifier: EUPL-1.2
"""`/correlations/*`: the values that most attributes hold. Nothing is stored of pairs."""

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import saved
from brug.intel.correlating import correlation, frequent_values


@endpoint(
    "correlations", "top",
    right="site_admin", shows=("attribute",),
    summary="The values that most attributes hold, as last counted",
)  # fmt: skip
def top(call: Call) -> Answer:
    return Answer(
        [
            {"Correlation": {"value": f.value, "count": f.occurrences, "excluded": f.excluded}}
            for f in frequent_values.frequent(call.session)
        ]
    )


@endpoint(
    "correlations", "overCorrelations",
    right="site_admin", shows=("attribute",),
    summary="Values that are everywhere: shown as a number, not as a list",
)  # fmt: skip
def over_correlations(call: Call) -> Answer:
    return Answer(
        [
            {
                "OverCorrelatingValue": {
                    "id": str(f.id),
                    "value": f.value,
                    "occurrence": str(f.occurrences),
                    "excluded": f.excluded,
                }
            }
            for f in frequent_values.frequent(call.session, correlation.COUNTED)
        ]
    )


@endpoint(
    "correlations", "generateTopCorrelations",
    methods=WRITE, right="site_admin", changes=True, summary="Counts the most frequent values",
)  # fmt: skip
def generate_top(call: Call) -> Answer:
    frequent_values.count_frequent(call.session)
    return Answer(True)


@endpoint(
    "correlations", "generateOccurrences",
    methods=WRITE, right="site_admin", changes=True, summary="Counts the most frequent values",
)  # fmt: skip
def generate_occurrences(call: Call) -> Answer:
    frequent_values.count_frequent(call.session)
    text = "Over-correlations counted successfully."
    return Answer(saved(text, "/correlations/generateOccurrences"))


@endpoint(
    "attributes", "generateCorrelation",
    methods=WRITE, right="site_admin", changes=True,
    summary="Nothing to generate: correlations are found when somebody looks",
)  # fmt: skip
def generate_correlation(_call: Call) -> Answer:
    text = "All done. 0 attributes processed."
    return Answer(saved(text, "/attributes/generateCorrelation"))
