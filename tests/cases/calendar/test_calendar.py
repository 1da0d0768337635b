# SPDX-License-Identifier: EUPL-1.2
"""What ends when: whose cases, in which words, and at secret addresses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from tests.cases.conftest import Node, made

from brug.cases import keeping
from brug.cases.acts import Embargoed, Joined, Left, Planned, Recorded, Said
from brug.cases.calendar import feeds, gathering, writing
from brug.cases.calendar.gathering import Gathered
from brug.cases.calendar.items import Item
from brug.model.errors import Invalid, NotFound
from brug.store import settings
from brug.store.session import Database

NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = "albatross"


def stated(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class World(msgspec.Struct):
    node: Node
    number: str
    part: str
    task: str

    def act(self, act: object, to: tuple[str, ...] = ()) -> None:
        with self.node.database.as_user(self.node.host) as session:
            keeping.act(session, self.number, act, to)  # type: ignore[arg-type]

    def gathered(self, user: int, days: int = 60) -> Gathered:
        with self.node.database.as_user(user) as session:
            return gathering.whole(session, NOW - timedelta(days=days), NOW + timedelta(days=days))


@pytest.fixture(scope="module")
def world(module_database_url: str) -> Iterator[World]:
    with Database(module_database_url, 4) as database:
        node = made(database)
        with database.system() as session:
            settings.set_value(session, "node.url", "https://node.example")
        with database.as_user(node.host) as session:
            number = keeping.open_case(session, "incident", f"The {SECRET}").number
        world = World(node, number, str(uuid4()), str(uuid4()))
        world.act(Joined(participant=world.part, org=node.orgs["entity"], name="Zuidmark",
                         role="entity"))  # fmt: skip
        at = stated(NOW - timedelta(hours=2))
        world.act(Recorded(fact="aware_at", at=at, zone="Europe/Amsterdam", of=world.part))
        due = stated(NOW + timedelta(days=3))
        world.act(Planned(task=world.task, title=f"Image the {SECRET}", due=due))
        world.act(Embargoed(until=stated(NOW + timedelta(days=10)), zone="UTC"))
        yield world


def one(found: Gathered, what: str) -> Item:
    return next(item for item in found.items if item.what == what)


def test_deadlines_tasks_and_embargoes_are_in_it_for_whoever_takes_part(world: World) -> None:
    found = world.gathered(world.node.host)
    assert {"strict", "legal", "task", "embargo"} <= {item.what for item in found.items}
    assert found.items == sorted(found.items, key=lambda item: item.at)
    early = one(found, "strict")
    assert early.row is not None
    assert early.row.article == "23(4)(a)"
    assert early.at == NOW - timedelta(hours=2) + timedelta(hours=24)
    assert not early.is_mine
    assert one(world.gathered(world.node.entity), "strict").is_mine
    assert world.gathered(world.node.other) == Gathered([])
    assert world.gathered(world.node.without) == Gathered([])


def test_what_is_for_some_is_in_their_calendars_alone(world: World) -> None:
    task = str(uuid4())
    due = stated(NOW + timedelta(days=5))
    world.act(Planned(task=task, title="for the entity", due=due), (world.part,))
    other = str(uuid4())
    world.act(Joined(participant=other, org=world.node.orgs["other"], name="Oost", role="csirt"))
    assert "for the entity" in {item.says for item in world.gathered(world.node.entity).items}
    assert "for the entity" not in {item.says for item in world.gathered(world.node.other).items}
    world.act(Left(participant=other))
    assert world.gathered(world.node.other).items == []


def test_what_moves_keeps_its_name_and_counts_up(world: World) -> None:
    before = {item.uid: item for item in world.gathered(world.node.host).items}
    at = stated(NOW - timedelta(hours=1))
    world.act(Recorded(fact="aware_at", at=at, zone="UTC", of=world.part, because="they say so"))
    due = stated(NOW + timedelta(days=4))
    world.act(Planned(task=world.task, title=f"Image the {SECRET}", due=due))
    after = {item.uid: item for item in world.gathered(world.node.host).items}
    assert set(after) == set(before)
    for uid, item in after.items():
        moved = item.at != before[uid].at
        assert (item.sequence > before[uid].sequence) >= moved
        assert (item.what == "embargo") == (not moved) or item.says == "for the entity"


def test_a_task_that_is_done_is_out_of_it(world: World) -> None:
    task = str(uuid4())
    planned = Planned(task=task, title="soon", due=stated(NOW + timedelta(days=1)))
    world.act(planned)
    assert "soon" in {item.says for item in world.gathered(world.node.host).items}
    world.act(msgspec.structs.replace(planned, is_done=True))
    assert "soon" not in {item.says for item in world.gathered(world.node.host).items}


def pages(world: World, user: int, most: int) -> list[list[Item]]:
    """As long as one leads to another."""
    found, after = [], None
    since, until = NOW - timedelta(days=60), NOW + timedelta(days=60)
    with world.node.database.as_user(user) as session:
        while True:
            asked = gathering.Asked(since, until, most, after)
            (part,) = gathering.gather_parts(session, [asked]).parts
            found.append(part.items)
            after = part.last
            if after is None:
                return found


def test_pages_together_have_everything_once(world: World) -> None:
    whole = world.gathered(world.node.host).items
    for most in (1, 2, 50):
        several = pages(world, world.node.host, most)
        assert [item for items in several for item in items] == whole
        assert len(several) == (1 if most > len(whole) else -(-len({i.at for i in whole}) // most))
    assert pages(world, world.node.other, 1) == [[]]


def test_all_of_it_is_as_long_as_there_are_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (world.node.host, world.node.entity, world.node.other):
        expected = world.gathered(user)
        monkeypatch.setattr(gathering, "MOST", 1)
        with world.node.database.as_user(user) as session:
            span = (NOW - timedelta(days=60), NOW + timedelta(days=60))
            assert gathering.whole(session, *span) == expected
        monkeypatch.undo()


@given(st.integers(0, 230 * 365 * 24 * 3600 * 10**6), st.integers(0, 10**9 - 1))
def test_a_place_is_read_as_it_was_written(micro: int, case: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro)
    place = gathering.Place(at, case)
    assert gathering.Place.read(str(place)) == place


@pytest.mark.parametrize("text", ["x", "1", "~1", "1~", "1~-1", "1~2~3", "-1~1", "9" * 17 + "~1"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="after"):
        gathering.Place.read(text)


def test_each_span_has_what_was_asked_of_it(world: World) -> None:
    # When nothing else ends: a span with nothing, then with one, two, and one again.
    days = [(NOW + timedelta(200 + n), NOW + timedelta(202 + n)) for n in range(4)]
    with world.node.database.as_user(world.node.host) as session:
        number = keeping.open_case(session, "incident", "Later").number
        for at in (NOW + timedelta(202, hours=1), NOW + timedelta(203, hours=1)):
            keeping.act(session, number, Planned(task=str(uuid4()), title="?", due=stated(at)))
        found = gathering.gather_parts(session, [gathering.Asked(*day, 1) for day in days]).parts
        several = [gathering.whole(session, *day).items for day in days]
    assert [len({item.at for item in items}) for items in several] == [0, 1, 2, 1]
    for part, items in zip(found, several, strict=True):
        assert part.items == [item for item in items if item.at == items[0].at]
        assert (part.last is None) == (len({item.at for item in items}) < 2)


def test_what_is_folded_by_whoever_looks_stands_on_one_page(world: World) -> None:
    with world.node.database.as_user(world.node.host) as session:
        number = keeping.open_case(session, "incident", "Another").number
        # At the same time as something of another case, before all of it, and behind.
        whole = gathering.whole(session, NOW - timedelta(days=60), NOW + timedelta(days=60)).items
        for at in (whole[1].at, whole[0].at - timedelta(1), whole[-1].at + timedelta(1)):
            keeping.act(session, number, Planned(task=str(uuid4()), title="?", due=stated(at)))
        expected = {item.uid for item in whole} | {
            item.uid
            for item in gathering.whole(session, NOW - timedelta(60), NOW + timedelta(60)).items
        }
        keeping.act(session, number, Said(text="over"))
    with world.node.database.system() as session:
        session.execute(
            "INSERT INTO case_stale (case_id) SELECT id FROM case_file WHERE number = %s"
            " ON CONFLICT DO NOTHING", (number,)
        )  # fmt: skip
    for most in (1, 2, 3, 50):
        found = [item.uid for items in pages(world, world.node.host, most) for item in items]
        assert len(found) == len(set(found)) == len(expected)
        assert set(found) == expected


def read(world: World, address: str) -> feeds.Read:
    assert address.startswith("https://node.example/cases/calendar/feed/")
    token = address.rpartition("/")[2].removesuffix(".ics")
    return feeds.read(world.node.database, token)


def made_for(world: World, user: int, **how: bool) -> tuple[int, str]:
    with world.node.database.as_user(user) as session:
        return feeds.make(session, "phone", **how)


def test_a_feed_says_number_and_rule_and_nothing_of_the_case(world: World) -> None:
    _, address = made_for(world, world.node.entity)
    found = read(world, address)
    assert SECRET.encode() not in found.data
    assert b"Zuidmark" not in found.data
    calendar = Calendar.from_ical(found.data)
    events: dict[str, Any] = {str(event["summary"]): event for event in calendar.walk("VEVENT")}
    early = events[f"{world.number}: Directive (EU) 2022/2555 (NIS2) 23(4)(a) due"]
    assert early["uid"] == one(world.gathered(world.node.entity), "strict").uid
    assert early["url"] == f"https://node.example/cases/{world.number}"
    alarms = [alarm["trigger"].dt for alarm in early.walk("VALARM")]
    assert alarms
    assert all(before < timedelta(0) for before in alarms)
    assert f"{world.number}: embargo ends" in events
    assert all(line and len(line) <= 75 for line in found.data.split(b"\r\n")[:-1])


def test_with_titles_it_says_them(world: World) -> None:
    _, address = made_for(world, world.node.host, with_titles=True)
    data = read(world, address).data.replace(b"\r\n ", b"")
    assert f"Image the {SECRET}".encode() in data
    assert b"VALARM" not in data  # of a deadline that binds others


def test_the_same_calendar_is_the_same_bytes_until_something_moves(world: World) -> None:
    _, address = made_for(world, world.node.host)
    first, second = read(world, address), read(world, address)
    assert first == second
    world.act(Embargoed(until=stated(NOW + timedelta(days=11)), zone="UTC"))
    assert read(world, address).tag != first.tag


def test_what_binds_others_keeps_nothing_out_of_ones_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "IN_EACH", 1)
    _, address = made_for(world, world.node.host, only_mine=True)
    ahead = [one for one in world.gathered(world.node.host).items if one.at > NOW]
    first = next(one for one in ahead if one.is_mine)
    assert not ahead[0].is_mine
    uids = {
        str(event["uid"]) for event in Calendar.from_ical(read(world, address).data).walk("VEVENT")
    }
    assert first.uid in uids
    assert not uids & {one.uid for one in ahead if not one.is_mine}


def test_what_is_late_keeps_nothing_out_that_is_to_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = {"late": NOW - timedelta(days=20), "ahead": NOW + timedelta(minutes=30)}
    with world.node.database.as_user(world.node.host) as session:
        for title, at in due.items():
            number = keeping.open_case(session, "assistance", title).number
            task = Planned(task=str(uuid4()), title=title, due=stated(at))
            keeping.act(session, number, task)
    monkeypatch.setattr(feeds, "IN_EACH", 1)
    _, address = made_for(world, world.node.host, with_titles=True)
    data = read(world, address).data.replace(b"\r\n ", b"")
    assert [title for title in due if f" {title}".encode() in data] == ["late", "ahead"]


def test_an_address_can_be_taken_back_by_its_owner_alone(world: World) -> None:
    number, address = made_for(world, world.node.host)
    with world.node.database.as_user(world.node.entity) as session:
        assert number not in {feed.id for feed in feeds.listed(session)}
        with pytest.raises(NotFound):
            feeds.revoke(session, str(number))
    read(world, address)
    with world.node.database.as_user(world.node.host) as session:
        assert next(feed for feed in feeds.listed(session) if feed.id == number).used
        feeds.revoke(session, str(number))
    with pytest.raises(NotFound):
        read(world, address)


def test_whoever_has_it_gets_it_once_and_again_when_it_is_another(world: World) -> None:
    _, address = made_for(world, world.node.host)
    token = address.rpartition("/")[2].removesuffix(".ics")
    database = world.node.database
    first = feeds.read(database, token)
    assert first.data
    again = feeds.read(database, token, f'W/"x", {first.tag}')
    assert (again.data, again.tag) == (b"", first.tag)
    with database.as_user(world.node.host) as session:
        number = keeping.open_case(session, "assistance", "Another").number
        due = datetime.now(UTC) + timedelta(days=3)
        task = Planned(task=str(uuid4()), title="x", due=due.strftime("%Y-%m-%dT%H:%M:%SZ"))
        keeping.act(session, number, task)
    another = feeds.read(database, token, first.tag)
    assert another.tag != first.tag
    assert number.encode() in another.data


def test_an_address_is_nowhere_in_the_database(world: World) -> None:
    _, address = made_for(world, world.node.host)
    token = address.rpartition("/")[2].removesuffix(".ics")
    with world.node.database.system() as session:
        rows = session.all("SELECT f::text FROM case_calendar_feed f")
        audit = session.all("SELECT a::text FROM audit a WHERE model = 'CalendarFeed'")
    assert audit
    assert not any(token in row[0] for row in (*rows, *audit))


def test_it_ends_with_the_account_and_with_taking_part(world: World) -> None:
    _, address = made_for(world, world.node.without)
    assert b"VEVENT" not in read(world, address).data
    with world.node.database.system() as session:
        session.execute("UPDATE account SET disabled = true WHERE id = %s", (world.node.without,))
    with pytest.raises(NotFound):
        read(world, address)


@pytest.mark.parametrize("token", ["", "x", "x" * 500, "\ud800", "../..", "%00"])
def test_an_address_that_nobody_has_is_none(world: World, token: str) -> None:
    with pytest.raises(NotFound):
        feeds.read(world.node.database, token)


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "a\0b"])
def test_names_are_texts(world: World, name: str) -> None:
    with world.node.database.as_user(world.node.host) as session, pytest.raises(Invalid):
        feeds.make(session, name)


def test_text_of_a_case_cannot_end_a_line_of_the_calendar(world: World) -> None:
    item = one(world.gathered(world.node.host), "task")
    hostile = msgspec.structs.replace(
        item, says="x\r\nEND:VCALENDAR\nATTACH:;,\\ " + "é" * 200, number="INC\r\nATTACH:x"
    )
    data = writing.written([hostile], "n;a,m\ne", "https://n.example", with_titles=True)
    calendar = Calendar.from_ical(data)
    event: Any = calendar.walk("VEVENT")[0]
    assert "END:VCALENDAR" in event["summary"]
    assert "attach" not in event
    assert not event.errors
    assert event["summary"].endswith("x  END:VCALENDAR ATTACH:;,\\ " + "é" * 200)
    assert event["description"] == item.title
    assert [event[name].dt for name in ("dtstart", "dtend")] == [item.at, item.at]
    assert event["last-modified"].dt == item.changed.replace(microsecond=0)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert data.count(b"END:VCALENDAR\r\n") == 1


def test_a_span_is_bounded() -> None:
    for until in (NOW, NOW - timedelta(1), NOW + timedelta(501)):
        with pytest.raises(Invalid):
            gathering.require_span(NOW, until)


def test_the_index_of_moments_follows_the_case(world: World) -> None:
    """It only says where to look, and is emptied when there is nothing to look for."""
    with world.node.database.as_user(world.node.host) as session:
        number = keeping.open_case(session, "assistance", "Help").number
        task = Planned(task=str(uuid4()), title="x", due="2031-01-01T00:00:00Z")
        keeping.act(session, number, task)
        keeping.act(session, number, Said(text="hello"))
    count = "SELECT count(*) FROM case_moment WHERE at = '2031-01-01T00:00:00Z'"
    with world.node.database.as_user(world.node.host) as session:
        assert session.value(count) == 1
    with world.node.database.as_user(world.node.other) as session:
        assert session.value(count) == 0
    with world.node.database.as_user(world.node.host) as session:
        keeping.act(session, number, msgspec.structs.replace(task, is_done=True))
        assert session.value(count) == 0
