# SPDX-License-Identifier: EUPL-1.2
"""Files for sensors: what their readers take, and that no value gets out of its place.

Suricata's grammar is read by `suricataparser`, YARA by its compiler, XML by a parser; zones
and lists by the shape of their lines.
"""

import re
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import msgspec
import pytest
import suricataparser  # type: ignore[import-untyped]
import yara_x
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import examples

from brug.formats.sensors import rpz, values
from brug.formats.sensors.indicator import EventOf, Indicator, Settings
from brug.formats.sensors.kinds import PIECES
from brug.formats.sensors.table import SENSORS
from brug.formats.xml import escaped
from brug.model.errors import Invalid

NASTY = (
    "\n", "\r\n", '"', ";", "|", "\\", "'", ")", "]]>", "-->", "*/", "<", "&", "\t", "\0",
    "#", "\u2028", "$(id)", "`id`", "%s", "sid:1;", "\ud800", "é", "中",
)  # fmt: skip
RUBBISH = st.lists(
    st.one_of(
        st.sampled_from(NASTY), st.text(max_size=12),
        st.sampled_from(["192.0.2.1", "example.com", "http://h.example/p", "2001:db8::1"]),
    ),
    max_size=6,
).map("".join)  # fmt: skip


def one(kind: str, value1: str, value2: str = "", *, text: str = "", number: int = 7) -> Indicator:
    event = EventOf(
        3, str(uuid4()), "Event " + text, "CSIRT Noordland" + text, 2, "tlp:green" + text
    )
    return Indicator(number, str(uuid4()), kind, value1, value2, text, text, event)


def file(name: str, *indicators: Indicator, **parameters: Any) -> str:
    form = SENSORS[name]
    state = form.read(
        Settings("Noordland", "https://node.example", "2026-11-24T12:00:00", parameters)
    )
    made = form.head(state)
    for section in form.sections:
        made += section.head(state)
        made += "".join(form.lines(i, state, section.kinds) for i in indicators)
    return made + form.tail(state)


def rules(text: str) -> list[Any]:
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    parsed = [suricataparser.parse_rule(line) for line in lines]
    assert all(rule is not None for rule in parsed), lines
    return parsed


SOME = (
    ("ip-dst", "198.51.100.7", ""), ("ip-src", "2001:db8::7", ""), ("ip-dst", "192.0.2.0/24", ""),
    ("ip-dst|port", "198.51.100.7", "443"), ("domain", "bad.example", ""),
    ("hostname", "www.bad.example", ""), ("domain|ip", "two.example", "203.0.113.9"),
    ("url", 'http://bad.example/p;x?q="1"', ""), ("uri", "/gate.php?id=1", ""),
    ("user-agent", "Mozilla/5.0 (x; y)", ""), ("email-src", "a@bad.example", ""),
    ("email-subject", 'Your "invoice"; open', ""), ("md5", "0" * 32, ""),
    ("filename|sha256", "evil.exe", "a" * 64), ("regkey", "HKLM\\Software\\x", ""),
    ("ja3-fingerprint-md5", "b" * 32, ""), ("x509-fingerprint-sha1", "c" * 40, ""),
    ("hassh-md5", "d" * 32, ""), ("mutex", "Global\\evil", ""),
)  # fmt: skip
ALL = [one(*given, number=n) for n, given in enumerate(SOME)]


@pytest.mark.parametrize("name", ["suricata", "snort"])
def test_rules_parse_with_ids_of_their_own(name: str) -> None:
    found = rules(file(name, *ALL))
    assert len(found) >= len(SOME) - 6
    sids = [rule.sid for rule in found]
    assert len(set(sids)) == len(sids)
    assert all(rule.action == "alert" for rule in found)


def test_a_domain_is_matched_with_all_below_it_and_a_host_alone() -> None:
    text = file("suricata", one("domain", "Bad.Example"), one("hostname", "h.bad.example"))
    assert text.count('dotprefix; content:".bad.example"; endswith') == 3
    assert text.count('content:"h.bad.example"; fast_pattern; ') == 3
    assert text.count("bsize:13") == 3


