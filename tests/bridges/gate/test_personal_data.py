# SPDX-License-Identifier: EUPL-1.2
"""The rule on personal data, and the detectors it relies on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bridges.gate.worlds import CLASSES, GIVEN, attribute, decided, event, made, tagged

from brug.bridges.gate import adequacy
from brug.bridges.gate.deciding import Verdict
from brug.bridges.gate.personal_types import shipped
from brug.bridges.terms import Terms
from brug.formats import personal_identifiers as detectors
from brug.model.attribute_types.registry import TYPES

FIRST = attribute(1, "x")["uuid"]
SHARE = made(personal_data__handling="share")
NAME = attribute(1, "Jan de Vries", "full-name", to_ids=False)


def verdict(
    one: dict[str, Any], wanted: Terms | None = None, tags: tuple[str, ...] = (), **more: Any
) -> Verdict:
    return decided(event(one, tags=tags), wanted, **more).attributes[FIRST]


def codes(found: Verdict) -> set[str]:
    return {reason.code for reason in found.reasons if reason.rule == "personal data"}


def test_what_identifies_a_person_is_dropped_pseudonymised_or_shared_as_agreed() -> None:
    assert verdict(NAME).becomes == "nothing"
    pseudonym = made(personal_data__handling="pseudonymise")
    assert verdict(NAME, pseudonym).becomes == "pseudonym"
    assert verdict(NAME, SHARE).becomes == "whole"


@pytest.mark.parametrize("transport", ["misp", "feed", "mail", "taxii"])
def test_only_native_bridges_carry_pseudonyms(transport: str) -> None:
    wanted = made(personal_data__handling="pseudonymise")
    assert verdict(NAME, wanted, transport=transport).becomes == "nothing"
    assert verdict(NAME, wanted, transport="file").becomes == "pseudonym"


def transfer(**more: Any) -> Terms:
    return made(personal_data={"regime": "gdpr", "handling": "share", "transfer": more})


def test_personal_data_needs_a_tool_that_is_valid_at_that_time() -> None:
    past = transfer(tool="scc", scope="C2C", valid_until="2026-11-27T12:00:00Z")
    assert codes(verdict(NAME, past)) >= {"tool_not_valid"}
    assert verdict(NAME, past).becomes == "nothing"
    future = transfer(tool="scc", scope="C2C", valid_from="2026-11-27T12:00:01Z")
    assert verdict(NAME, future).becomes == "nothing"
    assert verdict(NAME, transfer(tool="scc", scope="C2C")).becomes == "whole"
    none = made(personal_data={"regime": "gdpr", "handling": "drop", "transfer": None})
    address = attribute(1, "192.0.2.1", "ip-src")
    assert codes(verdict(address, none)) == {"no_tool"}
    assert verdict(address, none).becomes == "nothing"


def test_where_no_regime_applies_no_tool_is_needed() -> None:
    purposes = ["national-security"]
    wanted = made(personal_data={"regime": "none", "handling": "share"}, purposes=purposes)
    secret = ('brug:purpose="national-security"',)
    assert verdict(NAME, wanted, secret).becomes == "whole"


def test_crossing_regimes_needs_a_decision_of_its_own() -> None:
    police = ('brug:purpose="criminal-investigation"',)
    purposes = ["criminal-investigation", "cyber-defence"]
    data = {"regime": "gdpr", "handling": "share", "transfer": {"tool": "eea"}}
    found = verdict(NAME, made(personal_data=data, purposes=purposes), police)
    assert codes(found) == {"crosses_regimes"}
    assert found.becomes == "nothing"
    decided_so = {**data, "crossing": "Decision 2026/12"}
    wanted = made(personal_data=decided_so, purposes=purposes)
    assert verdict(NAME, wanted, police).becomes == "whole"
    led = {"regime": "led", "handling": "share", "transfer": {"tool": "led_member_state"}}
    wanted = made(personal_data=led, purposes=purposes)
    assert verdict(NAME, wanted, police).becomes == "whole"
    assert verdict(NAME, wanted).becomes == "nothing"


def test_what_may_lead_to_a_person_goes_to_the_public_as_an_indicator_only() -> None:
    seen = attribute(1, "192.0.2.1", "ip-src", to_ids=False)
    clear = ("tlp:clear",)
    assert verdict(seen, tags=clear).becomes == "whole"
    assert verdict(seen, tags=clear, relation="public").becomes == "nothing"
    assert verdict({**seen, "to_ids": True}, tags=clear, relation="public").becomes == "whole"
    assert verdict(seen, SHARE, clear, relation="public").becomes == "whole"


def test_a_threat_actor_is_not_protected_by_it() -> None:
    actor = {**NAME, "Tag": tagged('brug:subject="threat-actor"')}
    assert verdict(actor).becomes == "whole"
    late = transfer(tool="scc", scope="C2C", valid_until="2026-01-01T00:00:00Z")
    assert verdict(actor, late).becomes == "nothing"
    assert verdict(NAME, tags=('brug:subject="threat-actor"',)).becomes == "nothing"


def test_a_pseudonym_of_another_bridge_is_never_passed_on() -> None:
    received = attribute(1, "pseudonym:ab", "text", Tag=tagged("brug:pseudonym"))
    for wanted in (made(), SHARE, made(personal_data__handling="pseudonymise")):
        assert verdict(received, wanted).becomes == "nothing"


def test_free_text_counts_by_what_is_found_in_it() -> None:
    assert verdict(attribute(1, "call +31 6 1234 5678", "text")).becomes == "nothing"
    assert verdict(attribute(1, "they used a proxy", "text")).becomes == "whole"
    assert verdict(attribute(1, "jan@victim.example", "no-such-type")).becomes == "nothing"
    beside = verdict(attribute(1, "evil.example", comment="says jan@victim.example"))
    assert (beside.outcome, beside.becomes) == ("redact", "text")
    assert verdict(attribute(1, "evil.example", comment="by x@v.example"), SHARE).becomes == "whole"


def test_the_adequacy_table_warns_and_decides_nothing() -> None:
    parties = [dict(p) for p in made_parties("US")]
    data = {"regime": "gdpr", "handling": "share",
            "transfer": {"tool": "adequacy", "scope": "on the DPF list"}}  # fmt: skip
    found = verdict(NAME, made(personal_data=data, parties=parties))
    assert found.outcome == "pass"
    assert "doubt_scope" in codes(found)
    found = verdict(NAME, made(personal_data=data, parties=made_parties("XX")))
    assert found.outcome == "pass"
    assert "doubt_no_decision" in codes(found)


def made_parties(country: str) -> list[dict[str, str]]:
    ours, theirs = GIVEN["parties"]
    return [ours, {**theirs, "country": country}]


def test_a_decision_on_adequacy_ends() -> None:
    before, after = datetime(2031, 12, 26, tzinfo=UTC), datetime(2031, 12, 27, tzinfo=UTC)
    assert adequacy.doubt("adequacy", "GB", before) is None
    assert adequacy.doubt("adequacy", "GB", after) == "expired"
    assert adequacy.doubt("eea", "NL", after) is None
    assert adequacy.doubt("eea", "US", after) == "outside"
    assert adequacy.doubt("led_adequacy", "CH", before) == "no_decision"
    assert adequacy.doubt("scc", "XX", before) is None


def test_every_type_of_the_table_exists_and_stands_in_it_once() -> None:
    names = [row.type for row in shipped()]
    assert len(names) == len(set(names))
    assert set(names) - set(TYPES) <= {"prtn"} - set(TYPES)
    assert {t for t in TYPES if t not in names} <= {
        "attachment", "malware-sample", "gene", "kusto-query", "filename|md5",
    } | {t for t in TYPES if t.startswith("filename|")}  # fmt: skip
    assert CLASSES["iban"] == "high"


# The examples that the schemes' own publishers give: ECBS/SWIFT for IBAN, card numbers that
# payment processors publish for tests, BSN numbers from RvIG's test data.
@pytest.mark.parametrize(
    "text", ["NL91 ABNA 0417 1643 00", "DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"]
)
def test_ibans_are_found_by_mod_97(text: str) -> None:
    assert detectors.is_iban(text)
    assert detectors.found_in(f"paid to {text}, he said") == ("IBAN",)
    wrong = text[:-1] + str((int(text[-1]) + 1) % 10)
    assert not detectors.is_iban(wrong)


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"])
def test_cards_are_found_by_luhn(text: str) -> None:
    assert detectors.is_card(text)
    assert not detectors.is_card(text[:-1] + str((int(text[-1]) + 1) % 10))


def test_card_numbers_are_found_in_text() -> None:
    assert detectors.found_in("card 4111 1111 1111 1111 was used") == ("card number",)
    archived = "archive.org/web/20170923102302/http://evil.example"
    assert detectors.is_card("20170923102302")
    assert detectors.found_in(f"see https://web.{archived}") == ()


@pytest.mark.parametrize("text", ["111222333", "123456782"])
def test_bsns_are_found_by_the_11_test(text: str) -> None:
    assert detectors.is_bsn(text)
    assert detectors.found_in(f"burger {text}.") == ("BSN",)
    assert not detectors.is_bsn(text[:-1] + str((int(text[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "text",
    [
        "BSN 111222333", "bsn:111222333", "BSN111222333", "bsn_111222333.pdf", "bsn-111222333",
        "?bsn=123456782&x=1", "BSN, size: 123456782", "burgerservicenummer is 1234.56.782",
        "111.222.333", "111 222 333", "123456782, 111222333", "111222333 123456782",
        "citizen service number 20240107", "burger 1 123456782", "Jan (123456782)",
        "klant/123456782/brief.pdf", "https://portal.example/123456782", "born 1970 123456782",
        "the case of 123456782", "123456782 born in Delft", "1234.56.782", "known as 123456782",
        "123456782 B. Jansen", "123456782 S. de Vries", "111222333 sat down", "uid=123456782",
        "his address: 123456782", "123456782/12", "tell 123456782 us",
    ],
)  # fmt: skip
def test_a_bsn_is_found_wherever_nothing_says_that_it_is_something_else(text: str) -> None:
    assert detectors.found_in(text) == ("BSN",)
    assert not re.search("[0-9]{8}", detectors.without(text))


@pytest.mark.parametrize(
    "text",
    [
        "size 123456782", "filesize=123456782", "Content-Length: 123456782", "123456782 bytes",
        "123456782B", "123.456.782 bytes", "AS 123456782", "ASN: 123456782", "pid 123456782",
        "port (123456782)", "ticket #123456782", "zaaknummer 123456782", "case no. 123456782",
        "build 123456782", "timestamp: 123456782", "123456782 ms", "111222333 requests",
        "total 123456782", "sid:123456782;", "EUR 123.456.782", "\u20ac 123.456.782",
        "1 111 222 333", "111 222 333 444", "111.222.333/24", "0.123456782", "123456782.50",
        "20240107", "06012024", "2024-01-07", "x123456782", "123456782abc", "crc32 123456782",
    ],
)  # fmt: skip
def test_what_a_text_calls_something_else_is_no_bsn(text: str) -> None:
    assert "BSN" not in detectors.found_in(text)


def test_days_that_pass_the_11_test_are_days() -> None:
    assert detectors.is_bsn("20240107")
    assert detectors.is_bsn("06012024")
    assert detectors.found_in("bsn 20240107") == ("BSN",)


def test_a_number_of_a_phone_is_called_so() -> None:
    assert detectors.is_bsn("12345672")
    assert detectors.found_in("bel +31 6 12345672") == ("phone number",)


def test_a_proposed_value_of_a_technical_type_identifies_nobody() -> None:
    wanted = made(release={"when": ["personal-data"]})
    for type_, becomes in (("size-in-bytes", "pass"), ("text", "hold")):
        proposal = attribute(2, "123456782", type_)
        assert decided(event(ShadowAttribute=[proposal]), SHARE).outcome == "pass"
        assert (
            decided(event(ShadowAttribute=[proposal]), wanted)
            .others[f"proposal:{proposal['uuid']}"]
            .outcome
            == becomes
        ), type_


@pytest.mark.parametrize(
    "text", ["+31 6 12345678", "06-12345678", "+49 (0)30 123456", "+14155550100"]
)
def test_phone_numbers_are_found(text: str) -> None:
    assert detectors.found_in(f"bel {text} nu") == ("phone number",)


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.1", "2026-11-27 12:00", "d41d8cd98f00b204e9800998ecf8427e", "port 8080",
        "CVE-2024-12345", "version 10.0.19045.3803", "", "nothing here", "a @ b",
    ],
)  # fmt: skip
def test_what_is_no_identifier_is_not_found(text: str) -> None:
    assert detectors.found_in(text) == ()


def test_identifiers_are_replaced_by_what_they_were_but_for_indicators() -> None:
    text = "From evil@bad.example to jan@victim.example, NL91ABNA0417164300"
    assert detectors.without(text, frozenset({"evil@bad.example"})) == (
        "From evil@bad.example to [removed: e-mail address], [removed: IBAN]"
    )
    assert detectors.without(detectors.without(text)) == detectors.without(text)


_PIECES = st.sampled_from([
    "NL91ABNA0417164300", "nl91 abna 0417 1643 00", "4111 1111 1111 1111", "111222333",
    "111.222.333", "+31 6 1234 5678", "+3 1 2 3 4 5 6 7 8", "0612345678", "a@b.example", "@",
    "\u212a", "\u017f", "é", "_", "-", ".", "+", " ", "|", "/", "12", "0", "AB12", "Z9", "٣", "²",
])  # fmt: skip


@given(st.lists(_PIECES, max_size=6).map("".join))
def test_no_text_is_passed_over_that_holds_an_identifier(text: str) -> None:
    """What is looked at before the shapes are tried says nothing that they do not."""
    for name, shape, check in (*detectors._ADDRESSES, *detectors._NUMBERS):
        if any(check(found[0]) for found in shape.finditer(text)):
            assert name in {tried for tried, _, _ in detectors._worth_trying(text)}


@pytest.mark.parametrize("shape", [shape for _, shape, _ in detectors._NUMBERS])
@given(data=st.data(), before=st.sampled_from(["", " ", "tel:", "(", "né "]))
def test_no_number_is_missed_because_the_text_is_not_worth_trying(
    shape: re.Pattern[str], data: st.DataObject, before: str
) -> None:
    text = before + data.draw(st.from_regex(shape))
    if shape.search(text):
        assert detectors._worth_trying(text)
