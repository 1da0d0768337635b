# SPDX-License-Identifier: EUPL-1.2
"""What is loaded once or late in the tests is what the libraries would have loaded."""

from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from tests.certified import Authority
from tests.thorough import IS_THOROUGH


def trusted(client: httpx.Client) -> list[object]:
    return client._transport._pool._ssl_context.get_ca_certs()  # type: ignore[attr-defined, no-any-return]


def test_a_client_trusts_whom_the_environment_names_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with httpx.Client() as usual:
        many = trusted(usual)
    alone = tmp_path / "alone.pem"
    alone.write_text(Authority("Alone").pem)
    with monkeypatch.context() as within:
        within.setenv("SSL_CERT_FILE", str(alone))
        with httpx.Client() as other:
            assert len(trusted(other)) == 1
    with httpx.Client() as usual, httpx.Client(verify=False) as lenient:  # noqa: S501 — none is asked
        assert trusted(usual) == many
        assert trusted(lenient) == []


@pytest.mark.skipif(not IS_THOROUGH, reason="the grammar takes three seconds; THOROUGH=1 loads it")
def test_an_internationalised_address_is_checked_by_its_grammar() -> None:
    checking = Draft202012Validator({"format": "iri"}, format_checker=FormatChecker())
    assert checking.is_valid("https://voorbeeld.example/vrágen")
    assert not checking.is_valid("not an address")
