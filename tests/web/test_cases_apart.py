# SPDX-License-Identifier: EUPL-1.2
"""Pages of a case are the same for whoever has not got an entry, whether it is there or not."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from tests.web.casework import do, hire, join, opened
from tests.web.node import Node

from brug.cases.acts import Asked, Attached, Decided, Linked, Planned, Said

PAGES = ("", "/related", "/decisions", "/reading", "/export", "/reports", "/edit", "/severity",
         "/situation", "/crisis")  # fmt: skip
DUE = "2026-11-20T08:00:00Z"


def twin(node: Node, *, hidden: bool) -> str:
    number = opened(node, "Apart")
    join(node, number, "Zuidmark Police", "csirt")
    other = join(node, number, "CSIRT Noordland", "csirt")
    do(node, number, Said(text="For all"))

    def narrow(doing: Any) -> None:
        if hidden:
            entry = do(node, number, doing, to=(other,))
            if isinstance(doing, Said):
                do(node, number, Asked(entry=entry), to=(other,))

    narrow(Said(text="For one of them, about CVE-2026-4711"))
    narrow(Planned(task=str(uuid4()), title="Hidden", due=DUE))
    do(node, number, Decided(question="Cut the line?", outcome="Yes"))
    narrow(Linked(kind="event", uuid=str(uuid4()), title="Hidden"))
    narrow(Attached(document=str(uuid4()), name="h.txt", size=1, sha256="0" * 64,
                    media_type="text/plain"))  # fmt: skip
    do(node, number, Said(text="The last for all"), who="officer")
    narrow(Said(text="The very last"))
    return number


def plain(text: str, number: str) -> str:
    """Without what is another in any two cases, or in any two answers."""
    text = text.replace(number, "NUMBER")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r'(name="csrf" value=|nonce=|content=)"[^"]*"', r"\1x", text)
    text = re.sub(r"<time[^>]*>[^<]*</time>", "TIME", text)
    text = re.sub(r"\d{4}-\d\d-\d\d(T| )\d\d:\d\d(:\d\d)?", "TIME", text)
    return re.sub(r'(id|for)="t-\d+"', r'\1="t-n"', text)


@pytest.fixture(scope="module")
def twins(node: Node) -> tuple[str, str]:
    hire(node)
    return twin(node, hidden=False), twin(node, hidden=True)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_nothing_of_what_its_reader_has_not_got(
    node: Node, twins: tuple[str, str], page: str
) -> None:
    with node.browser("officer") as client:
        answers = [client.get(f"/cases/{number}{page}") for number in twins]
    assert {one.status_code for one in answers} <= {200, 403}
    without, with_it = (plain(one.text, number) for one, number in zip(answers, twins, strict=True))
    assert without == with_it


def test_lists_and_boards_tell_when_the_last_came_that_their_reader_has(
    node: Node, twins: tuple[str, str]
) -> None:
    with node.browser("officer") as client:
        for path in ("/cases?text=Apart", "/cases/board", "/cases/calendar?month=2026-11", "/"):
            text = client.get(path).text
            changed = []
            for number in twins:
                rows = re.findall(rf"(?:<tr|<li)(?:(?!</tr>|</li>).)*?{number}.*?(?:</tr>|</li>)",
                                  text, re.DOTALL)  # fmt: skip
                changed.append([plain(row, number) for row in rows])
            assert changed[0] == changed[1], path
        listed = client.get("/cases?text=Apart").text
    # Written later in the second, but for others: the first and the second stand as they do.
    assert listed.index(twins[1]) < listed.index(twins[0])
    with node.browser("officer") as client:
        do(node, twins[0], Said(text="Now the first is the last"), who="officer")
        other = client.get("/cases?text=Apart").text
        assert other.index(twins[0]) < other.index(twins[1])
