# SPDX-License-Identifier: EUPL-1.2
"""A document -> what the catalogue keeps of it beside the document itself. Pure.

Only valid documents have an entry: structure and every mandatory test of the standard.
"""

import re
from datetime import datetime

import msgspec

from brug.cases.catalogue.statements import Statement, by_key, of_advisory
from brug.formats.csaf import marking
from brug.formats.csaf.checking import check
from brug.formats.csaf.moments import moment
from brug.formats.csaf.products import products
from brug.formats.csaf.reading import decoded
from brug.formats.csaf.records import made
from brug.formats.csaf.versions import Order, parsed
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.scoring.cvss import severity_of
from brug.model.errors import Invalid

MOST_FINDINGS = 5
MOST_PRODUCTS = 5000
LONGEST_FOLDED = 100_000
_WITHDRAWN = re.compile(r"^\W*(?:withdrawn|retracted|rejected)\b", re.IGNORECASE)


class NotValid(Invalid):
    """A document that is none of CSAF 2.0; says where, and the first few things."""

    code = "advisory_not_valid"

    def __init__(self, reason: str) -> None:
        super().__init__("document", reason)
        self.public = reason


class Entry(msgspec.Struct, frozen=True):
    """A row of the catalogue, as far as the document says it."""

    namespace: str
    tracking_id: str
    version: str
    order: Order
    tlp: str
    title: str
    publisher: str
    category: str
    status: str
    withdrawn: str
    first_released: datetime
    released: datetime
    score: float | None
    severity: str
    cves: list[str]
    products: list[str]
    purls: list[str]
    cpes: list[str]
    folded: str
    keys: dict[str, list[Statement]]


def of_bytes(raw: bytes) -> Entry:
    """Raises NotValid; Invalid for what is no JSON, too large or too deep."""
    value = decoded(raw)
    findings = check(value)
    if findings:
        said = [f"{one.test} {one.pointer or '/'}: {one.message}" for one in findings]
        more = f"; and {len(said) - MOST_FINDINGS} more" if len(said) > MOST_FINDINGS else ""
        raise NotValid("; ".join(said[:MOST_FINDINGS]) + more)
    return of_advisory_document(made(Advisory, value))


def of_advisory_document(advisory: Advisory) -> Entry:
    """Of one that is known to be valid."""
    document, tracking = advisory.document, advisory.document.tracking
    version = parsed(tracking.version)
    first, current = moment(tracking.initial_release_date), moment(tracking.current_release_date)
    assert version is not None  # noqa: S101 — the structure says so
    assert first is not None  # noqa: S101
    assert current is not None  # noqa: S101
    known = products(advisory.product_tree)
    named = _each([_way(one.branches) or one.name for one in known.values()])
    cves = _each([one.cve for one in advisory.vulnerabilities if one.cve])
    score = _score(advisory)
    purls = _each([one.purl for one in known.values() if one.purl])
    cpes = _each([one.cpe for one in known.values() if one.cpe])
    words = [
        document.title, tracking.id, document.publisher.name, document.publisher.namespace, *cves,
        *tracking.aliases, *named, *purls, *cpes,
    ]  # fmt: skip
    return Entry(
        namespace=document.publisher.namespace,
        tracking_id=tracking.id,
        version=tracking.version,
        order=version.order,
        tlp=marking.label_of(document) or "",
        title=document.title,
        publisher=document.publisher.name,
        category=document.category,
        status=tracking.status,
        withdrawn=_withdrawn(advisory),
        first_released=first,
        released=current,
        score=score,
        severity="" if score is None else severity_of(score).lower(),
        cves=cves,
        products=named,
        purls=purls,
        cpes=cpes,
        folded="\n".join(words).lower()[:LONGEST_FOLDED],
        keys=by_key(of_advisory(advisory)),
    )


def _each(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))[:MOST_PRODUCTS]


def _way(branches: tuple[tuple[str, str], ...]) -> str:
    return " \u203a ".join(name for _, name in branches)


def _score(advisory: Advisory) -> float | None:
    """The highest; of one entry that by the newer version."""
    found = [
        by.base_score
        for vulnerability in advisory.vulnerabilities
        for one in vulnerability.scores
        if (by := one.cvss_v3 or one.cvss_v2) is not None
    ]
    return max(found, default=None)


def _withdrawn(advisory: Advisory) -> str:
    """What says that it does not hold any more; "" where nothing does.

    CSAF 2.0 has no field for it: the category that 2.1 gives it, or the first word of the title
    or of the newest revision.
    """
    document = advisory.document
    if re.sub(r"[^a-z]", "", document.category.lower()) in {"csafwithdrawn", "withdrawn"}:
        return document.category
    history = document.tracking.revision_history
    newest = next((one for one in history if one.number == document.tracking.version), None)
    for said in (document.title, newest.summary if newest else ""):
        if _WITHDRAWN.match(said):
            return said[:300]
    return ""
