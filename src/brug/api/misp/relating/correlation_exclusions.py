# SPDX-License-Identifier: EUPL-1.2
"""`/correlation_exclusions/*`: values that do not correlate."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.refusals import SaveFailed, saved
from brug.formats.misp import coercion
from brug.intel.correlating import correlation_exclusions
from brug.intel.correlating.correlation_exclusions import Exclusion, Known

NO_EXCLUSION = (404, "Invalid CorrelationExclusion.")


def _exclusion(one: Exclusion) -> dict[str, Any]:
    shown = {"id": str(one.id), "value": one.value, "from_json": False, "comment": one.comment}
    return {"CorrelationExclusion": shown}


@endpoint(
    "correlation_exclusions", "index",
    right="site_admin", shows=("vocabulary",),
    summary="Values that do not correlate",
)  # fmt: skip
def exclusions(call: Call) -> Answer:
    return Answer([_exclusion(one) for one in correlation_exclusions.exclusions(call.session)])


@endpoint(
    "correlation_exclusions", "view",
    right="site_admin", shows=("vocabulary",), summary="One excluded value",
)  # fmt: skip
def exclusion(call: Call) -> Answer:
    with reaching(NO_EXCLUSION):
        return Answer(_exclusion(correlation_exclusions.exclusion(call.session, call.arg(0))))


@endpoint(
    "correlation_exclusions", "add",
    methods=WRITE, right="site_admin", changes=True, shows=("vocabulary",),
    summary="Excludes a value; `%` at either end stands for anything",
    body={"value": "text", "comment": "text"},
)  # fmt: skip
def exclude(call: Call) -> Answer:
    sent = call.data("CorrelationExclusion")
    url = "/correlation_exclusions/add"
    with saving("add", "correlation_exclusion", url):
        value = coercion.text("value", sent.get("value"))
        comment = coercion.text("comment", sent.get("comment"))
        try:
            found = correlation_exclusions.exclude(call.session, value, comment)
        except Known as error:
            errors = {"value": [error.public]}
            raise SaveFailed("add", "correlation_exclusion", errors, url) from error
    return Answer(_exclusion(found))


@endpoint(
    "correlation_exclusions", "edit",
    methods=WRITE, right="site_admin", changes=True, shows=("vocabulary",),
    summary="Changes why a value is excluded", body={"comment": "text"},
)  # fmt: skip
def edit_exclusion(call: Call) -> Answer:
    comment = coercion.text("comment", call.data("CorrelationExclusion").get("comment"))
    with reaching(NO_EXCLUSION):
        found = correlation_exclusions.comment_on(call.session, call.arg(0), comment)
    return Answer(_exclusion(found))


@endpoint(
    "correlation_exclusions", "delete",
    methods=DELETABLE, right="site_admin", changes=True, summary="Lets a value correlate again",
)  # fmt: skip
def delete_exclusion(call: Call) -> Answer:
    with reaching(NO_EXCLUSION):
        found = correlation_exclusions.include_again(call.session, call.arg(0))
    url = f"/correlation_exclusions/delete/{found.id}"
    return Answer(saved("CorrelationExclusion deleted.", url, found.id))


@endpoint(
    "correlation_exclusions", "clean",
    methods=WRITE, right="site_admin", changes=True,
    summary="Nothing to clean: exclusions act when correlations are looked for",
)  # fmt: skip
def clean(_call: Call) -> Answer:
    text = "Correlations cleanup initiated, based on the exclusion rules."
    return Answer(saved(text, "/correlation_exclusions/clean"))
