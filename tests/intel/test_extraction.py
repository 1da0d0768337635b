# SPDX-License-Identifier: EUPL-1.2
"""Values in texts: names in other letters than ASCII, and signs in brackets."""

import pytest

from brug.intel.feed.recognising import one_value
from brug.intel.intake.extraction import extract, fanged

NAME = "bücher-evil.de"
SPELT = "xn--bcher-evil-9db.de"


def values(text: str) -> list[tuple[str, str]]:
    return [(one.checked.type, one.value) for one in extract(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NAME, [("domain", SPELT)]),
        ("bu\u0308cher-evil.de", [("domain", SPELT)]),
        ("over bücher[.]evil[.]com gesproken", [("domain", "xn--bcher-kva.evil.com")]),
        (
            "\u0430pple.com, naïve.com",
            [("domain", "xn--pple-43d.com"), ("domain", "xn--nave-6pa.com")],
        ),
        (
            f"mail a@{NAME} of http://{NAME}/x",
            [("email", f"a@{NAME}"), ("url", f"http://{NAME}/x")],
        ),
        ("http://evil.com/bücher.html", [("url", "http://evil.com/bücher.html")]),
        ("ook café.Zie evil.com", [("domain", "evil.com")]),
        ("访问evil.com下载", [("domain", "evil.com")]),
    ],
)
def test_a_name_in_other_letters_is_one_name_and_not_the_end_of_it(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert values(text) == expected


def test_a_cell_with_a_name_in_other_letters_is_that_name() -> None:
    found = one_value(NAME)
    assert found is not None
    assert (found.checked.type, found.checked.value1) == ("domain", SPELT)


@pytest.mark.parametrize("text", ["hxxps[://]evil.com[/]a", "hxxps[:]//evil[.]com[/]a"])
def test_slashes_in_brackets_are_slashes(text: str) -> None:
    assert fanged(text) == "https://evil.com/a"
    assert values(f"see {text} now") == [("url", "https://evil.com/a")]
    found = one_value(text)
    assert found is not None
    assert found.value == "https://evil.com/a"
