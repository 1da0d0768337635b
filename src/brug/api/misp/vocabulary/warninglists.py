# SPDX-License-Identifier: EUPL-1.2
"""`/warninglists`: list, view, switch, ask for values; and a node's own lists.

Like MISP's, `toggleEnable` says no with 200. A list is viewed whole, however long. Of a list's
regular expressions those that cannot be run are named where it is viewed or switched on.
"""

from collections.abc import Sequence
from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.several import numbers, texts
from brug.api.misp.vocabulary import vocabulary_update
from brug.formats.misp import coercion
from brug.intel.vocabulary import as_misp, matching, warninglist_export, warninglists
from brug.intel.vocabulary.warninglist_drafts import drafted
from brug.intel.vocabulary.warninglists import Warninglist
from brug.model.errors import Invalid
from brug.model.naming import number_in

MOST_VALUES = 10_000
MOST_NAMED = 100  # of the entries that cannot be run
DESCRIPTION = {
    "name": "/warninglists/checkValue API description",
    "description": (
        "POST a JSON list with value(s) to check against the warninglists to get a JSON"
        " dictionary as a response with any hits, if there are any (with the key being the"
        " passed value triggering a warning)."
    ),
    "mandatory_fields": ["[]"],
    "url": "/warninglists/checkValue",
}


def _found(call: Call) -> Warninglist:
    number = number_in(call.arg(0))
    if number is None:
        beyond = call.arg(0).isdecimal()
        raise MispError(404, "Warninglist not found." if beyond else "Invalid ID.")
    with reaching((404, "Warninglist not found.")):
        return warninglists.warninglist(call.session, number)


@endpoint(
    "warninglists",
    "index",
    shows=("vocabulary",),
    probes=(("GET", "/warninglists/index", None),),
    summary="List warninglists; `value` finds part of a name, `enabled` those that are on.",
    body={"value": "text", "enabled": "flag"},
)
def index(call: Call) -> Answer:
    given = {**call.named, **call.data("Warninglist")}
    search, wanted = given.get("value"), given.get("enabled")
    found = warninglists.warninglists(
        call.session,
        None if search is None else coercion.text("value", search),
        None if wanted is None or wanted == "" else coercion.flag("enabled", wanted),
    )
    shown = [
        as_misp.warninglist_json(one)
        | {
            "warninglist_entry_count": str(one.entry_count),
            "valid_attributes": ", ".join(one.types),
        }
        for one in found
    ]
    return Answer({"Warninglists": [{"Warninglist": one} for one in shown]})


@endpoint(
    "warninglists",
    "view",
    shows=("vocabulary",),
    probes=(("GET", "/warninglists/view/1", None),),
    summary="One warninglist with its entries and types.",
)
def view(call: Call) -> Answer:
    found = _found(call)
    return Answer(
        {
            "Warninglist": as_misp.warninglist_json(found)
            | {
                "WarninglistEntry": warninglist_export.entries_json(call.session, found.id),
                "WarninglistType": warninglist_export.types_json(call.session, found.id),
            }
            | _not_run(call, [found])
        }
    )


def _not_run(call: Call, several: Sequence[Warninglist]) -> dict[str, Any]:
    """`not_run`: entries of lists that hit nothing, and why; nothing where all of them run."""
    named = [
        {"warninglist": one.name, "value": value, "reason": why}
        for one in several
        for value, why in warninglists.not_run(call.session, one)
    ]
    return {"not_run": named[:MOST_NAMED]} if named else {}


@endpoint(
    "warninglists",
    "export",
    shows=("vocabulary",),
    probes=(("GET", "/warninglists/export/1", None),),
    summary="A warninglist in the format of the MISP warninglists project.",
)
def export(call: Call) -> Answer:
    return Answer(warninglist_export.export(call.session, _found(call)))


@endpoint(
    "warninglists",
    "checkValue",
    shows=("vocabulary",),
    probes=(("POST", "/warninglists/checkValue", ["8.8.8.8"]),),
    summary="Which enabled warninglists values are on.",
    body={"[]": "values"},
)
def check_value(call: Call) -> Answer:
    if call.method == "GET":
        return Answer(DESCRIPTION)
    hits = matching.check_values(call.session, _values(call.body))
    # PHP's empty dictionary is an empty list.
    return Answer(
        {
            value: [
                {"id": str(hit.warninglist_id), "name": hit.name, "matched": hit.match}
                for hit in found
            ]
            for value, found in hits.items()
        }
        or []
    )


def _values(body: Any) -> list[str]:
    """A list, one value, or either in whatever field."""
    if isinstance(body, dict):
        body = [
            one
            for given in body.values()
            for one in (given if isinstance(given, list) else [given])
        ]
    if isinstance(body, str | int):
        body = [body]
    if not isinstance(body, list) or not body:
        raise MispError(404, "No valid data received.")
    if len(body) > MOST_VALUES:
        raise Invalid("[]", f"at most {MOST_VALUES} values")
    return [coercion.text("[]", value) for value in body]


