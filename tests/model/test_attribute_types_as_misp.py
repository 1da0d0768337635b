# SPDX-License-Identifier: EUPL-1.2
"""Every value tried against a MISP 2.5.1 has the same outcome here, but for the table below."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from brug.model.attribute_types import Refused, check, correlates, correlating_parts

GOLDEN = Path(__file__).parents[2].parent / "shared" / "reference" / "misp-golden"

pytestmark = pytest.mark.skipif(
    not (GOLDEN / "type-rules.jsonl").is_file(),
    reason="the recordings of a MISP 2.5.1 are not beside the project",
)

Outcome = tuple[str, bool, str, str] | dict[str, list[str]]

NOT_ISO = {"value": ["Datetime has to be in the ISO 8601 format."]}
EMPTY = {"value": ["Value cannot be empty."]}
COMPOSITE = {
    "value": ["Composite type found but the value not in the composite (value1|value2) format."]
}
NUL = {"value": ["Value must not contain NUL characters."]}
FORMAT = {
    "value": [
        'Value not in the right type/format. Please double check the value or select type "other".'
    ]
}
NO_DOMAIN = {"value": ["Domain has an invalid format."]}
NO_IMPFUZZY = {"value": ["Invalid impfuzzy format (expected: imports:hash:hash)."]}


def number(value: str) -> Outcome:
    return ("Other", False, value, "")


def sample(name: str, hashed: str) -> Outcome:
    return ("Payload delivery", True, name, hashed)


# (reason, type, {input as JSON: our outcome}); an entry that is no difference fails the test.
DIFFERENCES: tuple[tuple[str, str, Mapping[str, Outcome]], ...] = (
    (
        "there, the type integer refuses every value",
        "integer",
        {
            '"-1"': number("-1"),
            '"0"': number("0"),
            '"1"': number("1"),
            '" 42 "': number("42"),
            '"007"': number("007"),
            '"999999999999999999999"': number("999999999999999999999"),
            '"+5"': number("+5"),
            "0": number("0"),
            "1": number("1"),
            "123": number("123"),
            "true": number("1"),
        },
    ),
    (
        "there, the type is listed but answered with a server error",
        "filename|impfuzzy",
        {
            '"evil.exe|10:a/b+c:d"': sample("evil.exe", "10:a/b+c:d"),
            '"evil.exe|3:abc:def"': sample("evil.exe", "3:abc:def"),
            '"evil.exe|3::"': sample("evil.exe", "3::"),
            '"|3:abc:def"': sample("", "3:abc:def"),
            '"EVIL File.EXE|3:abc:def"': sample("EVIL File.EXE", "3:abc:def"),
            '"C:\\\\x\\\\evil.exe|3:abc:def"': sample("C:\\x\\evil.exe", "3:abc:def"),
        }
        | {
            f'"{value}"': NO_IMPFUZZY
            for value in (
                "evil.exe|a:abc:def",
                "evil.exe|3:a:b:c",
                "evil.exe|3:abc",
                "evil.exe|abc",
                "evil.exe| 3:a:b ",
                "evil.exe|",
                " evil.exe | 3:abc:def ",
                "a|b",
                "a|",
                "|",
            )
        },
    ),
    (
        "a stored moment must not depend on when it arrived",
        "datetime",
        {f'"{word}"': NOT_ISO for word in ("yesterday", "now", "next monday", "2024")}
        | {"4.5": NOT_ISO}
        | dict.fromkeys(('""', '" "', '"\\n"', '"\\u0000"', "null"), EMPTY),
    ),
    (
        "there, a server error",
        "domain",
        dict.fromkeys(('""', '" "', '"\\n"', '"\\u0000"', "null"), EMPTY),
    ),
    (
        "there, a server error",
        "domain|ip",
        dict.fromkeys(('"|"', '"|b"', '"|192.0.2.1"'), NO_DOMAIN),
    ),
    ("there, a bar alone is stored as nothing", "malware-sample", {'"|"': COMPOSITE}),
    ("there, a bar alone is stored as nothing", "regkey|value", {'"|"': COMPOSITE}),
    *(
        (
            'there, "0 " and "0" equal "00" when compared as numbers, and become a plus sign',
            of,
            {
                '"0 0 31 6"': (category, to_ids, "+316", ""),
                "0": (category, to_ids, "0", ""),
            },
        )
        for of, category, to_ids in (
            ("prtn", "Financial fraud", True),
            ("phone-number", "Person", False),
            ("whois-registrant-phone", "Attribution", False),
        )
    ),
)
MEANT = {
    (of, tried): outcome for _, of, outcomes in DIFFERENCES for tried, outcome in outcomes.items()
}


@cache
def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLDEN / name).read_text().splitlines()]


def whole(value: Any) -> Any:
    """The recording abbreviates long texts of one repeated letter."""
    if isinstance(value, dict) and value.get("_abbreviated"):
        head, tail = value["head"], value["tail"]
        return head + head[-1] * (value["length"] - len(head) - len(tail)) + tail
    return value


def there(row: dict[str, Any]) -> Outcome | None:
    """What MISP did; None for a server error."""
    if row["accepted"]:
        return row["category"], row["to_ids"], whole(row["value1"]), whole(row["value2"])
    error = json.loads(row["error"]) if isinstance(row["error"], str) else row["error"]
    if row["status"] == 500:
        return None
    refusal: dict[str, list[str]] = error.get("errors", error)
    return refusal


def here(row: dict[str, Any]) -> Outcome:
    how, _, category = row["how"].partition(":")
    forced = "payload delivery" if category == "lowercase" else category or None
    assert how in {"value", "long", "category"}
    try:
        checked = check(row["type"], whole(row["input"]), forced)
    except Refused as refused:
        return refused.errors
    return checked.category, checked.to_ids, checked.value1, checked.value2


def wanted(row: dict[str, Any]) -> Outcome | None:
    meant = MEANT.get((row["type"], json.dumps(row["input"])))
    if meant is not None and row["how"] == "value":
        return meant
    outcome = there(row)
    if row["type"] == "onion-address" and len(str(row["input"])) == len(".onion") + 56:
        return "Network activity", True, row["input"], ""  # version 3, the only one alive
    if row["type"] == "xmr" and "<" in str(row["input"]):
        return FORMAT  # the recording hid a part of the wallet in angle brackets
    if isinstance(outcome, tuple):
        if "\0" in outcome[2] + outcome[3]:
            return NUL  # PostgreSQL's text cannot hold it
        if outcome[2] == "emoji ?":
            return *outcome[:2], "emoji \N{GRINNING FACE}", ""  # its tables hold three bytes
    return outcome


def differing() -> Iterator[tuple[str, str, Outcome, Outcome | None]]:
    for row in rows("type-rules.jsonl"):
        ours, theirs = here(row), wanted(row)
        if theirs is None:
            assert isinstance(ours, dict), f"accepted what MISP broke on: {row}"
        elif ours != theirs:
            yield row["type"], repr(row["input"])[:100], ours, theirs


def test_every_recorded_try_has_misps_outcome_or_a_reason() -> None:
    assert len(rows("type-rules.jsonl")) > 11000
    assert list(differing()) == []


def test_the_table_of_differences_holds_nothing_that_is_none() -> None:
    outcomes = {
        (row["type"], json.dumps(row["input"])): there(row)
        for row in rows("type-rules.jsonl")
        if row["how"] == "value"
    }
    assert [key for key, ours in MEANT.items() if outcomes[key] == ours] == []


def test_what_correlates_there_correlates_here() -> None:
    tried = [
        row for row in rows("type-correlations.jsonl") if row["test"] == "same value in two events"
    ]
    assert len(tried) > 170
    assert [row["type"] for row in tried if correlates(row["type"]) != row["correlates"]] == []


def test_the_same_parts_of_composites_correlate() -> None:
    tried = [
        row
        for row in rows("type-correlations.jsonl")
        if row["test"] == "composite against its parts"
    ]
    assert len(tried) > 20
    for row in tried:
        parts = (row["first_correlates"], row["second_correlates"])
        assert (row["type"], correlating_parts(row["type"])) == (row["type"], parts)
