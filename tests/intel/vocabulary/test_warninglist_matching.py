# SPDX-License-Identifier: EUPL-1.2
"""Which values are on which enabled warninglists."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intel.vocabulary.conftest import Node

from brug.intel.vocabulary import listing, matching, warninglists
from brug.intel.vocabulary.networks import Networks, pack
from brug.intel.vocabulary.patterns import TOGETHER, Expressions, problem
from brug.intel.vocabulary.substrings import Needles
from brug.intel.vocabulary.warninglists import Draft, Entry
from brug.model.value_key import fold
from brug.store.session import Session


def names(session: Session, *values: tuple[str, str, str]) -> list[list[str]]:
    return [[hit.name for hit in hits] for hits in matching.match(session, values)]


def switch(node: Node, slug: str, on: bool) -> int:
    with node.database.system() as session:
        list_id = int(session.value("SELECT id FROM warninglist WHERE slug = %s", [slug]))
        chosen = warninglists.warninglist(session, list_id)
        warninglists.set_enabled(session, chosen, on)
    return list_id


def own_list(node: Node, kind: str, entries: Sequence[str], types: Sequence[str]) -> int:
    with node.database.system() as session:
        made = warninglists.add(
            session,
            Draft(
                name=f"own {kind}",
                kind=kind,
                description="",
                category="known",
                types=list(types),
                entries=[Entry(entry, None) for entry in entries],
            ),
        )
        warninglists.set_enabled(session, made, True)
    return made.id


def user(node: Node, *values: tuple[str, str, str]) -> list[list[str]]:
    with node.database.as_user(node.user_id) as session:
        return names(session, *values)


def test_answers_stand_in_the_order_of_the_questions(session: Session) -> None:
    hits = matching.match(
        session,
        [("ip-dst", "198.51.100.7", ""), ("ip-dst", "10.1.2.3", ""), ("md5", "f" * 32, "")],
    )
    assert [len(found) for found in hits] == [0, 1, 0]
    assert hits[1][0].match == "10.0.0.0/8"
    assert hits[1][0].value == "10.1.2.3"
    assert hits[1][0].category == "false_positive"


def test_an_exact_list_takes_the_value_whatever_its_case_and_not_its_children(
    session: Session,
) -> None:
    google = "List of known google domains"
    assert google in names(session, ("domain", "GOOGLE.com", ""))[0]
    assert google not in names(session, ("domain", "not.google.example.google.com", ""))[0]


def test_a_list_speaks_only_of_the_types_it_names(session: Session) -> None:
    empty = "d41d8cd98f00b204e9800998ecf8427e"
    assert names(session, ("md5", empty, ""), ("text", empty, ""))[1] == []
    assert names(session, ("md5", empty, ""))[0]


def test_either_part_of_a_composite_can_be_on_a_list(session: Session) -> None:
    assert names(session, ("filename|md5", "a.txt", "d41d8cd98f00b204e9800998ecf8427e"))[0]
    assert names(session, ("domain|ip", "c2.example", "10.0.0.1"))[0]
    assert names(session, ("ip-dst|port", "10.0.0.1", "443"))[0]


def test_a_network_is_on_a_list_only_if_the_list_holds_all_of_it(session: Session) -> None:
    assert names(session, ("ip-dst", "10.2.0.0/16", ""))[0]
    assert not names(session, ("ip-dst", "10.0.0.0/7", ""))[0]


def test_a_host_list_takes_subdomains_urls_and_ports_but_no_lookalikes(fresh_node: Node) -> None:
    own_list(fresh_node, "hostname", [".Shop.Example.", "example.net"], ["domain", "url"])
    assert user(
        fresh_node,
        ("domain", "shop.example", ""),
        ("domain", "www.shop.example", ""),
        ("domain", "myshop.example", ""),
        ("domain", "shop.example.com", ""),
        ("url", "https://user:pw@www.shop.example:8443/a?b#c", ""),
        ("url", "https://other.example/www.shop.example", ""),
        ("domain", "example.net.", ""),
    ) == [["own hostname"], ["own hostname"], [], [], ["own hostname"], [], ["own hostname"]]


def test_a_substring_list_finds_its_entries_anywhere(fresh_node: Node) -> None:
    own_list(fresh_node, "substring", ["@throwaway.example", "abc", "x"], ["email-src"])
    assert user(
        fresh_node,
        ("email-src", "me@Throwaway.Example", ""),
        ("email-src", "me@mailbox.org", ""),
        ("email-src", "ZABC@mailbo.org", ""),
    ) == [["own substring"], ["own substring"], ["own substring"]]
    assert user(fresh_node, ("email-src", "me@mail.org", "")) == [[]]


def test_a_regular_expression_list_hits_what_any_of_its_entries_hits(fresh_node: Node) -> None:
    own_list(fresh_node, "regex", ["/^ops\\@.*\\.example$/i", "#^\\d{3}$#"], ["ALL"])
    assert user(
        fresh_node, ("email-src", "OPS@a.example", ""), ("text", "123", ""), ("text", "1234", "")
    ) == [["own regex"], ["own regex"], []]


# What PHP's preg_match makes of them (PCRE2).
AS_PHP: list[tuple[str, list[str], list[str]]] = [
    (r"/\bbank\b/", ["bank", "the bank, closed"], ["embankment", "banks", "\b"]),
    (r"/\Bank/", ["bank"], ["ank"]),
    (r"/^abc$/", ["abc"], ["xabc", "abcx", "x\nabc"]),
    (r"/^abc$/m", ["abc", "x\nabc\ny"], ["xabc"]),
    (r"/\Aabc\z/m", ["abc"], ["x\nabc\ny"]),
    (r"/ops@EXAMPLE\.com/i", ["OPS@example.COM"], ["ops@example-com"]),
    (r"/ops@EXAMPLE\.com/", ["ops@EXAMPLE.com"], ["ops@example.com"]),
    (r"/(?i)abc/", ["xABCx"], ["xABx"]),
    (r"/^a\/b/", ["a/b/c"], ["a\\b"]),
    ("#^https?://#", ["https://x.example"], ["ftp://x.example"]),
    (r"~^/etc/~", ["/etc/passwd"], ["/home/etc/"]),
    (r"{^\d{2,3}$}", ["12", "123"], ["1", "1234"]),
    (r"(^(a|b)c$)i", ["AC", "bc"], ["cc"]),
    ("/a.c/", ["abc"], ["a\nc"]),
    ("/a.c/s", ["a\nc"], ["ac"]),
    (r"/^[[:xdigit:]]{4}$/D", ["09aF"], ["09ag"]),
    (r"/^\w+\s\w+$/", ["two words"], ["one", "two  words"]),
    (r"/^\x41\.\Q.*\E$/", ["A..*"], ["A.ab"]),
    (r"/bcd/A", ["bcde"], ["abcd"]),
    (r"/^\p{Cyrillic}+$/u", ["привет"], ["privet"]),
    ("/twice/g", ["not twice"], ["once"]),
]


@pytest.mark.parametrize(("entry", "on", "off"), AS_PHP)
def test_a_pattern_of_a_list_means_what_it_means_to_php(
    entry: str, on: list[str], off: list[str]
) -> None:
    assert not problem(entry)
    for among in ([(1, entry)], [(7, "/never/"), (1, entry), (8, "/neither/")]):
        found = Expressions(among)
        assert [found.within(value) for value in on] == [{1: entry}] * len(on)
        assert [found.within(value) for value in off] == [{}] * len(off)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("/(?=ahead)a/", "Looking around"),
        (r"/(a*)\1/", "back references"),
        ("/a++/", "possessive"),
        ("/a b/x", "no flags but"),
        ("no delimiter", "delimiters"),
        ("^bank", "delimiters"),
        ("/bad(/", "cannot be used"),
        ("", "delimiters"),
        ("/a/b/", "delimiters"),
    ],
)
def test_what_cannot_be_run_hits_nothing_and_says_why(entry: str, why: str) -> None:
    assert why in problem(entry)
    assert Expressions([(1, entry), (2, "/a/")]).within("a ahead") == {2: "/a/"}


def test_a_list_names_the_first_of_its_entries_that_hits() -> None:
    found = Expressions([(2, "/c/"), (2, "/a/"), (1, "/b/"), (1, "/a/")])
    assert found.within("abc") == {2: "/c/", 1: "/b/"}
    assert found.within("a") == {2: "/a/", 1: "/a/"}


def test_large_expressions_are_run_as_well_as_small_ones() -> None:
    large = "/^" + "|".join(f"(?:x{n}y{{{n}}}){{20}}" for n in range(1, 30)) + "$/"
    huge = "/^(?:a?){1000}(?:b?){1000}c{1000}$/"
    lists = [(1, large), (2, huge), *((n, f"/^v{n}$/") for n in range(3, 600))]
    found = Expressions(lists)
    assert found.within("v77") == {77: "/^v77$/"}
    assert found.within("x1y" * 20) == {1: large}
    assert found.within("a" * 10 + "c" * 1000) == {2: huge}
    many = Expressions((n, f"/^(?:[a-z]{{{n}}}\\d){{20}}$/") for n in range(1, 100))
    assert many.within("abc1" * 20) == {3: r"/^(?:[a-z]{3}\d){20}$/"}
    assert len(many._sets) > 1, f"more than {TOGETHER} together"


@given(
    st.lists(st.text("ab|.*?+^$()[]\\dwb-i/", min_size=1, max_size=8), max_size=6),
    st.lists(st.text("ab1 \n-", max_size=12), min_size=1, max_size=5),
)
def test_together_they_hit_what_each_hits_by_itself(bodies: list[str], values: list[str]) -> None:
    entries = [(number, f"#{body}#i") for number, body in enumerate(bodies)]
    together = Expressions(entries)
    for value in values:
        alone = [Expressions([one]).within(value) for one in entries]
        assert together.within(value) == {k: v for found in alone for k, v in found.items()}


def test_what_a_list_cannot_run_is_told_where_it_is_shown_and_switched_on(
    fresh_node: Node,
) -> None:
    entries = ["/fine/", "/(?<=behind)x/", "/once/g"]
    with fresh_node.database.system() as session:
        list_id = int(session.value(
            "INSERT INTO warninglist (name, kind, description, category, version, entry_count,"
            " is_default, slug) VALUES ('Published', 'regex', '', 'known', 1, 3, true, 'published')"
            " RETURNING id"
        ))  # fmt: skip
        session.execute(
            "INSERT INTO warninglist_type (warninglist_id, type) VALUES (%s, 'text')", [list_id]
        )
        listing.put_entries(session.connection, list_id, "regex", entries)
    _, shown = fresh_node.ask("GET", f"/warninglists/view/{list_id}")
    (told,) = shown["Warninglist"]["not_run"]
    assert (told["warninglist"], told["value"]) == ("Published", "/(?<=behind)x/")
    assert "Looking around" in told["reason"]
    for path, body in (
        ("/warninglists/toggleEnable", {"id": list_id, "enabled": True}),
        (f"/warninglists/enableWarninglist/{list_id}/true", None),
    ):
        status, said = fresh_node.ask("POST", path, body)
        assert (status, said["not_run"]) == (200, [told])
    assert user(fresh_node, ("text", "fine", ""), ("text", "behindx", "")) == [["Published"], []]
    _, said = fresh_node.ask("POST", "/warninglists/toggleEnable", {"id": list_id})
    assert "not_run" not in said, "it is off now"


def test_a_hostile_regular_expression_ends_and_one_with_a_back_reference_is_refused(
    fresh_node: Node,
) -> None:
    own_list(fresh_node, "regex", ["/^(a+)+$/"], ["text"])
    assert user(fresh_node, ("text", "a" * 2000 + "!", "")) == [[]]
    status, said = fresh_node.ask(
        "POST",
        "/warninglists/add",
        {"name": "n", "type": "regex", "entries": "/(a*)\\1b/", "matching_attributes": ["text"]},
    )
    assert status == 403
    assert "back references" in said["errors"]["entries"][0]


def test_switching_a_list_acts_on_the_next_question_of_every_session(fresh_node: Node) -> None:
    asked = ("domain", "www.bmw.de", "")
    assert user(fresh_node, asked) == [[]]
    switch(fresh_node, "dax30", on=True)
    assert user(fresh_node, asked) == [["List of known dax30 webpages"]]
    switch(fresh_node, "dax30", on=False)
    assert user(fresh_node, asked) == [[]]


def test_a_deleted_list_matches_nothing(fresh_node: Node) -> None:
    list_id = own_list(fresh_node, "string", ["gone.example"], ["domain"])
    assert user(fresh_node, ("domain", "gone.example", "")) == [["own string"]]
    assert fresh_node.ask("POST", f"/warninglists/delete/{list_id}")[0] == 200
    assert user(fresh_node, ("domain", "gone.example", "")) == [[]]


@pytest.mark.parametrize(
    "asked",
    [
        ("domain", "example.com", ""),
        ("hostname", "www.example.org", ""),
        ("ip-dst", "192.0.2.1", ""),
        ("ip-dst", "198.51.100.1", ""),
        ("ip-src", "203.0.113.1", ""),
        ("ip-src", "2001:db8::1", ""),
        ("url", "https://c2.example/a", ""),
    ],
)
def test_documentation_values_correlate_so_that_people_can_train_on_them(
    session: Session, asked: tuple[str, str, str]
) -> None:
    assert matching.match(session, [asked]) == [[]]


def test_odd_values_are_on_no_list_and_break_nothing(session: Session) -> None:
    odd = ["", ".", "//", "[", "http://[::1", "xn--", "/" * 50, "1.2.3.4/99", "::/", "\u202e.com"]
    asked = [("", value, "") for value in [*odd, "a" * 100_000, "." * 2000, "é" * 2000]]
    assert len(matching.match(session, asked)) == len(asked)


_networks = st.one_of(
    st.builds(
        lambda number, length: str(ip_network((number, length), strict=False)),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda number, length: str(ip_network((number << 96, length), strict=False)),
        st.integers(0, 2**32 - 1),
        st.integers(0, 128),
    ),
)


@given(
    st.lists(st.lists(_networks, max_size=8), min_size=1, max_size=4),
    st.lists(_networks, min_size=1, max_size=8),
)
def test_networks_are_found_as_by_comparing_with_each(
    lists: list[list[str]], asked: list[str]
) -> None:
    packed = {number: pack(entries) for number, entries in enumerate(lists)}
    index = {
        4: Networks(4, ((number, v4) for number, (v4, _) in packed.items())),
        6: Networks(6, ((number, v6) for number, (_, v6) in packed.items())),
    }
    for text in [*asked, *(text.partition("/")[0] for entries in lists for text in entries)]:
        wanted = ip_network(text, strict=False)
        expected = {}
        for number, entries in enumerate(lists):
            around = [
                network
                for network in map(ip_network, entries)
                if network.version == wanted.version
                and int(network.network_address) <= int(wanted.network_address)
                and int(network.broadcast_address) >= int(wanted.broadcast_address)
            ]
            if around:
                expected[number] = str(min(around, key=lambda network: network.prefixlen))
        found = index[wanted.version].containing(
            int(wanted.network_address), int(wanted.broadcast_address)
        )
        assert {n: ip_network(t) for n, t in found.items()} == {
            n: ip_network(t) for n, t in expected.items()
        }


@given(st.lists(st.text("ab.", min_size=1, max_size=6), max_size=6), st.text("ab.", max_size=20))
def test_substrings_are_found_as_by_trying_each(entries: list[str], value: str) -> None:
    found = Needles((number, entry) for number, entry in enumerate(entries)).within(value)
    assert found == {number: entry for number, entry in enumerate(entries) if entry in value}


@given(st.text(max_size=30))
def test_no_entry_stops_the_others(entry: str) -> None:
    found = Expressions([(1, entry), (2, "/a/")]).within("a")
    assert found.pop(2) == "/a/"
    assert found in ({}, {1: entry})


def test_a_longer_ipv6_spelling_is_the_same_address(session: Session) -> None:
    assert fold("2001:4860:4860:0:0:0:0:8888") == fold("2001:4860:4860::8888")
    assert ip_address("2001:4860:4860::8888") in ip_network("2001:4860:4860::8888/128")
    assert names(session, ("ip-dst", "2001:4860:4860:0:0:0:0:8888", ""))[0]
