# SPDX-License-Identifier: EUPL-1.2
"""Whatever stands in a search, the answer is an answer: never a 500, never more than is seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.conftest import World
from tests.api.search_world import Searching, searching
from tests.thorough import paired, share

from brug.api.misp.search.search_request import FLAGS
from brug.intel.search.filters import FILTERS
from brug.intel.search.listing import PARAMETERS
from brug.store.server import EmbeddedServer

pytestmark = pytest.mark.usefixtures("quiet")

NAMES = sorted({*FILTERS, *FLAGS, "returnFormat", "requested_attributes", "order", "nosuch"})
RUBBISH: list[Any] = [
    "' OR 1=1 --", "1; DROP TABLE attribute", "') UNION SELECT password_hash FROM account --",
    "%27%20OR%20SLEEP(5)", "\\", "\\%", "%\\", "%", "%%%", "!", "!!", "&&", "&&&&", "||", "|", "_",
    "${7*7}", "{{7*7}}", "\u202eabc", "\u0000", "a\u0000b", "\ud800", "\U0010ffff", "ß" * 50,
    "x" * 20_000, "%" + "ab" * 5_000 + "%", "%s", "%(x)s", "%%s", "desc", "a.id desc, (select 1)",
    "0", "-1", "00", "1e309", "NaN", "0x10", "9" * 30, "2147483648", "9223372036854775808",
    "0000-00-00", "10000-01-01", "9999-12-31", "5d", "99999999999d", "-5d", "1h1h",
    "00000000-0000-0000-0000-000000000000", "1/0", "::/0", "0.0.0.0/0", "[", "]", "*", "?",
    0, 1, -1, 2**31, 2**63, 2**200, 1e309, 1.5, -0.0, True, False, None,
    [], {}, [[]], [{}], [None], [True], [1, "a", None], ["!"], [["a"]], [0, 1, 2],
    {"OR": []}, {"OR": [[]]}, {"AND": {"OR": "a"}}, {"NOT": None}, {"x": "y"}, {"": ""},
    {"OR": "a", "or": "b", "NOT": ["!c"]}, ["a"] * 300, ["%abc%"] * 200,
]  # fmt: skip
PATHS = ("/attributes/restSearch", "/events/restSearch", "/objects/restSearch")


@pytest.fixture(scope="module")
def node(embedded: EmbeddedServer, settled: World) -> Iterator[Searching]:
    with searching(embedded, settled) as found:
        yield found


def _fits(value: Any) -> bool:
    return value not in (float("inf"), 2**200) and value != "\ud800"


@pytest.mark.parametrize("name", NAMES)
def test_no_parameter_breaks_a_search(node: Searching, name: str) -> None:
    values = [*filter(_fits, RUBBISH)]
    if name in FLAGS:  # which are all read by one function
        values = [*share(values, name, 3)]
    # All paths hand the same filters to the same search.
    for value, path in paired(values, PATHS, of=name):
        reply = node.ask(path, {name: value}, who="other")
        assert reply.status in {200, 400, 404}, (path, value, reply.content[:300])
        assert b"ourselves" not in reply.content
        assert b"hidden.search" not in reply.content


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_no_parameter_breaks_the_list_of_events(node: Searching, name: str) -> None:
    for value in filter(_fits, RUBBISH):
        reply = node.ask("/events/index", {name: value}, who="other")
        assert reply.status in {200, 400, 404}, (value, reply.content[:300])
        assert b"ourselves" not in reply.content


@pytest.mark.parametrize("form", ["csv", "values", "text", "hashes", "cache", "count"])
def test_no_parameter_breaks_a_format(node: Searching, form: str) -> None:
    names = ("value", "requested_attributes", "tags", "limit")
    for value, name in paired([*filter(_fits, RUBBISH)], names, of=form):
        asked = {"returnFormat": form, name: value}
        reply = node.ask("/attributes/restSearch", asked, who="other")
        assert reply.status in {200, 400}, (name, value, reply.content[:300])
        assert b"hidden.search" not in reply.content


@pytest.mark.parametrize(
    "raw",
    [b'{"value": 1e999}', b'{"value": "\\ud800"}', b'{"limit": 1' + b"0" * 400 + b"}",
     b'{"value": "\xff"}', b"[" * 100_000, b'"text"', b"1", b"null", b"[1]", b'{"a":1}{'],
    ids=range(10),
)  # fmt: skip
def test_no_body_breaks_a_search(node: Searching, raw: bytes) -> None:
    for path in (*PATHS, "/events/index"):
        assert node.ask(path, raw).status in {200, 400, 405}


@pytest.mark.parametrize("tail", [
    "/value:%27", "/limit:abc", "/json/%00", "/returnFormat:nosuch", "/tags:%F0%9F", "/page:-5",
    "/order:x%27", "/json/a/b/c/d/e/f/g/h/i/j/k/l/m", "/sort:%27/direction:x", "/limit:1/%2e%2e",
])  # fmt: skip
def test_no_path_breaks_a_search(node: Searching, tail: str) -> None:
    for path in (*PATHS, "/events/index", "/attributes/index"):
        assert node.ask(path + tail).status in {200, 400, 404, 405}


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["OR", "NOT", "x"]), inner)
    ),
    max_leaves=5,
)


@settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(asked=st.dictionaries(st.sampled_from(NAMES), _values, max_size=4))
def test_no_combination_breaks_a_search(node: Searching, asked: dict[str, Any]) -> None:
    try:
        for path in PATHS:
            assert node.ask(path, asked).status in {200, 400, 404}
    except UnicodeEncodeError:
        return  # no JSON could carry it here
