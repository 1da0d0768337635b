# SPDX-License-Identifier: EUPL-1.2
"""Tests of the kind of a document (6.1.12, 15, 26, 28) and of its profile (6.1.27).

A document's category names its profile: base where it is none of the others (section 4).
"""

import re
from collections.abc import Callable, Iterator

import msgspec
from iana_bcp47 import validate_bcp47

from brug.formats.csaf.finding import Spot, mandatory, shown
from brug.formats.csaf.parts import Language
from brug.formats.csaf.places import Json, Places, record, records, text, texts

INCIDENT = "csaf_security_incident_response"
INFORMATION = "csaf_informational_advisory"
ADVISORY = "csaf_security_advisory"
VEX = "csaf_vex"
BASE = "csaf_base"
PROFILES = (BASE, INCIDENT, INFORMATION, ADVISORY, VEX)

# The registry of all languages takes 50 ms and some megabytes to load; most documents are in one
# of these, which are in it.
COMMON = frozenset({
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "ja", "ko",
    "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "uk", "zh",
    "de-de", "en-gb", "en-us", "fr-fr",
})  # fmt: skip
_EXPLAINING = frozenset({"description", "details", "general", "summary"})
_VEX_STATUS = ("fixed", "known_affected", "known_not_affected", "under_investigation")
_JOINING = re.compile(r"[\s_\-\u00ad\u058a\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+")


def _bare(name: str) -> str:
    return _JOINING.sub("", name).casefold()


_TAKEN = {_bare(name.removeprefix("csaf_")): name for name in PROFILES[1:]} | {
    _bare(name): name for name in PROFILES[1:]
}


@mandatory("6.1.12", "Language")
def languages_exist(places: Places) -> Iterator[Spot]:
    for name in ("lang", "source_lang"):
        tag = text(places.document, name)
        if tag is not None and (why := _wrong_with(tag)):
            yield f"/document/{name}", f"no valid language tag {shown(tag)}: {why[:200]}"


def _wrong_with(tag: str) -> str:
    if tag.lower() in COMMON:
        return ""
    valid, why = validate_bcp47(tag)
    return "" if valid else why or "it is none"


def is_language(tag: str) -> bool:
    """Whether it is one that documents may be in."""
    try:
        msgspec.convert(tag, Language)
    except msgspec.ValidationError:
        return False
    return not _wrong_with(tag)


@mandatory("6.1.15", "Translator")
def a_translation_names_its_source(places: Places) -> Iterator[Spot]:
    if places.publisher.get("category") == "translator" and not places.document.get("source_lang"):
        yield "/document", "the publisher is a translator: the property source_lang is missing"


@mandatory("6.1.26", "Prohibited document category name")
def a_category_imitates_no_profile(places: Places) -> Iterator[Spot]:
    category = places.category
    if category is None or category in PROFILES:
        return
    meant = _TAKEN.get(_bare(category))
    if meant is not None:
        yield "/document/category", f"{shown(category)} can be taken for {meant}"
    elif category.casefold().startswith("csaf_"):
        words = f"{shown(category)} begins with csaf_, which is for profiles of the standard"
        yield "/document/category", words


@mandatory("6.1.27.1", "Document notes")
def the_document_is_explained(places: Places) -> Iterator[Spot]:
    if places.category in {INCIDENT, INFORMATION} and not any(
        text(note, "category") in _EXPLAINING
        for _, note in records("/document", places.document, "notes")
    ):
        words = "expected a note of the category description, details, general or summary"
        yield "/document", words


@mandatory("6.1.27.2", "Document references")
def the_document_refers_outside(places: Places) -> Iterator[Spot]:
    if places.category in {INCIDENT, INFORMATION} and not any(
        reference.get("category") == "external"  # said, not by default: as others read it, too
        for _, reference in records("/document", places.document, "references")
    ):
        yield "/document", "expected a reference of the category external"


