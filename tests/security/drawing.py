# SPDX-License-Identifier: EUPL-1.2
"""Requests drawn from the table of endpoints, each with items of ours where it takes some.

Whatever is asked is drawn, so that a new route is asked by itself; what it takes beyond one
item stands in `addresses`, bodies that are more than an example in `samples`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from uuid import uuid4

from pysequoia import Tsk
from tests.security.addresses import ADDRESSES, ITEM_OF, PARENT_OF, USUAL
from tests.security.asking import Ask
from tests.security.kinds import Row
from tests.security.samples import BODIES, HEADERS, Form, sample

from brug.api.misp.dispatch import Endpoint, plain

Items = Mapping[str, Sequence[Row]]
# A kind of item and the field of it that is named.
Spot = tuple[str, str]
Choose = Callable[[Spot], Any]

_SPOT = re.compile(r"\{([a-z_]+)(?:\.([a-z]+))?\}")
TURNS = (0, 1)


class Absent(LookupError):
    """There is no item of that kind."""


def base_path(endpoint: Endpoint) -> str:
    if endpoint.action.startswith("admin_"):
        return f"/admin/{endpoint.controller}/{endpoint.action.removeprefix('admin_')}"
    return f"/{endpoint.controller}/{endpoint.action}"


def usual_method(endpoint: Endpoint) -> str:
    return "POST" if "POST" in endpoint.methods else endpoint.methods[0]


def named(endpoint: Endpoint) -> str:
    """How a test calls an endpoint."""
    return f"{endpoint.controller}-{endpoint.action}"


def _key(endpoint: Endpoint) -> tuple[str, str]:
    return plain(endpoint.controller), plain(endpoint.action)


def item_of(endpoint: Endpoint) -> str | None:
    """The kind of item that an endpoint's first argument names."""
    return PARENT_OF.get(_key(endpoint)) or ITEM_OF.get(_key(endpoint)[0])


def same(kind: str) -> str:
    """The kind of a second item of a kind."""
    return kind.removeprefix("other_")


# -- templates -----------------------------------------------------------------------------


def templates(endpoint: Endpoint) -> tuple[str, ...]:
    """What may stand behind the endpoint's name, besides nothing."""
    said = ADDRESSES.get(_key(endpoint))
    if said is not None:
        return tuple(said)
    kind = item_of(endpoint)
    return tuple(one.replace("{item}", f"{{{kind}}}") for one in USUAL) if kind else ()


def body_template(endpoint: Endpoint) -> Any:
    """A body with spots in it; None where the table's example is all there is."""
    return BODIES.get(_key(endpoint))


def spots(template: Any) -> list[Spot]:
    """The items that a template names, each once."""
    if isinstance(template, Form):
        return spots(template.content)
    if isinstance(template, str):
        found = [(kind, field or "id") for kind, field in _SPOT.findall(template)]
        return [one for one in dict.fromkeys(found) if one[0] not in {"new", "number"}]
    inner: list[Any] = []
    if isinstance(template, dict | list):
        inner = [*template, *template.values()] if isinstance(template, dict) else template
    return list(dict.fromkeys(spot for one in inner for spot in spots(one)))


def fill(template: Any, choose: Choose) -> Any:
    """The template with what is chosen for each spot; a text that is one spot is its value."""
    if isinstance(template, Form):
        return Form(fill(template.content, choose), template.content_type)
    if isinstance(template, dict):
        return {str(fill(k, choose)): fill(value, choose) for k, value in template.items()}
    if isinstance(template, list):
        return [fill(value, choose) for value in template]
    if not isinstance(template, str):
        return template
    whole = _SPOT.fullmatch(template)
    if whole:
        return choose((whole[1], whole[2] or "id"))
    return _SPOT.sub(lambda found: str(choose((found[1], found[2] or "id"))), template)


def choosing(items: Items, number: int, turn: int = 0, **fixed: Any) -> Choose:
    """Takes items of one side in turn; `fixed` by "kind.field" comes first."""

    def choose(spot: Spot) -> Any:
        kind, field = spot
        if f"{kind}.{field}" in fixed:
            return fixed[f"{kind}.{field}"]
        if kind == "number":
            return number
        if kind == "new":
            return str(uuid4()) if field == "uuid" else new_key(f"new {number}")
        several, other = items.get(same(kind)), same(kind) != kind
        if not several:
            raise Absent(kind)
        return several[(turn + other) % len(several)][field]

    return choose


def new_key(name: str) -> str:
    """An OpenPGP public key that nobody has yet."""
    return str(Tsk.generate(f"{name} <keys@people.example>").extract_certificate())


# -- requests ------------------------------------------------------------------------------


def body_for(endpoint: Endpoint, items: Items, number: int, choose: Choose | None = None) -> Any:
    """A body that the endpoint takes."""
    template = body_template(endpoint)
    if template is not None:
        return fill(template, choose or choosing(items, number))
    ids = {kind: [row["id"] for row in several] for kind, several in items.items()}
    return sample(endpoint.body or {}, ids, number)


def _ask(endpoint: Endpoint, path: str, body: Any, method: str | None = None) -> Ask:
    headers = dict(HEADERS.get(_key(endpoint), {}))
    how = method or usual_method(endpoint)
    if isinstance(body, Form):
        return Ask(how, path, body.content.encode(), body.content_type, headers)
    return Ask(how, path, body, headers=headers)


def asks(
    endpoint: Endpoint, items: Items, number: int, turns: Sequence[int] = TURNS
) -> Iterator[Ask]:
    """The endpoint's address bare, and in each of its forms with items; a body to each."""
    base = base_path(endpoint)
    try:
        yield _ask(endpoint, base, body_for(endpoint, items, number))
    except Absent:
        yield _ask(endpoint, base, {})
    for turn, template in product(turns, templates(endpoint)):
        choose = choosing(items, number + turn, turn)
        try:
            path, body = fill(template, choose), body_for(endpoint, items, number + turn, choose)
        except Absent:
            continue
        yield _ask(endpoint, f"{base}/{path}", body)


def paths(endpoint: Endpoint, items: Items) -> list[str]:
    """The addresses alone."""
    return list(dict.fromkeys(one.path for one in asks(endpoint, items, 1)))


def all_spots(endpoint: Endpoint) -> list[Spot]:
    """All items that the endpoint's address and body name."""
    return spots([*templates(endpoint), body_template(endpoint)])


def placed(
    endpoint: Endpoint, items: Items, spot: Spot, value: Any, number: int = 1
) -> Iterator[Ask]:
    """Each form of the endpoint that names this spot, with the value there and ours around."""
    base, body = base_path(endpoint), body_template(endpoint)
    choose = choosing(items, number, **{".".join(spot): value})
    for template in ("", *templates(endpoint)):
        if spot in spots([template, body]):
            path = f"{base}/{fill(template, choose)}".rstrip("/")
            yield _ask(endpoint, path, body_for(endpoint, items, number, choose))
