# SPDX-License-Identifier: EUPL-1.2
"""The interface's OpenAPI document (3.1), drawn from the table of endpoints and nothing else.

MISP takes ids in the path and as named parameters, so each endpoint stands once, with an
optional id where it shows an item. Bodies are objects whose unknown fields are ignored.
"""

from typing import Any

from brug import __version__
from brug.api.misp.dispatch import ENDPOINTS, Endpoint

ERROR = {"$ref": "#/components/responses/Error"}


def document(url: str) -> dict[str, Any]:
    """The whole interface of the node at an address."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in sorted(ENDPOINTS.values(), key=lambda e: (e.controller, e.action)):
        for path in _paths(endpoint):
            paths.setdefault(path, {}).update(_operations(endpoint, path))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Brug: MISP's REST interface",
            "version": __version__,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": url or "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
            "responses": {
                "Error": {
                    "description": "Refused, with the reason",
                    "content": {"application/json": {"schema": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string"}, "message": {"type": "string"},
                            "url": {"type": "string"}, "errors": {},
                        },
                    }}},
                }
            },
        },
    }  # fmt: skip


def _paths(endpoint: Endpoint) -> list[str]:
    base = f"/{endpoint.controller}/{endpoint.action}"
    if endpoint.action.startswith("admin_"):
        base = f"/admin/{endpoint.controller}/{endpoint.action.removeprefix('admin_')}"
    probed = [path for _, path, _ in endpoint.probes]
    takes_item = any("{" in path for path in probed) or endpoint.action in {
        "view", "edit", "delete", "publish", "unpublish",
    }  # fmt: skip
    return [base + "/{id}"] if takes_item else [base]


def _operations(endpoint: Endpoint, path: str) -> dict[str, Any]:
    return {
        method.lower(): _operation(endpoint, method, path)
        for method in endpoint.methods
        if method != "HEAD"
    }


def _operation(endpoint: Endpoint, method: str, path: str) -> dict[str, Any]:
    name = f"{method.lower()}_{endpoint.controller}_{endpoint.action}"
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": endpoint.summary,
        "tags": [endpoint.controller],
        "responses": {
            "200": {"description": "Done", "content": {"application/json": {"schema": {}}}},
            "default": ERROR,
        },
    }
    if endpoint.right:
        operation["description"] = f"Needs the right `{endpoint.right}`."
    if "{id}" in path:
        operation["parameters"] = [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"},
             "description": "A number or a UUID"}
        ]  # fmt: skip
    if method in {"POST", "PUT"}:
        operation["requestBody"] = {
            "content": {"application/json": {"schema": _schema(endpoint.body)}}
        }
    return operation


def _schema(body: dict[str, Any] | None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if body:
        schema["examples"] = [body]
        schema["properties"] = {name: {"description": str(what)} for name, what in body.items()}
    return schema
