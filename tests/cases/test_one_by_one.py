# SPDX-License-Identifier: EUPL-1.2
"""A case that cannot be looked at keeps no other waiting; what fails leaves no rights behind."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.cases.conftest import Node
from tests.cases.test_due import in_text, record
from tests.cases.test_keeping import joined, opened

from brug.cases import files, keeping, one_by_one, warning
from brug.cases.acts import Filled, Said
from brug.cases.embargoes import watching
from brug.cases.files import File
from brug.model.errors import Invalid, Unavailable
from brug.store.session import Session


def spoilt(node: Node, file: File) -> None:
    """As by a damaged disk, or another key: its entries cannot be unsealed."""
    with node.database.system() as session:
        session.execute(
            "UPDATE case_entry SET sealed = '\\x00'::bytea WHERE case_id = %s", (file.id,)
        )


def test_a_case_that_cannot_be_read_keeps_no_other_deadline_from_warning(node: Node) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=23)
    bad, good = opened(node), opened(node)
    for file in (bad, good):
        record(node, node.entity, file, "aware_at", in_text(long_ago),
               joined(node, file, "entity", "entity"))  # fmt: skip
    with node.database.system() as session:
        for file, minutes in ((bad, 2), (good, 1)):
            session.execute(
                "UPDATE case_file SET next_warning = now() - %s WHERE id = %s",
                (timedelta(minutes=minutes), file.id),
            )
    spoilt(node, bad)
    warning.warn(node.database)
    with node.database.system() as session:
        warned = {row[0] for row in session.all("SELECT DISTINCT case_id FROM case_warned")}
        again = session.value("SELECT next_warning > now() FROM case_file WHERE id = %s", (bad.id,))
    assert warned == {good.id}
    assert again, "it is not looked at in each round"


def test_a_disclosure_that_cannot_be_read_keeps_no_other_from_being_watched(node: Node) -> None:
    with node.database.as_user(node.host) as session:
        bad, good = (keeping.open_case(session, "disclosure", "A hole") for _ in range(2))
    spoilt(node, bad)
    watching.watch(node.database)
    with node.database.system() as session:
        rows = session.all("SELECT case_id, next > now() FROM case_watch ORDER BY case_id")
    assert dict(rows).keys() == {bad.id, good.id}
    assert dict(rows)[bad.id], "it is looked at later"


def test_what_is_written_while_a_disclosure_is_looked_at_is_looked_at_next(node: Node) -> None:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "disclosure", "A hole")
    with node.database.as_user(node.host) as session:
        session.execute("SELECT 1")  # its transaction, and so its time, begins before the look
        watching.watch(node.database)
        keeping.act(session, file.number, Filled(fields={"summary": "Found"}))
    with node.database.system() as session:
        missed = session.value(
            "SELECT w.stamp = r.stamp FROM case_watch w JOIN case_reading r"
            " ON r.case_id = w.case_id AND r.reader = 0 WHERE w.case_id = %s",
            (file.id,),
        )
    assert missed is False


def test_a_database_that_is_away_ends_the_round(node: Node) -> None:
    looked = list[int]()

    def away(_: Session, number: int) -> None:
        looked.append(number)
        raise Unavailable("the database is away")

    with pytest.raises(Unavailable):
        one_by_one.each(node.database, [1, 2], away, away)
    assert set(looked) == {1}


def fail_with_the_whole(session: Session, file: File) -> None:
    with files.whole(session, file.id):
        assert session.value("SELECT count(*) FROM case_entry")
        raise Invalid("text", "something else")


def test_what_fails_while_the_whole_case_is_at_hand_leaves_nobody_with_it(node: Node) -> None:
    file = opened(node)
    joined(node, file, "entity", "entity")
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Said(text="Ours"), [])
    with node.database.as_user(node.other) as session:
        before = session.value("SELECT current_user")
        with pytest.raises(Invalid):
            fail_with_the_whole(session, file)
        assert session.value("SELECT current_user") == before
        assert session.value("SELECT count(*) FROM case_entry") == 0
