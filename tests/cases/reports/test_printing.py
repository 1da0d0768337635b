# SPDX-License-Identifier: EUPL-1.2
"""The PDF of a form says what the case says, whatever stands there, as another library reads it."""

import re
from io import BytesIO

import pypdf
import pytest
from tests.cases.reports.made import ENTITY, EVERYTHING, GIVEN, NOW, case

from brug.cases.reports import REPORTS, filled, printing
from brug.cases.reports.printing import NotPrinted

HOSTILE = [
    '#panic("x")', '#read("/etc/passwd")', '#import "@preview/x:1.0.0"', "#sys.inputs", "$ x^2 $",
    "*bold* _em_ `raw`", "= Heading", "- list\n+ item", "// comment /* gone */", "<label> @ref",
    "\\u{41} \\", "]] #[ ])", '"quoted" \\"', "#{", "~ -- ---", "https://a.example/#x[y]",
    "'; DROP TABLE report; --", "<script>alert(1)</script>", "{{ 7 * 7 }}", "%s %(x)s {0}",
]  # fmt: skip


def text_of(data: bytes) -> str:
    """Without spaces, which a page sets as it likes."""
    reader = pypdf.PdfReader(BytesIO(data))
    return re.sub(r"[\s\u200b]+", "", "".join(page.extract_text() for page in reader.pages))


def printed(key: str = "nis2-final", language: str = "en", **fields: object) -> bytes:
    report, at = REPORTS[key], "2026-11-26T10:00:00Z"
    facts = {"aware_at": at, "aware_of_active_exploitation_at": at}
    made = case(EVERYTHING[report.kind] | fields, facts, tlp="amber", kind=report.kind)
    form = filled(made, made.participants[ENTITY], report, GIVEN)
    return printing.pdf(made, form, NOW, language=language)


@pytest.mark.parametrize("value", HOSTILE)
def test_values_are_text_and_never_markup(value: str) -> None:
    said = text_of(printed(summary=value, services=[value], contact=f"begin {value} end"))
    plain = re.sub(r"\s+", "", value)
    assert said.count(plain) >= 3
    assert f"begin{plain}end" in said


@pytest.mark.parametrize("key", REPORTS)
def test_every_report_is_printed_with_what_it_holds(key: str) -> None:
    said = text_of(printed(key))
    assert "Zuidmark" in said
    assert "INC-2026-1" in said
    assert "TLP:AMBER" in said
    assert "+31200000000" in said


def test_what_turns_or_hides_other_characters_is_shown_as_replaced() -> None:
    said = text_of(printed(summary="safe\u202eevil\x00end"))
    assert "\u202e" not in said
    assert "evil" in said


def test_letters_of_europe_are_kept() -> None:
    value = "Ångström Łódź Ελλάδα България čšž ß € “quoted”"
    assert re.sub(r"\s", "", value) in text_of(printed(summary=value))


def test_a_text_of_the_greatest_length_runs_over_pages() -> None:
    data = printed(summary="w" * 20_000, root_cause="Two words. " * 1_800)
    assert text_of(data).count("w") >= 20_000
    assert len(pypdf.PdfReader(BytesIO(data)).pages) > 3


def test_the_same_form_at_the_same_time_is_the_same_file() -> None:
    assert printed() == printed()


def test_what_cannot_be_set_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_SECONDS", 0.001)
    with pytest.raises(NotPrinted):
        printed()
