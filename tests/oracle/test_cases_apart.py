# SPDX-License-Identifier: EUPL-1.2
"""Whoever has not got an entry of a case cannot tell whether it is there.

The same case is made twice, once with messages, tasks, links and documents for some of those who
take part, and once without. Whatever the interface answers to the others about the two is the
same byte for byte, but for what is another in any two cases: their UUIDs and numbers, digests and
signatures, and the times at which entries came. A time is compared by the entry whose it is, so
that one of an entry which the reader has not got stands out.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.cases.conftest import Node, made
from tests.oracle.thoroughness import many

from brug.api.cases import serve, table
from brug.api.cases.serve import Served
from brug.cases import files, keeping, listing
from brug.cases.acts import (
    Acknowledged,
    AnyAct,
    Asked,
    Attached,
    Decided,
    Filled,
    Joined,
    Linked,
    Marked,
    Moved,
    Planned,
    Recorded,
    Said,
)  # fmt: skip
from brug.cases.authority import received
from brug.cases.calendar import gathering, writing
from brug.cases.crisis import receipts
from brug.cases.entries import Entry
from brug.cases.exporting import document as exported
from brug.cases.exporting import leaving
from brug.cases.hooks import keeping as hooks
from brug.cases.hooks.noting import EVENTS
from brug.cases.listing import Wanted
from brug.directory import keys
from brug.edge.exchange import Sent
from brug.edge.strangers import Strangers
from brug.store.session import Database, Session

READERS = ("host", "entity", "other", "without")
# Routes of a case that need more than the case, or tell of the whole node's printing.
_LEFT_OUT = ("/export", "/pdf", "/archive")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AT = {"at": "2026-11-20T08:00:00Z", "zone": "UTC"}
WORD = "TOKENTOKEN"


class Reader(msgspec.Struct, frozen=True):
    name: str
    user: int
    key: str
    part: str


class World(msgspec.Struct):
    node: Node
    served: Served
    readers: dict[str, Reader]


class Twin(msgspec.Struct):
    """One of the two; entries with what they are called, `hidden` those for some.

    `start` is where its CVE numbers begin, which a case beside it all names.
    """

    number: str
    uuid: str
    id: int
    word: str
    start: int
    entries: list[tuple[str, Entry]] = []
    parts: dict[str, str] = {}
    names: dict[str, str] = {}


@pytest.fixture(scope="module")
def world(module_database_url: str) -> Iterator[World]:
    with Database(module_database_url, 4) as database:
        node = made(database)
        readers = {}
        with database.system() as session:
            session.execute("UPDATE role SET rights = rights || '{auth}' WHERE name LIKE '%@%'")
            for name in READERS:
                user = getattr(node, name)
                readers[name] = Reader(name, user, keys.add(session, user).text, str(uuid4()))
        for one in readers.values():
            with database.as_user(one.user) as session:
                hooks.add(session, f"https://{one.name}.example/hook", list(EVENTS))
        served = Served(database, Strangers(), "https://node.example", 2**20)
        yield World(node, served, readers)


Step = tuple[str, str, int]  # who, what, a number of its own


def act_of(twin: Twin, what: str, n: int, of: str = "") -> AnyAct:
    """The same in both, but for the word by which the one is told from the other.

    `of` keeps tasks and links apart: what is said of one that was for some is for those, too.
    """
    name = str(uuid5(NAMESPACE_URL, f"{what} {of}{n % 3}"))
    word = f"{twin.word} {what} {n}"
    match what:
        case "said":
            return Said(text=f"{word} CVE-2026-{twin.start + n}")
        case "planned":
            due = (NOW + timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%SZ")
            return Planned(task=name, title=word, due=due, is_done=n % 4 == 0)
        case "linked":
            return Linked(kind="event", uuid=_named(twin, f"link {of}{n}"), title=word)
        case "attached":
            digest = sha256(word.encode()).hexdigest()
            document = _named(twin, f"document {uuid4()}")
            # Some are reports of the entity, by which clocks run and queues fill.
            report = f"nis2-early-warning_{twin.parts['entity'][:8]}_v{n}.json"
            twin.names[report] = f"<report {n}>"
            return Attached(document=document, name=report if n % 2 else f"{n}.txt", size=n + 1,
                            sha256=digest, media_type="text/plain", because=word)  # fmt: skip
        case "decided":
            return Decided(question=word, outcome="yes")
        case "marked":
            return Marked(tlp=("green", "amber", "red")[n % 3], because=word)
        case "filled":
            return Filled(fields={"summary": word})
        case "recorded":
            return Recorded(fact="detected_at", **AT, because=word)
        case _:
            return Moved(machine="phase", trigger="contain", leaves="detection", because=word)


def _named(twin: Twin, name: str) -> str:
    found = str(uuid5(NAMESPACE_URL, twin.uuid + name))
    twin.names[found] = f"<{name.partition(' ')[0]}>"
    return found


WIDE = ("said", "planned", "linked", "attached", "decided", "marked", "filled", "recorded", "moved")
NARROW = ("said", "planned", "linked", "attached")


def begun(world: World) -> Twin:
    """With a case beside it that names all the same values."""
    start = 10_000_000 + uuid4().int % 80_000_000
    twin = _opened(world, start, "Pumps")
    beside = _opened(world, start, "Beside")
    every = " ".join(f"CVE-2026-{start + n}" for n in range(10))
    write(world, beside, "host", "every", Said(text=every))
    twin.names |= names_of(world, beside)
    return twin


def _opened(world: World, start: int, title: str) -> Twin:
    word = f"w{uuid4().hex[:9]}"
    with world.node.database.as_user(world.node.host) as session:
        file = keeping.open_case(session, "incident", f"{title} {word}")
        case = files.view(session, file.number)[1]
    (lead,) = case.participants
    twin = Twin(file.number, file.uuid, file.id, word, start, [], {}, {})
    twin.entries.append(("opened", case.timeline[0]))
    twin.parts["host"] = lead
    for name, role in (("entity", "entity"), ("other", "csirt"), ("without", "csirt")):
        reader = world.readers[name]
        org = "host" if name == "without" else name
        user = reader.user if name == "without" else None
        twin.parts[name] = str(uuid4())
        doing = Joined(participant=twin.parts[name], org=world.node.orgs[org], name=name,
                       role=role, user=user)  # fmt: skip
        write(world, twin, "host", f"joined {name}", doing)
    return twin


def write(
    world: World, twin: Twin, who: str, name: str, doing: AnyAct, to: list[str] | None = None
) -> Entry | None:
    with world.node.database.as_user(world.readers[who].user) as session:
        case = files.view(session, twin.number)[1]
        if isinstance(doing, Moved) and (
            case.state != "detection" or "detected_at" not in case.facts
        ):
            return None
        if isinstance(doing, Marked | Joined | Moved) and who != "host":
            return None
        entry = keeping.act(session, twin.number, doing, [twin.parts[one] for one in to or []])
    twin.entries.append((name, entry))
    return entry


@settings(max_examples=many(4), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_whoever_has_not_got_an_entry_cannot_tell_that_it_is_there(
    world: World, data: st.DataObject
) -> None:
    by = data.draw(st.sampled_from(READERS))
    to = data.draw(st.lists(st.sampled_from(READERS), min_size=1, max_size=2, unique=True))
    wide = st.tuples(st.sampled_from(READERS), st.sampled_from(WIDE), st.integers(0, 9))
    hidden = st.tuples(st.just("?"), st.sampled_from(NARROW), st.integers(0, 9))
    steps = data.draw(st.lists(wide, min_size=1, max_size=6))
    for place, step in data.draw(
        st.lists(st.tuples(st.integers(0, 6), hidden), min_size=1, max_size=3)
    ):
        steps.insert(place, step)
    without, with_it = begun(world), begun(world)
    for n, (who, what, number) in enumerate(steps):
        if who != "?":
            for twin in (without, with_it):
                write(world, twin, who, f"{n}", act_of(twin, what, number))
            continue
        entry = write(world, with_it, by, "hidden", act_of(with_it, what, number, "hidden "), to)
        assert entry is not None
        if what in {"said", "attached"} and number % 2:
            have = sorted({by, *to})
            write(world, with_it, by, "hidden", Asked(entry=entry.id), have)
            write(world, with_it, to[0], "hidden", Acknowledged(entry=entry.id), have)
    # Whoever works on cases of an organisation has what any of its people wrote.
    informed = {by, *to} | ({"host"} if "without" in {by, *to} else set())
    for name in set(READERS) - informed:
        told = [answers(world, twin, world.readers[name]) for twin in (without, with_it)]
        for what, said in told[0].items():
            assert said == told[1][what], (name, what)
        in_order(world, [without, with_it], world.readers[name])


def answers(world: World, twin: Twin, reader: Reader) -> dict[str, str]:
    """All that a reader is told of one of them, with what is another in any two taken out."""
    found: dict[str, bytes] = {}
    for route in table.ROUTES:
        path = route.path.replace("{case}", twin.number)
        is_here = route.method == "GET" and path != route.path and "{" not in path
        if is_here and not path.endswith(_LEFT_OUT):
            found[route.path] = asked(world, reader, path)
    for text in ("", "said", "planned", f"CVE-2026-{twin.start + 5}", "txt", twin.number):
        query = f"text={twin.word} {text}".replace(" ", "%20")
        found[f"search {text[:8]}"] = asked(world, reader, "/brug/v1/cases", query)
    with world.node.database.as_user(reader.user) as session:
        found |= directly(session, twin)
        came = dict(session.all(
            "SELECT uuid::text, came FROM case_entry WHERE case_id = %s", (twin.id,)
        ))  # fmt: skip
    assert {one.id for name, one in twin.entries if name != "hidden"} == set(came), reader.name
    names = names_of(world, twin)
    return {name: plain(names, said.decode()) for name, said in found.items()}


def directly(session: Session, twin: Twin) -> dict[str, bytes]:
    """What no route of a case answers: calendars, exports, rows of tables, what waits."""
    gathered = gathering.whole(session, NOW - timedelta(days=300), NOW + timedelta(days=150))
    # Of two at the same time the one with the lower UID comes first, whichever that is.
    items = sorted(
        (one for one in gathered.items if one.number == twin.number),
        key=lambda one: (one.at, one.what, one.whose, one.says),
    )
    given = msgspec.structs.replace(leaving.given(session, twin.number), at=NOW)
    rows = {
        str(name): session.all("SELECT * FROM " + name + " WHERE case_id = %s", (twin.id,))
        for name in ("case_moment", "case_unread", "case_counted", "case_alarm", "case_stale")
    }
    # What is sealed, and marks, are others in any two cases.
    views = session.all("SELECT reader, turns FROM case_view WHERE case_id = %s", (twin.id,))
    notified = session.all(
        "SELECT reader, is_over, is_due, ends, since FROM case_notified WHERE case_id = %s",
        (twin.id,),
    )
    queue = [one for one in received.listed(session, over=None) if one.uuid == twin.uuid]
    number_of = session.value("SELECT count(*) FROM case_word WHERE case_id = %s", (twin.id,))
    values = session.value("SELECT count(*) FROM case_value WHERE case_id = %s", (twin.id,))
    due = session.value("SELECT count(*) FROM case_hook_due WHERE case_id = %s", (twin.id,))
    waits = [one.count for one in receipts.reminders(session, 1000) if one.case_id == twin.id]
    told: dict[str, Any] = {
        "row": msgspec.structs.replace(files.find(session, twin.number), stamp=""),
        "calendar": items,
        "tables": [sorted(rows["case_moment"]), rows["case_unread"], rows["case_counted"],
                   len(rows["case_alarm"]), len(rows["case_stale"]), views, notified],
        "queue": queue,
        "numbers": [number_of, values, due, waits],
    }  # fmt: skip
    found = {name: msgspec.json.encode(said) for name, said in told.items()}
    found["export"] = exported.as_json(exported.export(session, given))
    found["ics"] = writing.written(items, "x", "https://node.example", with_titles=True)
    return found


def asked(world: World, reader: Reader, path: str, query: str = "") -> bytes:
    sent = Sent("GET", path, query, {"authorization": reader.key}, b"", "127.0.0.1")
    status, headers, body = serve.answer(world.served, sent)
    assert isinstance(body, bytes), path
    assert status < 500, (path, body)
    kept = {name: value for name, value in headers.items() if not name.startswith("X-Rate")}
    return repr((status, sorted(kept.items()))).encode() + body


def names_of(world: World, twin: Twin) -> dict[str, str]:
    """Of what is another in any two cases, by what it is."""
    names = dict(twin.names)
    with world.node.database.system() as session:
        rows = session.all("SELECT uuid::text, came FROM case_entry WHERE case_id = %s", (twin.id,))
    came = dict(rows)
    for name, entry in twin.entries:
        at = came[entry.id].astimezone(UTC)
        names |= {
            entry.id: f"<entry {name}>",
            str(entry.number): f"<number {name}>",
            at.isoformat(): f"<came {name}>",
            at.isoformat().replace("+00:00", "Z"): f"<came {name}>",
            at.strftime("%Y%m%dT%H%M%SZ"): "<second>",
            entry.at: "<second>",
        }
    names |= {part: f"<part {name}>" for name, part in twin.parts.items()}
    names |= {f"CVE-2026-{twin.start + n}": f"<cve {n}>" for n in range(10)}
    names |= {f"cve-2026-{twin.start + n}": f"<cve {n}>" for n in range(10)}
    return names | {twin.uuid: "<case>", twin.number: "<called>", twin.word: WORD}


def plain(names: dict[str, str], said: str) -> str:
    """With names in the place of what is another in any two cases."""
    pattern = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    said = re.sub(pattern, lambda found: names[found[0]], said)
    # A clock that a report starts ends tomorrow.
    days = [(datetime.now(UTC) + timedelta(days=n)).strftime("%Y-%m-%d") for n in (0, 1)]
    said = re.sub(f"({'|'.join(days)})" + r"T[\d:]{8}(\.\d+)?(\+00:00|Z)", "<second>", said)
    compact = "|".join(day.replace("-", "") for day in days)
    said = re.sub(f"({compact})" + r"T\d{6}Z", "<second>", said)
    said = re.sub(r'"(digest|signature|sha256|uid)": ?"[^"]+"', r'"\1":"x"', said)
    said = re.sub(r'\\"(sha256)\\":\\"[^"\\]+\\"', "x", said)
    said = re.sub(r"(UID:)[0-9a-f-]+", r"\1x", said)
    return re.sub(r'("(id|case_id)": ?|\[\[?)\d+(?=,)', r"\1n", said)


def in_order(world: World, twins: list[Twin], reader: Reader) -> None:
    """A list has first what changed last of what its reader has."""
    with world.node.database.as_user(reader.user) as session:
        found = listing.listed(session, Wanted(), 500)[0]
        crises = listing.listed(session, Wanted(order="severity"), 500)[0]
        last = {
            twin.number: session.value(
                "SELECT max(came) FROM case_entry WHERE case_id = %s", (twin.id,)
            )
            for twin in twins
        }
        counts = sum(one.cases for one in listing.counted(session))
    wanted = sorted(last, key=lambda number: last[number], reverse=True)
    for several in (found, crises):
        order = [one.number for one in several if one.number in last]
        assert order == wanted
        assert {one.number: one.changed for one in several if one.number in last} == last
    assert counts == len(found)
