# SPDX-License-Identifier: EUPL-1.2
"""A corrected table of deadlines, titles in other languages, and contents that are lost."""

import io
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from tests.cases.conftest import Node

from brug.cases import (
    clocks,
    documents,
    keeping,
    listing,
    missing_documents,
    tables_changed,
    warning,
)
from brug.cases.acts import Filled, Joined, Recorded
from brug.cases.clocks import own_table, tables, titles
from brug.cases.documents import Told
from brug.cases.severity import UnusableScheme
from brug.model.errors import Invalid
from brug.store import settings
from brug.store.session import Session

NOW = datetime.now(UTC)


def test_every_deadline_has_a_title_in_dutch_and_no_other_has() -> None:
    table = clocks.table()
    said = titles.titles()["nl"]
    dutch, laws = said["titles"], said["laws"]
    assert {row.soft for row in table.rows.values()} - {""} == set(said["softs"])
    assert {row.instrument for row in table.rows.values()} - set(laws) == {"OSCE PC.DEC/1202"}
    assert set(dutch) == set(table.rows)
    assert all(one.strip() == one and one for one in dutch.values())
    row = table.row("nis2-early-warning")
    assert titles.title_of(row, "nl") == "Vroegtijdige waarschuwing"
    assert titles.title_of(row, "en") == titles.title_of(row, "fr") == row.title
    assert titles.source_of(row, "nl") == "Richtlijn (EU) 2022/2555 (NIS2) 23(4)(a)"
    assert titles.source_of(row, "fr") == "Directive (EU) 2022/2555 (NIS2) 23(4)(a)"
    assert titles.in_all(row) == {
        "en": f"{row.title} (Directive (EU) 2022/2555 (NIS2) 23(4)(a))",
        "nl": "Vroegtijdige waarschuwing (Richtlijn (EU) 2022/2555 (NIS2) 23(4)(a))",
    }


def test_what_a_node_calls_a_deadline_comes_first() -> None:
    told = '[[row]]\nid = "nis2-final"\ntitle = "Ours"\nwhere = "our statute"\n'
    row = tables.corrected(clocks.table(), told, "own").row("nis2-final")
    assert titles.title_of(row, "nl") == "Ours"
    told = '[[row]]\nid = "nis2-final"\nperiod = "P2M"\nwhere = "our statute"\n'
    row = tables.corrected(clocks.table(), told, "own").row("nis2-final")
    assert titles.title_of(row, "nl") == "Eindverslag"
    told = """[[row]]
id = "nis2-final"
instrument = "Cyberbeveiligingswet"
article = "28"
title_in = { fr = "Rapport final" }
instrument_in = { en = "Cybersecurity Act (NL)", fr = "Loi" }
soft = "without undue delay"
soft_in = { fr = "sans retard" }
where = "our statute"
"""
    row = tables.corrected(clocks.table(), told, "own").row("nis2-final")
    assert titles.in_all(row) == {
        "en": "Final report (Cybersecurity Act (NL) 28)", "fr": "Rapport final (Loi 28)",
        "nl": "Eindverslag (Cyberbeveiligingswet 28)",
    }  # fmt: skip
    assert [titles.soft_of(row, one) for one in ("en", "nl", "fr", "de")] == [
        "without undue delay", "zonder onnodige vertraging", "sans retard", "without undue delay",
    ]  # fmt: skip
    assert [titles.soft_lang(row, one) for one in ("nl", "fr", "de")] == ["nl", "fr", "en"]
    for wrong, field in (
        ("soft_in = { nl = '' }", "soft_in.nl"),
        ("title_in = { Dutch = 'x' }", "title_in"), ("title_in = { nl = ' ' }", "title_in.nl"),
        ("instrument_in = { nl = 1 }", "instrument_in"), ("instrument_in = 'x'", "instrument_in"),
    ):  # fmt: skip
        told = f'[[row]]\nid = "nis2-final"\nwhere = "x"\n{wrong}\n'
        with pytest.raises(Invalid, match=re.escape(f"own: nis2-final.{field}")):
            tables.corrected(clocks.table(), told, "own")


