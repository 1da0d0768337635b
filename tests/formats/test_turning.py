# SPDX-License-Identifier: EUPL-1.2
"""No text turns round another: what would is shown by its number."""

from datetime import UTC, datetime

import pytest

from brug.formats import turning
from brug.formats.letter import Letter, composed

OVERRIDE, ISOLATE, POP = "\u202e", "\u2067", "\u202c"


EVERY = [chr(one) for one in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@pytest.mark.parametrize("sign", EVERY)
def test_each_is_shown(sign: str) -> None:
    assert turning.shown(f"a{sign}b") == f"a<{ord(sign):04x}>b"


def test_what_is_written_right_to_left_stays_as_it_is() -> None:
    for text in ("שלום", "سلام", "a\u200fb", "plain"):
        assert turning.shown(text) == text
        assert turning.shown_in_page(f"<p>{text}</p>") == f"<p>{text}</p>"


def test_in_a_page_texts_are_shown_and_fields_are_left() -> None:
    page = (
        f'<title>a{OVERRIDE}b</title><input value="c{OVERRIDE}d"><textarea id="x">\ne{ISOLATE}f'
        f'</textarea><p title="g{POP}h">i{POP}j</p>'
    )
    assert turning.shown_in_page(page) == (
        f'<title>a&lt;202e&gt;b</title><input value="c{OVERRIDE}d"><textarea id="x">\ne{ISOLATE}f'
        f'</textarea><p title="g{POP}h">i&lt;202c&gt;j</p>'
    )


def test_in_a_letter_neither_subject_nor_text_turns_round() -> None:
    made = composed(
        Letter("a@b.example", "c@d.example", f"exe.{OVERRIDE}fdp", f"see exe.{OVERRIDE}fdp\n",
               "<1@b.example>", datetime(2026, 1, 1, tzinfo=UTC))
    )  # fmt: skip
    assert str(made["Subject"]) == "exe.<202e>fdp"
    assert made.get_content().strip() == "see exe.<202e>fdp"
    assert OVERRIDE.encode() not in made.as_bytes()
