# SPDX-License-Identifier: EUPL-1.2
"""Cases: lists, counts, search, a case, an act and a round of clocks among many of them.

One case is made by its own means and copied in bulk, with other organisations, UUIDs and numbers;
each entry is sealed anew, for the seal binds its UUID. Signatures are those of the first.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
import psycopg

from benchmarks.figures import Figure
from benchmarks.node import ServedNode
from brug.cases import files, keeping, listing, searching, warning
from brug.cases.acts import (
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
from brug.cases.entries import Author, case_of
from brug.directory import account_changes, keys, organisations
from brug.store.home import Home
from brug.store.sealing import Seal
from brug.store.server import SUPERUSER
from brug.store.session import Database

ORGANISATIONS = 200
RIGHTS = ["auth", "add", "modify", "case", "case_lead"]
AT = {"at": "2026-11-20T08:00:00Z", "zone": "Europe/Amsterdam"}
CPU_AIM = 30.0  # milliseconds a request, of server and database together
CLOCKS_AIM = 1.0  # seconds
ASKED = 40
AT_LEAST = 17  # entries of a case that each reader has
OWN_WORD = "h0.example"  # becomes another in each case
RARE, EVERYWHERE = "h77.example", "pumps"
PROCESSES = 2


class Template(msgspec.Struct):
    """A case with its entries, as it was made once; `orgs` are those of its participants."""

    file: tuple[Any, ...]
    uuid: str
    author: Author
    orgs: list[str]
    entries: list[tuple[str, str, str, bytes, bool]]  # uuid, text, key id, signature, is narrow
    words: list[list[int]]
    parts: list[tuple[str, int, str]]  # participant, place in `orgs`, role


def measure(node: ServedNode, rows: int) -> Iterator[Figure]:
    """A hundredth of `rows` cases of twenty entries; readers who take part in all, and in few."""
    count = rows // 100
    home = Home(node.folder)
    with Database(node.server.dsn("brug_app"), 2, keys=home.keys) as database:
        orgs, people = _people(database)
        begun = time.perf_counter()
        _fill(node, database, count, orgs, people["all"][0])
        yield Figure(
            f"{count:,} cases filled", f"{time.perf_counter() - begun:.0f} s", "", None, "", None
        )
        for who in ("all", "few"):
            yield from _requests(node, people[who][1], who, count)
            yield _counts(node, database, people[who][0], f"{who} of {count:,}")
        yield _clocks(node, database, count)


def _people(database: Database) -> tuple[list[tuple[int, str]], dict[str, tuple[int, str]]]:
    """Organisations as (id, UUID), and who reads, as (user, key): of the first, and the second."""
    with database.system() as session:
        made = [organisations.add(session, {"name": f"Org {n}"}) for n in range(ORGANISATIONS)]
        people = {}
        for who, org in (("all", made[0]), ("few", made[1])):
            role = session.value(
                "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (who, RIGHTS)
            )
            new = {"email": f"{who}@bench.example", "org_id": org.id, "role_id": role}
            account = account_changes.add(session, new | {"password": "Correct-horse-1"}).account
            people[who] = (account.id, keys.add(session, account.id).text)
    return [(one.id, str(one.uuid)) for one in made], people


def _template(database: Database, user: int, orgs: Sequence[tuple[int, str]]) -> Template:
    ids = [str(uuid4()), str(uuid4())]
    with database.as_user(user) as session:
        file = keeping.open_case(
            session, "incident", f"Pumps of station {OWN_WORD} stopped",
            {"summary": "Operators saw the pumps stop after a login from abroad"},
        )  # fmt: skip
        acts: list[tuple[Any, list[str]]] = [
            (Joined(participant=ids[0], org=orgs[1][1], name="Entity", role="entity"), []),
            (Joined(participant=ids[1], org=orgs[2][1], name="Helper", role="csirt"), []),
            (Recorded(fact="detected_at", **AT), []),
            (Recorded(fact="aware_at", of=ids[0], **AT), []),
            (Filled(fields={"countries": ["NL"], "sector": "energy"}), []),
            (Marked(tlp="amber", pap="amber"), []),
            (Moved(machine="phase", trigger="contain", leaves="detection"), []),
            (Planned(task=str(uuid4()), title="Take an image of the server"), []),
            (Linked(kind="event", uuid=str(uuid4()), title="Indicators"), []),
            (Decided(question="Cut the line?", outcome="Yes, until the evening"), []),
        ]
        for n in range(7):
            text = f"Message {n}: the firewall shows traffic from {OWN_WORD} to port {n}"
            acts.append((Said(text=text), [ids[0]] if n % 4 == 3 else []))
        keeping.act_several(session, file.number, acts)
        stored = files.stored_of(session, file.id)
        words = [
            session.seal.marks(searching.words_of(one.entry.act), searching.PURPOSE)
            for one in stored
        ]
    with database.system() as session:
        (shown, due, is_next) = session.one(
            "SELECT state, due, next_warning FROM case_file WHERE id = %s", (file.id,)
        ) or ("", None, None)
        parts = session.all(
            "SELECT participant::text, org_uuid::text, role FROM case_party WHERE case_id = %s",
            (file.id,),
        )
    uuids = [one[1] for one in orgs[:3]]
    return Template(
        file=(shown, due, is_next, file.title),
        uuid=file.uuid,
        author=stored[0].entry.author,
        orgs=uuids,
        entries=[
            (one.uuid, one.data.decode(), one.key_id, one.signature, bool(one.entry.to))
            for one in stored
        ],
        words=words,
        parts=[(part, uuids.index(org), role) for part, org, role in parts],
    )


def _fill(
    node: ServedNode, database: Database, count: int, orgs: Sequence[tuple[int, str]], user: int
) -> None:
    template = _template(database, user, orgs)
    home = Home(node.folder)
    rng = random.Random(7)  # noqa: S311 — test data
    audiences: dict[tuple[int, ...], int] = {}
    dsn = node.server.dsn(SUPERUSER)
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("SET search_path = brug")
        (next_audience,) = owner.execute("SELECT max(id) + 1 FROM case_audience").fetchone() or (1,)
        (next_case,) = owner.execute("SELECT max(id) + 1 FROM case_file").fetchone() or (1,)
        (next_entry,) = owner.execute("SELECT max(number) + 1 FROM case_entry").fetchone() or (1,)
        for orgs_of, found in owner.execute("SELECT orgs, id FROM case_audience").fetchall():
            audiences[tuple(orgs_of)] = found

        def audience(*who: int) -> int:
            return audiences.setdefault(tuple(sorted(set(who))), next_audience + len(audiences))

        plan = []
        for n in range(count - 1):
            # The second organisation is seldom in it, most are in some.
            mine = [0, *rng.sample(range(1, len(orgs)), 2)]
            chosen = [orgs[one] for one in mine]
            several = audience(*(one[0] for one in chosen))
            plan.append((n + 1, chosen, several, audience(chosen[0][0], chosen[1][0])))
        with (
            owner.cursor() as cursor,
            cursor.copy("COPY case_audience (id, orgs, users) FROM STDIN") as copy,
        ):
            for who, found in audiences.items():
                if found >= next_audience:
                    copy.write_row((found, list(who), []))
        owner.execute("ALTER TABLE case_word DROP CONSTRAINT case_word_pkey")
        owner.execute("DROP INDEX case_word_entry")
        shares = [plan[start::PROCESSES] for start in range(PROCESSES)]
        # Entries keep the order of cases: their numbers follow from the case's.
        work = partial(_copy, dsn, home.keys, template, next_case, next_entry)
        with ProcessPoolExecutor(PROCESSES) as pool:
            list(pool.map(work, shares))
        owner.execute("SET maintenance_work_mem = '512MB'")
        owner.execute("ALTER TABLE case_word ADD PRIMARY KEY (mark, case_id, entry)")
        owner.execute("CREATE INDEX case_word_entry ON case_word (entry)")
        for table, column in (
            ("case_audience", "id"), ("case_file", "id"), ("case_entry", "number"),
        ):  # fmt: skip
            owner.execute(
                f"SELECT setval(pg_get_serial_sequence('brug.{table}', '{column}'),"
                f" (SELECT max({column}) FROM {table}))"
            )
        owner.execute("UPDATE case_number SET last = %s", (count,))
        for table in ("case_file", "case_audience", "case_entry", "case_party", "case_word"):
            owner.execute(f"VACUUM ANALYZE {table}")


def _copy(
    dsn: str, folder: Path, made: Template, next_case: int, next_entry: int, plan: list[Any]
) -> None:
    """Cases with all that hangs on them, in the database's own form, past all triggers."""
    seal = Seal(folder)
    state, due, is_next, title = made.file
    per = len(made.entries)
    lead = next(part for part, _, role in made.parts if role == "lead")
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    rows: dict[str, list[tuple[Any, ...]]] = {
        "case_file": [], "case_party": [], "case_entry": [], "case_word": [],
    }  # fmt: skip
    columns = {
        "case_file": "id, uuid, kind, number, readers, org_id, state, is_over, due, next_warning,"
        " shown, entries, changed",
        "case_party": "case_id, participant, org_uuid, org_id, role",
        "case_entry": "number, uuid, case_id, readers, author_org, by_user, sealed, digest,"
        " key_id, signature",
        "case_word": "mark, entry, case_id",
    }
    (mark_before,) = seal.marks([OWN_WORD], searching.PURPOSE)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET search_path = brug; SET session_replication_role = replica")
        for n, chosen, several, narrow in plan:
            case_id, number, opener = next_case + n, f"INC-2026-{n + 1:06}", str(uuid4())
            uuid = case_of(made.author, "incident", opener)
            word = f"h{n}.example"
            (mark,) = seal.marks([word], searching.PURPOSE)
            shown = json.dumps({"title": title.replace(OWN_WORD, word)})
            rows["case_file"].append((
                case_id, UUID(uuid), "incident", number, several, chosen[0][0], state,
                n % 4 == 0, None if n % 4 == 0 else due,
                None if is_next is None else is_next + timedelta(days=3650),
                seal.close(shown, f"case file {uuid}"), per, begun + timedelta(seconds=n),
            ))  # fmt: skip
            for part, place, role in made.parts:
                one = opener if role == "lead" else part
                rows["case_party"].append(
                    (case_id, UUID(one), UUID(chosen[place][1]), chosen[place][0], role)
                )
            for place, (old, text, key_id, signature, is_narrow) in enumerate(made.entries):
                entry, entry_number = str(uuid4()), next_entry + n * per + place
                said = text.replace(old, entry).replace(made.uuid, uuid).replace(OWN_WORD, word)
                said = said.replace(lead, opener)
                for before, (_, after) in zip(made.orgs, chosen, strict=True):
                    said = said.replace(before, after)
                rows["case_entry"].append((
                    entry_number, UUID(entry), case_id, narrow if is_narrow else several,
                    chosen[0][0], 1, seal.close(said, f"case entry {entry}"), b"d" * 32, key_id,
                    signature,
                ))  # fmt: skip
                marks = {mark if one == mark_before else one for one in made.words[place]}
                rows["case_word"] += [(one, entry_number, case_id) for one in marks]
            if len(rows["case_file"]) == 500:
                _write(connection, rows, columns)
        _write(connection, rows, columns)


