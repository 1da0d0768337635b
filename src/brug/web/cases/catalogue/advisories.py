# SPDX-License-Identifier: EUPL-1.2
"""The catalogue in a list with its search, and each advisory on a page of its own.

What an advisory says is text of others: shown as characters, its links told from ours, and the
document itself only ever saved.
"""

from brug.cases.catalogue import finding
from brug.cases.catalogue.finding import Wanted, Whole
from brug.formats.csaf.advising import shown
from brug.formats.csaf.names import file_name
from brug.formats.csaf.products import groups, products
from brug.formats.disposition import attachment
from brug.web import lists
from brug.web.cases import advisory_words, room
from brug.web.cases.catalogue import words
from brug.web.cases.room import BASE
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/advisories/catalogue"
PER_PAGE = 50
MOST_PRODUCTS = 500  # of one vulnerability, on a page
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@page(PLACE, shows=("own",), probe=PLACE)
def listed(visit: Visit) -> Reply:
    query = visit.query
    wanted = Wanted(
        text=query.text("text")[:500],
        publisher=query.text("publisher")[:500],
        severity=query.text("severity") if query.text("severity") in words.SEVERITIES else "",
        tlp=query.text("tlp") if query.text("tlp") in words.LABELS else "",
        concerns=query.flag("concerns"),
    )
    number = lists.page_number(visit)
    rows, total = finding.listed(visit.session, wanted, PER_PAGE, (number - 1) * PER_PAGE)
    return visit.show(
        "cases/catalogue/_list.html" if visit.wants("catalogue") else "cases/catalogue/list.html",
        tabs=room.tabs_of(visit),
        rows=rows,
        wanted=wanted,
        filtered=wanted != Wanted(),
        publishers=finding.publishers(visit.session),
        said=words,
        page=lists.paging(visit, len(rows), total, PER_PAGE, None),
    )


@page(PLACE + "/{number:int}")
def show(visit: Visit) -> Reply:
    whole = finding.view(visit.session, visit.args["number"])
    concerned, total = finding.concerns(visit.session, whole.row.id, every=True, limit=200)
    told = shown(whole.advisory)
    return visit.show(
        "cases/catalogue/advisory.html",
        tabs=room.tabs_of(visit),
        whole=whole,
        row=whole.row,
        document=whole.advisory.document,
        advisory=whole.advisory,
        tracking=whole.advisory.document.tracking,
        told=list(zip(whole.advisory.vulnerabilities, told.vulnerabilities, strict=True)),
        concerned=concerned,
        concerned_total=total,
        names=_names(whole),
        most=MOST_PRODUCTS,
        words=advisory_words,
        said=words,
        place=f"{PLACE}/{whole.row.id}",
        when=room.when,
    )


def _names(whole: Whole) -> dict[str, str]:
    """What product ids and groups of them are called."""
    tree = whole.advisory.product_tree
    known = {product: one.name for product, one in products(tree).items()}
    return known | {
        group: ", ".join(known.get(one, one) for one in inside[:20])
        for group, inside in groups(tree).items()
    }


@page(PLACE + "/{number:int}/document")
def fetch(visit: Visit) -> Reply:
    """The document as it came, byte for byte."""
    whole = finding.view(visit.session, visit.args["number"])
    headers = _KEPT | {"Content-Disposition": attachment(file_name(whole.row.tracking_id))}
    return Reply(whole.raw, 200, headers, media_type="application/octet-stream")
