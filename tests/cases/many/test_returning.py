# SPDX-License-Identifier: EUPL-1.2
"""Where the code of a finder without an account leads after their case was merged."""

from collections.abc import Callable

import msgspec
import pytest
from tests.cases.many.conftest import World

from brug.cases import files, intake, merging, returning
from brug.cases.acts import Left, Said
from brug.cases.case import Participant
from brug.cases.files import File
from brug.cases.intake import Taken
from brug.cases.merging import Take
from brug.cases.returning import Conversation, NoIntake
from brug.store import settings

Reporting = Callable[[str], Taken]


@pytest.fixture
def reported(world: World) -> Reporting:
    with world.database.system() as session:
        host = session.value("SELECT org_id FROM account WHERE id = %s", (world.ids["lead"],))
        settings.set_value(session, "node.host_org_id", host)
        settings.set_value(session, "cases.intake", True)
        settings.set_value(session, "cases.intake_hourly", 1000)

    def report(what: str) -> Taken:
        given = {"products": [f"product of {what}"], "summary": [f"summary of {what}"]}
        with world.database.system() as session:
            return intake.report(session, given, f"Name of {what}")

    return report


def look(world: World, code: str) -> Conversation:
    with world.database.system() as session:
        return returning.look(session, code)


def answer(world: World, code: str, text: str) -> Conversation:
    with world.database.system() as session:
        return returning.answer(session, code, text)


def finders(world: World, file: File) -> list[Participant]:
    return [one for one in world.seen(file).present if one.role == "finder"]


def row(world: World, taken: Taken) -> File:
    with world.database.system() as session:
        return files.find(session, taken.number)


def merge(world: World, into: File, merged: File, who: str = "lead") -> None:
    with world.database.as_user(world.ids[who]) as session:
        merging.merge(session, into.uuid, merged.uuid, Take(messages=True, fields=True))


def test_the_code_of_a_merged_case_leads_to_the_one_that_goes_on_and_to_nothing_of_the_other_finder(
    world: World, reported: Reporting
) -> None:
    a, b = reported("Anna"), reported("Bert")
    first, second = row(world, a), row(world, b)
    world.join(first, "officer", "vendor")
    for taken, who in ((a, "Anna"), (b, "Bert")):
        answer(world, taken.code, f"written by {who}")
        finder = finders(world, row(world, taken))[0]
        world.act(row(world, taken), Said(text=f"asked of {who}"), to=[finder.id])
        world.act(row(world, taken), Said(text=f"to all with {who}"))
    merge(world, first, second)
    anna, bert = finders(world, first)
    assert (anna.name, bert.name) == ("Name of Anna", f"Anonymous finder ({a.number}, 2)")
    world.act(first, Said(text="one more thing of Bert"), to=[bert.id])
    world.act(first, Said(text="one more thing of Anna"), to=[anna.id])
    found = answer(world, b.code, "Here it is")
    assert (found.number, found.before, found.title) == (a.number, [b.number], "product of Bert")
    assert [one.text for one in found.lines] == [
        "written by Bert", "asked of Bert", "one more thing of Bert", "Here it is",
    ]  # fmt: skip
    assert "Anna" not in msgspec.json.encode(found).decode()
    # What they wrote stands in the case that goes on, for those who coordinate it alone.
    last = world.seen(first).timeline[-1]
    assert isinstance(last.act, Said)
    assert (last.act.text, last.author.org) == ("Here it is", bert.org)
    officer = world.seen(first, "officer")
    assert last.id not in {one.id for one in officer.timeline}
    told = msgspec.json.encode([one.act for one in officer.timeline]).decode()
    assert "Name of Bert" not in told
    assert b.number not in told
    of_anna = look(world, a.code)
    assert (of_anna.number, of_anna.before) == (a.number, [])
    assert "Bert" not in msgspec.json.encode(of_anna).decode()


def test_a_code_goes_along_as_often_as_cases_are_merged_and_back_where_that_is_undone(
    world: World, reported: Reporting
) -> None:
    a, b, c = (reported(who) for who in ("Anna", "Bert", "Carl"))
    first, second, third = row(world, a), row(world, b), row(world, c)
    merge(world, first, second)
    merge(world, third, first)
    assert look(world, b.code).before == [b.number, a.number]
    assert {look(world, one.code).number for one in (a, b, c)} == {c.number}
    assert len(finders(world, third)) == 3
    with world.database.as_user(world.ids["lead"]) as session:
        merging.undo(session, second.uuid, "Not the same")
    assert (look(world, b.code).number, look(world, a.code).number) == (b.number, c.number)
    merge(world, third, second)  # they take part in it already
    assert len(finders(world, third)) == 3
    assert look(world, b.code).before == [b.number]


def test_who_was_let_go_meanwhile_is_led_nowhere(world: World, reported: Reporting) -> None:
    a, b, c = (reported(who) for who in ("Anna", "Bert", "Carl"))
    first, second, third = row(world, a), row(world, b), row(world, c)
    world.act(second, Left(participant=finders(world, second)[0].id))
    merge(world, first, second)
    assert len(finders(world, first)) == 1
    with pytest.raises(NoIntake):
        look(world, b.code)
    # Of the case that goes on alone: the way back is to what they reported.
    merge(world, first, third)
    world.act(first, Left(participant=finders(world, first)[1].id))
    assert (look(world, c.code).number, look(world, c.code).before) == (c.number, [])


def test_a_case_of_another_kind_takes_no_finder_in(world: World, reported: Reporting) -> None:
    taken = reported("Anna")
    incident = world.open("Pumps stopped")
    merge(world, incident, row(world, taken))
    assert [one.role for one in world.seen(incident).present] == ["lead"]
    assert look(world, taken.code).number == taken.number
