# SPDX-License-Identifier: EUPL-1.2
"""What a clock remarks, in each language, with all that it is about."""

import re

import pytest

from brug.cases.clocks.remarks import TEXTS, Remark
from brug.mail.speaking import say_in
from brug.model.languages import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", TEXTS)
def test_a_remark_says_what_it_is_about_in_each_language(code: str, language: str) -> None:
    named = re.findall(r"%\((\w+)\)s", TEXTS[code])
    about = ("one", "other")[: 2 if "any" in named else len(named)]
    said = Remark(code, about).said(say_in(language), str.upper)
    assert all(one.upper() in said for one in about)
    assert "%" not in said
    if language != "en" and code != "settled":  # which says what somebody wrote
        assert said != Remark(code, about).said(say_in("en"), str.upper)
