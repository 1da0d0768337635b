# SPDX-License-Identifier: EUPL-1.2
"""A disclosure -> the first draft of an advisory on it. A value of values.

Only what is meant for readers: how to reproduce a hole, who was told and what was said in the
case stay there. The finder is named where the finder wishes it, and as wished. CSAF 2.0 has no
place for a score of CVSS 4.0 or for a second weakness, so these become notes. What the draft
says of its own is in the language of the document.
"""

import re
from datetime import datetime
from typing import Any

import msgspec

from brug import __version__
from brug.cases.advisories.product_filling import tree_filled
from brug.cases.advisories.sheet import Product
from brug.cases.case import Case
from brug.cases.crediting import credits_of
from brug.formats.csaf import marking, weaknesses
from brug.formats.csaf.cvss import CvssV3
from brug.formats.csaf.document import (
    Acknowledgment,
    Distribution,
    Document,
    Engine,
    Generator,
    Note,
    Publisher,
    Revision,
    Tlp,
    Tracking,
)
from brug.formats.csaf.moments import written
from brug.formats.csaf.parts import Cpe, Purl
from brug.formats.csaf.product_tree import ProductTree
from brug.formats.csaf.records import made
from brug.formats.csaf.vulnerability import (
    Advisory,
    Cwe,
    ProductStatus,
    Remediation,
    Score,
    Vulnerability,
)
from brug.formats.products import cpe, naming
from brug.formats.scoring import cvss
from brug.mail.speaking import Say, say_in
from brug.model.errors import BrugError, Invalid
from brug.model.words import N_

CATEGORY = "csaf_security_advisory"
FIRST = "0.1.0"
Products = tuple[list[Product], list[Product]]
"""Those that are affected, and those that are fixed."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What does not stand in the case. `tlp` is a label of TLP 2.0, `lang` a tag of BCP 47."""

    tracking_id: str
    by: Publisher
    tlp: str
    lang: str
    at: datetime

    @property
    def say(self) -> Say:
        return say_in(self.lang.partition("-")[0].lower())


def begun(case: Case, head: Head) -> Advisory:
    """The draft."""
    lines = case.fields.get("products") or []
    affected = _products(lines, 1)
    named = naming.in_full(case.fields.get("fixed_versions") or [], lines)
    fixed = _products(named, len(affected) + 1)
    tree, _, _ = tree_filled({}, [], affected + fixed)
    return Advisory(
        document=Document(
            category=CATEGORY,
            csaf_version="2.0",
            publisher=head.by,
            title=case.title,
            tracking=_tracking(head),
            acknowledgments=_thanks(case),
            distribution=Distribution(tlp=Tlp(label=marking.as_csaf(head.tlp), url=marking.URL)),
            lang=head.lang,
            notes=_notes(case, head.say),
        ),
        product_tree=made(ProductTree, tree) if tree else None,
        vulnerabilities=[
            _vulnerability(case, cve, (affected, fixed), head.say)
            for cve in case.fields.get("cve") or [None]
        ],
    )


def _tracking(head: Head) -> Tracking:
    now = written(head.at)
    return Tracking(
        current_release_date=now,
        id=head.tracking_id,
        initial_release_date=now,
        revision_history=[Revision(date=now, number=FIRST, summary=head.say(N_("Draft")))],
        status="draft",
        version=FIRST,
        generator=Generator(engine=Engine(name="Brug", version=__version__)),
    )


def _thanks(case: Case) -> list[Acknowledgment]:
    """What each did stands in words, but for finders, who are meant where nothing is said."""
    return [
        Acknowledgment(names=[one.name], summary=None if one.kind == "finder" else one.kind)
        for one in credits_of(case)
    ]


def _notes(case: Case, say: Say) -> list[Note]:
    said = (
        ("summary", say(N_("Summary")), case.fields.get("summary")),
        ("details", say(N_("Impact")), case.fields.get("impact")),
    )
    return [
        Note(category=category, title=title, text=text)  # type: ignore[arg-type]
        for category, title, text in said
        if text
    ]


