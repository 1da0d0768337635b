# SPDX-License-Identifier: EUPL-1.2
"""Indicators as ThreatConnect writes them."""

from typing import Any

import pytest

from brug.formats.threatconnect import read_threatconnect
from brug.model.errors import Invalid

MD5, SHA1, SHA256 = "AB" * 16, "cd" * 20, "ef" * 32


def values(text: str) -> list[tuple[str, str, Any]]:
    return [(one["type"], one["value"], one["to_ids"]) for one in read_threatconnect(text).items]


def test_each_type_has_its_attribute_and_certainty_is_for_detection() -> None:
    text = (
        "\ufeffType,Value,Rating,Confidence,Description,Source\r\n"
        'Host,evil.example.com,3,52,"names, several",https://blog.example/post\r\n'
        "Address,192.0.2.1,3,51,,a colleague\r\n"
        "EmailAddress,a@b.example,,,,a colleague\r\n"
        "URL,http://evil.example.com/x,5,100.0,,\r\n"
        f"File,{MD5} : {SHA1} : {SHA256},5,99,,\r\n"
    )
    read = read_threatconnect(text)
    assert [(one["type"], one["value"], one["to_ids"]) for one in read.items] == [
        ("domain", "evil.example.com", True), ("ip-dst", "192.0.2.1", False),
        ("email-src", "a@b.example", False), ("url", "http://evil.example.com/x", True),
        ("md5", MD5.lower(), True), ("sha1", SHA1, True), ("sha256", SHA256, True),
        ("link", "https://blog.example/post", False), ("comment", "a colleague", False),
    ]  # fmt: skip
    assert read.items[0]["comment"] == "names, several"
    assert read.left == []


def test_the_report_of_its_interface_has_four_columns() -> None:
    text = "Type,Value,Rating,Confidence\nHost,example.com,null,null\nAddress,192.0.2.1,3.00,62\n"
    assert values(text) == [("domain", "example.com", False), ("ip-dst", "192.0.2.1", True)]


def test_what_has_no_type_of_attribute_is_named() -> None:
    text = "Type,Value\nASN,64496\nASN,64497\nFile,nonsense\nHost,\n,x\n,\n"
    read = read_threatconnect(text)
    assert read.items == []
    assert read.left == ["2 x ASN", "1 x File", "1 x Host", "1 x no type"]


@pytest.mark.parametrize("text", ["", "rubbish", "Value,Kind\na,b", 'Type,Value\n"a', "\0"])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_threatconnect(text)
