# SPDX-License-Identifier: EUPL-1.2
"""`/attributes/index`: the attributes of all events, newest first, page by page."""

from typing import LiteralString

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.item import item_json
from brug.api.misp.refusals import MispError
from brug.formats.misp import coercion
from brug.intel import attributes
from brug.intel.search.attributes import ORDERS, order_by

PER_PAGE = 60
MOST_PER_PAGE = 1_000
_NEWEST = "id desc"


@endpoint(
    "attributes",
    "index",
    shows=("attribute",),
    probes=(("GET", "/attributes/index/limit:1000", None), ("GET", "/attributes", None)),
    summary="All attributes, newest first, in pages",
    body={"limit": "number", "page": "number", "sort": "column", "direction": "asc or desc"},
)
def index(call: Call) -> Answer:
    given = call.named | call.data("Attribute")
    limit = coercion.integer("limit", given.get("limit"), -1) or 1
    if "limit" not in given:
        limit = PER_PAGE
    limit = min(max(limit, 1), MOST_PER_PAGE)
    page = max(1, coercion.integer("page", given.get("page"), -1) or 1)
    order = _NEWEST
    if sort := coercion.text("sort", given.get("sort")):
        order = f"{sort} {coercion.text('direction', given.get('direction'))}"
    select: LiteralString = "SELECT " + attributes.COLUMNS + " FROM attribute a WHERE NOT a.deleted"
    rows = call.session.all(
        select + order_by(order, ORDERS, "attribute") + " LIMIT %s OFFSET %s",
        (limit, (page - 1) * limit),
    )
    if not rows and page > 1:
        raise MispError(404, "Not Found")
    return Answer([item_json.attribute(a, parts=True) for a in attributes.read(rows)])