def _products(lines: list[str], first: int) -> list[Product]:
    named = (one.strip() for one in lines if one.strip())
    return [_product(f"CSAFPID-{number:04}", line) for number, line in enumerate(named, first)]


def _product(key: str, line: str) -> Product:
    """What a CPE name names is said in words, and the name itself beside them."""
    if _fits(Purl, line):
        return Product(key, name=line, purl=line)
    if not _fits(Cpe, line):
        return Product(key, name=line)
    try:
        vendor, product, version = cpe.read(line).words
    except Invalid:
        product = ""
    if not product:
        return Product(key, name=line, cpe=line)
    return Product(key, vendor=vendor, product=product, version=version, cpe=line)


def _fits(kind: Any, text: str) -> bool:
    return re.match(msgspec.inspect.type_info(kind).type.pattern, text) is not None  # type: ignore[attr-defined]


def _vulnerability(case: Case, cve: str | None, products: Products, say: Say) -> Vulnerability:
    affected, fixed = products
    ids = [one.key for one in affected]
    notes = (
        [Note(category="description", title=say(N_("Description")), text=case.fields["summary"])]
        if (case.fields.get("summary"))
        else []
    )
    cwe, others = _weaknesses(case.fields.get("cwe") or [])
    if others:
        notes.append(
            Note(category="other", title=say(N_("Other weaknesses")), text=", ".join(others))
        )
    if vector := case.fields.get("cvss_40"):
        notes.append(Note(category="other", title="CVSS 4.0", text=_in_words(vector)))
    return Vulnerability(
        cve=cve,
        cwe=cwe,
        title=case.title,
        notes=notes,
        product_status=ProductStatus(
            known_affected=ids, fixed=[one.key for one in fixed]
        ) if ids or fixed else None,
        remediations=[_remedy(case, ids, fixed, say)] if ids else [],
        scores=_scores(case.fields.get("cvss_31"), ids),
    )  # fmt: skip


def _remedy(case: Case, affected: list[str], fixed: list[Product], say: Say) -> Remediation:
    """What the case says of a fix: which it is, that there is one, or that none is there yet."""
    if fixed:
        names = ", ".join(one.full_name for one in fixed)
        details = say(N_("Install %(names)s.")) % {"names": names}
        return Remediation(category="vendor_fix", details=details, product_ids=affected)
    ready = any(key == "fix" and "F" in one.state for (key, _), one in case.positions.items())
    if ready or case.fact("fix_available_at"):
        details = say(N_("A fix is ready: ask the vendor for it."))
        return Remediation(category="vendor_fix", details=details, product_ids=affected)
    details = say(N_("No fix is known yet."))
    return Remediation(category="none_available", details=details, product_ids=affected)


def _weaknesses(given: list[str]) -> tuple[Cwe | None, list[str]]:
    """The first that exists, and the others in words."""
    named = [(one, weaknesses.name_of(one)) for one in given]
    first = next(((one, name) for one, name in named if name), None)
    others = [f"{one} {name or ''}".strip() for one, name in named if (one, name) != first]
    return (Cwe(id=first[0], name=first[1]) if first and first[1] else None), others


def _scores(vector: Any, products: list[str]) -> list[Score]:
    """Of a vector that can be read; what the case says of another is for its editors to see."""
    if not vector or not products:
        return []
    try:
        found = cvss.score(vector)
    except BrugError:
        return []
    if found.version not in {"3.0", "3.1"}:
        return []
    said = {
        "version": found.version,
        "vectorString": found.vector,
        "baseScore": found.base,
        "baseSeverity": cvss.severity_of(found.base or 0.0),
    }
    return [Score(products=products, cvss_v3=made(CvssV3, said))]


def _in_words(vector: str) -> str:
    try:
        found = cvss.score(vector)
    except BrugError:
        return vector
    return f"{found.score} {found.severity} {found.vector}"
