# SPDX-License-Identifier: EUPL-1.2
"""What is kept for calendars, queues and summaries is what each reader's own fold says.

After random acts, some of them for some alone, every reader opens every case; what they find so
is held against what they are shown of all at once.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.cases.conftest import Node, made
from tests.cases.reports.made import ENTITY, FULL, GIVEN, NOW, case
from tests.oracle.thoroughness import many

from brug.cases import (
    due,
    files,
    keeping,
    listing,
    notified,
    severity,
    tables_changed,
    taking_part,
)  # fmt: skip
from brug.cases.act_rules import MERGED_INTO
from brug.cases.acts import (
    AnyAct,
    Attached,
    Embargoed,
    Filled,
    Joined,
    Left,
    Linked,
    Moved,
    Planned,
    Recorded,
    Said,
)  # fmt: skip
from brug.cases.authority import notices, received, summarising, summary
from brug.cases.authority.received import Queued
from brug.cases.authority.summary import Quarter
from brug.cases.calendar import endings, gathering
from brug.cases.calendar.items import Item
from brug.cases.case import Participant
from brug.cases.entries import Speaker
from brug.cases.files import File
from brug.cases.views import catching_up, making, storing
from brug.directory import organisation_merging
from brug.model.errors import BrugError
from brug.store import settings as node_settings
from brug.store.session import Database, Session

READERS = ("host", "entity", "other", "without")
TODAY = datetime.now(UTC).replace(microsecond=0)
SPAN = (TODAY - timedelta(days=200), TODAY + timedelta(days=200))
QUARTERS = [summary.quarter_of(TODAY), summary.quarter_of(TODAY).before]


class World(msgspec.Struct):
    """One case with those who take part in it, by their names."""

    node: Node
    file: File
    parts: dict[str, str]

    def user(self, who: str) -> int:
        return int(getattr(self.node, who))

    def act(self, who: str, doing: AnyAct, to: list[str] | None = None) -> None:
        """Unless the rules refuse it."""
        with self.node.database.as_user(self.user(who)) as session:
            try:
                recipients = [self.parts[one] for one in to or () if one in self.parts]
                keeping.act(session, self.file.uuid, doing, recipients)
            except BrugError:
                return
        match doing:
            case Joined():
                self.parts[doing.name] = doing.participant
            case Left():
                self.parts = {n: one for n, one in self.parts.items() if one != doing.participant}


@pytest.fixture(scope="module")
def node(module_database_url: str) -> Iterator[Node]:
    with Database(module_database_url, 4) as database:
        found = made(database)
        with database.system() as session:
            node_settings.set_value(session, "cases.summary_smallest", 1)
        yield found


def opened(node: Node) -> World:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "incident", "Pumps stopped")
        (lead,) = files.view(session, file.uuid)[1].participants
    world = World(node, file, {"lead": lead})
    for name, role in (("entity", "entity"), ("other", "authority")):
        world.act("host", joining(world, name, role))
    return world


def joining(world: World, who: str, role: str) -> Joined:
    """`without` and `in person` are people of the host."""
    users = {"without": world.node.without, "in person": world.node.host}
    org = world.node.orgs.get(who, world.node.orgs["host"])
    return Joined(participant=str(uuid4()), org=org, name=who, role=role, user=users.get(who))


WHO = st.sampled_from(READERS)
TO = st.lists(st.sampled_from(["lead", "entity", "other", "without"]), max_size=2, unique=True)
NUMBER = st.integers(0, 11)
WHAT = st.sampled_from([
    "report", "report", "taken back", "received", "aware", "sent", "answered", "task", "task",
    "embargo", "filled", "filled", "moved", "said", "joins", "leaves", "merged", "link",
])  # fmt: skip
STEPS = st.lists(st.tuples(WHO, WHAT, TO, NUMBER), min_size=6, max_size=16)


def do(world: World, who: str, what: str, to: list[str], n: int) -> None:
    """Something that `who` does, or that whoever leads has to."""
    doing = of_case(world, what, n) or of_participants(world, what, n) or reported(world, what, n)
    if doing is not None:
        leads = isinstance(doing, Joined | Left) or what == "merged"
        world.act("host" if leads else who, doing, to)


def of_case(world: World, what: str, n: int) -> AnyAct | None:
    at, name = hour(n), named(world, what, n)
    match what:
        case "task":
            assignee = list(world.parts.values())[n % len(world.parts)]
            return Planned(task=name, title=f"Task {n}", due="" if n == 5 else at,
                           assignee=assignee if n % 2 else "", is_done=n % 4 == 3)  # fmt: skip
        case "embargo":
            return Embargoed(until="" if n % 4 == 0 else at, zone="UTC", because="x")
        case "filled":
            sector = ("energy", "health", "drinking_water")[n % 3]
            more = {"users_affected": n * 1000, "classification": "rsit:availability"}
            fields = {"sector": sector, "cross_border": "yes" if n % 2 else "no"}
            return Filled(fields=fields | (more if n > 6 else {}))
        case "moved":
            return Moved(machine="phase", trigger="dismiss", leaves="detection", because="x")
        case "said":
            return Said(text="hello")
        case "link":
            return Linked(kind="event", uuid=name, title="x")
        case "merged":
            return Linked(kind=MERGED_INTO, uuid=name, is_undone=n % 2 == 1, because="x")
    return None


def of_participants(world: World, what: str, n: int) -> AnyAct | None:
    entity, other = (world.parts.get(one, str(uuid4())) for one in ("entity", "other"))
    facts = {
        "aware": ("aware_at", entity), "sent": ("warning_submitted_at", entity),
        "received": (notified.RECEIVED, other), "answered": ("response_sent_at", other),
    }  # fmt: skip
    if what in facts:
        fact, of = facts[what]
        return Recorded(fact=fact, at=hour(n), zone="UTC", of=of)
    if what == "joins":
        name = ("entity", "other", "without", "in person")[n % 4]
        role = ("entity", "authority", "csirt", "csirt")[(n // 4 + n) % 4]
        return joining(world, name, role)
    several = [one for one in world.parts if one != "lead"]
    if what == "leaves" and several:
        return Left(participant=world.parts[several[n % len(several)]])
    return None


def reported(world: World, what: str, n: int) -> AnyAct | None:
    """A report, a document that is none, or either taken back."""
    entity = world.parts.get("entity", str(uuid4()))
    key = ("nis2-early-warning", "nis2-notification", "note")[n % 3]
    doing = Attached(
        document=named(world, "document", n), media_type="application/json", size=2,
        name=f"{key}_{entity[:8]}_v{n}.json" if n < 9 else "notes.txt",
        sha256=sha256(b"{}").hexdigest(),
    )  # fmt: skip
    if what == "report":
        return doing
    with world.node.database.system() as session:
        known = files.view(session, world.file.uuid)[1].documents.get(doing.document)
    return msgspec.structs.replace(known.act, is_undone=True, because="x") if known else None


def hour(n: int) -> str:
    """Some of them are to come."""
    return (TODAY - timedelta(hours=n * 11 - 20)).strftime("%Y-%m-%dT%H:%M:%SZ")


def named(world: World, what: str, n: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{world.file.uuid} {what} {n % 3}"))


@settings(max_examples=many(12), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(STEPS)
def test_what_is_kept_is_what_a_fold_says(
    node: Node, steps: list[tuple[str, str, list[str], int]]
) -> None:
    world = opened(node)
    for step in steps:
        do(world, *step)
    agree(world.node, [world.file])


def agree(node: Node, several: list[File] | None = None, *, nothing_stale: bool = True) -> None:
    """For all readers, of some cases, and in summaries of all that there are."""
    with node.database.system() as session:
        if nothing_stale:
            assert session.all("SELECT 1 FROM case_stale") == []
        else:
            assert session.all("SELECT 1 FROM case_stale") != []
    for who in READERS:
        with node.database.as_user(getattr(node, who)) as session:
            every, _ = listing.listed(session, limit=500)
            wanted = {one.uuid for one in several or every}
            mine = [one for one in every if one.uuid in wanted]
            calendar = [
                told(one) for one in gathering.whole(session, *SPAN).items if one.case in wanted
            ]
            assert Counter(calendar) == Counter(by_folding(session, mine)), who
            queue = [one for one in received.listed(session, over=None) if one.uuid in wanted]
            again = queue_by_folding(session, mine)
            assert sorted(map(told, queue)) == sorted(map(told, again)), who
            for over in (False, True):
                found = [one.uuid for one in received.listed(session, over=over)]
                assert [one for one in found if one in wanted] == [
                    one.uuid for one in queue if one.is_over is over
                ], who
            for period in QUARTERS:
                assert counted(session, period) == counted_by_folding(session, every, period), who


def told(one: object) -> bytes:
    return msgspec.json.encode(one)


def by_folding(session: Session, several: list[File]) -> list[bytes]:
    by, now = due.rules_here(session), datetime.now(UTC)
    found = []
    for file in several:
        case = files.view(session, file.uuid)[1]
        mine = {one.id for one in taking_part.parts_of(case, keeping.author(session))}
        for one in endings.of_case(case, mine, due.clocks_of(case, by, now)):
            row = by.table.rows.get(one.rule)
            found.append(told(Item(
                what=one.what, at=one.at, number=file.number, case=file.uuid, title=case.title,
                tlp=case.marking.tlp, changed=file.changed, uid=one.uid, sequence=one.sequence,
                is_mine=one.is_mine, rule=one.rule, row=row,
                whose=one.whose, says=one.says, warns=one.warns,
            )))  # fmt: skip
    return found


def queue_by_folding(session: Session, several: list[File]) -> list[Queued]:
    by, now = due.rules_here(session), datetime.now(UTC)
    return [
        Queued(file.number, file.uuid, file.title, file.is_over, notices.notice_of(one))
        for file in several
        for one in received.of_file(session, file, by, now)
    ]


def counted(session: Session, period: Quarter) -> dict[str, dict[str, int | None]]:
    found = summarising.of_quarter(session, period)
    return {one.dimension: {c.value: c.count for c in one.counts} for one in found.tables}


def counted_by_folding(
    session: Session, several: list[File], period: Quarter
) -> dict[str, dict[str, int | None]]:
    by, now = due.rules_here(session), datetime.now(UTC)
    scheme = severity.scheme_here(session)
    found = summary.counts_of(
        notices.notified_of(one.case, scheme, now.date())
        for file in several
        for one in received.of_file(session, file, by, now)
        if period.start <= one.since < period.end
    )
    shown = summary.summed(period, found, 1, now)
    return {one.dimension: {c.value: c.count for c in one.counts} for one in shown.tables}


def test_those_who_take_part_otherwise_now_are_shown_what_they_have(node: Node) -> None:
    """Until the case is made anew, and after it."""
    world = opened(node)
    for n, what in enumerate(("report", "aware", "task", "task", "filled")):
        do(world, "entity", what, ["other"] if what == "task" else [], n)
    world.act("host", joining(world, "without", "csirt"))
    agree(node, [world.file])
    with node.database.system() as session:
        (org,) = session.one(
            "INSERT INTO organisation (uuid, name, local) VALUES (gen_random_uuid(), 'New', true)"
            " RETURNING id"
        ) or (0,)
        old = session.value("SELECT org_id FROM account WHERE id = %s", (node.without,))
        session.execute("UPDATE account SET org_id = %s WHERE id = %s", (org, node.without))
    agree(node, [world.file], nothing_stale=False)
    assert catching_up.catch_up(node.database) > 0
    agree(node, [world.file])
    with node.database.system() as session:
        session.execute("UPDATE account SET org_id = %s WHERE id = %s", (old, node.without))
    catching_up.catch_up(node.database)


def test_what_came_together_is_counted_as_before(node: Node) -> None:
    world = opened(node)
    do(world, "entity", "report", [], 0)
    do(world, "entity", "filled", [], 8)
    do(world, "entity", "filled", [], 9)
    with node.database.system() as session:
        assert storing.compact(session) > 0
        assert storing.compact(session) == 0
    agree(node)


def test_corrected_tables_reach_what_is_kept_also_of_what_is_over(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, over = opened(node), opened(node)
    for world in (going, over):
        for n, what in ((0, "report"), (0, "aware"), (9, "filled")):
            do(world, "entity", what, [], n)
    do(over, "host", "moved", [], 0)
    catch_up(node)
    both = [going.file, over.file]
    agree(node, both)
    monkeypatch.setattr("brug.cases.own_folder.config_of", lambda _: tmp_path)
    deadlines = tmp_path / "deadlines.toml"
    deadlines.write_text('[[row]]\nid = "nis2-notification"\nperiod = "PT60H"\nwhere = "x"\n')
    (tmp_path / "severity.toml").write_text(
        '[[rule]]\nid = "ours"\ntitle = "Long"\nat_least = "very_large"\nwhere = "x"\n'
        'when = [{ field = "users_affected", over = 60 }]\n'
    )
    for file in both:
        with pytest.raises(AssertionError):
            agree(node, [file])
    catch_up(node)
    agree(node, both)
    # A table that cannot be used leaves the case to be looked at when it can.
    deadlines.write_text("rubbish")
    do(going, "host", "task", [], 1)
    with node.database.as_user(node.host) as session:
        found = gathering.whole(session, *SPAN)
    assert found.is_broken
    assert [one.what for one in found.items if one.case == going.file.uuid] == ["task"]
    deadlines.unlink()
    agree(node, [going.file], nothing_stale=False)
    catching_up.catch_up(node.database)
    (tmp_path / "severity.toml").unlink()
    catch_up(node)
    agree(node, both)


def catch_up(node: Node) -> None:
    (views,) = (one for one in tables_changed.KEPT if one.name == "views")
    while tables_changed.some(node.database, views):
        pass


def test_an_organisation_that_becomes_part_of_another_brings_what_it_was_shown(
    database_url: str,
) -> None:
    with Database(database_url, 4) as database:
        node = made(database)
        with database.system() as session:
            node_settings.set_value(session, "cases.summary_smallest", 1)
        world = opened(node)
        for n, what in enumerate(("report", "aware", "task", "received")):
            do(world, "entity" if what != "received" else "other", what, [], n)
        agree(node)
        with database.system() as session:
            organisation_merging.merge(session, node.orgs["other"], node.orgs["entity"])
        agree(node, nothing_stale=False)
        with database.as_user(node.entity) as session:
            assert received.listed(session)
        catching_up.catch_up(database)
        agree(node)
        with database.system() as session:
            session.execute("DELETE FROM case_file")
            left = "SELECT 1 FROM case_notified_tally GROUP BY reader, mark HAVING sum(cases) <> 0"
            assert session.all(left) == []


def test_a_document_for_some_tells_nobody_else_that_a_clock_runs(node: Node) -> None:
    world = opened(node)
    name = f"nis2-early-warning_{world.parts['entity'][:8]}_v1.json"
    doing = Attached(
        document=str(uuid4()), name=name, media_type="application/json", size=2,
        sha256=sha256(b"{}").hexdigest(),
    )  # fmt: skip

    def dues() -> list[datetime | None]:
        with node.database.as_user(node.host) as session:
            return [files.find(session, world.file.uuid).due]

    with node.database.as_user(node.host) as session:
        facets = session.all("SELECT facet, sum(cases) FROM case_tally GROUP BY 1 ORDER BY 1")
    world.act("entity", doing, ["other"])
    agree(node, [world.file])
    assert dues() == [None]
    with node.database.as_user(node.host) as session:
        again = session.all("SELECT facet, sum(cases) FROM case_tally GROUP BY 1 ORDER BY 1")
        assert [one.uuid for one in received.listed(session) if one.uuid == world.file.uuid] == []
    assert again == facets
    with node.database.as_user(node.other) as session:
        (queued,) = [one for one in received.listed(session) if one.uuid == world.file.uuid]
    assert queued.notice.is_due
    with node.database.system() as session:
        sql = "SELECT next_warning FROM case_file WHERE uuid::text = %s"
        assert session.value(sql, (world.file.uuid,)) is not None


HOURS = st.integers(-900, 900)
FACTS = st.dictionaries(
    st.sampled_from([
        "aware_at", "warning_submitted_at", "notification_submitted_at", "detected_at",
        "request_at", "report_due_at", "final_submitted_at", "handled_at",
    ]),
    HOURS, max_size=5,
)  # fmt: skip


@given(FACTS, HOURS, st.integers(0, 2000), st.booleans())
def test_what_is_kept_stays_so_until_it_turns(
    facts: dict[str, int], now: int, later: int, answers: bool
) -> None:
    """Whatever time passes before that."""
    said = {name: (NOW + timedelta(hours=hours)).isoformat() for name, hours in facts.items()}
    one = msgspec.structs.replace(case(FULL, said), id=str(uuid4()))
    one.participants["a"] = Participant("a", "auth", None, "CSIRT", "authority", "e")
    if answers:
        entry = next(iter(one.own_facts.values()), None)
        if entry:
            act = Recorded(fact=notified.RECEIVED, at=NOW.isoformat(), zone="UTC", of="a")
            one.own_facts[notified.RECEIVED, "a"] = [msgspec.structs.replace(entry[0], act=act)]
    first = NOW + timedelta(hours=now)
    by = Speaker("n", "auth", 0)

    def at(when: datetime) -> making.Seen:
        bound = due.clocks_of(one, GIVEN.rules, when)
        found = making.seen(one, by, bound, GIVEN.rules, severity.scheme(None), when)
        return msgspec.structs.replace(found, turns=None)

    bound = due.clocks_of(one, GIVEN.rules, first)
    turns = due.turn_of(one, bound, first)
    after = first + timedelta(minutes=later * 7)
    if turns is None or after < turns:
        assert at(after) == at(first)
    elif turns > first:
        assert at(turns - timedelta(microseconds=1)) == at(first)
    assert ENTITY in {bound.participant.id for bound in due.clocks_of(one, GIVEN.rules, first)}