def test_the_first_rule_id_is_a_parameter() -> None:
    (rule,) = rules(file("suricata", one("ip-dst", "192.0.2.1", number=2), sid="5000000"))
    assert rule.sid == 5000020
    with pytest.raises(Invalid):
        file("suricata", sid="x")


def test_a_written_rule_keeps_its_match_and_becomes_ours() -> None:
    text = 'pass tcp any any -> any 80 (msg:"x"; content:"a\\;b"; sid:1; rev:3;)'
    assert rules(file("suricata", one("snort", text))) == []
    text = text.replace("pass", "drop")
    (rule,) = rules(file("suricata", one("snort", text)))
    assert (rule.action, rule.sid) == ("alert", 1000070)
    assert 'content:"a\\;b"' in rule.raw


@pytest.mark.parametrize(
    "text",
    [
        'alert tcp any any -> any any (msg:"x"; lua:evil.lua; sid:1;)',
        'alert tcp any any -> any any (msg:"x"; dataset:set,a,type string,save a; sid:1;)',
        "alert tcp any any -> any any (sid:1;) drop tcp any any -> any any (sid:2;)",
        "alert tcp any any -> any any (sid:1;)\ndrop tcp any any -> any any (sid:2;)",
        'alert tcp any any -> any any (msg:"x; sid:1;)', "rubbish", "",
        "alert tcp any any -> any any (" + 'a:"' * 3000,
    ],
)  # fmt: skip
def test_a_written_rule_that_is_more_than_a_rule_is_left_out(text: str) -> None:
    assert rules(file("suricata", one("snort", text))) == []


@pytest.mark.parametrize("name", sorted(SENSORS))
@settings(max_examples=examples(100))
@given(kind=st.sampled_from(sorted(PIECES)), first=RUBBISH, second=RUBBISH, text=RUBBISH)
def test_no_value_breaks_out(name: str, kind: str, first: str, second: str, text: str) -> None:
    i = one(kind, first, second, text=text)
    made = file(name, i)
    made.encode("utf-8", "replace")
    CHECKS[name](made, i)


def _rules(made: str, _: Indicator) -> None:
    for rule in rules(made):
        assert rule.action == "alert"
        assert 1_000_070 <= rule.sid < 1_000_080
        assert [o.name for o in rule.options].count("sid") == 1


def _yara(made: str, _: Indicator) -> None:
    compiled = list(yara_x.compile(made))
    assert len(compiled) <= 1


def _yara_json(made: str, _: Indicator) -> None:
    read = msgspec.json.decode(made.encode("utf-8", "replace"))
    for item in (*read["generated"], *read["as-is"]):
        yara_x.compile(item["value"])


def _openioc(made: str, i: Indicator) -> None:
    root = ET.fromstring(  # noqa: S314 — our own bytes
        made.encode("utf-8", "replace")
    )
    found = [c.text for c in root.iter("{http://schemas.mandiant.com/2010/ioc}Content")]
    meant = (escaped(i.value1), escaped(i.value2))
    assert {escaped(text or "").replace("\n", "") for text in found} <= {
        re.sub("\r\n?|\n", "", one) for one in meant
    }


ZONE = re.compile(r"(\$TTL 1w;|@ +SOA .*| +NS localhost\.|;.*|[a-z0-9_*.-]+ CNAME \.|)")


def _zone(made: str, _: Indicator) -> None:
    assert all(ZONE.fullmatch(line) for line in made.split("\n")), made
    assert made.isascii()


def _hosts(made: str, _: Indicator) -> None:
    assert re.fullmatch(r"(#[^\n]*\n){2}(0\.0\.0\.0 [a-z0-9_.-]+\n)*", made), made


def _netfilter(made: str, _: Indicator) -> None:
    assert re.fullmatch(r"(ip6?tables -A INPUT -s [0-9a-f:./]+ -j DROP\n)*", made), made


