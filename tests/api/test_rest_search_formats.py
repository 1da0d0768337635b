# SPDX-License-Identifier: EUPL-1.2
"""The formats of restSearch: what a stock MISP's clients and sensors read."""

import csv
import hashlib
import io
from collections.abc import Iterator

import pytest
from tests.api.conftest import World
from tests.api.search_world import ALPHA, Bytes, Searching, searching

from brug.edge.exports import Busy, Exports
from brug.formats.xml import element
from brug.store.server import EmbeddedServer


@pytest.fixture(scope="module")
def node(embedded: EmbeddedServer, settled: World) -> Iterator[Searching]:
    with searching(embedded, settled) as found:
        yield found


def _export(node: Searching, name: str, scope: str = "attributes", **filters: object) -> Bytes:
    reply = node.ask(f"/{scope}/restSearch", {"returnFormat": name, **filters})
    assert reply.status == 200, reply.content
    return reply


def _cells(reply: Bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(reply.content.decode().rstrip("\n") + "\n")))


def test_csv_has_misps_columns_texts_quoted_and_numbers_bare(node: Searching) -> None:
    beta = node.events["beta"]
    reply = _export(node, "csv", eventid=beta["id"])
    first = beta["Attribute"][0]
    lines = reply.content.decode().split("\n")
    assert lines[0] == (
        "uuid,event_id,category,type,value,comment,to_ids,date,object_relation,attribute_tag,"
        "object_uuid,object_name,object_meta_category"
    )
    assert lines[1] == (
        f'"{first["uuid"]}",{beta["id"]},"Network activity","ip-dst","198.51.100.1","",0,'
        f'{first["timestamp"]},"","","","",""'
    )
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert reply.headers["X-Result-Count"] == "2"


def test_csv_says_tags_objects_and_on_demand_the_event(node: Searching) -> None:
    rows = _cells(_export(node, "csv", eventid=node.events["alpha"]["id"], includeContext=1))
    found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    by_value = {row["value"]: row for row in found}
    assert by_value["198.51.100.1"]["attribute_tag"] == "item:one,tlp:green"
    assert by_value["object.exe"]["object_name"] == "file"
    assert {row["event_tag"] for row in found} == {"tlp:red,case:one"}
    assert {row["event_threat_level_id"] for row in found} == {"High"}
    assert {row["event_source_org"] for row in found} == {"Noordland Bank"}


def test_csv_of_everything_says_the_same_tags(node: Searching) -> None:
    rows = _cells(_export(node, "csv", requested_attributes=["value", "attribute_tag"]))
    assert ["198.51.100.1", "item:one,tlp:green"] in rows


def test_columns_can_be_chosen_and_the_header_left_out(node: Searching) -> None:
    beta = node.events["beta"]["id"]
    chosen = ["value", "type", "event_id", "nosuch"]
    rows = _cells(_export(node, "csv", eventid=beta, requested_attributes=chosen, headerless=1))
    assert rows == [["198.51.100.1", "ip-dst", beta, ""], ["other.example", "domain", beta, ""]]


def test_no_cell_is_a_formula_and_one_apostrophe_brings_it_back(node: Searching) -> None:
    rows = _cells(_export(node, "csv", type="text", requested_attributes=["value", "comment"]))
    assert ["'=1+1", "'@sum"] in rows
    assert node.values(value="=1+1") == ["=1+1"]


def test_a_column_name_cannot_be_anything_else(node: Searching) -> None:
    asked = {"returnFormat": "csv", "requested_attributes": ["=cmd|'/c calc'!A0"]}
    assert node.ask("/attributes/restSearch", asked).status == 400


@pytest.mark.parametrize("scope", ["attributes", "events"])
def test_text_is_what_is_published_and_for_detection(node: Searching, scope: str) -> None:
    assert _export(node, "text", scope).content == b"other.example\n"
    draft = _export(node, "text", scope, eventid=node.events["alpha"]["id"])
    assert draft.content == b"\n"
    assert draft.headers["X-Result-Count"] == "0"


def test_values_are_lines_as_they_are(node: Searching) -> None:
    lines = _export(node, "values", org="Noordland Bank").content.decode().split("\n")
    assert "HKLM\\Software\\noordland" in lines
    assert "two.example|198.51.100.2" in lines
    assert lines.count("198.51.100.1") == 2
    texts = _export(node, "values", type="text", to_ids=[0, 1]).content.decode()
    assert texts == "=1+1\n"


