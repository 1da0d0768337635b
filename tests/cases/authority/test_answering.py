# SPDX-License-Identifier: EUPL-1.2
"""What an authority tells an entity, and what that means for both their clocks."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import msgspec
import pytest
from tests.cases.authority.conftest import CAME, Authority, told
from tests.cases.conftest import Node
from tests.cases.reports.made import NOW
from tests.cases.test_keeping import joined, opened

from brug.cases import documents, due, files, keeping
from brug.cases.acts import Left, Recorded, Said
from brug.cases.authority import answering, notification, received
from brug.cases.authority.answering import Feedback, NothingReceived
from brug.cases.authority.notices import ROW, Notice, Received
from brug.cases.clocks.facts import Moment, in_text, moment
from brug.cases.documents import Told
from brug.cases.files import File
from brug.cases.taking_part import NotYours
from brug.model.errors import Invalid

THANKS = Feedback(text="Thank you")


def messages(authority: Authority, number: str, user: int) -> list[str]:
    with authority.session(user) as session:
        case = files.view(session, number)[1]
    return [one.act.text for one in case.timeline if isinstance(one.act, Said)]


def test_feedback_goes_to_the_entity_alone_and_meets_the_clock(authority: Authority) -> None:
    node = authority.node
    file = authority.take(told(summary="Answer me"), organisation=node.orgs["entity"])
    joined(node, file, "other", "observer")
    given = Feedback(text="We see it elsewhere, too.", police="Report it: a crime is likely.")
    case = authority.say(file, lambda session, which: answering.feedback(session, which, given))
    row = authority.row(file, datetime.now(UTC))
    assert row.feedback
    assert row.feedback.status in {"met", "met_late"}
    assert case.fact("response_sent_at", row.mine.id)
    (said,) = messages(authority, file.number, node.entity)
    assert said == (
        "First feedback\nWe see it elsewhere, too.\n\n"
        "Reporting to the police\nReport it: a crime is likely."
    )
    assert messages(authority, file.number, node.other) == []
    first = case.fact("response_sent_at", row.mine.id)
    more = Feedback(text="More of it", guidance="Change the password")
    case = authority.say(file, lambda session, which: answering.feedback(session, which, more))
    assert case.fact("response_sent_at", row.mine.id) == first
    assert len(messages(authority, file.number, node.entity)) == 2


def test_a_request_starts_the_entitys_clock(authority: Authority) -> None:
    node = authority.node
    file = authority.take(told(summary="Ask me"), organisation=node.orgs["entity"])
    until = moment(datetime.now(UTC) + timedelta(days=2), "Europe/Amsterdam")
    authority.say(
        file, lambda session, which: answering.ask(session, which, until, "And the pumps?")
    )
    with authority.session(node.entity) as session:
        case = files.view(session, file.number)[1]
        bound = due.clocks_of(case, due.rules_here(session), datetime.now(UTC))
    clock = next(one.clock for one in bound if one.clock.row.id == "nis2-intermediate")
    assert clock.strict == until.at
    assert clock.is_open
    (said,) = messages(authority, file.number, node.entity)
    assert said.startswith("We ask you for a report")
    assert re.search(r"\+0[12]:00 Europe/Amsterdam\.", said)
    assert said.endswith("And the pumps?")


def test_an_authority_that_takes_part_in_anothers_case_does_the_same(node: Node) -> None:
    """The entity leads the case and sends; the authority confirms when it came."""
    file = opened(node)
    entity = joined(node, file, "host", "entity")
    mine = joined(node, file, "other", "authority")
    authority = Authority(node)
    with authority.session(node.other) as session:
        assert received.listed(session) == []
        with pytest.raises(NothingReceived):
            answering.acknowledge(session, file.number)
        came = moment(datetime.now(UTC) - timedelta(hours=1))
        answering.acknowledge(session, file.number, came)
        (row,) = received.listed(session)
        assert (row.notice.entity, row.notice.is_acknowledged) == (entity, True)
        by, now = due.rules_here(session), datetime.now(UTC)
        (of_file,) = received.of_file(session, files.find(session, file.uuid), by, now)
        assert of_file.mine.id == mine
        until = moment(datetime.now(UTC) + timedelta(days=2))
        answering.ask(session, file.number, until)
        answering.feedback(session, file.number, Feedback(text="Thank you"))
    case = authority.case(file)
    assert case.ignored == []
    assert case.fact("request_at", entity)
    assert [one for one in messages(authority, file.number, node.host) if "received at" in one]


def test_each_entity_of_a_case_is_answered_by_itself(authority: Authority) -> None:
    """NIS2 art. 23(5): within 24 hours of each early warning, not of the first in the case."""
    node = authority.node
    file = authority.take(told(summary="Two struck"), organisation=node.orgs["entity"])
    answered = moment(NOW - timedelta(minutes=30))
    authority.say(file, lambda session, which: answering.feedback(session, which, THANKS, answered))
    (first,) = authority.rows(file)
    second = joined(node, file, "other", "entity")
    name = authority.case(file).participants[second].name
    later = moment(NOW - timedelta(hours=1))
    read = notification.read(told(summary="Two struck, as the second says"))
    warning = msgspec.structs.replace(read, entity=name)
    authority.take(warning, later, into=file.number)

    def rows() -> dict[str, Received]:
        return {row.entity.id: row for row in authority.rows(file)}

    assert set(rows()) == {first.entity.id, second}
    assert (rows()[first.entity.id].since, rows()[second].since) == (CAME.at, later.at)
    assert [rows()[one].is_due for one in (first.entity.id, second)] == [False, True]
    assert rows()[first.entity.id].feedback == first.feedback
    with authority.session() as session:
        case = files.view(session, file.uuid)[1]
        bound = due.clocks_of(case, due.rules_here(session), NOW)
        (queued,) = [one.notice for one in received.listed(session) if one.notice.entity == second]
    clock = next(one.clock for one in bound if one.clock.row.id == ROW)
    assert clock == rows()[second].feedback
    assert clock.strict == later.at + timedelta(hours=24)
    assert (queued.since, queued.is_due) == (later.at, True)
    # The receipt of one is corrected, and the other's stays.
    earlier = moment(NOW - timedelta(hours=2))
    authority.say(
        file, lambda session, which: answering.acknowledge(session, which, earlier, of=name)
    )
    assert (rows()[first.entity.id].since, rows()[second].since) == (CAME.at, earlier.at)
    authority.say(
        file, lambda session, which: answering.feedback(session, which, THANKS, answered, of=name)
    )
    assert not any(row.is_due for row in rows().values())
    assert rows()[first.entity.id].feedback == first.feedback


def test_what_came_of_a_second_entity_runs_though_nobody_confirmed_it(authority: Authority) -> None:
    node = authority.node
    file = authority.take(told(summary="Sent itself"), organisation=node.orgs["entity"])
    authority.say(file, lambda session, which: answering.feedback(session, which, THANKS))
    second = joined(node, file, "other", "entity")
    name = f"nis2-early-warning_{second[:8]}_v1.json"
    with authority.session(node.other) as session:
        documents.attach(session, file.uuid, BytesIO(b"{}"), Told(name=name))
    now = datetime.now(UTC)
    (row,) = [row for row in authority.rows(file, now) if row.entity.id == second]
    assert row.is_due
    assert not row.is_acknowledged
    assert now - row.since < timedelta(minutes=10)


def _sends(node: Node, user: int, file: File, entity: str) -> None:
    name = f"nis2-early-warning_{entity[:8]}_v1.json"
    with node.database.as_user(user) as session:
        documents.attach(session, file.uuid, BytesIO(b"{}"), Told(name=name))


def _says(node: Node, file: File, fact: str, of: str, at: Moment) -> None:
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.uuid, Recorded(fact=fact, at=in_text(at), zone=at.zone, of=of))


def _queued(node: Node, file: File) -> dict[str, Notice]:
    with node.database.as_user(node.host) as session:
        rows = [one.notice for one in received.listed(session) if one.uuid == file.uuid]
    return {one.entity: one for one in rows}


@pytest.mark.parametrize("leaves", [False, True])
def test_a_receipt_said_while_there_was_one_entity_is_of_that_one(node: Node, leaves: bool) -> None:
    """By telephone: nothing else says that it notified; the second one's report is the first."""
    file = opened(node)
    first = joined(node, file, "entity", "entity")
    mine = joined(node, file, "host", "authority")
    called = moment(datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5))
    _says(node, file, "early_warning_received_at", mine, called)
    if leaves:
        with node.database.as_user(node.entity) as session:
            keeping.act(session, file.uuid, Left(participant=first))
    second = joined(node, file, "other", "entity")
    _sends(node, node.other, file, second)
    rows = _queued(node, file)
    assert (rows[first].since, rows[first].is_acknowledged) == (called.at, True)
    assert called.at < rows[second].since
    assert not rows[second].is_acknowledged
    # What is said of the one who answers corrects it, also when there are two.
    sooner = moment(called.at - timedelta(hours=1))
    _says(node, file, "early_warning_received_at", mine, sooner)
    assert _queued(node, file)[first].since == sooner.at
    assert not _queued(node, file)[second].is_acknowledged


