# SPDX-License-Identifier: EUPL-1.2
"""Advisories of others, what is registered, and which of the first concern the second.

What a key registers is held against the catalogue within seconds, by the node itself.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from brug.api.cases.forms import FARTHEST
from brug.api.cases.reading import from_base64
from brug.api.cases.table import VERSION, Call, route
from brug.cases.catalogue import finding, inventory
from brug.cases.catalogue.finding import Concern, Row
from brug.cases.catalogue.inventory import Bill, Product

_ONE = "/catalogue/{catalogued}"
_PRODUCT = "/products/{product}"
Limit = Annotated[int, msgspec.Meta(ge=1, le=finding.MOST)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=FARTHEST)]


class Wanted(finding.Wanted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All words of a text, and what a filter says; and which page of them."""

    severity: Literal["", "critical", "high", "medium", "low", "none"] = ""
    tlp: Literal["", "clear", "green", "amber", "red", "none"] = ""
    limit: Limit = 50
    offset: Offset = 0


class Advisories(msgspec.Struct, frozen=True):
    """The last released first; `concerned` counts registered products that the key's owner sees."""

    total: int
    advisories: list[Row]


class Advisory(msgspec.Struct, frozen=True):
    """One of the catalogue; `document` is its text as it came, to be read by its digest."""

    advisory: Row
    category: str
    sha256: str
    size: int
    fingerprint: str
    source: str
    url: str
    gone: datetime | None
    came: datetime
    changed: datetime
    products: list[str]
    concerns: list[Concern]
    document: str


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With `all` also what is fixed and not affected."""

    all: bool = False
    limit: Limit = 100
    offset: Offset = 0


class Concerns(msgspec.Struct, frozen=True):
    """The worst first: on registered products that the key's owner sees."""

    total: int
    concerns: list[Concern]


class ProductsWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a name, purl or CPE name; `organisation` by id, UUID or name."""

    text: str = ""
    organisation: str = ""
    limit: Limit = 100
    offset: Offset = 0


class Products(msgspec.Struct, frozen=True):
    total: int
    products: list[Product]


class Registering(inventory.Given, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A purl, a CPE name, or a vendor with a product; for another organisation only by the host."""

    organisation: str = ""


class Registered(msgspec.Struct, frozen=True):
    id: int


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bill of materials; `data` is the file in base64. It replaces an earlier one of its name."""

    name: str
    data: str
    organisation: str = ""


class Whose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation, by id, UUID or name; all that the key's owner sees, if not said."""

    organisation: str = ""


class Bills(msgspec.Struct, frozen=True):
    bills: list[Bill]


class Wishing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a letter shall come when an advisory concerns one's organisation."""

    wanted: bool


class Letters(msgspec.Struct, frozen=True):
    """Whether the key's owner gets one."""

    wanted: bool


class Removed(msgspec.Struct, frozen=True):
    removed: int


@route(
    "GET", "/catalogue", summary="Find advisories of others", query=Wanted,
    answers=(Advisories,), is_search=True,
)  # fmt: skip
def listed(call: Call) -> Advisories:
    asked: Wanted = call.query
    wanted = finding.Wanted(
        **{name: getattr(asked, name) for name in finding.Wanted.__struct_fields__}
    )
    found, total = finding.listed(call.session, wanted, asked.limit, asked.offset)
    return Advisories(total, found)


@route("GET", _ONE, summary="An advisory of others, with what it concerns", answers=(Advisory,))
def shown(call: Call) -> Advisory:
    whole = finding.view(call.session, call.args["catalogued"])
    concerns = finding.concerns(call.session, whole.row.id, every=True, limit=finding.MOST)[0]
    said: dict[str, Any] = {
        name: getattr(whole, name)
        for name in Advisory.__struct_fields__
        if name not in {"advisory", "concerns", "document"}
    }
    return Advisory(
        advisory=whole.row, concerns=concerns, document=whole.raw.decode("utf-8"), **said
    )


@route(
    "GET", "/concerns", summary="Which advisories concern registered products", query=Asked,
    answers=(Concerns,), is_search=True,
)  # fmt: skip
def concerned(call: Call) -> Concerns:
    asked: Asked = call.query
    found, total = finding.concerns(
        call.session, every=asked.all, limit=asked.limit, offset=asked.offset
    )
    return Concerns(total, found)


@route(
    "GET", "/products", summary="Registered products", query=ProductsWanted, answers=(Products,),
    is_search=True,
)  # fmt: skip
def products(call: Call) -> Products:
    asked: ProductsWanted = call.query
    org = inventory.organisation(call.session, asked.organisation) if asked.organisation else None
    found, total = inventory.listed(call.session, org, asked.text, asked.limit, asked.offset)
    return Products(total, found)


@route(
    "POST", "/products", summary="Register a product", body=Registering, answers=(Registered,),
    status=201, changes=True,
)  # fmt: skip
def registered(call: Call) -> Registered:
    asked: Registering = call.body
    org = inventory.organisation(call.session, asked.organisation)
    given = inventory.Given(
        **{name: getattr(asked, name) for name in inventory.Given.__struct_fields__}
    )
    number = inventory.add(call.session, given, org)
    call.headers["Location"] = f"{call.base_url}{VERSION}/products/{number}"
    return Registered(number)


@route(
    "POST", "/bills", summary="Register a bill of materials", body=Listing, answers=(Bill,),
    status=201, changes=True,
)  # fmt: skip
def listing(call: Call) -> Bill:
    asked: Listing = call.body
    org = inventory.organisation(call.session, asked.organisation)
    raw = from_base64(asked.data)
    return inventory.add_bill(call.session, raw, asked.name, org)


@route("GET", "/bills", summary="Registered bills of materials", query=Whose, answers=(Bills,))
def bills(call: Call) -> Bills:
    asked: Whose = call.query
    org = inventory.organisation(call.session, asked.organisation) if asked.organisation else None
    return Bills(inventory.bills(call.session, org))


@route(
    "DELETE", "/bills/{bill}", summary="Take a bill of materials out, with its products",
    answers=(Removed,), changes=True,
)  # fmt: skip
def unlisted(call: Call) -> Removed:
    number = _number(call.args["bill"])
    inventory.remove_bill(call.session, number)
    return Removed(number)


@route("GET", "/concerns/letters", summary="Whether letters tell of concerns", answers=(Letters,))
def letters(call: Call) -> Letters:
    return Letters(finding.wants_letters(call.session))


@route(
    "PUT", "/concerns/letters", summary="Have letters tell of concerns, or not", body=Wishing,
    answers=(Letters,), changes=True,
)  # fmt: skip
def wished(call: Call) -> Letters:
    finding.choose_letters(call.session, wanted=call.body.wanted)
    return Letters(finding.wants_letters(call.session))


@route(
    "DELETE", _PRODUCT, summary="Take a product out of the register", answers=(Removed,),
    changes=True,
)  # fmt: skip
def removed(call: Call) -> Removed:
    number = _number(call.args["product"])
    inventory.remove(call.session, number)
    return Removed(number)


def _number(wanted: str) -> int:
    """Nothing has the number 0."""
    fits = wanted.isascii() and wanted.isdecimal() and len(wanted) < 18
    return int(wanted) if fits else 0
