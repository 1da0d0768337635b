# SPDX-License-Identifier: EUPL-1.2
"""Terms are read strictly, and one meaning is one document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.bridges.gate.worlds import HOST, PARTNER, given, made

from brug.bridges import terms
from brug.model.errors import Invalid


def test_terms_are_the_same_bytes_whoever_writes_them() -> None:
    document = terms.document_of(made())
    assert terms.of_document(document) == made()
    assert terms.document_of(terms.of_document(document)) == document
    shifted = made(valid_from="2026-01-01T01:00:00+01:00")
    assert terms.document_of(shifted) == document
    assert document.startswith(b'{"after_retention":"delete","bridge":"99999999-')


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bridge": "x"}, "bridge"),
        ({"version": 0}, "version"),
        ({"version": "1"}, "version"),
        ({"purposes": []}, "purposes"),
        ({"purposes": ["fun"]}, "purposes[0]"),
        ({"purposes": ["research", "cyber-defence"]}, "purposes"),
        ({"kinds": ["event", "event"]}, "kinds"),
        ({"senders": []}, "senders"),
        ({"senders": ["99999999-9999-4999-8999-999999999999"]}, "senders"),
        ({"legal_basis": " "}, "legal_basis"),
        ({"document": "x" * 2001}, "document"),
        ({"ceiling__tlp": "white"}, "ceiling.tlp"),
        ({"unmarked": "maybe"}, "unmarked"),
        ({"quality": None}, "quality"),
        ({"encrypt_mail_from": "sometimes"}, "encrypt_mail_from"),
        ({"release__when": ["sometimes"]}, "release.when[0]"),
        ({"recall__most_an_hour": -1}, "recall.most_an_hour"),
        ({"tells__opened": "yes"}, "tells.opened"),
        ({"retention_days": 0}, "retention_days"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"valid_from": "2026-01-01T00:00:00"}, "valid_from"),
        ({"valid_until": "2026-01-01T00:00:00Z"}, "valid_until"),
        ({"valid_until": "9999-12-31T23:59:59-23:00"}, "valid_until"),
        ({"unknown": 1}, "unknown"),
        ({"ceiling": {"tlp": "red", "cap": 1}}, "ceiling.cap"),
        ({"personal_data__regime": "hipaa"}, "personal_data.regime"),
        ({"personal_data__transfer": None, "personal_data__handling": "share"},
         "personal_data.transfer"),
        ({"personal_data__transfer": {"tool": "led_safeguards"}}, "personal_data.transfer.tool"),
        ({"personal_data__transfer": {"tool": "scc"}}, "personal_data.transfer.scope"),
        ({"personal_data__regime": "none"}, "personal_data.transfer"),
        ({"parties": [{"organisation": HOST, "name": "x", "country": "nl"},
                      {"organisation": PARTNER, "name": "y", "country": "FR"}]},
         "parties[0].country"),
        ({"parties": [{"organisation": PARTNER, "name": "x", "country": "NL"},
                      {"organisation": HOST, "name": "y", "country": "FR"}]}, "parties"),
    ],
)  # fmt: skip
def test_bad_terms_name_the_field_and_what_was_expected(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        made(**changes)
    assert refused.value.field == field
    assert refused.value.expected


def test_a_wrong_word_is_answered_with_the_words_that_may_stand_there() -> None:
    for changes, word in (
        ({"purposes": ["fun"]}, "one of criminal-investigation, crisis-management,"),
        ({"ceiling__tlp": "white"}, "one of amber, amber+strict, clear, green, red"),
        ({"personal_data__regime": "hipaa"}, "one of gdpr, led, none"),
        ({"release__when": ["sometimes"]}, "one of always, amber,"),
    ):
        with pytest.raises(Invalid) as refused:
            made(**changes)
        assert refused.value.expected.startswith(word)


@pytest.mark.parametrize("thing", [None, [], "x", 7, {}])
def test_what_is_no_terms_is_refused(thing: Any) -> None:
    with pytest.raises(Invalid):
        terms.read(thing)


def test_only_the_canonical_document_is_taken() -> None:
    document = terms.document_of(made())
    for bad in (
        document.replace(b":", b": ", 1),
        document[:-1] + b',"version":1}',
        json.dumps(given()).encode(),
        b"\xff",
        b"[" * 5000,
        b'{"x": NaN}',
        b"",
        document + b" ",
    ):
        with pytest.raises(Invalid):
            terms.of_document(bad)