def test_a_corrected_table_has_cases_looked_at_that_nobody_touches(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = str(uuid4())
    aware = NOW - timedelta(hours=1)
    with node.database.as_user(node.host) as session:
        number = keeping.open_case(session, "incident", "Pumps stopped").number
        joining = Joined(participant=part, org=node.orgs["entity"], name="Z", role="entity")
        keeping.act(session, number, joining)
        at = aware.strftime("%Y-%m-%dT%H:%M:%SZ")
        keeping.act(session, number, Recorded(fact="aware_at", at=at, zone="UTC", of=part))
    catch_up(node)
    before = due_of(node, number)
    own = tmp_path / "deadlines.toml"
    own.write_text('[[row]]\nid = "nis2-early-warning"\nperiod = "PT12H"\nwhere = "a new act"\n')
    monkeypatch.setattr("brug.cases.own_folder.config_of", lambda _: tmp_path)
    catch_up(node)
    assert due_of(node, number) == before - timedelta(hours=12)
    own.unlink()
    catch_up(node)
    assert due_of(node, number) == before


def test_a_corrected_scheme_reaches_open_cases_some_in_a_round_and_after_a_kill(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def levels() -> list[str]:
        with node.database.as_user(node.host) as session:
            rows, _ = listing.listed(session)
        return [one.severity for one in sorted(rows, key=lambda one: one.id)]

    with node.database.as_user(node.host) as session:
        for n in range(5):
            number = keeping.open_case(session, "incident", f"Pump {n}").number
            keeping.act(session, number, Filled(fields={"users_affected": 600}))
        keeping.open_case(session, "disclosure", "A hole")
    catch_up(node)
    before = levels()
    assert len(set(before[:5])) == 1
    assert before[0]
    severity = next(one for one in tables_changed.KEPT if one.name == "severity")
    own = tmp_path / "severity.toml"
    monkeypatch.setattr("brug.cases.own_folder.config_of", lambda _: tmp_path)
    own.write_text("rubbish")
    with pytest.raises(UnusableScheme):
        tables_changed.some(node.database, severity)
    own.write_text(
        '[[rule]]\nid = "ours"\ntitle = "Long"\nat_least = "very_large"\nwhere = "x"\n'
        'when = [{ field = "users_affected", over = 60 }]\n'
    )
    assert tables_changed.some(node.database, severity, 2)
    assert levels()[:5] == ["very_large"] * 2 + before[2:5]

    def killed(session: Session, number: int) -> None:
        severity.again(session, number)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tables_changed.some(node.database, msgspec.structs.replace(severity, again=killed), 2)
    assert levels()[:5] == ["very_large"] * 2 + before[2:5]
    assert tables_changed.some(node.database, severity, 2)
    assert [tables_changed.some(node.database, severity, 2) for _ in range(2)] == [False, False]
    assert levels() == ["very_large"] * 5 + [before[5]]


def test_a_table_that_cannot_be_used_is_not_noted_as_seen(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadlines.toml").write_text("rubbish")
    monkeypatch.setattr("brug.cases.own_folder.config_of", lambda _: tmp_path)
    with pytest.raises(own_table.UnusableTable):
        tables_changed.some(node.database, tables_changed.KEPT[0])
    # It keeps none of the others waiting.
    with pytest.raises(own_table.UnusableTable):
        catch_up(node)
    catch_up(node, "severity")
    with node.database.system() as session:
        assert session.value("SELECT array_agg(name) FROM case_table") == ["severity"]


def catch_up(node: Node, *names: str) -> None:
    for one, once in zip(tables_changed.KEPT, tables_changed.rounds(), strict=True):
        while (not names or one.name in names) and once(node.database) == 0:
            pass


def due_of(node: Node, number: str) -> datetime:
    with node.database.system() as session:
        found = session.value("SELECT due FROM case_file WHERE number = %s", (number,))
    assert isinstance(found, datetime)
    return found


def test_a_warning_names_the_rule_in_each_language(node: Node) -> None:
    part = str(uuid4())
    with node.database.as_user(node.host) as session:
        number = keeping.open_case(session, "incident", "Pumps stopped").number
        joining = Joined(participant=part, org=node.orgs["entity"], name="Z", role="entity")
        keeping.act(session, number, joining)
        at = (NOW - timedelta(hours=23)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keeping.act(session, number, Recorded(fact="aware_at", at=at, zone="UTC", of=part))
    with node.database.system() as session:
        settings.set_value(session, "mail.host", "127.0.0.1")
        settings.set_value(session, "mail.from", "node@noordland.example")
        session.execute("UPDATE case_file SET next_warning = now()")
    warning.warn(node.database)
    with node.database.system() as session:
        rules = [row[0] for row in session.all("SELECT details->'rule' FROM mail_cause")]
    assert any(one["nl"].startswith("Vroegtijdige waarschuwing (") for one in rules)
    assert any(one["en"].startswith("Early warning (") for one in rules)


def test_contents_that_are_lost_are_found(node: Node) -> None:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "incident", "Pumps stopped")
        for name in ("a", "b"):
            content = io.BytesIO(name.encode() * 3_000_000)
            documents.attach(session, file.uuid, content, Told(name=name))
    with node.database.system() as session:
        found = missing_documents.missing(session)
        assert (found.lost, found.awaited, found.contents) == ([], [], 2)
        folders = sorted((documents.folder(session) / file.uuid).iterdir())
        next(folders[0].glob("*1")).unlink()
        assert missing_documents.missing(session).lost == [file.number]
        session.execute("UPDATE case_entry SET key_id = 'a partner'")
        assert missing_documents.missing(session).awaited == [file.number]
        shutil.rmtree(folders[1])
        assert missing_documents.missing(session).lost == []
