# SPDX-License-Identifier: EUPL-1.2
"""What is changed by what a case says is changed by what it says then, and not by what was read."""

import threading
from datetime import UTC, datetime

import pytest
from tests.cases.conftest import Node
from tests.locked_out import until_somebody_waits

from brug.cases import cve, files, keeping
from brug.cases.crisis import situation
from brug.cases.embargoes import alarms
from brug.model.errors import Conflict, Invalid

LOOKS = 600  # of a twentieth of a second


def test_of_two_numbers_that_are_kept_at_once_both_are_there(node: Node) -> None:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "disclosure", "A hole")
    one, other = (f"CVE-{cve.year()}-{number}" for number in (10001, 10002))

    def keep_the_other() -> None:
        with node.database.as_user(node.host) as second:
            cve.keep(second, file.uuid, other, "reserved")

    thread = threading.Thread(target=keep_the_other)
    with node.database.as_user(node.host) as session:
        cve.keep(session, file.uuid, one, "reserved")
        thread.start()
        until_somebody_waits(node.database)
    thread.join()
    with node.database.as_user(node.host) as session:
        case = files.view(session, file.uuid)[1]
    assert {number.id for number in cve.numbers(case)} == {one, other}
    assert case.fields["cve"] == [one, other]


def test_an_alarm_is_closed_once(node: Node) -> None:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "disclosure", "A hole")
    with node.database.system() as session:
        assert alarms.raised(session, file.id, "breach", "breach x", {"cve": "CVE-2026-10001"})
        number = session.value("SELECT id FROM case_alarm")
    refused = list[str]()

    def close_too() -> None:
        with node.database.as_user(node.host) as second:
            try:
                alarms.close(second, file.uuid, number, "A false alarm")
            except Conflict as error:
                refused.append(str(error))

    thread = threading.Thread(target=close_too)
    with node.database.as_user(node.host) as session:
        alarms.close(session, file.uuid, number, "Dealt with")
        thread.start()
        until_somebody_waits(node.database)
    thread.join()
    assert refused == [f"Alarm {number} is closed already."]
    with node.database.as_user(node.host) as session:
        assert len(files.view(session, file.uuid)[1].decisions) == 1


@pytest.mark.parametrize("text", ["0001-01-01T00:00+05:00", "9999-12-31T23:59-05:00", "now"])
def test_a_period_that_no_clock_shows_is_refused_by_its_field(node: Node, text: str) -> None:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "incident", "A flood")
        case = files.view(session, file.uuid)[1]
    for since, until in ((text, ""), ("", text)):
        with pytest.raises(Invalid) as refused:
            situation.period_of(case, None, since, until, datetime.now(UTC))
        assert refused.value.field == ("from" if since else "until")
