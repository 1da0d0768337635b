# SPDX-License-Identifier: EUPL-1.2
"""Which language somebody asks for, whatever else is said."""

import pytest

from brug.model.languages import accepted, of_locale


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("nl", "nl"), ("nl-BE,nl;q=0.9,en;q=0.8", "nl"), ("en;q=0.5, nl;q=0.4", "en"),
        ("de, nl;q=0.1", "nl"), ("de", "en"), ("nl;q=x", "en"), (";q=1,,=", "en"),
        ("x" * 600 + ",nl", "en"), ("en; q=0.1, NL-be; q=0.9", "nl"), ("nl;q=0", "en"),
        ("nl;q=0, en;q=0.1", "en"),
    ],
)  # fmt: skip
def test_what_a_client_prefers_of_what_there_is(header: str, language: str) -> None:
    assert accepted(header) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"), ({"LANG": "nl_NL.UTF-8"}, "nl"), ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "nl_NL"}, "en"), ({"LC_ALL": "", "LC_MESSAGES": "nl"}, "nl"),
        ({"LANG": "de_DE"}, "en"), ({"LANG": "nl@euro"}, "nl"),
    ],
)  # fmt: skip
def test_what_a_terminal_speaks(environment: dict[str, str], language: str) -> None:
    assert of_locale(environment) == language