def _write(
    connection: psycopg.Connection[Any],
    rows: dict[str, list[tuple[Any, ...]]],
    columns: dict[str, str],
) -> None:
    for table, several in rows.items():
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns[table]}) FROM STDIN") as copy,
        ):
            for row in several:
                copy.write_row(row)
        several.clear()


def _requests(node: ServedNode, key: str, who: str, count: int) -> Iterator[Figure]:
    client = node.client(key)
    listed = json.loads(client.send("GET", "/brug/v1/cases?limit=50"))
    numbers = [one["number"] for one in listed["cases"]]
    whole = json.loads(client.send("GET", f"/brug/v1/cases/{numbers[0]}"))
    if whole["ignored"] or len(whole["timeline"]) < AT_LEAST:
        raise RuntimeError(f"{numbers[0]} is not what was to be filled: {whole['ignored']}")
    asked = {
        "list of 50": ["/brug/v1/cases?limit=50"],
        "list of a state": ["/brug/v1/cases?kind=incident&state=containment&over=false"],
        "page 100 of the list": ["/brug/v1/cases?limit=50&offset=4950"],
        "search, a rare word": [f"/brug/v1/cases?text={quote(RARE)}"],
        "search, words of all cases": [f"/brug/v1/cases?text={EVERYWHERE}%20firewall"],
        "a case": [f"/brug/v1/cases/{number}" for number in numbers],
        "its clocks": [f"/brug/v1/cases/{number}/clocks" for number in numbers],
        "its entries": [f"/brug/v1/cases/{number}/entries" for number in numbers],
    }
    for name, paths in asked.items():
        for path in paths[:3]:
            client.send("GET", path)
        cpu, wall = node.cpu_seconds(), time.perf_counter()
        for n in range(ASKED):
            client.send("GET", paths[n % len(paths)])
        wall = (time.perf_counter() - wall) / ASKED * 1000
        cpu = (node.cpu_seconds() - cpu) / ASKED * 1000
        yield Figure(
            f"{name}, reader of {who} of {count:,}", f"{cpu:.1f} ms cpu, {wall:.1f} ms", "", None,
            f"< {CPU_AIM:.0f} ms cpu", cpu < CPU_AIM,
        )  # fmt: skip


