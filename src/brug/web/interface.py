# SPDX-License-Identifier: EUPL-1.2
"""The machine interface, documented for people and for programs, served from here."""

from typing import Any

import msgspec

from brug.web import navigation
from brug.web.page import page
from brug.web.visit import Reply, Visit


def _document(visit: Visit) -> dict[str, Any]:
    document: dict[str, Any] = visit.site.interface(visit.node.setting("node.url"))
    return document


@page("/interface")
def shown(visit: Visit) -> Reply:
    document = _document(visit)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        methods = [method.upper() for method in operations]
        first = next(iter(operations.values()))
        body = next((o["requestBody"] for o in operations.values() if "requestBody" in o), None)
        groups.setdefault(first["tags"][0], []).append({
            "path": path, "methods": methods, "summary": first["summary"],
            "right": first.get("description", ""), "body": _example(body),
        })  # fmt: skip
    return visit.show(
        "interface.html",
        groups=groups,
        url=document["servers"][0]["url"].rstrip("/"),
        tabs=navigation.tabs(navigation.INTERFACE, visit.principal, visit.path, visit.gettext),
    )


def _example(body: dict[str, Any] | None) -> str:
    examples = body["content"]["application/json"]["schema"].get("examples") if body else None
    return msgspec.json.format(msgspec.json.encode(examples[0])).decode() if examples else ""


@page("/openapi.json", anonymous=True)
def document(visit: Visit) -> Reply:
    body = msgspec.json.encode(_document(visit))
    return Reply(body, media_type="application/json; charset=utf-8")