@mandatory("6.1.27.3", "Vulnerabilities")
def information_has_no_vulnerabilities(places: Places) -> Iterator[Spot]:
    if places.category == INFORMATION and "vulnerabilities" in places.value:
        yield "/vulnerabilities", f"expected none in {INFORMATION}"


@mandatory("6.1.27.4", "Product tree")
def there_is_a_product_tree(places: Places) -> Iterator[Spot]:
    if places.category in {ADVISORY, VEX} and "product_tree" not in places.value:
        yield "", f"the property product_tree is missing, which {places.category} needs"


def _without(places: Places, name: str) -> Iterator[Spot]:
    for at, vulnerability in places.vulnerabilities:
        if name not in vulnerability:
            yield at, f"the property {name} is missing, which {places.category} needs"


@mandatory("6.1.27.5", "Vulnerability notes")
def vulnerabilities_have_notes(places: Places) -> Iterator[Spot]:
    if places.category in {ADVISORY, VEX}:
        yield from _without(places, "notes")


@mandatory("6.1.27.6", "Product status")
def vulnerabilities_have_product_status(places: Places) -> Iterator[Spot]:
    if places.category == ADVISORY:
        yield from _without(places, "product_status")


@mandatory("6.1.27.7", "VEX product status")
def vex_says_what_is_affected(places: Places) -> Iterator[Spot]:
    if places.category != VEX:
        return
    for at, vulnerability in places.vulnerabilities:
        if not record(vulnerability, "product_status").keys() & set(_VEX_STATUS):
            yield f"{at}/product_status", f"expected one of {', '.join(_VEX_STATUS)}"


@mandatory("6.1.27.8", "Vulnerability ID")
def vex_names_the_vulnerability(places: Places) -> Iterator[Spot]:
    if places.category != VEX:
        return
    for at, vulnerability in places.vulnerabilities:
        if not vulnerability.keys() & {"cve", "ids"}:
            yield at, "expected cve or ids"


@mandatory("6.1.27.9", "Impact statement")
def vex_says_why_not_affected(places: Places) -> Iterator[Spot]:
    yield from _unexplained(
        places,
        "known_not_affected",
        lambda at, one: [
            *(flag for _, flag in records(at, one, "flags")),
            *(t for _, t in records(at, one, "threats") if t.get("category") == "impact"),
        ],
        "is said not to be affected: expected a flag, or a threat of the category impact, for it",
    )


@mandatory("6.1.27.10", "Action statement")
def vex_says_what_to_do(places: Places) -> Iterator[Spot]:
    yield from _unexplained(
        places,
        "known_affected",
        lambda at, one: [remediation for _, remediation in records(at, one, "remediations")],
        "is affected: expected a remediation for it",
    )


def _unexplained(
    places: Places, status: str, statements: Callable[[str, Json], list[Json]], words: str
) -> Iterator[Spot]:
    """The products of a status that no statement is about."""
    if places.category != VEX:
        return
    for at, vulnerability in places.vulnerabilities:
        said = statements(at, vulnerability)
        alone = {product for one in said for _, product in texts("", one, "product_ids")}
        together = {group for one in said for _, group in texts("", one, "group_ids")}
        found = record(vulnerability, "product_status")
        for where, product in texts(f"{at}/product_status", found, status):
            if product not in alone and together.isdisjoint(places.groups_of.get(product, ())):
                yield where, f"the product {shown(product)} {words}"


@mandatory("6.1.27.11", "Vulnerabilities")
def there_are_vulnerabilities(places: Places) -> Iterator[Spot]:
    if places.category in {ADVISORY, VEX} and "vulnerabilities" not in places.value:
        yield "", f"the property vulnerabilities is missing, which {places.category} needs"


@mandatory("6.1.28", "Translation")
def a_translation_is_in_another_language(places: Places) -> Iterator[Spot]:
    into, source = text(places.document, "lang"), text(places.document, "source_lang")
    if into is not None and source is not None and into.casefold() == source.casefold():
        yield "/document/source_lang", f"the document itself is in {shown(into)}"
