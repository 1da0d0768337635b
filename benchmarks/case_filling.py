# SPDX-License-Identifier: EUPL-1.2
"""Many cases in a database: one is made by its own means and copied in bulk.

Each copy has other organisations, UUIDs and a number; each entry is sealed anew, for the seal binds
its UUID. Signatures and digests are those of the first.
"""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg

from benchmarks import case_views
from benchmarks.case_views import OWN_SECTOR
from benchmarks.node import ServedNode
from brug.cases import counting, entry_rows, files, keeping, searching, values
from brug.cases.acts import (
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
from brug.cases.due import clocks_of, rules_here
from brug.cases.entries import Author, case_of
from brug.store.home import Home
from brug.store.sealing import Seal
from brug.store.server import SUPERUSER
from brug.store.session import Database

AT = {"at": "2026-11-20T08:00:00Z", "zone": "Europe/Amsterdam"}
OWN_WORD = "h0.example"  # becomes another in each case
OWN_VALUE = "CVE-2026-10000000"  # becomes another in each two

PROCESSES = 2


class Template(msgspec.Struct):
    """A case with its entries, as it was made once; `orgs` are those of its participants."""

    file: tuple[Any, ...]
    uuid: str
    author: Author
    orgs: list[str]
    entries: list[tuple[str, str, str, bytes, bool]]  # uuid, text, key id, signature, is narrow
    words: list[list[int]]
    values: list[list[int]]
    facets: list[str]
    parts: list[tuple[str, int, str]]  # participant, place in `orgs`, role
    views: list[case_views.View]


def _template(database: Database, user: int, orgs: Sequence[tuple[int, str]]) -> Template:
    ids = [str(uuid4()), str(uuid4()), str(uuid4())]
    with database.as_user(user) as session:
        file = keeping.open_case(
            session, "incident", f"Pumps of station {OWN_WORD} stopped",
            {"summary": "Operators saw the pumps stop after a login from abroad"},
        )  # fmt: skip
        acts: list[tuple[Any, list[str]]] = [
            (Joined(participant=ids[0], org=orgs[1][1], name="Entity", role="entity"), []),
            (Joined(participant=ids[1], org=orgs[2][1], name="Helper", role="csirt"), []),
            (Joined(participant=ids[2], org=orgs[0][1], name="Authority", role="authority"), []),
            (Recorded(fact="detected_at", **AT), []),
            (Recorded(fact="early_warning_received_at", of=ids[2], **AT), []),
            (
                Attached(
                    document=str(uuid4()),
                    name=f"nis2-early-warning_{ids[0][:8]}_v1.json",
                    media_type="application/json",
                    size=2,
                    sha256="0" * 64,
                ),
                [],
            ),
            (Recorded(fact="aware_at", of=ids[0], **AT), []),
            (Filled(fields={"countries": ["NL"], "sector": OWN_SECTOR}), []),
            (Marked(tlp="amber", pap="amber"), []),
            (Moved(machine="phase", trigger="contain", leaves="detection"), []),
            (Planned(task=str(uuid4()), title="Take an image of the server"), []),
            (Linked(kind="event", uuid=str(uuid4()), title="Indicators"), []),
            (Decided(question="Cut the line?", outcome="Yes, until the evening"), []),
        ]
        for n in range(7):
            text = f"{OWN_VALUE} " if n == 0 else ""
            text += f"Message {n}: the firewall shows traffic from {OWN_WORD} to port {n}"
            acts.append((Said(text=text), [ids[0]] if n % 4 == 3 else []))
        keeping.act_several(session, file.number, acts)
        stored = entry_rows.stored_of(session, file.id)
        words = [
            session.seal.marks(searching.words_of(one.entry.act), searching.PURPOSE)
            for one in stored
        ]
        marks = [
            session.seal.marks([v.marked for v in values.values_of(one.entry.act)], values.PURPOSE)
            for one in stored
        ]
        case = files.view(session, file.number)[1]
        bound = clocks_of(case, rules_here(session), datetime.now(UTC))
        facets = counting.facets(case, bound)
    with database.system() as session:
        (shown, due, is_next) = session.one(
            "SELECT state, due, next_warning FROM case_file WHERE id = %s", (file.id,)
        ) or ("", None, None)
        parts = session.all(
            "SELECT participant::text, org_uuid::text, role FROM case_party WHERE case_id = %s",
            (file.id,),
        )
        views = case_views.made(session, file.id, file.uuid, [one[0] for one in orgs[:3]])
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
        values=marks,
        facets=[one.rpartition("|")[0] if one.startswith("open|") else one for one in facets],
        parts=[(part, uuids.index(org), role) for part, org, role in parts],
        views=views,
    )


