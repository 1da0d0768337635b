# SPDX-License-Identifier: EUPL-1.2
"""Breaking the glass: for a reason that all see; to read and not to act; and not for ever."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import psycopg
import pytest
from tests.cases.conftest import Node, _organisation, _user
from tests.cases.test_folding import World
from tests.cases.test_keeping import joined, opened, seen

from brug.cases import breaking, files, keeping, rules
from brug.cases.acts import Decided, Filled, Joined, Left, Recorded, Said
from brug.cases.declaring import BREAK_GLASS
from brug.cases.entries import Author
from brug.cases.files import File
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.store import settings

WHY = "The police asks whether we hold the disk (letter of today)."


@pytest.fixture
def admin(node: Node) -> int:
    """Of the organisation that runs the node, which takes part in no case."""
    org_id, org = _organisation(node.database, "The operator")
    node.orgs["operator"] = org
    return _user(node.database, org_id, "root@operator.example", ["admin", "site_admin", "auth"])


def broken(node: Node, file: File, user: int, because: str = WHY) -> str:
    with node.database.as_user(user) as session:
        return breaking.break_glass(session, file.number, because)[1].act.participant  # type: ignore[union-attr]


def hidden(node: Node, file: File, user: int) -> bool:
    with node.database.as_user(user) as session:
        try:
            files.view(session, file.number)
        except NotFound:
            return True
        return False


def test_it_cannot_be_done_silently(node: Node, admin: int) -> None:
    file = opened(node, summary="Theirs")
    joined(node, file, "entity", "entity")
    assert hidden(node, file, admin)
    participant = broken(node, file, admin)
    case = seen(node, admin, file)
    assert case.fields["summary"] == "Theirs"
    for user in (node.host, node.entity):
        told = seen(node, user, file)
        (one,) = [one for one in told.present if one.id == participant]
        assert (one.name, one.role) == ("root@operator.example (The operator)", "break_glass")
        entry = told.timeline[-1]
        assert entry.act.because == WHY
        assert entry.author.user == admin
        assert told.ignored == []
    with node.database.system() as session:
        kept = session.all(
            "SELECT payload->>'by', payload->>'entry' FROM ledger_entry WHERE kind = 'case-glass'"
            " AND payload->>'case' = %s",
            (file.uuid,),
        )
        proven = session.value(
            "SELECT count(*) FROM ledger_entry WHERE kind = 'case-entry'"
            " AND payload->>'entry' = %s",
            (entry.id,),
        )
    assert kept == [(str(admin), entry.id)]
    assert proven == 1


def test_who_leads_gets_a_letter(node: Node, admin: int) -> None:
    with node.database.system() as session:
        for name, value in (("mail.host", "mail.example"), ("mail.from", "node@csirt.example")):
            settings.set_value(session, name, value)
    file = opened(node)
    joined(node, file, "entity", "entity")
    broken(node, file, admin)
    with node.database.system() as session:
        causes = session.all("SELECT user_id, details FROM mail_cause WHERE kind = 'glass'")
    assert [user for user, _ in causes] == [node.host]
    assert causes[0][1]["because"] == WHY
    assert causes[0][1]["who"].startswith("root@operator.example")


@pytest.mark.parametrize("because", ["", " ", "\n\t"])
def test_without_a_reason_nothing_is_seen(node: Node, admin: int, because: str) -> None:
    file = opened(node)
    with pytest.raises(Invalid, match="because"):
        broken(node, file, admin, because)
    assert hidden(node, file, admin)
    assert len(seen(node, node.host, file).timeline) == 1


@pytest.mark.parametrize(
    "which",
    ["INC-1999-0001", "", "a\0b", "1", "%", "x" * 500, "0b1b3a2c-5d7e-4f60-8a9b-c0d1e2f30415"],
)
def test_what_is_not_there_is_not_found(node: Node, admin: int, which: str) -> None:
    opened(node)
    with node.database.as_user(admin) as session, pytest.raises(NotFound):
        breaking.break_glass(session, which, WHY)


def test_nobody_else_breaks_it(node: Node, admin: int) -> None:
    file = opened(node)
    for user in (node.other, node.without):
        for which in (file.number, "INC-1999-0001"):
            with node.database.as_user(user) as session, pytest.raises(Forbidden):
                breaking.break_glass(session, which, WHY)
        with (
            node.database.as_user(user) as session,
            pytest.raises(psycopg.Error, match="site admin"),
        ):
            session.value("SELECT case_behind_glass(%s)", (file.number,))
    with node.database.as_user(node.host) as session, pytest.raises(Forbidden):
        breaking.break_glass(session, file.number, WHY)
    assert len(seen(node, node.host, file).timeline) == 1


def test_the_admin_reads_and_does_nothing(node: Node, admin: int) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Said(text="For you alone"), [entity])
    mine = broken(node, file, admin)
    assert "For you alone" not in str(seen(node, admin, file).timeline)
    at = "2026-11-27T08:00:00Z"
    for doing in (
        Said(text="x"), Filled(fields={"summary": "x"}), Decided(question="x", outcome="y"),
        Recorded(fact="detected_at", at=at, zone="UTC"), Left(participant=entity),
        Joined(participant=str(uuid4()), org=node.orgs["operator"], name="x", role="lead"),
        Joined(participant=str(uuid4()), org=node.orgs["other"], name="x", role="break_glass"),
    ):  # fmt: skip
        with node.database.as_user(admin) as session, pytest.raises(NotYours):
            keeping.act(session, file.number, doing)
    with node.database.as_user(admin) as session, pytest.raises(Conflict):
        breaking.break_glass(session, file.number, WHY)
    with node.database.as_user(admin) as session:
        keeping.act(session, file.number, Left(participant=mine))
    assert hidden(node, file, admin)


def test_it_ends_by_itself_and_by_whoever_leads(node: Node, admin: int) -> None:
    first, second = opened(node), opened(node)
    for file in (first, second):
        broken(node, file, admin)
    with node.database.as_user(admin) as session:
        held = breaking.mine(session)
    assert [one.file.number for one in held] == [first.number, second.number]
    assert held[0].until - datetime.now(UTC) > timedelta(hours=7)
    breaking.close_due(node.database, datetime.now(UTC) + timedelta(hours=7, minutes=55))
    assert not hidden(node, first, admin)
    with node.database.as_user(node.host) as session:
        keeping.act(session, second.number, Left(participant=held[1].participant))
    breaking.close_due(node.database, datetime.now(UTC) + timedelta(hours=8, minutes=1))
    for file in (first, second):
        assert hidden(node, file, admin)
        case = seen(node, node.host, file)
        assert case.ignored == []
        assert [one.role for one in case.present] == ["lead"]
    assert seen(node, node.host, first).timeline[-1].author.user == 0, "the node let it leave"


def test_a_part_in_the_case_needs_no_glass(node: Node, admin: int) -> None:
    file = opened(node)
    joined(node, file, "operator", "observer", admin)
    with node.database.as_user(admin) as session, pytest.raises(Conflict):
        breaking.break_glass(session, file.number, WHY)


def test_a_node_breaks_it_only_for_its_own_where_its_own_take_part() -> None:
    """What another node says of its site admin is asked for in the fold, too."""
    case = World(1).case(0)
    there = str(uuid4())
    org, here = str(uuid4()), str(case.present[0].node)
    fine = Joined(
        participant=str(uuid4()), org=org, name="root", role=BREAK_GLASS.key, user=7, node=here,
        because=WHY,
    )  # fmt: skip
    by = Author(here, org, 7, in_person=True)
    rules.require(case, by, fine)
    for author, doing in (
        (Author(there, org, 7, in_person=True), msgspec.structs.replace(fine, node=there)),
        (Author(here, org, 8, in_person=True), fine),
        (Author(here, org, 7), fine),
        (Author(here, str(uuid4()), 7, in_person=True), fine),
        (Author(here, org, 0, in_person=True), msgspec.structs.replace(fine, user=None)),
        (by, msgspec.structs.replace(fine, because=" ")),
        (by, msgspec.structs.replace(fine, node="")),
        (by, msgspec.structs.replace(fine, node=there)),
    ):
        with pytest.raises(BrugError):
            rules.require(case, author, doing)
