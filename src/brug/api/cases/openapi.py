# SPDX-License-Identifier: EUPL-1.2
"""The OpenAPI document (3.1), drawn from the table of routes and the Structs, and nothing else."""

from inspect import cleandoc
from typing import Any

import msgspec

from brug import __version__
from brug.api.cases import forms
from brug.api.cases.table import JSON, ROUTES, Call, Route, route

_REFS = "#/components/schemas/{name}"
_ERROR = {"$ref": "#/components/responses/Refused"}


@route("GET", "/openapi.json", summary="This interface as OpenAPI 3.1", answers=(dict[str, Any],))
def shown(call: Call) -> dict[str, Any]:
    return document(call.base_url)


def document(url: str) -> dict[str, Any]:
    """The whole interface of the node at an address."""
    schemas, components = msgspec.json.schema_components(_types(), ref_template=_REFS)
    by_type = dict(zip(map(repr, _types()), schemas, strict=True))
    for one in components.values():
        # CommonMark: lines that are indented as in the source would be code.
        if "description" in one:
            one["description"] = cleandoc(one["description"])
    paths: dict[str, dict[str, Any]] = {}
    for row in ROUTES:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Brug: cases",
            "version": __version__,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": url or "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "Authorization"}},
            "responses": {
                "Refused": {
                    "description": "Refused, with the reason",
                    "content": _json(by_type[repr(forms.Refusal)]),
                }
            },
            "schemas": components,
        },
    }


def _types() -> list[Any]:
    found: list[Any] = [forms.Refusal]
    for one in ROUTES:
        found += [kind for kind in (*one.answers, one.body, one.query) if kind is not None]
    return found


def _one_of(kinds: tuple[Any, ...], by_type: dict[str, Any]) -> Any:
    schemas = [by_type[repr(kind)] for kind in kinds]
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def _operation(one: Route, by_type: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{one.handler.__module__.rpartition('.')[2]}_{one.handler.__name__}",
        "summary": one.summary,
        "responses": {
            str(one.status): {
                "description": "Done",
                "content": _content(one, by_type),
            },
            "default": _ERROR,
        },
    }
    parameters = [*_in_path(one), *_in_query(one)]
    if parameters:
        operation["parameters"] = parameters
    if one.body is not None:
        content = _json(by_type[repr(one.body)])
        operation["requestBody"] = {"required": not one.may_be_empty, "content": content}
    return operation


def _content(one: Route, by_type: dict[str, Any]) -> dict[str, Any]:
    """A file has no schema: its media type says what it is."""
    if one.media_type != JSON:
        return {one.media_type: {}}
    return _json(_one_of(one.answers, by_type))


def _json(schema: Any) -> dict[str, Any]:
    return {JSON: {"schema": schema}}


def _in_path(one: Route) -> list[dict[str, Any]]:
    return [
        {"name": part.strip("{}"), "in": "path", "required": True, "schema": {"type": "string"},
         "description": _PLACES[part.strip("{}")]}
        for part in one.path.split("/") if part.startswith("{")
    ]  # fmt: skip


_PLACES = {
    "catalogued": "Number of an advisory of others, or its id where one publisher has it",
    "product": "Number of a registered product",
    "bill": "Number of a registered bill of materials",
    "source": "Number of a source of advisories, or its name",
    "refusal": "Number of a document that did not fit",
    "advisory": "Id of an own advisory, such as ADV-2026-0001",
    "alarm": "Number of an alarm",
    "cve": "CVE number of the disclosure, such as CVE-2026-0001",
    "template": "Number of the template, or its name",
    "clock": "Id of a deadline, such as nis2-early-warning",
    "case": "Number of the case, its UUID or id",
    "document": "UUID of the document, or its name where only one has it",
    "person": "Name, e-mail address or UUID of somebody who takes part without an account",
    "mail": "Number of a mail that is held",
    "fingerprint": "Fingerprint of a key for mail",
    "entry": "UUID of an entry: a message, a decision, a document",
    "kind": "Key of the kind",
    "address": "Number of an address of a calendar",
    "hook": "Number of a webhook",
    "row": "Number of a row of the register that was put in here",
    "report": "Key of the report, such as nis2-early-warning",
}


def _in_query(one: Route) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    _, components = msgspec.json.schema_components([one.query], ref_template=_REFS)
    form = components[one.query.__name__]
    needed = form.get("required", ())
    return [
        {"name": name, "in": "query", "schema": schema}
        | ({"required": True} if name in needed else {})
        for name, schema in form["properties"].items()
    ]
