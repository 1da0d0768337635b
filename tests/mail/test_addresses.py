# SPDX-License-Identifier: EUPL-1.2
"""An address is taken where a letter can name it, so that none is found out when it should go."""

from datetime import UTC, datetime

import pytest

from brug.formats.letter import Letter, composed, is_deliverable
from brug.model.errors import Invalid
from brug.store.settings_accounts import mail_address

FITS = ["duty@csirt.example", "o'b+c@x.example", "a@xn--bcher-kva.example"]
NOT = [
    "", "a", "a@", "a..b@x.example", ".a@x.example", "jos\u00e9@x.example", "a@b\u00fccher.example",
    "a(b)@x.example", "a@x.example\nBcc: b@x.example", "a@x.example, b@x.example",
]  # fmt: skip


def letter(to: str) -> bytes:
    made = Letter("n@x.example", to, "s", "t", "<1@x.example>", datetime.now(UTC))
    return composed(made).as_bytes()


@pytest.mark.parametrize("address", FITS)
def test_what_a_letter_can_name_is_deliverable(address: str) -> None:
    assert is_deliverable(address)
    assert f"To: {address}".encode() in letter(address)


@pytest.mark.parametrize("address", NOT)
def test_what_no_letter_names_as_it_stands_is_not(address: str) -> None:
    assert not is_deliverable(address)
    if address:
        assert mail_address(address) == "an e-mail address"
    try:
        assert f"To: {address}\r\n".encode() not in letter(address)
    except Invalid as error:
        assert error.field == "address"  # noqa: PT017
