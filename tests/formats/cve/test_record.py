# SPDX-License-Identifier: EUPL-1.2
"""Records fit the official schema where nothing is named as missing; numbers and their states."""

import json
from functools import cache
from importlib.metadata import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from brug.formats.cve import ids
from brug.formats.cve.record import (
    CREDITS,
    Affected,
    Credit,
    Source,
    Version,
    lacking,
    record,
)
from brug.model.errors import BrugError, Invalid

ORG = "b4a3c7e2-6d1f-4c52-9a80-0f1e2d3c4b5a"
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A"
SERVICES = (
    b'{"cve_ids": [{"cve_id": "CVE-2026-0001", "owning_cna": "x", "state": "RESERVED"},'
    b' {"cve_id": "CVE-2026-0002", "state": "PUBLISHED"}]}'
)
WHOLE = Source(
    number="CVE-2026-12345", org_id=ORG, short_name="noordland", title="Pump stops",
    description="A packet stops it.",
    affected=(
        Affected("Dijk", "Pump", (
            Version("3", "affected"), Version("vers:semver/>=2.0.0|<4.2.0", "affected"),
            Version("vers:pypi/<=9", "unknown"), Version("vers:npm/>=5.0.0", "unaffected"),
            Version("vers:deb/1|2|<3", "affected"), Version("all before May", "affected"),
        ), ("cpe:2.3:a:dijk:pump:3:*:*:*:*:*:*:*",)),
        Affected("Dijk", "Valve"),
    ),
    weaknesses=("CWE-79", "CWE-787"), references=("https://dijk.example/a",), vectors=(V40, V31),
    credits=tuple(Credit(kind, "Anna") for kind in CREDITS),
    date_public="2026-11-27T09:00:00Z", advisory="ADV-2026-0001", is_found_outside=True,
)  # fmt: skip


@cache
def validator() -> jsonschema.Draft7Validator:
    wanted = "cvelib/schemas/CVE_JSON_bundled_5.1.1.json"
    found = next(one for one in files("cvelib") or [] if one.as_posix() == wanted)
    return jsonschema.Draft7Validator(
        json.loads(found.read_text("utf-8")), format_checker=jsonschema.FormatChecker()
    )


def faults(value: dict[str, Any]) -> list[str]:
    return [one.message[:300] for one in validator().iter_errors(value)]


