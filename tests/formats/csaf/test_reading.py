# SPDX-License-Identifier: EUPL-1.2
"""What is read loses nothing; what is hostile is refused by name and place."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.csaf.documents import VALID, Json, advisory, information
from tests.formats.csaf.test_checking import COMMITTEE, REAL
from tests.thorough import examples

from brug.formats.csaf import reading
from brug.formats.csaf.advising import shown
from brug.formats.csaf.products import groups, products, status_of
from brug.formats.csaf.reading import Unfit, decoded, read
from brug.formats.csaf.records import made, plain
from brug.formats.csaf.structure import MOST, structural
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.json_text import Malformed
from brug.model.errors import Invalid

Path = Any


def _raw(document: Json) -> bytes:
    return json.dumps(document).encode()


def _with_strangers(value: Any) -> Any:
    """The document with a property that nobody knows in each object that may have one."""
    if isinstance(value, dict):
        inside = {name: _with_strangers(inner) for name, inner in value.items()}
        # A branch has three properties and no more.
        is_branch = "name" in value and ("branches" in value or "product" in value)
        return inside if is_branch else inside | {"x_noordland": {"a": [1, None, "b"]}}
    if isinstance(value, list):
        return [_with_strangers(inner) for inner in value]
    return value


@pytest.mark.parametrize("make", VALID.values(), ids=VALID.keys())
def test_what_nobody_knows_is_kept_and_written_again(make: Any) -> None:
    document = _with_strangers(make())
    assert "x_noordland" in document["document"]["tracking"]["revision_history"][0]
    received = read(_raw(document))
    assert plain(received.advisory) == document
    assert received.raw == _raw(document)


@pytest.mark.parametrize("path", REAL + COMMITTEE, ids=lambda path: path.stem[-16:])
def test_what_others_published_is_read_whole(path: Path) -> None:
    raw = path.read_bytes()
    if re.search(r"2021-6-1-08-0", path.stem):  # scores without what scores have
        with pytest.raises(Unfit, match=r"cvss_v3|cvss_v2"):
            read(raw)
        return
    assert plain(read(raw).advisory) == json.loads(raw)


def test_a_document_that_does_not_fit_is_refused_by_place_and_reason() -> None:
    document = advisory()
    document["document"]["tracking"]["version"] = "one"
    del document["document"]["title"]
    with pytest.raises(Unfit) as refused:
        read(_raw(document))
    assert refused.value.field == "/document"
    assert refused.value.public == "/document: the property title is missing; and 1 more"
    document["document"]["title"] = "x"
    with pytest.raises(Invalid, match=r"^/document/tracking/version: expected a version.*'one'"):
        read(_raw(document))


def _deep(levels: int) -> bytes:
    raw = json.dumps(information())[:-1]
    return (raw + ', "x": ' + "[" * levels + "]" * levels + "}").encode()


HOSTILE = {
    "nothing": (b"", Malformed, "JSON"),
    "not_json": (b"{", Malformed, "line 1"),
    "no_object": (b"[]", Unfit, "an object"),
    "number": (b"3", Unfit, "an object"),
    "latin_1": ('{"a": "é"}'.encode("latin-1"), Malformed, "UTF-8"),
    "byte_order_mark": (b"\xef\xbb\xbf{}", Unfit, "byte order mark"),
    "not_a_number": (b'{"a": NaN}', Malformed, "NaN"),
    "infinite": (b'{"a": 1e999}', Malformed, "number"),
    "many_digits": (b'{"a": ' + b"9" * 5000 + b"}", Malformed, "digits|number|limit"),
    "very_deep": (_deep(100_000), Malformed, "deep"),
    "deep": (_deep(100), Unfit, "100 levels"),
    "twice": (b'{"document": {}, "document": {"title": "x"}}', Unfit, "^/document: .*once"),
    "twice_inside": (b'{"a": [{"b/c": 1, "b/c": 1}]}', Unfit, "^/a/0/b~1c: .*once"),
    "twice_behind": (b'{"a": {"b": 1, "b": 2}, "a": 1}', Unfit, "^/a: .*once"),
    "nul": (b'{"a": ["x\\u0000"]}', Unfit, "^/a/0: .*NUL"),
    "nul_in_a_name": (b'{"a": {"\\u0000": 1}}', Unfit, "^/a: .*NUL"),
    "half_a_pair": (b'{"a": "\\ud83d"}', Unfit, "^/a: .*surrogate"),
}


@pytest.mark.parametrize(("raw", "error", "says"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_hostile_is_refused(raw: bytes, error: type[Invalid], says: str) -> None:
    with pytest.raises(error) as refused:
        decoded(raw)
    assert re.search(says, refused.value.public)
    assert len(refused.value.public) < 200


def test_what_is_said_twice_is_found_at_once_in_a_large_object() -> None:
    number = 60_000
    names = ",".join(f'"{one}":1' for one in range(number))
    begun = time.process_time()
    with pytest.raises(Unfit, match=f"^/{number - 1}: .*once"):
        read(f'{{{names},"{number - 1}":1}}'.encode())
    assert time.process_time() - begun < 5


def test_a_document_with_more_faults_than_anyone_reads_is_not_kept_fault_by_fault() -> None:
    raw = _raw(advisory() | {"vulnerabilities": [1] * (3 * MOST)})
    with pytest.raises(Unfit, match=f"; and at least {MOST - 1} more"):
        read(raw)
    assert len(structural(json.loads(raw))) == MOST


def test_the_deepest_tree_that_the_standard_counts_on_is_read() -> None:
    document = advisory()
    branch: Json = {"category": "product_version", "name": "0", "product": {
        "name": "x", "product_id": "DEEP"}}  # fmt: skip
    for level in range(29):
        branch = {"category": "product_family", "name": str(level), "branches": [branch]}
    document["product_tree"]["branches"].append(branch)
    found = products(read(_raw(document)).advisory.product_tree)
    assert len(found["DEEP"].branches) == 30


def test_a_document_is_no_larger_than_the_standard_counts_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    with pytest.raises(Unfit, match="at most 1,000 bytes"):
        decoded(_raw(advisory()))


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
))  # fmt: skip
@settings(max_examples=examples(200))
def test_any_json_is_read_or_refused(value: Any) -> None:
    raw = json.dumps(value).encode()
    try:
        assert decoded(raw) == value
    except Invalid as error:
        assert error.public  # noqa: PT017 - either is right


def test_products_are_found_with_what_stands_on_the_way() -> None:
    tree = made(Advisory, advisory()).product_tree
    found = products(tree)
    assert list(found) == ["SC-OLD", "SC-42", "POLDER", "SC-ON-OS"]
    old = found["SC-OLD"]
    assert (old.named("vendor"), old.named("product_name")) == ("Dijk Systems", "Sluice Controller")
    assert old.vers == "vers:generic/<4.2"
    assert old.cpe == "cpe:2.3:a:dijk:sluice_controller:*:*:*:*:*:*:*:*"
    assert old.pointer == "/product_tree/branches/0/branches/0/branches/0/product"
    assert (found["SC-42"].purl, found["SC-42"].vers) == ("pkg:generic/dijk/sluice@4.2", None)
    both = found["SC-ON-OS"].made_of
    assert both is not None
    assert (both.category, both.product, both.of) == ("installed_on", "SC-OLD", "POLDER")
    assert groups(tree) == {"G-1": ["SC-OLD", "POLDER"]}
    assert products(None) == {}


def test_each_product_of_a_vulnerability_has_its_status_and_what_concerns_it() -> None:
    one = made(Advisory, advisory())
    (vulnerability,) = one.vulnerabilities
    assert status_of(vulnerability) == {
        "SC-OLD": ["known_affected"], "SC-ON-OS": ["known_affected"], "SC-42": ["fixed"],
        "POLDER": ["known_not_affected"],
    }  # fmt: skip


def test_what_an_advisory_says_is_shown_with_the_products() -> None:
    said = shown(made(Advisory, advisory()))
    assert (said.id, said.status, said.tlp) == ("NL-2026:0042", "final", "clear")
    (one,) = said.vulnerabilities
    assert one.heading == "CVE-2026-40001: CWE-787 Out-of-bounds Write"
    first = one.products[0]
    assert first.scores == ["9.8 CRITICAL CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"]
    assert first.identifiers == [
        "cpe:2.3:a:dijk:sluice_controller:*:*:*:*:*:*:*:*", "vers:generic/<4.2"
    ]  # fmt: skip
    assert [remedy.products for remedy in one.remediations] == [["SC-ON-OS"], []]
    assert [remedy.groups for remedy in one.remediations] == [[], ["G-1"]]
