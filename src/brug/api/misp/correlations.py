# SPDX-License-Identifier: EUPL-1.2
"""`/correlations/*`, and what shall not correlate: `/correlation_exclusions/*` and `_rules/*`."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.refusals import SaveFailed, saved
from brug.api.misp.several import from_text
from brug.formats.misp import coercion
from brug.intel import correlation, uncorrelated
from brug.intel.uncorrelated import Exclusion, Known, Rule

NO_EXCLUSION = (404, "Invalid CorrelationExclusion.")
NO_RULE = (404, "Invalid CorrelationRule.")


def _exclusion(one: Exclusion) -> dict[str, Any]:
    shown = {"id": str(one.id), "value": one.value, "from_json": False, "comment": one.comment}
    return {"CorrelationExclusion": shown}


@endpoint(
    "correlation_exclusions", "index",
    right="site_admin", shows=("vocabulary",),
    summary="Values that do not correlate",
)  # fmt: skip
def exclusions(call: Call) -> Answer:
    return Answer([_exclusion(one) for one in uncorrelated.exclusions(call.session)])


@endpoint(
    "correlation_exclusions", "view",
    right="site_admin", shows=("vocabulary",), summary="One excluded value",
)  # fmt: skip
def exclusion(call: Call) -> Answer:
    with reaching(NO_EXCLUSION):
        return Answer(_exclusion(uncorrelated.exclusion(call.session, call.arg(0))))


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
            found = uncorrelated.exclude(call.session, value, comment)
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
        return Answer(_exclusion(uncorrelated.comment_on(call.session, call.arg(0), comment)))


@endpoint(
    "correlation_exclusions", "delete",
    methods=DELETABLE, right="site_admin", changes=True, summary="Lets a value correlate again",
)  # fmt: skip
def delete_exclusion(call: Call) -> Answer:
    with reaching(NO_EXCLUSION):
        found = uncorrelated.include_again(call.session, call.arg(0))
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


def _rule(one: Rule) -> dict[str, Any]:
    return {
        "CorrelationRule": {
            "id": str(one.id),
            "uuid": one.uuid,
            "name": one.name,
            "comment": one.comment,
            "selector_type": one.selector_type,
            "selector_list": one.selector_list,
            "created": str(one.created),
            "timestamp": str(one.timestamp),
        }
    }


@endpoint(
    "correlation_rules", "index",
    right="site_admin", shows=("vocabulary",),
    summary="Rules for events that do not correlate with each other",
)  # fmt: skip
def rules(call: Call) -> Answer:
    return Answer([_rule(one) for one in uncorrelated.rules(call.session)])


@endpoint(
    "correlation_rules", "view",
    right="site_admin", shows=("vocabulary",), summary="One correlation rule",
)  # fmt: skip
def rule(call: Call) -> Answer:
    with reaching(NO_RULE):
        return Answer(_rule(uncorrelated.rule(call.session, call.arg(0))))


def _save(call: Call, verb: str, rule_id: str | None) -> Answer:
    given = dict(call.data("CorrelationRule"))
    listed = given.get("selector_list")
    with reaching(NO_RULE), saving(verb, "CorrelationRule", f"/correlation_rules/{verb}"):
        if isinstance(listed, str):
            given["selector_list"] = from_text("selector_list", listed)
        fields = {"name", "comment", "selector_type", "selector_list"}
        kept = {name: value for name, value in given.items() if name in fields}
        return Answer(_rule(uncorrelated.save_rule(call.session, rule_id, kept)))


@endpoint(
    "correlation_rules", "add",
    methods=WRITE, right="site_admin", changes=True, shows=("vocabulary",),
    summary="Makes a correlation rule",
    body={"name": "text", "selector_type": "orgc_id, event_id or event_info",
          "selector_list": ["text"], "comment": "text"},
)  # fmt: skip
def add_rule(call: Call) -> Answer:
    return _save(call, "add", None)


@endpoint(
    "correlation_rules", "edit",
    methods=WRITE, right="site_admin", changes=True, shows=("vocabulary",),
    summary="Changes a correlation rule", body={"comment": "text"},
)  # fmt: skip
def edit_rule(call: Call) -> Answer:
    return _save(call, "edit", call.arg(0))


@endpoint(
    "correlation_rules", "delete",
    methods=DELETABLE, right="site_admin", changes=True, summary="Removes a correlation rule",
)  # fmt: skip
def delete_rule(call: Call) -> Answer:
    with reaching(NO_RULE):
        found = uncorrelated.delete_rule(call.session, call.arg(0))
    url = f"/correlation_rules/delete/{found.id}"
    return Answer(saved("CorrelationRule deleted.", url, str(found.id)))


@endpoint(
    "correlations", "top",
    right="site_admin", shows=("attribute",),
    summary="The values that most attributes hold, as last counted",
)  # fmt: skip
def top(call: Call) -> Answer:
    return Answer(
        [
            {"Correlation": {"value": f.value, "count": f.occurrences, "excluded": f.excluded}}
            for f in uncorrelated.frequent(call.session)
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
            for f in uncorrelated.frequent(call.session, correlation.COUNTED)
        ]
    )


@endpoint(
    "correlations", "generateTopCorrelations",
    methods=WRITE, right="site_admin", changes=True, summary="Counts the most frequent values",
)  # fmt: skip
def generate_top(call: Call) -> Answer:
    uncorrelated.count_frequent(call.session)
    return Answer(True)


@endpoint(
    "correlations", "generateOccurrences",
    methods=WRITE, right="site_admin", changes=True, summary="Counts the most frequent values",
)  # fmt: skip
def generate_occurrences(call: Call) -> Answer:
    uncorrelated.count_frequent(call.session)
    text = "Over-correlations counted successfully."
    return Answer(saved(text, "/correlations/generateOccurrences"))


@endpoint(
    "attributes", "generateCorrelation",
    methods=WRITE, right="site_admin", changes=True,
    summary="Nothing to generate: correlations are found when somebody looks",
)  # fmt: skip
def generate_correlation(call: Call) -> Answer:
    count = call.session.value("SELECT count(*) FROM attribute WHERE NOT deleted")
    text = f"All done. {count} attributes processed."
    return Answer(saved(text, "/attributes/generateCorrelation"))
