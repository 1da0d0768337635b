# SPDX-License-Identifier: EUPL-1.2
"""What a test leaves behind does not reach the next one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.conftest import copied
from tests.putting_back import FEW, Spare, put_back_of

from brug.store.server import SUPERUSER, EmbeddedServer

ADD = "INSERT INTO brug.organisation (name, uuid) VALUES (%s, gen_random_uuid()) RETURNING id"
MANY = (
    "INSERT INTO brug.organisation (name, uuid) SELECT 'No. ' || n, gen_random_uuid()"
    f" FROM generate_series(1, {FEW + 1}) n"
)


@pytest.fixture
def spare(embedded: EmbeddedServer, template: str) -> Iterator[Spare]:
    def make(until: ExitStack) -> tuple[str, Callable[[], bool]]:
        owner = make_conninfo(until.enter_context(copied(embedded, template)), user=SUPERUSER)
        return owner, put_back_of(until, owner)

    spare = Spare(make)
    yield spare
    spare.close()


def test_rows_and_numbers_are_put_back_in_the_same_copy(spare: Spare) -> None:
    url = spare.take()
    numbers = []
    for _ in range(3):
        with psycopg.connect(url) as connection:
            numbers.append(connection.execute(ADD, ("Left behind",)).fetchone())
            connection.execute("UPDATE brug.role SET name = name || '!' WHERE id = 3")
            connection.execute("DELETE FROM brug.role WHERE id = 6")
        spare.give_back()
        assert spare.take() == url
        with psycopg.connect(url) as connection:
            left = connection.execute("SELECT count(*) FROM brug.organisation WHERE name ~ '^Left'")
            assert left.fetchone() == (0,)
            roles = connection.execute("SELECT name ~ '!' FROM brug.role WHERE id IN (3, 6)")
            assert roles.fetchall() == [(False,), (False,)]
    assert len(set(numbers)) == 1


def test_what_was_taken_back_counts_as_nothing(spare: Spare) -> None:
    with psycopg.connect(spare.take()) as connection:
        first = connection.execute(ADD, ("Taken back",)).fetchone()
        connection.rollback()
    spare.give_back()
    with psycopg.connect(spare.take()) as connection:
        assert connection.execute(ADD, ("Next",)).fetchone() == first


@pytest.mark.parametrize(
    "doing",
    [
        "CREATE TABLE brug.more (id int)",
        "DROP INDEX brug.galaxy_type",
        MANY,
    ],
    ids=["a table", "an index", "many rows"],
)
def test_another_copy_takes_the_place_of_one_that_was_changed_too_much(
    spare: Spare, doing: str
) -> None:
    before = spare.take()
    with psycopg.connect(before) as connection:
        connection.execute(doing)
    spare.give_back()
    assert spare.take() != before


def test_whoever_still_holds_a_row_is_not_waited_for(spare: Spare) -> None:
    before = spare.take()
    with closing(psycopg.connect(before)) as connection:
        connection.execute(ADD, ("Committed",))
        connection.commit()
        connection.execute("SELECT FROM brug.organisation WHERE name = 'Committed' FOR UPDATE")
        spare.give_back()
    assert spare.take() != before