@endpoint(
    "warninglists", "toggleEnable", methods=("GET", "POST", "PUT"), right="warninglist",
    changes=True,
    summary="Switch warninglists by id or name; `%` in a name stands for any text.",
    body={"id": "id or ids", "name": "name or names", "enabled": "flag; else the opposite"},
)  # fmt: skip
def toggle(call: Call) -> Answer:
    if call.method == "GET":
        return _refused("This function only accepts POST requests.")
    data = call.data("Warninglist")
    ids, names = texts("id", data.get("id")), texts("name", data.get("name"))
    if not ids and not names:
        return _refused("Warninglist not found.")
    found = warninglists.find(call.session, numbers(ids), names)
    if not found:
        return _refused("Warninglist(s) not found.")
    given = data.get("enabled")
    for one in found:
        on = not one.enabled if given is None else coercion.flag("enabled", given)
        warninglists.set_enabled(call.session, one, on)
    done = "toggled" if given is None else "enabled" if on else "disabled"
    text = f"{len(found)} warninglist(s) {done}"
    switched_on = [one for one in found if (not one.enabled if given is None else on)]
    return Answer({"saved": True, "success": text} | _not_run(call, switched_on))


def _refused(errors: str) -> Answer:
    return Answer({"saved": False, "errors": errors})


@endpoint(
    "warninglists", "add", methods=WRITE, right="warninglist", changes=True,
    summary="Add a warninglist of this node's own.",
    body={"name": "text", "type": "kind", "description": "text", "category": "category",
          "entries": "one a line, with # before a comment", "matching_attributes": "types"},
)  # fmt: skip
def add(call: Call) -> Answer:
    try:
        made = warninglists.add(call.session, drafted(call.data("Warninglist")))
    except Invalid as error:
        raise _not_saved("add", call, error) from error
    return Answer({"Warninglist": as_misp.warninglist_json(made)})


@endpoint(
    "warninglists", "edit", methods=WRITE, right="warninglist", changes=True,
    summary="Change an own warninglist; what is not said stays.",
    body={"name": "text", "entries": "one a line", "matching_attributes": "types"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    old = _found(call)
    known = list(warninglists.entries(call.session, old.id))
    try:
        made = warninglists.edit(call.session, old, drafted(call.data("Warninglist"), old, known))
    except Invalid as error:
        raise _not_saved("edit", call, error) from error
    return Answer(
        {
            "Warninglist": as_misp.warninglist_json(made) | {"version": made.version},
            "WarninglistEntry": [
                {"value": entry.value, "comment": entry.comment}
                for entry in warninglists.entries(call.session, made.id)
            ],
            "WarninglistType": warninglist_export.types_json(call.session, made.id),
        }
    )


@endpoint(
    "warninglists", "import", methods=WRITE, right="warninglist", changes=True,
    summary="Add a warninglist in the format of the MISP warninglists project.",
)  # fmt: skip
def import_(call: Call) -> Answer:
    try:
        made = warninglists.add(call.session, drafted(call.data()))
    except Invalid as error:
        raise _not_saved("import", call, error) from error
    return Answer(saved("Warninglist imported", f"/warninglists/import/{made.id}", made.id))


@endpoint(
    "warninglists", "delete", methods=DELETABLE, right="warninglist", changes=True,
    summary="Delete a warninglist; a published one comes back with the next upgrade.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = _found(call)
    warninglists.delete(call.session, found.id)
    return Answer(saved("Warninglist deleted", call.path, str(found.id)))


@endpoint(
    "warninglists", "update", methods=WRITE, right="site_admin", changes=True,
    summary="Whether the warninglists of the installed package are served.",
)  # fmt: skip
def update(call: Call) -> Answer:
    text = "All warninglists are up to date already."
    return vocabulary_update.answer(call, "Warninglist", "pymispwarninglists", text)


def _not_saved(verb: str, call: Call, error: Invalid) -> SaveFailed:
    return SaveFailed(verb, "warninglist", {error.field: [error.public]}, call.path)


@endpoint(
    "warninglists", "enableWarninglist", methods=WRITE, right="warninglist", changes=True,
    summary="Switch a warninglist on, where `true` follows its number, else off.",
)  # fmt: skip
def enable_or_disable(call: Call) -> Answer:
    found, on = _found(call), coercion.flag("enabled", call.arg(1))
    warninglists.set_enabled(call.session, found, on)
    word = "enabled" if on else "disabled"
    more = _not_run(call, [found]) if on else {}
    return Answer(saved(f"Warninglist {word}", call.path, str(found.id), **more))