def test_hashes_are_the_hash_of_a_named_file_too(embedded: EmbeddedServer, settled: World) -> None:
    published = {**ALPHA, "published": True, "Object": []}
    with searching(embedded, settled) as own:
        added = own.ask("/events/add", published).json["Event"]["id"]
        for scope in ("attributes", "events"):
            reply = _export(own, "hashes", scope, eventid=added)
            assert reply.content == b"d41d8cd98f00b204e9800998ecf8427e\n" * 2


def test_cache_is_the_digest_of_each_value(node: Searching) -> None:
    beta = node.events["beta"]["id"]
    wanted = "".join(
        hashlib.md5(value.encode(), usedforsecurity=False).hexdigest() + "\n"
        for value in ("198.51.100.1", "other.example")
    )
    assert _export(node, "cache", eventid=beta).content.decode() == wanted
    assert _export(node, "cache", eventid="999999").content == b"\n"


def test_count_is_a_number(node: Searching) -> None:
    assert _export(node, "count", value="198.51.100.1").content == b"3"
    assert _export(node, "count", "events", org="Noordland Bank").content == b"3"
    reply = node.ask("/attributes/restSearch",
                     {"returnFormat": "count", "value": "198.51.100.1"}, who="other")  # fmt: skip
    assert reply.content == b"2"


def test_others_export_only_what_they_may_see(node: Searching) -> None:
    for name in ("csv", "values", "cache", "count"):
        mine = node.ask("/attributes/restSearch", {"returnFormat": name, "to_ids": [0, 1]})
        theirs = node.ask(
            "/attributes/restSearch", {"returnFormat": name, "to_ids": [0, 1]}, who="other"
        )
        assert b"hidden" not in theirs.content
        assert mine.content != theirs.content


def test_xml_says_the_same_as_json(node: Searching) -> None:
    alpha = node.events["alpha"]["id"]
    for scope, name in (("attributes", "Attribute"), ("events", "Event")):
        reply = _export(node, "xml", scope, eventid=alpha)
        assert reply.headers["Content-Type"].startswith("application/xml")
        text = reply.content.decode()
        assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<response><' + name)
        assert "<value>198.51.100.1</value>" in text
        assert "<value>Some, &quot;quoted&quot; text\nsecond line</value>" in text
        assert "<to_ids>1</to_ids>" in text


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert element("a", "x\x01<&") == "<a>x\ufffd&lt;&amp;</a>"
    assert element("a", [1, True, None, {"b": []}, "]]>"]) == (
        "<a>1</a><a>1</a><a/><a><b/></a><a>]]&gt;</a>"
    )
    assert element("a", {"no name": 1, "b": 2}) == "<a><b>2</b></a>"


def test_an_unknown_format_is_said_so(node: Searching) -> None:
    reply = node.ask("/attributes/restSearch", {"returnFormat": "nosuch"})
    assert reply.status == 404
    assert reply.json["message"] == "Invalid output format."


def test_past_the_limit_a_client_is_told_to_come_back() -> None:
    exports = Exports(lambda: 1)
    exports.enter()
    with pytest.raises(Busy, match="exports in preparation") as refused:
        exports.filled(lambda out: out.write(b"x" * (3 * 2**20)))
    assert refused.value.headers == {"Retry-After": "15"}
    assert exports.filled(lambda out: out.write(b"short")) == b"short"


def test_a_long_export_comes_back_whole_and_leaves_its_place() -> None:
    exports = Exports(lambda: 1)
    text = bytes(range(256)) * 20_000
    for _ in range(3):
        made = exports.filled(lambda out: out.write(text))
        assert not isinstance(made, bytes)
        with made:
            assert b"".join(made) == text


def test_an_export_over_its_size_names_the_setting() -> None:
    import secrets  # noqa: PLC0415

    exports = Exports(lambda: 1, lambda: 2**20)
    with pytest.raises(Exception, match=r"limits\.export_bytes"):
        exports.filled(lambda out: out.write(secrets.token_bytes(4 * 2**20)))
    exports.enter()