def test_what_is_told_to_one_that_is_gone_meets_no_clock_of_another(node: Node) -> None:
    """Nothing can be recorded of one that takes part no more, so it is said of who answers."""
    file = opened(node)
    first = joined(node, file, "entity", "entity")
    second = joined(node, file, "other", "entity")
    mine = joined(node, file, "host", "authority")
    _sends(node, node.other, file, second)
    _sends(node, node.entity, file, first)
    with node.database.as_user(node.entity) as session:
        keeping.act(session, file.uuid, Left(participant=first))
    _says(node, file, "response_sent_at", mine, moment(datetime.now(UTC)))
    rows = _queued(node, file)
    assert [rows[one].is_due for one in (first, second)] == [False, True]


def test_whoever_answers_says_so_of_an_entity_and_not_of_another_who_answers(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    authority = joined(node, file, "host", "authority")
    joined(node, file, "other", "csirt")

    def says(of: str) -> None:
        at = moment(datetime.now(UTC) - timedelta(minutes=1))
        with node.database.as_user(node.other) as session:
            doing = Recorded(fact="response_sent_at", at=in_text(at), zone=at.zone, of=of)
            keeping.act(session, file.number, doing)

    says(entity)
    with pytest.raises(NotYours):
        says(authority)


def test_who_is_no_authority_answers_nothing(authority: Authority) -> None:
    node = authority.node
    file = authority.take(told(summary="Not yours"), organisation=node.orgs["entity"])
    with authority.session(node.entity) as session:
        with pytest.raises(NotYours):
            answering.acknowledge(session, file.number)
        with pytest.raises(NotYours):
            answering.feedback(session, file.number, Feedback(text="x"))
        with pytest.raises(NotYours):
            answering.ask(session, file.number, moment(datetime(2100, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Feedback(text=" "), "text"), (Feedback(text="x", guidance="x" * 20_001), "guidance"),
        (Feedback(text="x", police="x" * 20_001), "police"),
    ],
)  # fmt: skip
def test_feedback_that_does_not_fit_is_refused(
    authority: Authority, given: Feedback, field: str
) -> None:
    file = authority.take(told(summary=f"{field} {len(given.text)}"))
    with authority.session() as session, pytest.raises(Invalid) as caught:
        answering.feedback(session, file.number, given)
    assert caught.value.field == field
    assert not [one for one in authority.case(file).timeline if isinstance(one.act, Said)]


def test_times_that_cannot_be_are_refused(authority: Authority) -> None:
    file = authority.take(told(summary="Times"))
    past, to_come = (moment(datetime.now(UTC) + timedelta(days=days)) for days in (-1, 1))
    with authority.session() as session:
        with pytest.raises(Invalid, match="to come"):
            answering.ask(session, file.number, past)
        with pytest.raises(Invalid, match="past"):
            answering.feedback(session, file.number, Feedback(text="x"), to_come)
        with pytest.raises(Invalid, match="of"):
            answering.feedback(session, file.number, Feedback(text="x"), of="Nobody")
    recorded = [one.act for one in authority.case(file).timeline if isinstance(one.act, Recorded)]
    assert not {one.fact for one in recorded} & {"request_at", "response_sent_at"}