def test_a_whole_record_fits_the_schema_and_says_all() -> None:
    made = record(WHOLE)
    assert lacking(WHOLE) == []
    assert faults(made) == []
    cna = made["containers"]["cna"]
    versions = cna["affected"][0]["versions"]
    assert versions[1] == {
        "version": "2.0.0", "status": "affected", "versionType": "semver", "lessThan": "4.2.0",
    }  # fmt: skip
    assert versions[2]["lessThanOrEqual"] == "9"
    assert versions[3]["lessThan"] == "*"
    assert versions[4]["version"] == "vers:deb/1|2|<3"  # no single range: kept in words
    assert cna["affected"][1]["defaultStatus"] == "affected"
    scores = [one.get("cvssV3_1", one.get("cvssV4_0")) for one in cna["metrics"]]
    assert [one["baseScore"] for one in scores] == [9.3, 9.8]
    assert all("/E:" not in one["vectorString"] for one in scores)
    assert {one["type"] for one in cna["credits"]} == set(CREDITS)
    assert cna["problemTypes"][0]["descriptions"][0]["description"].startswith("CWE-79 ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("vers:deb/>=1%3A2.0%2Bdfsg|<1%3A3", ("1:2.0+dfsg", "1:3")), ("vers:npm/*", ("0", "*")),
        ("vers:none/*", ("vers:none/*", None)), ("vers:npm/>1|<2", ("vers:npm/>1|<2", None)),
        ("vers:npm/>=1|<2|>=3|<4", ("vers:npm/>=1|<2|>=3|<4", None)), ("vers:npm/==3", ("3", None)),
    ],
)  # fmt: skip
def test_a_range_stands_in_a_record_as_it_is_read(text: str, says: tuple[str, str | None]) -> None:
    product = Affected("Dijk", "Pump", (Version(text, "affected"),))
    made = record(structs.replace(WHOLE, affected=(product,)))
    assert faults(made) == []
    (one,) = made["containers"]["cna"]["affected"][0]["versions"]
    assert (one["version"], one.get("lessThan")) == says


def test_a_rejected_record_fits_the_schema() -> None:
    said = Source(number="CVE-2026-12345", org_id=ORG, rejected="It is no vulnerability.")
    assert lacking(said) == []
    assert faults(record(said)) == []


_ROWS = st.tuples(st.sampled_from(["", "Dijk"]), st.sampled_from(["", "Pump"])).map(
    lambda row: Affected(*row, (Version("1", "affected"),))
)
_SOURCES = st.builds(
    Source,
    number=st.just("CVE-2026-0001"),
    org_id=st.sampled_from([ORG, "", "x"]),
    description=st.sampled_from(["", "It stops."]),
    affected=st.lists(_ROWS, max_size=2).map(tuple),
    weaknesses=st.sampled_from([(), ("CWE-79",)]),
    references=st.sampled_from([(), ("https://a.example",)]),
    vectors=st.sampled_from([(), (V31,), ("rubbish",)]),
    date_public=st.sampled_from(["", "2026-11-27T09:00:00Z"]),
)


@given(_SOURCES)
def test_a_record_fits_the_schema_just_where_nothing_that_it_must_have_is_missing(
    said: Source,
) -> None:
    musts = [one for one in lacking(said) if one.must]
    assert (faults(record(said)) == []) is (musts == []), musts


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("CVE-2026-0001", True), ("cve-2026-12345 ", True), ("CVE-1999-0001", True),
        ("CVE-2027-0001", True), ("CVE-1998-0001", False), ("CVE-2028-0001", False),
        ("CVE-2026-001", False), ("CVE-2026-01234", False), ("CVE-2026-" + "9" * 20, False),
        ("2026-0001", False), ("", False),
    ],
)  # fmt: skip
def test_which_numbers_can_be(text: str, *, fits: bool) -> None:
    if fits:
        assert ids.require_id(text, 2026) == text.strip().upper()
    else:
        with pytest.raises(Invalid):
            ids.require_id(text, 2026)


def test_states_follow_on_each_other() -> None:
    for before in ("", *ids.STATES):
        for after in ids.STATES:
            lines = [f"CVE-2026-0001 {before} A"] if before else []
            if after in ids.FOLLOWS[before] or after == before:
                (line,) = ids.changed(lines, "CVE-2026-0001", after, "B C")
                assert ids.parsed(line) == ids.Reserved("CVE-2026-0001", after, "B C")
            else:
                with pytest.raises(ids.WrongStep):
                    ids.changed(lines, "CVE-2026-0001", after)
    with pytest.raises(Invalid):
        ids.changed([], "CVE-2026-0001", "lost")


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (SERVICES, {"CVE-2026-0001": "x"}),
        (b'["CVE-2026-0001", 7, null]', {"CVE-2026-0001": ""}),
        (b"id,cna\ncve-2026-0001,x\nCVE-2026-0002;CVE-2026-0001", {
            "CVE-2026-0001": "", "CVE-2026-0002": "",
        }),
    ],
)  # fmt: skip
def test_lists_of_reserved_numbers(raw: bytes, found: dict[str, str]) -> None:
    assert {one.id: one.cna for one in ids.read_list(raw, 2026)} == found


@pytest.mark.parametrize(
    "raw", [b"", b"nothing", b"{", b"[]", b"{}", b'{"cve_ids": 7}', b"[[[]]]", b"CVE-2999-0001",
            b"\xff" * 100, b'["CVE-x"]', b"x" * 5_000_000,
            b'[{"cve_id": "CVE-2026-0001", "owning_cna": "a\\nb"}]',
            b'[{"cve_id": "CVE-2026-0001", "owning_cna": "a\\u0000"}]'],
)  # fmt: skip
def test_other_files_are_refused(raw: bytes) -> None:
    with pytest.raises(BrugError):
        ids.read_list(raw, 2026)