def fill(
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
        owner.execute("ALTER TABLE case_value DROP CONSTRAINT case_value_pkey")
        owner.execute("DROP INDEX case_value_entry")
        shares = [plan[start::PROCESSES] for start in range(PROCESSES)]
        # Entries keep the order of cases: their numbers follow from the case's.
        work = partial(_copy, dsn, home.keys, template, next_case, next_entry)
        with ProcessPoolExecutor(PROCESSES) as pool:
            list(pool.map(work, shares))
        owner.execute("SET maintenance_work_mem = '512MB'")
        owner.execute("ALTER TABLE case_word ADD PRIMARY KEY (mark, case_id, entry)")
        owner.execute("CREATE INDEX case_word_entry ON case_word (entry)")
        owner.execute("ALTER TABLE case_value ADD PRIMARY KEY (mark, case_id, entry)")
        owner.execute("CREATE INDEX case_value_entry ON case_value (entry)")
        # As the job leaves it that puts together what is counted.
        owner.execute("TRUNCATE case_tally")
        owner.execute(
            "INSERT INTO case_tally SELECT o, f, count(*) FROM case_counted c,"
            " unnest(c.orgs) o, unnest(c.facets) f GROUP BY o, f"
        )
        owner.execute("TRUNCATE case_notified_tally")
        owner.execute(case_views.TALLY)
        for table, column in (
            ("case_audience", "id"), ("case_file", "id"), ("case_entry", "number"),
        ):  # fmt: skip
            owner.execute(
                f"SELECT setval(pg_get_serial_sequence('brug.{table}', '{column}'),"
                f" (SELECT max({column}) FROM {table}))"
            )
        owner.execute("UPDATE case_number SET last = %s", (count,))
        for table in (
            "case_file", "case_audience", "case_entry", "case_party", "case_word", "case_value",
            "case_counted", "case_tally", "case_reading", "case_notified_tally",
            *case_views.COLUMNS,
        ):  # fmt: skip
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
        "case_value": [], "case_counted": [], "case_reading": [],
    }  # fmt: skip
    rows.update((table, []) for table in case_views.COLUMNS)
    columns = {
        "case_file": "id, uuid, kind, number, readers, org_id, state, is_over, due, next_warning,"
        " shown",
        "case_party": "case_id, participant, org_uuid, org_id, role",
        "case_entry": "number, uuid, case_id, readers, author_org, by_user, sealed, digest,"
        " key_id, signature",
        "case_word": "mark, entry, case_id",
        "case_value": "mark, entry, case_id",
        "case_counted": "case_id, orgs, facets",
        "case_reading": "reader, case_id, changed, kind, state, is_over, severity, severity_rank,"
        " crisis",
    } | case_views.COLUMNS
    views = case_views.Copying(seal, made.views, rows)
    marks_before = seal.marks(list(searching.words(OWN_WORD)), searching.PURPOSE)
    (value_before,) = seal.marks([f"cve {OWN_VALUE}"], values.PURPOSE)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET search_path = brug; SET session_replication_role = replica")
        for n, chosen, several, narrow in plan:
            case_id, number, opener = next_case + n, f"INC-2026-{n + 1:06}", str(uuid4())
            uuid = case_of(made.author, "incident", opener)
            word = f"h{n}.example"
            now = seal.marks(list(searching.words(word)), searching.PURPOSE)
            mark = dict(zip(marks_before, now, strict=True))
            cve = f"CVE-2026-{10_000_001 + n // 2}"
            (value,) = seal.marks([f"cve {cve}"], values.PURPOSE)
            day = (begun + timedelta(days=n % 330)).strftime("%Y-%m-%d")
            facets = [f"{one}|{day}" if one.startswith("open|") else one for one in made.facets]
            rows["case_counted"].append(
                (case_id, sorted({one[0] for one in chosen}), sorted(facets))
            )
            shown = json.dumps({"title": title.replace(OWN_WORD, word)})
            rows["case_file"].append((
                case_id, UUID(uuid), "incident", number, several, chosen[0][0], state,
                n % 4 == 0, None if n % 4 == 0 else due,
                None if is_next is None else is_next + timedelta(days=3650),
                seal.close(shown, f"case file {uuid}"),
            ))  # fmt: skip
            changed = begun + timedelta(seconds=n)
            rows["case_reading"] += [
                (reader, case_id, changed, "incident", state, n % 4 == 0, "", 0, 0)
                for reader in (0, *(one[0] for one in chosen))
            ]
            views.copy(case_id, uuid, [one[0] for one in chosen], n)
            for part, place, role in made.parts:
                one = opener if role == "lead" else part
                rows["case_party"].append(
                    (case_id, UUID(one), UUID(chosen[place][1]), chosen[place][0], role)
                )
            for place, (old, text, key_id, signature, is_narrow) in enumerate(made.entries):
                entry, entry_number = str(uuid4()), next_entry + n * per + place
                said = text.replace(old, entry).replace(made.uuid, uuid).replace(OWN_WORD, word)
                said = said.replace(lead, opener).replace(OWN_VALUE, cve)
                said = said.replace(f'"{OWN_SECTOR}"', f'"{case_views.sector(n)}"')
                for before, (_, after) in zip(made.orgs, chosen, strict=True):
                    said = said.replace(before, after)
                rows["case_entry"].append((
                    entry_number, UUID(entry), case_id, narrow if is_narrow else several,
                    chosen[0][0], 1, seal.close(said, f"case entry {entry}"), b"d" * 32, key_id,
                    signature,
                ))  # fmt: skip
                marks = {mark.get(one, one) for one in made.words[place]}
                rows["case_word"] += [(one, entry_number, case_id) for one in marks]
                shared = {value if one == value_before else one for one in made.values[place]}
                rows["case_value"] += [(one, entry_number, case_id) for one in shared]
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
