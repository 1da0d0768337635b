# SPDX-License-Identifier: EUPL-1.2
"""Whatever becomes of an advisory, no test of the standard finds a fault in its history."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.csaf import opinions
from tests.formats.csaf.documents import advisory, base
from tests.thorough import examples

from brug.formats.csaf.checking import check
from brug.formats.csaf.document import Label
from brug.formats.csaf.marking import as_csaf, is_public, label_of, narrowed
from brug.formats.csaf.names import file_name
from brug.formats.csaf.reading import read
from brug.formats.csaf.records import made, plain
from brug.formats.csaf.releasing import Step, drafted, released
from brug.formats.csaf.scored import score_of
from brug.formats.csaf.versions import parsed
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.csaf.writing import to_bytes, written
from brug.model.errors import Invalid
from brug.model.tlp import LABELS

BEGUN = datetime(2026, 11, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def _draft(version: str) -> Advisory:
    """A document that was never released."""
    document = base()
    document["document"]["tracking"] |= {
        "status": "draft", "version": version, "initial_release_date": "2026-10-31T09:00:00.000Z",
        "current_release_date": "2026-10-31T09:00:00.000Z",
        "revision_history": [
            {"date": "2026-10-31T09:00:00.000Z", "number": version, "summary": "Begun."}
        ],
    }  # fmt: skip
    assert check(document) == []
    return made(Advisory, document)


def _numbers(one: Advisory) -> list[str]:
    return [revision.number for revision in one.document.tracking.revision_history]


def test_the_first_release_is_version_one_and_sets_the_first_date() -> None:
    for version, number in (("0", "1"), ("0.3.0", "1.0.0")):
        one = released(_draft(version), "First release.", BEGUN, "interim")
        tracking = one.document.tracking
        assert (tracking.version, tracking.status, _numbers(one)) == (number, "interim", [number])
        assert tracking.initial_release_date == "2026-11-01T09:00:00.000Z"
        assert tracking.current_release_date == "2026-11-01T09:00:00.000Z"
        assert tracking.revision_history[0].summary == "First release."


def test_each_release_raises_the_version_and_leaves_the_first_date() -> None:
    one = released(_draft("0.1.0"), "First release.", BEGUN, "interim")
    one = released(one, "A product more.", BEGUN + DAY, "interim", "minor")
    one = released(one, "A word corrected.", BEGUN + 2 * DAY, "final", "patch")
    one = released(one, "Exploited.", BEGUN + 3 * DAY, "interim", "major")
    assert _numbers(one) == ["1.0.0", "1.1.0", "1.1.1", "2.0.0"]
    assert one.document.tracking.initial_release_date == "2026-11-01T09:00:00.000Z"
    assert one.document.tracking.current_release_date == "2026-11-04T09:00:00.000Z"


def test_the_draft_of_a_next_version_becomes_that_version() -> None:
    one = released(_draft("0.1.0"), "First release.", BEGUN, "final")
    one = drafted(one, "Working on it.", BEGUN + DAY, "minor")
    assert (one.document.tracking.version, _numbers(one)) == ("1.1.0-1", ["1.0.0", "1.1.0"])
    one = drafted(one, "Still working.", BEGUN + 2 * DAY)
    assert (one.document.tracking.version, _numbers(one)) == ("1.1.0-2", ["1.0.0", "1.1.0"])
    one = released(one, "There is a fix.", BEGUN + 3 * DAY, "final")
    assert (one.document.tracking.version, _numbers(one)) == ("1.1.0", ["1.0.0", "1.1.0"])
    assert one.document.tracking.revision_history[1].summary == "There is a fix."


@pytest.mark.parametrize(
    ("drafts", "release", "number"),
    [
        ([None], None, "3.0.0"),
        ([None], "minor", "2.2.0"),
        ([None], "patch", "2.1.1"),
        (["minor"], None, "2.2.0"),
        (["minor"], "major", "3.0.0"),
        (["minor", None], None, "2.2.0"),
        ([None, "patch"], None, "2.1.1"),
        (["patch", "major", "minor"], "patch", "2.1.1"),
    ],
)
def test_a_step_counts_from_the_last_release_whenever_it_is_said(
    drafts: list[Step | None], release: Step | None, number: str
) -> None:
    one = released(_draft("0.1.0"), "First.", BEGUN, "final")
    one = released(one, "Who is affected.", BEGUN + DAY, "final")
    one = released(one, "A product more.", BEGUN + 2 * DAY, "final", "minor")
    for day, step in enumerate(drafts, 3):
        one = drafted(one, "Working on it.", BEGUN + day * DAY, step)
        assert check(plain(one)) == []
    one = released(one, "Done.", BEGUN + 9 * DAY, "final", release)
    assert one.document.tracking.version == number
    assert _numbers(one) == ["1.0.0", "2.0.0", "2.1.0", number]
    assert check(plain(one)) == []


@given(st.sampled_from(["0", "0.1.0"]), st.lists(st.tuples(
    st.sampled_from(["draft", "interim", "final"]), st.sampled_from(["major", "minor", "patch"])
), max_size=8))  # fmt: skip
@settings(max_examples=examples(150), deadline=None)
def test_no_life_of_an_advisory_has_a_fault(version: str, life: list[tuple[str, str]]) -> None:
    one, first = _draft(version), None
    for day, (status, step) in enumerate(life):
        at = BEGUN + day * DAY
        if status == "draft":
            one = drafted(one, "Working.", at, step)  # type: ignore[arg-type]
        else:
            one = released(one, "Changed.", at, status, step)  # type: ignore[arg-type]
            first = first or one.document.tracking.initial_release_date
        assert check(plain(one)) == []
        assert first in {None, one.document.tracking.initial_release_date}


def test_secvisogram_finds_no_fault_in_a_life_either() -> None:
    lives = []
    for version in ("0", "0.1.0"):
        one = _draft(version)
        for day, status in enumerate(["draft", "interim", "draft", "draft", "final", "final"]):
            at = BEGUN + day * DAY
            one = (
                drafted(one, "Working.", at, "minor")
                if status == "draft"
                else released(one, "Changed.", at, status, "minor")  # type: ignore[arg-type]
            )
            lives.append(plain(one))
    assert not any(opinions.of_secvisogram(lives))


@pytest.mark.parametrize(
    ("status", "changes", "at", "field"),
    [
        ("draft", "x", BEGUN + DAY, "status"),
        ("final", " ", BEGUN + DAY, "changes"),
        ("final", "x", BEGUN, "at"),
        ("final", "x", BEGUN - DAY, "at"),
        ("final", "x", (BEGUN + DAY).replace(tzinfo=None), "at"),
    ],
)
def test_what_is_no_release_is_refused_by_name(
    status: str, changes: str, at: datetime, field: str
) -> None:
    one = released(_draft("0"), "First release.", BEGUN, "final")
    with pytest.raises(Invalid) as refused:
        released(one, changes, at, status)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_one_advisory_is_always_the_same_bytes() -> None:
    document = advisory()
    turned = {name: document[name] for name in reversed(document)}
    one, other = made(Advisory, document), made(Advisory, turned)
    assert to_bytes(one) == to_bytes(other)
    assert to_bytes(read(to_bytes(one)).advisory) == to_bytes(one)
    assert to_bytes(one).startswith(b'{\n  "document": {\n    "category": "csaf_security_advisory"')
    assert json.loads(to_bytes(one)) == document


def test_a_file_lies_in_the_year_of_its_first_release_with_its_hashes(tmp_path: Path) -> None:
    document = advisory()
    document["document"]["tracking"]["initial_release_date"] = "2026-01-01T00:30:00+01:00"
    file = written(made(Advisory, document))
    assert (file.name, file.path) == ("nl-2026_0042.json", "2025/nl-2026_0042.json")
    for name, content in {file.name: file.raw, **file.hash_files()}.items():
        (tmp_path / name).write_bytes(content)
    for algorithm in ("sha256", "sha512"):
        line = (tmp_path / f"{file.name}.{algorithm}").read_text()
        assert line.split(" ")[0] == hashlib.new(algorithm, file.raw).hexdigest()
        run([f"{algorithm}sum", "-c", f"{file.name}.{algorithm}"], cwd=tmp_path, check=True,
            capture_output=True)  # fmt: skip


@pytest.mark.parametrize(
    ("tracking_id", "name"),
    [
        ("2022_#01-A", "2022_01-a.json"),
        ("RHBA-2019:0024", "rhba-2019_0024.json"),
        ("Example Company - 2019-YH3234", "example_company_-_2019-yh3234.json"),
        ("NCSC-2026-0001", "ncsc-2026-0001.json"),
        ("cisco-sa-20190513-secureboot", "cisco-sa-20190513-secureboot.json"),
        ("A__B", "a_b.json"),
        ("Ünïcode-1", "_n_code-1.json"),
        ("../../etc/passwd", "_etc_passwd.json"),
    ],
)
def test_the_name_of_a_file_follows_from_the_id(tracking_id: str, name: str) -> None:
    assert file_name(tracking_id) == name
    assert file_name(tracking_id, valid=False) == name.replace(".json", "_invalid.json")


def test_a_label_that_is_lacking_becomes_the_next_stricter_one() -> None:
    assert [as_csaf(label) for label in LABELS] == ["WHITE", "GREEN", "AMBER", "RED", "RED"]
    assert [label for label in LABELS if narrowed(label)] == ["amber+strict"]
    document = advisory()
    for label in get_args(Label):
        document["document"]["distribution"]["tlp"]["label"] = label
        one = made(Advisory, document).document
        assert as_csaf(label_of(one) or "") == label
        assert is_public(one) == (label == "WHITE")
    del document["document"]["distribution"]
    assert label_of(made(Advisory, document).document) is None
    assert not is_public(made(Advisory, document).document)


def test_the_score_of_a_vector_passes_every_test() -> None:
    documents = []
    for vector in (
        "CVSS:3.1/AV:A/AC:H/PR:L/UI:R/S:C/C:L/I:L/A:N/E:P/RL:O/RC:R/CR:H/MAV:N",
        "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C",
    ):
        document = advisory()
        document["vulnerabilities"][0]["scores"] = [plain(score_of(vector, ["SC-OLD"]))]
        assert check(document) == []
        documents.append(document)
    assert not any(opinions.of_secvisogram(documents))
    with pytest.raises(Invalid, match="has no other"):
        score_of("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", ["SC-OLD"])


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    """The example of its section 11, and builds that make no difference."""
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
             "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0"]  # fmt: skip
    found = [version for text in texts if (version := parsed(text)) is not None]
    assert [one.text for one in sorted(found, key=lambda one: one.order)] == texts
    builds = [parsed(f"1.0.0+{build}") for build in ("a", "b")]
    assert {one.order for one in builds if one is not None} == {found[7].order}
    assert [parsed(text) for text in ("1.0", "01", "-1", "1.0.0-01", "1\n", "9" * 5000)] == [
        None
    ] * 6
