# SPDX-License-Identifier: EUPL-1.2
"""What every other test relies on."""

from collections.abc import Callable

import psycopg


def test_a_test_gets_a_database_of_its_own_as_the_application(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select current_user, current_database()").fetchone()
    assert row is not None
    assert row[0] == "brug_app"
    assert row[1].startswith("test_")


def test_the_owner_can_be_asked_for(database_url: str, as_role: Callable[[str, str], str]) -> None:
    with psycopg.connect(as_role(database_url, "brug_owner")) as connection:
        assert connection.execute("select current_user").fetchone() == ("brug_owner",)