def _spent(node: ServedNode) -> float:
    """Processor time of the node, its database, and this process, which asks it directly."""
    return node.cpu_seconds() + time.process_time()


def _counts(node: ServedNode, database: Database, user: int, who: str) -> Figure:
    """What a board shows above its columns."""
    with database.as_user(user) as session:
        begun = _spent(node)
        for _ in range(ASKED):
            listing.counted(session)
        taken = (_spent(node) - begun) / ASKED * 1000
    return Figure(
        f"counts of a board, reader of {who}", f"{taken:.1f} ms cpu", "", None,
        f"< {CPU_AIM:.0f} ms cpu", taken < CPU_AIM,
    )  # fmt: skip


def _clocks(node: ServedNode, database: Database, count: int) -> Figure:
    """One round that finds a hundred cases whose warning is due."""
    with database.system() as session:
        session.execute(
            "UPDATE case_file SET next_warning = now() - interval '1 minute' WHERE id IN"
            " (SELECT id FROM case_file ORDER BY id DESC LIMIT 100)"
        )
    begun = _spent(node)
    warning.warn(database)
    seconds = _spent(node) - begun
    return Figure(
        f"round of clocks, 100 due of {count:,}", f"{seconds:.2f} s cpu", "", None,
        f"< {CLOCKS_AIM:.0f} s cpu", seconds < CLOCKS_AIM,
    )  # fmt: skip
