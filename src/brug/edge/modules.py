# SPDX-License-Identifier: EUPL-1.2
"""A server of misp-modules: which modules it has, and what one of them knows about a value.

Its protocol (misp-modules 2 and 3: `GET /modules`, `POST /query`) gives attributes and
objects in MISP's format from newer modules, lists of values with their types from older
ones. What comes back is read like anything else from outside; nothing is stored here. The
server's own address may be private where it is given as an address or as `localhost`,
since an administrator has set it.
"""

import json
import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec

from brug.edge import outgoing
from brug.edge.outgoing import Limits, NotReached
from brug.formats.json_text import decode
from brug.model.errors import BrugError, Invalid
from brug.store import settings
from brug.store.session import Session

MOST_BYTES = 16 * 2**20
_NEAR = ("127.0.0.1/32", "::1/128")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class Off(BrugError):
    """Enrichment is not switched on, which trying again does not change."""

    code = "enrichment_off"
    status = 405
    public = "Enrichment is not enabled (setting enrichment.enabled)."


class ModuleFailed(BrugError):
    """A module answered that it could not."""

    code = "module_failed"
    status = 502
    public = "The module could not look the value up."


class Module(msgspec.Struct, frozen=True):
    """A module as the server lists it; `listed` is its own description, whole."""

    name: str
    kinds: Sequence[str]
    inputs: Sequence[str]
    standard: bool
    needs: Sequence[str]
    listed: dict[str, Any]


def modules(session: Session) -> list[Module]:
    """What the server has. Raises Off, NotReached."""
    answer = _ask(session, "GET", "/modules")
    return [one for raw in answer if (one := _module(raw))] if isinstance(answer, list) else []


def _module(raw: Any) -> Module | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
        return None
    said = raw.get("mispattributes")
    said = said if isinstance(said, dict) else {}
    meta = raw.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    if not _NAME.fullmatch(raw["name"]):
        return None
    return Module(
        raw["name"],
        _texts(meta.get("module-type")),
        _texts(said.get("input")),
        said.get("format") == "misp_standard",
        _texts(meta.get("config")),
        raw,
    )


def _texts(raw: Any) -> list[str]:
    return [text for text in raw if isinstance(text, str)] if isinstance(raw, list) else []


def look_up(session: Session, module: Module, attribute: dict[str, Any]) -> dict[str, list[Any]]:
    """What a module says about an attribute in MISP's JSON: `Attribute` and `Object` lists.

    Raises Off, NotReached, ModuleFailed.
    """
    query: dict[str, Any] = {"module": module.name, "config": config(session, module)}
    kind = str(attribute.get("type"))
    if module.standard:
        query["attribute"] = attribute
    else:
        first, bar, second = str(attribute.get("value")).partition("|")
        query[kind] = attribute.get("value")
        if bar:
            query |= dict(zip(kind.split("|"), (first, second), strict=False))
    answer = query_raw(session, query)
    if answer.get("error"):
        raise ModuleFailed(f"module {module.name}: {str(answer['error'])[:300]}")
    return results(answer.get("results"))


def query_raw(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """The server's own answer to a query. Raises Off, NotReached."""
    answer = _ask(session, "POST", "/query", json.dumps(query).encode())
    return answer if isinstance(answer, dict) else {}


def results(found: Any) -> dict[str, list[Any]]:
    """Both formats of results as MISP's: attributes and objects."""
    if isinstance(found, dict):
        return {
            name: several for name in ("Attribute", "Object")
            if isinstance(several := found.get(name), list)
        }  # fmt: skip
    attributes = []
    for one in found if isinstance(found, list) else []:
        if not isinstance(one, dict):
            continue
        types = one.get("types")
        types = [types] if isinstance(types, str) else _texts(types) or ["text"]
        values = one.get("values")
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str | int | float):
                made = {"type": types[0], "value": str(value), "comment": one.get("comment", "")}
                categories = _texts(one.get("categories"))
                attributes.append(made | ({"category": categories[0]} if categories else {}))
    return {"Attribute": attributes}


def config(session: Session, module: Module, family: str = "Enrichment") -> dict[str, Any]:
    """What the module wants to be told, of MISP's settings of a family for it."""
    if not module.needs:
        return {}
    told = session.all(
        "SELECT * FROM module_config(%s, %s, %s)", (family, module.name, list(module.needs))
    )
    return {name: value for name, value in told if value not in (None, "")}


def _ask(session: Session, method: str, path: str, body: bytes = b"") -> Any:
    if not settings.get(session, "enrichment.enabled"):
        raise Off("enrichment is not enabled")
    address = str(settings.get(session, "enrichment.url")).rstrip("/")
    host = urlsplit(address).hostname or ""
    networks = [*_own(host), *settings.get(session, "outgoing.private_networks")]
    limits = Limits(float(settings.get(session, "enrichment.seconds")), MOST_BYTES, networks)
    url = f"{address}:{settings.get(session, 'enrichment.port')}{path}"
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = outgoing.fetch(method, url, headers=headers, body=body, limits=limits)
    if answer.status >= 300:
        raise NotReached(f"{path} of the modules' server: status {answer.status}")
    try:
        return decode(answer.body)
    except (Invalid, RecursionError) as error:
        raise NotReached(f"{path} of the modules' server: no JSON") from error


def _own(host: str) -> Sequence[str]:
    """The address of the server itself, where it is named as one."""
    if host == "localhost":
        return _NEAR
    try:
        return (str(ip_address(host)),)
    except ValueError:
        return ()
