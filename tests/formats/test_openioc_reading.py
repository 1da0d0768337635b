# SPDX-License-Identifier: EUPL-1.2
"""OpenIOC documents read: as tools write them, as this node writes them, and hostile ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.test_sensors import file, one

from brug.formats.openioc_reading import COMMENT, DEEPEST, read_openioc
from brug.model.errors import Invalid

MD5 = "9855c23be2b6f38630756a277b52cdd2"
FIRST = """<?xml version="1.0" encoding="us-ascii"?>
<ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="c1">
  <short_description>CCAPP.EXE</short_description>
  <description>A custom
    reverse shell.</description>
  <authored_by>Mandiant</authored_by>
  <authored_date>2010-12-13T12:49:53</authored_date>
  <definition><Indicator operator="OR" id="d6">{}</Indicator></definition>
</ioc>"""
SECOND = """<OpenIOC xmlns="http://openioc.org/schemas/OpenIOC_1.1" id="x">
  <metadata><short_description>Second</short_description></metadata>
  <criteria><Indicator operator="OR">{}</Indicator></criteria>
</OpenIOC>"""


def item(search: str, value: str, condition: str = "is", more: str = "") -> str:
    return (
        f'<IndicatorItem id="a" condition="{condition}" {more}><Context document="D"'
        f' search="{search}" type="mir"/><Content type="string">{value}</Content></IndicatorItem>'
    )


def both(*items: str, operator: str = "AND") -> str:
    return f'<Indicator operator="{operator}">{"".join(items)}</Indicator>'


def plain(document: str) -> list[tuple[str, str]]:
    return [(one["type"], one["value"]) for one in read_openioc(document).items]


def test_an_item_that_is_enough_by_itself_is_an_attribute() -> None:
    read = read_openioc(FIRST.format(item("FileItem/Md5sum", MD5)))
    assert read.items == [{"type": "md5", "value": MD5, "comment": COMMENT}]
    assert (read.title, read.about, read.left) == (
        "CCAPP.EXE (Mandiant, 2010-12-13T12:49:53)", "A custom reverse shell.", [],
    )  # fmt: skip


def test_the_second_version_is_read_too() -> None:
    document = SECOND.format(item("dnsLookupEvent/hostname", "evil.example.com"))
    assert plain(document) == [("hostname", "evil.example.com")]
    assert read_openioc(document).title == "Second"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((("FileItem/FileName", "a.exe"), ("FileItem/Md5sum", MD5)),
         ("filename|md5", f"a.exe|{MD5}")),
        ((("FileItem/Md5sum", MD5), ("FileItem/FileName", "a.exe")),
         ("filename|md5", f"a.exe|{MD5}")),
        ((("RegistryItem/KeyPath", "HKLM\\Run"), ("RegistryItem/Text", "a.exe")),
         ("regkey|value", "HKLM\\Run|a.exe")),
        ((("Network/DNS", "a.example.com"), ("PortItem/remoteIP", "192.0.2.1")),
         ("domain|ip", "a.example.com|192.0.2.1")),
        ((("PortItem/remoteIP", "192.0.2.1"), ("PortItem/remotePort", "443")),
         ("ip-src|port", "192.0.2.1|443")),
    ],
)  # fmt: skip
def test_two_items_that_one_attribute_says_become_one(
    items: tuple[tuple[str, str], ...], expected: tuple[str, str]
) -> None:
    read = read_openioc(FIRST.format(both(*(item(*one) for one in items))))
    assert [(one["type"], one["value"]) for one in read.items] == [expected]
    assert "to_ids" not in read.items[0]


def test_what_says_something_only_with_others_is_not_for_detection() -> None:
    joined = both(
        item("FileItem/FileName", "svchost.exe"),
        item("ProcessItem/arguments", "-x"),
        both(
            item("Network/DNS", "a.example.com"),
            item("Network/DNS", "b.example.com"),
            operator="OR",
        ),
    )
    read = read_openioc(FIRST.format(item("FileItem/Md5sum", MD5) + joined))
    assert [(one["value"], one.get("to_ids")) for one in read.items] == [
        (MD5, None), ("svchost.exe", False), ("a.example.com", False), ("b.example.com", False),
    ]  # fmt: skip
    assert read.items[1]["comment"] == f"{COMMENT}, only together with others"
    assert read.left == ["1 x ProcessItem/arguments"]


def test_a_part_of_a_value_is_not_for_detection() -> None:
    (read,) = read_openioc(FIRST.format(item("Network/DNS", "evil", "contains"))).items
    assert (read["to_ids"], read["comment"]) == (False, f"{COMMENT}, part of a value")


def test_what_must_not_be_there_is_no_attribute() -> None:
    document = FIRST.format(
        both(item("FileItem/FileName", "a.exe"), item("FileItem/FileName", "b.exe", "isnot"))
        + item("Network/DNS", "good.example.com", more='negate="true"')
        + item("Network/DNS", "")
    )
    read = read_openioc(document)
    assert [(one["value"], one["to_ids"]) for one in read.items] == [("a.exe", False)]
    assert read.left == ["1 x FileItem/FileName isnot", "2 x Network/DNS is"]


def test_an_address_and_a_name_stand_under_the_same_term() -> None:
    document = FIRST.format(
        item("RouteEntryItem/Destination", "192.0.2.1")
        + item("RouteEntryItem/Destination", "a.example.com")
    )
    assert plain(document) == [("ip-dst", "192.0.2.1"), ("hostname", "a.example.com")]


def test_what_this_node_writes_is_read_back() -> None:
    written = [
        ("ip-dst", "192.0.2.1", ""), ("domain", "a.example.com", ""),
        ("url", "http://a.example/x", ""), ("filename|sha256", "a.exe", "ab" * 32),
        ("mutex", "Global\\m", ""), ("sha1", "ab" * 20, ""), ("email-dst", "a@b.example", ""),
        ("domain|ip", "b.example.com", "192.0.2.2"),
    ]  # fmt: skip
    made = file("openioc", *(one(*each) for each in written))
    assert plain(made) == [(kind, f"{a}|{b}" if b else a) for kind, a, b in written]


@pytest.mark.parametrize(
    "text",
    [
        "", "rubbish", "<a/>", "<ioc", "{}", '<?xml version="1.0" encoding="utf-16"?><ioc/>',
        '<!DOCTYPE ioc [<!ENTITY a "b">]><ioc>&a;</ioc>',
        '<!doctype ioc SYSTEM "file:///etc/passwd"><ioc/>',
        FIRST.format("<Indicator>" * (DEEPEST + 1) + "</Indicator>" * (DEEPEST + 1)),
    ],
)  # fmt: skip
def test_what_is_no_such_document_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_openioc(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_value_is_one_value(value: str) -> None:
    escaped = "".join(f"&#{ord(c)};" if ord(c) > 31 else " " for c in value)
    try:
        read = read_openioc(FIRST.format(item("Network/UserAgent", escaped)))
    except Invalid:  # a character that XML has not
        return
    assert len(read.items) == (1 if value.strip() and read.items else 0)
