# SPDX-License-Identifier: EUPL-1.2
"""`/correlation_rules/*`: events that do not correlate with each other."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.refusals import saved
from brug.api.misp.several import from_text
from brug.intel.correlating import correlation_rules
from brug.intel.correlating.correlation_rules import Rule

NO_RULE = (404, "Invalid CorrelationRule.")


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
    return Answer([_rule(one) for one in correlation_rules.rules(call.session)])


@endpoint(
    "correlation_rules", "view",
    right="site_admin", shows=("vocabulary",), summary="One correlation rule",
)  # fmt: skip
def rule(call: Call) -> Answer:
    with reaching(NO_RULE):
        return Answer(_rule(correlation_rules.rule(call.session, call.arg(0))))


def _save(call: Call, verb: str, rule_id: str | None) -> Answer:
    given = dict(call.data("CorrelationRule"))
    listed = given.get("selector_list")
    with reaching(NO_RULE), saving(verb, "CorrelationRule", f"/correlation_rules/{verb}"):
        if isinstance(listed, str):
            given["selector_list"] = from_text("selector_list", listed)
        fields = {"name", "comment", "selector_type", "selector_list"}
        kept = {name: value for name, value in given.items() if name in fields}
        return Answer(_rule(correlation_rules.save_rule(call.session, rule_id, kept)))


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
        found = correlation_rules.delete_rule(call.session, call.arg(0))
    url = f"/correlation_rules/delete/{found.id}"
    return Answer(saved("CorrelationRule deleted.", url, str(found.id)))
