# SPDX-License-Identifier: EUPL-1.2
"""Who says that they have read what: who is asked, who learns of it, whom the node reminds."""

from uuid import uuid4

import msgspec
import pytest
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined, opened, seen

from brug.cases import keeping
from brug.cases.acts import Acknowledged, Asked, Filled, Left, Moved, Recorded, Said
from brug.cases.crisis import acknowledging, receipts
from brug.cases.crisis.telling import reading_of
from brug.cases.entries import Author, Entry, decoded, encoded
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import KINDS
from brug.cases.taking_part import NotYours
from brug.formats.canonical import canonical
from brug.model.errors import Conflict, Invalid, NotFound


def say(node: Node, file: File, *to: str, by: int | None = None) -> str:
    with node.database.as_user(by or node.host) as session:
        return keeping.act(session, file.number, Said(text="Shut the gate"), to).id


def ask(node: Node, file: File, entry: str, by: int | None = None) -> Entry:
    with node.database.as_user(by or node.host) as session:
        return acknowledging.ask(session, file.number, entry)


def acknowledge(node: Node, file: File, entry: str, by: int) -> Entry:
    with node.database.as_user(by) as session:
        return acknowledging.acknowledge(session, file.number, entry)


def reminded(node: Node, user: int) -> int:
    with node.database.as_user(user) as session:
        return sum(one.count for one in receipts.reminders(session))


def test_all_who_have_it_are_asked_reminded_and_shown_until_they_say_so(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    observer = joined(node, file, "other", "observer")
    entry = say(node, file)
    assert (reminded(node, node.entity), reminded(node, node.other)) == (0, 0)
    ask(node, file, entry)
    assert (reminded(node, node.entity), reminded(node, node.other)) == (1, 1)
    assert reminded(node, node.host) == 0, "nobody is asked about what they wrote"
    said = acknowledge(node, file, entry, node.other)
    assert (reminded(node, node.entity), reminded(node, node.other)) == (1, 0)
    (one,) = receipts.readings(seen(node, node.host, file))
    told = {part.id: by.id if by else None for part, by in one.rows}
    assert told == {entity: None, observer: said.id}
    with pytest.raises(Conflict):
        acknowledge(node, file, entry, node.other)
    with pytest.raises(Conflict):
        ask(node, file, entry)


def test_what_is_for_some_is_asked_of_them_and_hidden_from_others(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    joined(node, file, "other", "handler")
    entry = say(node, file, entity)
    asked = ask(node, file, entry)
    said = acknowledge(node, file, entry, node.entity)
    assert set(asked.to) == set(said.to)
    assert entity in asked.to
    hidden = seen(node, node.other, file)
    assert not {entry, asked.id, said.id} & {one.id for one in hidden.timeline}
    assert (hidden.asked, hidden.read, reminded(node, node.other)) == ({}, {}, 0)
    with node.database.as_user(node.other) as session:
        assert session.value("SELECT count(*) FROM case_unread") == 0
    for user in (node.other, node.without):
        with pytest.raises(NotFound):
            acknowledge(node, file, entry, user)
    with pytest.raises(NotFound):
        acknowledge(node, file, str(uuid4()), node.other)


def test_only_the_author_or_the_lead_asks_and_only_of_what_can_be_read(node: Node) -> None:
    file = opened(node)
    joined(node, file, "entity", "entity")
    joined(node, file, "other", "handler")
    theirs = say(node, file, by=node.entity)
    with pytest.raises(NotYours):
        ask(node, file, theirs, node.other)
    ask(node, file, theirs)
    fact = Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone="UTC")
    with node.database.as_user(node.host) as session:
        other = keeping.act(session, file.number, fact).id
    with pytest.raises(NotFound):
        ask(node, file, other)


def test_the_table_is_for_the_author_and_the_lead_and_others_see_their_own(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    other = joined(node, file, "other", "handler")
    ask(node, file, say(node, file))

    def shown(user: int) -> list[str]:
        case = seen(node, user, file)
        with node.database.as_user(user) as session:
            return [
                row.participant
                for one in reading_of(case, keeping.author(session)).readings
                for row in one.rows
            ]

    assert (shown(node.host), shown(node.entity)) == ([entity, other], [entity])


def test_whoever_left_or_whose_case_is_over_is_not_reminded(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    joined(node, file, "other", "handler")
    ask(node, file, say(node, file))
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Left(participant=entity))
    assert (reminded(node, node.entity), reminded(node, node.other)) == (0, 1)
    with node.database.as_user(node.host) as session:
        doing = Moved(machine="phase", trigger="dismiss", leaves="detection", because="spam")
        keeping.act(session, file.number, doing)
    assert reminded(node, node.other) == 0


def test_entries_that_are_no_names_are_refused(node: Node) -> None:
    file = opened(node)
    with node.database.as_user(node.host) as session:
        for doing in (Asked(entry="x"), Acknowledged(entry="'); DROP")):
            with pytest.raises(Invalid):
                keeping.act(session, file.number, doing)


LATER = Entry(
    id=str(uuid4()), case=str(uuid4()), author=Author(str(uuid4()), str(uuid4()), 1),
    at="2026-11-27T08:00:00Z", knows={}, act=Filled(fields={}),
)  # fmt: skip


@pytest.mark.parametrize(
    "act",
    [
        {"what": "voted", "for": ["a", {"b": 1}], "because": "so"},
        {"what": "said", "text": "hello", "tone": "stern", "because": ""},
    ],
)
def test_an_act_of_a_later_version_is_kept_as_it_came_and_changes_nothing(
    act: dict[str, object],
) -> None:
    node = LATER.author.node
    plain = msgspec.to_builtins(LATER) | {"act": act, "knows": {node: 1}}
    data = canonical(plain)
    entry = decoded(data)
    assert encoded(entry) == data, "the bytes that were signed"
    case = fold(KINDS["incident"], [entry])
    assert case.timeline == []
    assert len(case.ignored) == 1


@pytest.mark.parametrize(
    "act",
    [{"what": "said"}, {"what": "said", "text": 3}, {"text": "x"}, {"what": 3}, "said", None, []],
)
def test_what_is_no_act_of_any_version_is_still_refused(act: object) -> None:
    plain = msgspec.to_builtins(LATER) | {"act": act, "knows": {LATER.author.node: 1}}
    with pytest.raises(Invalid):
        decoded(msgspec.json.encode(plain))
