# SPDX-License-Identifier: EUPL-1.2
"""`/regexp/*`: rules that change values on their way in, or keep them out.

A stock MISP answers a client that asks for these with an error or a redirect; the fields
here are its own. Of `type`, `types` and `all` that says for which types a rule is; a rule
for several types is a row for each, as in MISP.
"""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.refusals import saved
from brug.formats.misp import coercion
from brug.intel.patterns import cleaning, import_rules
from brug.intel.patterns.import_rules import ALL, Rule
from brug.model.errors import Invalid

ABSENT = (404, "Invalid Regexp")
BODY = {"regexp": "/pattern/i", "replacement": "text, empty to keep values out",
        "type": "ALL, or a type or list of types"}  # fmt: skip


def _fields(one: Rule) -> dict[str, Any]:
    return {
        "id": str(one.id), "regexp": one.pattern, "replacement": one.replacement,
        "type": one.type,
    }  # fmt: skip


def _shown(rows: list[Rule]) -> dict[str, Any] | list[dict[str, Any]]:
    """One row as an item, several as a list."""
    several = [{"Regexp": _fields(one)} for one in rows]
    return several[0] if len(several) == 1 else several


@endpoint(
    "regexp", "index",
    shows=("vocabulary",), summary="Rules for values on their way in",
)  # fmt: skip
def listed(call: Call) -> Answer:
    return Answer([{"Regexp": _fields(one)} for one in import_rules.listed(call.session)])


@endpoint(
    "regexp", "admin_index",
    right="regexp_access", shows=("vocabulary",), summary="Rules for values on their way in",
)  # fmt: skip
def administered(call: Call) -> Answer:
    return listed(call)


def _text(given: dict[str, Any], name: str) -> str | None:
    return None if given.get(name) is None else coercion.text(name, given[name])


def _types(given: dict[str, Any]) -> list[str] | None:
    """The types that a rule is to be for; None where nothing says."""
    if given.get("all") is not None and coercion.flag("all", given["all"]):
        return [ALL]
    sent = given.get("type", given.get("types"))
    if sent is None:
        return None
    if isinstance(sent, dict):
        raise Invalid("type", "a type or a list of types")
    several = sent if isinstance(sent, list) else str(sent).split(",")
    return [coercion.text("type", one) for one in several]


@endpoint(
    "regexp", "admin_add",
    methods=WRITE, right="regexp_access", changes=True, shows=("vocabulary",),
    summary="Adds a rule for values on their way in", body=BODY,
)  # fmt: skip
def add(call: Call) -> Answer:
    given = call.data("Regexp")
    with saving("add", "Regexp", "/admin/regexp/add"):
        types = _types(given)
        made = import_rules.add(
            call.session, _text(given, "regexp") or "", _text(given, "replacement") or "",
            [ALL] if types is None else types,
        )  # fmt: skip
    return Answer(_shown(made))


@endpoint(
    "regexp", "admin_edit",
    methods=WRITE, right="regexp_access", changes=True, shows=("vocabulary",),
    summary="Changes a rule, for all of its types or for others", body=BODY,
)  # fmt: skip
def edit(call: Call) -> Answer:
    given, number = call.data("Regexp"), call.arg(0)
    with reaching(ABSENT), saving("edit", "Regexp", f"/admin/regexp/edit/{number}"):
        rows = import_rules.edit(
            call.session, number, _text(given, "regexp"), _text(given, "replacement"),
            _types(given),
        )  # fmt: skip
    return Answer(_shown(rows))


@endpoint(
    "regexp", "admin_delete",
    methods=DELETABLE, right="regexp_access", changes=True, summary="Removes a rule of one type",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(ABSENT):
        found = import_rules.remove(call.session, call.arg(0))
    return Answer(saved("Regexp deleted", f"/admin/regexp/delete/{found.id}", str(found.id)))


@endpoint(
    "regexp", "admin_clean",
    methods=WRITE, right="site_admin", changes=True,
    summary="Applies the rules to what is stored already",
)  # fmt: skip
def clean(call: Call) -> Answer:
    done = cleaning.clean(call.session)
    text = (
        f"All done! Number of changed attributes: {done.changed}"
        f" Number of deletions: {done.deleted}"
    )
    numbers = {"changed": done.changed, "deleted": done.deleted, "left": done.left}
    return Answer(saved(text, "/admin/regexp/clean", None, **numbers))
