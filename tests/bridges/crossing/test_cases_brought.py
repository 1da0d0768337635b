# SPDX-License-Identifier: EUPL-1.2
"""What a partner brings of a case: whose it is, what is not taken, and in what order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from tests.bridges.crossing.joint import Joint, author_of, brought, forged, shown, taken
from tests.bridges.crossing.triangles import Triangle
from tests.locked_out import until_somebody_waits

from brug.bridges.crossing import case_arrivals, case_entries
from brug.bridges.native import handling
from brug.cases import files
from brug.cases.acts import Joined, Left, Marked, Said
from brug.cases.entries import HIGHEST, encoded, number_at
from brug.model.errors import BrugError, Forbidden, Invalid


@pytest.fixture
def joint(triangle: Triangle) -> Joint:
    return Joint(triangle)


@pytest.mark.parametrize("number", [HIGHEST - 1, -1])
def test_a_clock_that_is_days_ahead_puts_nothing_after_what_others_say(
    joint: Joint, number: int
) -> None:
    one, other = joint.one, joint.other
    joint.join(other, "lead")
    joint.triangle.work()
    wanted = number_at(datetime.now(UTC) + timedelta(days=1, hours=1)) if number < 0 else number
    message = forged(joint, other, author_of(other), Said(text="the last word"), wanted)
    with pytest.raises(Invalid, match="a day ahead"):
        taken(joint, one, other, message)
    assert joint.seen(one).timeline[-1].id != message["event_uuid"]


def test_what_was_passed_on_to_some_before_its_author_brought_it_is_there_already(
    joint: Joint,
) -> None:
    one, other, third = joint.triangle.three
    parts = joint.join(other, "lead"), joint.join(third, "csirt")
    joint.triangle.work()
    lead = next(key for key in joint.seen(one).participants if key not in parts)
    said = joint.act(third, Said(text="to both of you"), (lead, parts[0]))
    assert brought(joint, other, one, said, third) == "added"
    assert brought(joint, other, third, said, third) == "unchanged"


def test_a_restored_node_shows_what_it_once_said_to_some_to_whoever_said_it(joint: Joint) -> None:
    one, other = joint.one, joint.other
    joint.join(other, "handler")
    joint.triangle.work(one, other)
    lead = next(key for key, part in joint.seen(one).participants.items() if part.org == one.org)
    said = joint.act(other, Said(text="to you alone"), (lead,))
    joint.triangle.work(one, other)
    with other.database.system() as session:
        session.execute("DELETE FROM case_entry WHERE uuid = %s", (said.id,))
    assert said.id not in {entry.id for entry in joint.seen(other).timeline}
    assert brought(joint, other, one, said, one) == "added"
    assert said.id in {entry.id for entry in joint.seen(other).timeline}


def test_nobody_speaks_in_anothers_name(joint: Joint) -> None:
    one, other, third = joint.triangle.three
    joint.join(other, "lead")
    joint.join(third, "lead")
    joint.triangle.work()
    before = shown(joint.seen(one))
    for lie in ("host", "third", "unsigned", "altered", "other key"):
        whose = {"host": one, "third": third}.get(lie, other)
        message = forged(joint, other, author_of(whose), Said(text="I resign"))
        if lie == "unsigned":
            message["signature"] = "00" * 64
        if lie == "altered":
            message["entry"] = str(message["entry"]).replace("resign", "agree")
        if lie == "other key":
            message = forged(joint, third, author_of(other), Said(text="I resign"))
        with pytest.raises(Forbidden):
            taken(joint, one, other, message)
        assert shown(joint.seen(one)) == before, lie


def test_a_batch_of_two_cases_holds_up_nobody_in_one_while_it_waits_for_the_other(
    joint: Joint,
) -> None:
    one, other = joint.one, joint.other
    second = Joint(joint.triangle)
    messages = []
    for each in (joint, second):
        each.join(other, "handler")
    joint.triangle.work(one, other)
    for each in (joint, second):
        said = each.act(other, Said(text="seen from here"))
        with other.database.system() as session:
            messages.append(case_entries.message_of_uuid(session, said.id))
    batch = msgspec.json.encode(messages)
    with ThreadPoolExecutor(1) as pool:
        with one.database.system() as session:
            files.lock(session, files.find(session, second.uuid).id)
            answers = pool.submit(handling.handle, one.database, one.bridge(other), batch)
            until_somebody_waits(one.database)
            joint.act(one, Said(text="heard"))
        assert ["receipt" in answer for answer in answers.result()] == [True, True]


def test_what_a_removed_partner_dates_back_is_not_taken_from_it(joint: Joint) -> None:
    one, other = joint.one, joint.other
    part = joint.join(other, "lead")
    joint.triangle.work()
    doing = Joined(
        participant=str(uuid4()), org=str(uuid4()), name="a friend", role="lead",
        node=author_of(other).node,
    )  # fmt: skip
    message = forged(joint, other, author_of(other), doing)
    joint.act(one, Left(participant=part))
    with pytest.raises(case_arrivals.UnknownCase):
        taken(joint, one, other, message)


def test_what_a_role_may_not_do_is_stored_and_changes_nothing(joint: Joint) -> None:
    one, other = joint.one, joint.other
    joint.join(other, "observer")
    joint.triangle.work()
    message = forged(joint, other, author_of(other), Marked(tlp="clear"))
    assert taken(joint, one, other, message) == "added"
    assert taken(joint, one, other, message) == "unchanged"
    case = joint.seen(one)
    assert case.marking.tlp == ""
    assert [one.entry for one in case.ignored] == [message["event_uuid"]]


def test_rubbish_is_refused_by_name(joint: Joint) -> None:
    joint.join(joint.other, "lead")
    joint.triangle.work()
    message = forged(joint, joint.other, author_of(joint.other), Said(text="hello"))
    before = shown(joint.seen(joint.one))
    for change in (
        {"entry": "{}"}, {"entry": "null"}, {"entry": ""}, {"signature": "zz"}, {"public": "00"},
        {"key_id": "mine"}, {"event_uuid": str(uuid4())},
    ):  # fmt: skip
        with pytest.raises(BrugError):
            taken(joint, joint.one, joint.other, message | change)
        assert shown(joint.seen(joint.one)) == before, change


def test_an_entry_travels_as_it_was_signed(joint: Joint) -> None:
    joint.join(joint.other, "lead")
    entry = joint.act(joint.one, Said(text='ünïcode ☂ and \\ " marks'))
    with joint.one.database.system() as session:
        message = case_entries.message_of_uuid(session, entry.id)
    assert message["entry"].encode() == encoded(entry)
