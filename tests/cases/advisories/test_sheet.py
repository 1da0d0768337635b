# SPDX-License-Identifier: EUPL-1.2
"""What a page edits of an advisory changes that and nothing else."""

from copy import deepcopy
from typing import Any

import pytest
from tests.formats.csaf import documents

from brug.cases.advisories.filling_in import Filled, filled
from brug.cases.advisories.sheet import (
    EVERY_AFFECTED,
    Fix,
    Note,
    Product,
    Sheet,
    Thanks,
    Weakness,
    sheet_of,
)
from brug.formats.csaf.checking import MANDATORY, check
from brug.formats.csaf.reading import Unfit, read
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.json_text import encode

V31 = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"


def advisory(value: dict[str, Any] | None = None) -> Advisory:
    return read(encode(value or documents.advisory())).advisory


def edited(change: Any, value: dict[str, Any] | None = None) -> Filled:
    made = advisory(value)
    sheet = sheet_of(made)
    change(sheet)
    return filled(made, sheet)


@pytest.mark.parametrize(
    "made", [documents.advisory, documents.vex, documents.information, documents.incident,
             documents.base],
)  # fmt: skip
def test_a_sheet_that_nobody_changed_is_the_document(made: Any) -> None:
    value = edited(lambda _: None, made()).value
    assert value == made()


STRUCTURE = "6.1.8"  # whose scores do not fit their schema: there is no advisory to edit


def test_what_has_not_the_structure_is_refused_before_it_is_edited() -> None:
    with pytest.raises(Unfit, match="baseSeverity is missing"):
        advisory(documents.failing(STRUCTURE))


@pytest.mark.parametrize("number", [one.number for one in MANDATORY if one.number != STRUCTURE])
def test_nor_is_anything_lost_of_what_is_unsound(number: str) -> None:
    value = documents.failing(number)
    made = advisory(value)
    before = deepcopy(value)
    assert filled(made, sheet_of(made)).value == before


def test_texts_and_rows_are_written_where_they_belong() -> None:
    def change(sheet: Sheet) -> None:
        sheet.title, sheet.lang, sheet.tlp = "Sluices open", "nl", "GREEN"
        sheet.notes = [Note(text=""), Note(category="general", title="On", text="Of it")]
        sheet.thanks = [Thanks(names=["Anna", "Bert"], organization="Org", url="https://a.example")]

    value = edited(change).value["document"]
    assert (value["title"], value["lang"]) == ("Sluices open", "nl")
    assert value["distribution"]["tlp"]["label"] == "GREEN"
    assert value["notes"] == [{"category": "general", "title": "On", "text": "Of it"}]
    assert value["acknowledgments"] == [
        {"names": ["Anna", "Bert"], "organization": "Org", "urls": ["https://a.example"]}
    ]


def test_a_product_is_added_with_its_status_and_one_is_taken_away_everywhere() -> None:
    def change(sheet: Sheet) -> None:
        sheet.products = [one for one in sheet.products if one.key != "SC-42"]
        sheet.products.append(
            Product("new-9", is_new=True, vendor="Dijk Systems", product="Sluice Controller",
                    version="4.3", purl="pkg:generic/dijk/sluice@4.3")
        )  # fmt: skip
        sheet.weaknesses[0].statuses |= {"new-9": "fixed"}

    made = edited(change).value
    branches = made["product_tree"]["branches"][0]["branches"][0]["branches"]
    assert [one["name"] for one in branches] == ["vers:generic/<4.2", "4.3"]
    new = branches[1]["product"]
    assert new["name"] == "Dijk Systems Sluice Controller 4.3"
    assert new["product_identification_helper"] == {"purl": "pkg:generic/dijk/sluice@4.3"}
    assert branches[0]["product"]["product_identification_helper"]["hashes"]  # kept
    assert made["vulnerabilities"][0]["product_status"]["fixed"] == [new["product_id"]]
    assert "SC-42" not in encode(made["vulnerabilities"]).decode()
    assert check(made) == []


def test_a_score_follows_its_vector_and_who_is_affected() -> None:
    def change(sheet: Sheet) -> None:
        sheet.weaknesses[0].vector = V31
        sheet.weaknesses[0].statuses["POLDER"] = "known_affected"

    value = edited(change).value["vulnerabilities"][0]
    score = value["scores"][0]
    assert score["cvss_v3"]["baseScore"] == 7.8
    assert score["products"] == ["SC-OLD", "SC-ON-OS", "POLDER"]


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("vector", "CVSS:3.1/AV:Z", "AV"),
        ("vector", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CSAF 2.0"),
        ("vector", "rubbish", "CVSS vector"), ("cwe", "CWE-99999", "weakness"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_said_at_its_field(field: str, text: str, said: str) -> None:
    def change(sheet: Sheet) -> None:
        setattr(sheet.weaknesses[0], field, text)

    assert said in edited(change).errors[f"vuln.0.{field}"]


def test_a_new_vulnerability_and_a_remedy_for_all_that_is_affected() -> None:
    def change(sheet: Sheet) -> None:
        sheet.weaknesses[0].is_gone = True
        sheet.weaknesses.append(
            Weakness(cve="CVE-2026-40009", cwe="CWE-79", title="T", description="D", vector=V31,
                     statuses={"POLDER": "known_affected", "SC-42": "fixed"},
                     fixes=[Fix(details="Install it", products=EVERY_AFFECTED)])
        )  # fmt: skip

    made = edited(change)
    (value,) = made.value["vulnerabilities"]
    assert made.errors == {}
    assert value["cve"] == "CVE-2026-40009"
    assert value["remediations"] == [
        {"category": "vendor_fix", "details": "Install it", "product_ids": ["POLDER"]}
    ]
    assert value["scores"][0]["products"] == ["POLDER"]
    assert check(made.value) == []
    assert made.field_of("/vulnerabilities/0/remediations/0/url/x") == "vuln.1.fix.0.url"
    assert made.field_of("/vulnerabilities/0/cwe/id") == "vuln.1.cwe"
    assert made.field_of("/document/tracking/version") == ""


def test_what_a_page_cannot_show_in_three_cells_is_locked() -> None:
    value = documents.advisory()
    value["product_tree"]["branches"][0]["category"] = "product_family"
    rows = sheet_of(advisory(value)).products
    assert all(one.is_locked for one in rows)
    assert edited(lambda _: None, value).value == value


def test_a_name_made_of_cells_follows_them() -> None:
    value = documents.advisory()
    leaf = value["product_tree"]["branches"][0]["branches"][0]["branches"][1]["product"]
    leaf["name"] = "Dijk Systems Sluice Controller 4.2"

    def change(sheet: Sheet) -> None:
        row = next(one for one in sheet.products if one.key == "SC-42")
        row.version = "4.2.1"

    text = encode(edited(change, value).value["product_tree"]).decode()
    assert '"Dijk Systems Sluice Controller 4.2.1"' in text
    assert '"SC-42"' in text