def _zeek(made: str, _: Indicator) -> None:
    lines = made.split("\n")
    assert lines[-1] == ""
    assert [line for line in lines if line.startswith("#")] == lines[:1]
    assert all(len(line.split("\t")) == 7 for line in lines[1:-1])
    assert all(cell for line in lines[1:-1] for cell in line.split("\t"))
    assert not re.search(r"[\r\x00\u2028]", made)


CHECKS = {
    "suricata": _rules, "snort": _rules, "yara": _yara, "yara-json": _yara_json,
    "openioc": _openioc, "rpz": _zone, "hosts": _hosts, "netfilter": _netfilter, "zeek": _zeek,
}  # fmt: skip


def test_yara_compiles_with_hashes_texts_and_written_rules_of_one_name() -> None:
    written = 'import "pe"\nrule same { strings: $a = "x{}" condition: $a and pe.is_pe }'
    compiled = list(yara_x.compile(file("yara", *ALL, one("yara", written), one("yara", written))))
    assert len({rule.identifier for rule in compiled}) == len(compiled)
    assert [rule for rule in compiled if rule.identifier.startswith("MISP_ATTRIBUTE_")] == compiled


@pytest.mark.parametrize(
    "text",
    [
        'include "/etc/passwd"\nrule a { condition: true }', "global rule a { condition: false }",
        "rule a { condition: true } rule b { condition: true }", "rule a { condition: nosuch }",
        "rule a { condition: true", "/* rule a { condition: true }", "rule a",
    ],
)  # fmt: skip
def test_a_written_yara_rule_that_would_spoil_the_file_is_left_out(text: str) -> None:
    made = file("yara", one("yara", text))
    assert list(yara_x.compile(made)) == []
    assert "passwd" not in made


@pytest.mark.parametrize(
    ("value", "owner"),
    [
        ("192.0.2.1", "32.1.2.0.192"), ("192.0.2.77/24", "24.0.2.0.192"),
        ("2001:db8::1", "128.1.zz.db8.2001"), ("2001:db8::/32", "32.zz.db8.2001"),
        ("::1", "128.1.zz"), ("1:2:3:4:5:6:7:8", "128.8.7.6.5.4.3.2.1"), ("x", ""),
    ],
)  # fmt: skip
def test_addresses_in_zones_are_reversed(value: str, owner: str) -> None:
    assert rpz.reversed_address(value) == owner


def test_a_zone_takes_misps_parameters_with_and_without_their_prefix() -> None:
    domain = one("domain", "bad.example")
    assert "bad.example CNAME rpz-drop." in file("rpz", domain, rpz_policy="DROP")
    assert "bad.example CNAME *." in file("rpz", domain, policy="nodata")
    walled = {"policy": "Local-Data", "walled_garden": "192.0.2.9"}
    assert "*.bad.example A 192.0.2.9" in file("rpz", domain, **walled)
    walled["walled_garden"] = "garden.example."
    assert "bad.example CNAME garden.example." in file("rpz", domain, **walled)
    zone = file("rpz", ns="ns1.example.", ns_alt="ns2.example.", email="a@b.example", serial="9",
                ttl="2h")  # fmt: skip
    assert zone.startswith("$TTL 2h;\n@               SOA ns1.example. a.b.example (9 2h 30m")
    assert zone.count(" NS ns") == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("policy", "nosuch"), ("ns", "a b"), ("ns", "x\nevil CNAME ."), ("email", "a b"),
        ("ttl", "1w; evil"), ("serial", "99999999999"), ("walled_garden", ". ; x"),
    ],
)  # fmt: skip
def test_a_zones_parameters_end_nothing(name: str, value: str) -> None:
    given = {"policy": "Local-Data"} if name == "walled_garden" else {}
    with pytest.raises(Invalid, match=f"rpz_{name}"):
        file("rpz", **(given | {name: value}))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1/32", "192.0.2.1"), ("0.0.0.0/0", ""),
        ("2001:DB8::1", "2001:db8::1"), ("fe80::1%eth0", ""), ("192.0.2.01", ""), ("a", ""),
    ],
)  # fmt: skip
def test_addresses_are_canonical_or_nothing(value: str, found: str) -> None:
    assert values.address(value) == found
