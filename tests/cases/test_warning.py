# SPDX-License-Identifier: EUPL-1.2
"""A round that warns of many cases: each by its own, once, and together."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Cursor
from tests.cases.conftest import Node
from tests.cases.test_due import in_text, record
from tests.cases.test_keeping import opened
from tests.cases.test_one_by_one import spoilt

from brug.cases import keeping, one_by_one, warning
from brug.cases.acts import Joined
from brug.cases.files import File
from brug.cases.hooks import noting
from brug.store import settings

LETTERS = "SELECT details->>'number', user_id FROM mail_cause ORDER BY id"


@pytest.fixture
def mailing(node: Node) -> Node:
    """The node, from which mail leaves."""
    with node.database.system() as session:
        settings.set_value(session, "mail.host", "127.0.0.1")
        settings.set_value(session, "mail.from", "node@noordland.example")
    return node


def due(node: Node, which: str, user: int, part: str = "") -> File:
    """A case in which an organisation has half an hour left to give early warning."""
    file, part = opened(node), part or str(uuid4())
    with node.database.as_user(node.host) as session:
        doing = Joined(participant=part, org=node.orgs[which], name=which, role="entity")
        keeping.act(session, file.number, doing)
    aware = datetime.now(UTC) - timedelta(hours=23, minutes=30)
    record(node, user, file, "aware_at", in_text(aware), part)
    return file


def come(node: Node, files: Sequence[File]) -> None:
    """The time to warn of them has come, of the last of them first."""
    with node.database.system() as session:
        for minutes, file in enumerate(files, 1):
            session.execute(
                "UPDATE case_file SET next_warning = now() - %s WHERE id = %s",
                (timedelta(minutes=minutes), file.id),
            )


def letters(node: Node) -> list[tuple[str, int]]:
    with node.database.system() as session:
        return [(number, user) for number, user in session.all(LETTERS)]


def test_each_case_warns_those_whom_it_binds_what_came_first_first(mailing: Node) -> None:
    """Also where another node gave who takes part a UUID that another case has."""
    part = str(uuid4())
    ours = due(mailing, "entity", mailing.entity, part)
    theirs = due(mailing, "other", mailing.other, part)
    come(mailing, [ours, theirs])
    warning.warn(mailing.database)
    expected = [(theirs.number, mailing.other), (ours.number, mailing.entity)]
    assert letters(mailing) == expected
    come(mailing, [ours, theirs])
    warning.warn(mailing.database)
    assert letters(mailing) == expected


def test_many_cases_are_asked_of_the_database_as_often_as_one(
    mailing: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [due(mailing, "entity", mailing.entity) for _ in range(4)]
    sent: list[Any] = []
    execute = Cursor.execute

    def counting(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        sent.append(query)
        return execute(self, query, *more, **named)

    monkeypatch.setattr(Cursor, "execute", counting)
    counts = []
    for some in (several[:1], several[1:]):
        come(mailing, some)
        sent.clear()
        warning.warn(mailing.database)
        counts.append(len(sent))
    assert len(letters(mailing)) == 4
    assert counts[0] == counts[1]


def test_whoever_is_killed_loses_no_warning_and_repeats_none(
    mailing: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [due(mailing, "entity", mailing.entity) for _ in range(3)]
    come(mailing, several)
    first, *rest = [(one.number, mailing.entity) for one in reversed(several)]
    note_each, noted = noting.note_each, list[int]()

    def killed(*given: Any) -> None:
        note_each(*given)
        noted.append(1)
        if len(noted) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(one_by_one, "SHARE", 1)
    monkeypatch.setattr(noting, "note_each", killed)
    with pytest.raises(KeyboardInterrupt):
        warning.warn(mailing.database)
    assert letters(mailing) == [first], "what was not committed is not there"
    warning.warn(mailing.database)
    assert letters(mailing) == [first, *rest]


def test_one_that_fails_among_many_is_put_off_and_the_others_are_warned_of_once(
    mailing: Node,
) -> None:
    bad, *good = (due(mailing, "entity", mailing.entity) for _ in range(3))
    spoilt(mailing, bad)
    come(mailing, [*good, bad])
    warning.warn(mailing.database)
    expected = [(one.number, mailing.entity) for one in reversed(good)]
    assert letters(mailing) == expected
    with mailing.database.system() as session:
        later = session.value("SELECT next_warning > now() FROM case_file WHERE id = %s", (bad.id,))
    assert later


def test_a_case_in_which_somebody_writes_keeps_no_other_waiting(mailing: Node) -> None:
    busy, free = (due(mailing, "entity", mailing.entity) for _ in range(2))
    come(mailing, [busy, free])
    with mailing.database.as_user(mailing.host) as session:
        keeping.held(session, busy.number)
        warning.warn(mailing.database)
        assert letters(mailing) == [(free.number, mailing.entity)]
    warning.warn(mailing.database)
    assert letters(mailing) == [(free.number, mailing.entity), (busy.number, mailing.entity)]
