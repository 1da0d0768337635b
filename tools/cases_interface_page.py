# SPDX-License-Identifier: EUPL-1.2
"""The page of the reference about the interface for cases, drawn from its table of routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from brug.api.cases import act_forms, serve
from brug.api.cases.table import JSON, ROUTES, Route

HEAD = """# Interface for cases

Brug's own JSON interface, at `/brug/v1/` of a node: what people do with cases on pages, for scripts
and other systems. [How to work on cases by script](../how-to/work-on-cases-by-script.md) shows it
with `curl`. `/brug/v1/openapi.json` of a node describes it as OpenAPI 3.1, from the same table as
this page.

## Requests

- The header `Authorization` carries an API key: those that MISP's interface takes, from the
  addresses that the key allows. What a key may do is what its user may: work for the organisation
  with the right `case`, or as the person who takes part. A key that only reads changes nothing.
- Bodies are JSON in UTF-8 (`Content-Type: application/json`, at most `limits.body_bytes`, packed
  with gzip or not). What the interface does not know is refused: other fields, other parameters, a
  parameter given twice, NUL, half of a surrogate pair, numbers beyond 64 bits.
- A case is named by its number as people say it, its UUID, or its id on this node.
- A request is done whole or not at all; one for several cases (`/bulk`) is so case by case, and
  answers what became of each.

## Answers

Times are UTC (RFC 3339). What is refused answers 4xx with three fields:

```json
{"code": "invalid", "message": "limit: expected int >= 1 (got '0')", "field": "limit"}
```

`field` is what does not fit, or null; of a list of acts it begins with the place: `[2].text`.
What is absent and what is hidden are the same answer.

| status | `code` | what happened |
|---|---|---|
| 400 | `invalid`, `malformed_json` | what came does not fit; `message` says what was expected |
| 403 | `no_key`, `wrong_address` | no key that holds, or not from there |
| 403 | `forbidden`, `not_yours` | the key reads only, or the user's part does not include this |
| 404 | `not_found`, `no_such_address` | no such case, kind or address, or not for this key |
| 405 | `no_such_method` | the header `Allow` lists those that there are |
| 409 | `out_of_step` | the case is not in the state that a transition leaves |
| 409 | `blocked` | something has to be there first; `message` says what |
| 409 | `conflict`, `crossed` | it is so already, or another was quicker |
| 413 | `too_large` | the body is over the limit |
| 415 | `wrong_type` | another type, or packed otherwise |
| 429 | `rate_exceeded`, `too_many_requests` | asked too often; searches count as those of MISP do |
| 503 | `unavailable` and others | try again after `Retry-After` seconds |

## Entries

Everything that is done in a case is an entry, signed by the node of whoever did it. `entry` stands
in an answer as the very bytes that were signed, which are its canonical JSON (RFC 8785); `digest`
is their SHA-256, `signature` Ed25519 under the public key `key`. A client needs nothing of Brug to
check them. Entries that are for some participants show to these alone, here as everywhere.

"""


# What has put itself into the table.
_MODULES = {module.__name__ for module in serve.ROUTED}


def page() -> str:
    """Routes, then what they take and give."""
    parts = [HEAD, "## Routes\n"]
    parts += [_route(one) for one in ROUTES if one.handler.__module__ in _MODULES]
    parts.append("## Acts\n")
    parts.append(
        "The body of `POST /brug/v1/cases/{case}/acts` is one act, or a list of up to"
        f" {act_forms.MOST_ACTS} of which all are done or none. Each says `what` it is, may say"
        " `because`, and takes these fields; those in italics may be left out. A transition names"
        " the state that it `leaves`.\n"
    )
    parts.append("| `what` | fields |\n|---|---|\n" + "\n".join(_acts()) + "\n")
    return "\n".join(parts)


def _route(one: Route) -> str:
    lines = [f"### `{one.method} {one.path}`\n", f"{one.summary}. Answers {one.status}."]
    if one.changes:
        lines[-1] += " Writes."
    if one.media_type != JSON:
        lines[-1] += f" The answer is a file: `{one.media_type}`."
    if one.query is not None:
        lines.append("\nParameters: " + ", ".join(_fields(one.query)) + ".")
    if _is_struct(one.body):
        lines.append("\nBody: " + ", ".join(_fields(one.body)) + ".")
    for kind in one.answers:
        if _is_struct(kind):
            lines.append(f"\n`{kind.__name__}`: {_told(kind)}\n")
            lines.append("\n".join(_rows(kind)))
    return "\n".join(lines) + "\n"


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _told(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _rows(kind: type[msgspec.Struct]) -> Iterator[str]:
    """One a field; what a list holds is told once below it."""
    yield "| field | holds |\n|---|---|"
    for field in msgspec.structs.fields(kind):
        inner = _inner(field.type)
        about = ""
        if inner is not None:
            names = (f"`{one.encode_name}`" for one in msgspec.structs.fields(inner))
            about = f": {', '.join(names)}. {_told(inner)}"
        yield f"| `{field.encode_name}` | {_shown(field.type)}{about} |"


def _inner(kind: Any) -> type[msgspec.Struct] | None:
    held = next(iter(getattr(kind, "__args__", ())), None)
    return held if _is_struct(held) else None


def _shown(kind: Any) -> str:
    if kind is Any:
        return "JSON"
    held = getattr(kind, "__args__", ())
    if held and getattr(kind, "__origin__", None) in {list, tuple}:
        return "list" if _is_struct(held[0]) else f"list of {_shown(held[0])}"
    if getattr(kind, "__origin__", None) is dict:
        return "object"
    if held:
        return " or ".join("null" if one is type(None) else _shown(one) for one in held)
    names = {"str": "text", "int": "number", "bool": "yes or no", "datetime": "time"}
    return names.get(str(kind.__name__), str(kind.__name__))


def _fields(kind: type[msgspec.Struct]) -> list[str]:
    return [
        f"`{one.encode_name}`" if one.required else f"*`{one.encode_name}`*"
        for one in msgspec.structs.fields(kind)
    ]


def _acts() -> Iterator[str]:
    for kind in act_forms.Act.__args__:
        fields = [name for name in _fields(kind) if "because" not in name]
        told = _told(kind)
        yield f"| `{kind.__struct_config__.tag}` | {', '.join(fields)}. {told} |"
