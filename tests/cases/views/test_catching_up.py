# SPDX-License-Identifier: EUPL-1.2
"""What is kept of a case that could not be read for a while goes on as before."""

from datetime import datetime

from tests.cases.conftest import Node
from tests.cases.test_one_by_one import spoilt
from tests.cases.test_warning import due

from brug.cases import keeping
from brug.cases.files import File
from brug.cases.views import catching_up


def turns(node: Node, file: File) -> dict[int, datetime | None]:
    """When it becomes another by itself, by reader."""
    with node.database.system() as session:
        query = "SELECT reader, turns FROM case_view WHERE case_id = %s"
        return dict(session.all(query, (file.id,)))


def become_stale(node: Node, *several: File) -> None:
    with node.database.system() as session:
        session.execute(
            "INSERT INTO case_stale SELECT unnest(%s::int[]), now() ON CONFLICT (case_id)"
            " DO UPDATE SET next = excluded.next",
            ([one.id for one in several],),
        )


def test_a_case_that_can_be_read_again_turns_when_it_would_have(node: Node) -> None:
    file = due(node, "entity", node.entity)
    before = turns(node, file)
    assert any(before.values())
    with node.database.system() as session:
        held = session.all("SELECT number, sealed FROM case_entry WHERE case_id = %s", (file.id,))
    spoilt(node, file)
    become_stale(node, file)
    catching_up.catch_up(node.database)
    assert not any(turns(node, file).values()), "it is folded by whoever looks, not in each round"
    with node.database.system() as session:
        for number, sealed in held:
            session.execute("UPDATE case_entry SET sealed = %s WHERE number = %s", (sealed, number))
    become_stale(node, file)
    catching_up.catch_up(node.database)
    assert turns(node, file) == before


def test_a_case_in_which_somebody_writes_keeps_no_other_from_being_made_anew(node: Node) -> None:
    busy, free = (due(node, "entity", node.entity) for _ in range(2))
    become_stale(node, busy, free)
    with node.database.as_user(node.host) as writing:
        keeping.held(writing, busy.number)
        catching_up.catch_up(node.database)
        with node.database.system() as session:
            assert session.all("SELECT case_id FROM case_stale") == [(busy.id,)]
    catching_up.catch_up(node.database)
    with node.database.system() as session:
        assert session.all("SELECT case_id FROM case_stale") == []
