# SPDX-License-Identifier: EUPL-1.2
"""The table of deadlines against the one in docs/spec/clocks.md, and a node's own beside it."""

import itertools
import os
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from tests.cases import spec

from brug.cases import applying, clocks
from brug.cases.clocks import Row, periods, titles
from brug.cases.clocks.deciding import Seen, Status, status_of
from brug.cases.clocks.ending import RULES
from brug.cases.kinds import KINDS

TABLE = clocks.table()


def shown(row: Row) -> list[str]:
    period = row.period or (f"until {row.due}" if row.due else "")
    if row.cap:
        period += f", at most {row.cap.period} from {row.cap.trigger}"
    if row.extension:
        period += f", and {row.extension.period} from {row.extension.fact}"
    trigger = row.trigger + (f", anew {row.restarts}" if row.restarts else "")
    return [row.id, trigger, period, ", ".join(row.obliged), row.met_by, row.rule, row.status]


def test_the_rows_are_those_of_the_specification() -> None:
    assert [shown(row) for row in TABLE] == spec.rows(spec.section("clocks", "The rows"))


def test_the_rules_are_those_of_the_specification() -> None:
    assert {row[0] for row in spec.rows(spec.section("clocks", "Two times"))} == set(RULES)
    assert {row.rule for row in TABLE} == set(RULES)


def test_every_combination_has_the_status_that_the_specification_says() -> None:
    names = ("settled", "applies", "start", "met", "time", "keeps")
    lines = spec.rows(spec.section("clocks", "Status"))
    values = [get_args(Seen.__annotations__[name]) for name in names]
    found = set()
    for combination in itertools.product(*values):
        said = next(
            line[-1] for line in lines
            if all(cell in ("", value) for cell, value in zip(line, combination, strict=False))
        )  # fmt: skip
        assert status_of(Seen(**dict(zip(names, combination, strict=True)))) == said, combination
        found.add(said)
    assert found == set(get_args(Status))


@pytest.mark.parametrize("row", list(TABLE), ids=lambda row: row.id)
def test_a_row_says_who_when_and_where_it_was_read(row: Row) -> None:
    assert set(row.facts().values()) <= TABLE.known.facts.keys()
    assert set(row.obliged) <= TABLE.known.roles.keys()
    assert row.period or row.due or row.soft, "no period and no word why"
    assert row.status != "verified" or row.where
    assert row.status == "proposal" or "proposal" not in row.instrument
    assert not row.corrected
    assert not row.is_own


def test_every_name_of_the_table_is_used_or_belongs_to_the_facts_of_a_rule() -> None:
    used = {fact for row in TABLE for fact in row.facts().values()}
    notes = {"mla_request_received_at", "production_confirmed_at"}  # end what is kept, by hand
    assert TABLE.known.facts.keys() - used == notes
    said = {name for row in TABLE for name in (*row.when, *row.unless)}
    assert said == TABLE.known.circumstances.keys()


def test_rows_from_memory_say_so() -> None:
    assert not TABLE.row("led-30").is_verified
    assert TABLE.row("nis2-early-warning").is_verified


@pytest.mark.parametrize(
    ("text", "unit", "count"),
    [("PT24H", "hours", 24), ("P1W", "days", 7), ("P14D", "days", 14), ("P1Y", "months", 12)],
)
def test_periods_are_read(text: str, unit: str, count: int) -> None:
    assert periods.read(text) == periods.Period(unit, count)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P0D", "PT1M", "P1M2D", "24h", "P-1D", "P99999D", "P9999Y", "P\u0661D"]
)
def test_other_periods_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the message
        periods.read(text)


# ---- a node's own table --------------------------------------------------------------------


def written(folder: Path, text: str) -> clocks.Table:
    (folder / "deadlines.toml").write_text(text, encoding="utf-8")
    return clocks.table(folder)


OWN = """
[facts]
board_informed_at = "The board was told"

[[row]]
id = "nis2-notification"
period = "PT48H"
where = "Ministerial regulation, art. 4"

[[row]]
id = "own-board"
title = "Board told"
instrument = "Our incident procedure"
trigger = "aware_at"
period = "PT4H"
obliged = ["entity"]
met_by = "board_informed_at"
rule = "plain"
status = "verified"
where = "Incident procedure, version 3"
"""


def test_a_node_corrects_a_row_and_adds_one(tmp_path: Path) -> None:
    assert clocks.table(tmp_path) is TABLE
    own = written(tmp_path, OWN)
    row = own.row("nis2-notification")
    assert (row.period, row.article, row.applies_from) == ("PT48H", "23(4)(b)", date(2024, 10, 18))
    assert row.corrected == ("period", "where")
    assert row.is_own
    assert not row.is_verified  # the node did not say that it checked it
    assert own.row("own-board").is_own
    assert list(own.rows)[:-1] == list(TABLE.rows)
    assert TABLE.row("nis2-notification").period == "PT72H"


def test_a_correction_holds_without_a_restart(tmp_path: Path) -> None:
    assert written(tmp_path, OWN).row("nis2-notification").period == "PT48H"
    (tmp_path / "deadlines.toml").write_text(OWN.replace("PT48H", "PT36H"), encoding="utf-8")
    os.utime(tmp_path / "deadlines.toml", ns=(0, 1))
    again = clocks.table(tmp_path)
    assert again.row("nis2-notification").period == "PT36H"
    (tmp_path / "deadlines.toml").unlink()
    assert clocks.table(tmp_path) is TABLE


def test_the_example_of_the_documentation_is_accepted(tmp_path: Path) -> None:
    page = (spec.FOLDER.parent / "how-to" / "correct-a-deadline.md").read_text("utf-8")
    blocks = [part.partition("```")[0] for part in page.split("```toml\n")[1:]]
    assert len(blocks) == 4
    named = written(tmp_path, blocks.pop(2)).row("nis2-final")
    assert titles.in_all(named)["fr"].startswith("Rapport final (Loi sur la cybersécurité (NL)")
    own = written(tmp_path, "\n".join(blocks))
    assert "own-customers" in applying.rows_of(KINDS["incident"], own)
    assert own.row("nis2-notification").is_verified
    assert own.row("nis2-early-warning").applies_from == date(2027, 1, 1)
    refused = page.split("```text\nbrug: ")[1].partition("\n```")[0]
    with pytest.raises(clocks.UnusableTable) as error:
        written(tmp_path, blocks[-1].replace('"PT4H"', '"4 hours"'))
    assert str(error.value) == refused


ADDED = OWN.partition("[[row]]")[0] + "[[row]]" + OWN.rpartition("[[row]]")[2]


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('period = "PT4H"', 'period = "4h"', "own-board.period"),
        ('period = "PT4H"', "period = 4", "own-board.period"),
        ('trigger = "aware_at"', 'trigger = "unheard_of_at"', "own-board.trigger"),
        ('trigger = "aware_at"', "", "own-board"),
        ('met_by = "board_informed_at"', 'met_by = "x"', "own-board.met_by"),
        ('["entity"]', '["king"]', "own-board.obliged"),
        ('["entity"]', "[]", "own-board.obliged"),
        ('["entity"]', '"entity"', "own-board.obliged"),
        ('rule = "plain"', 'rule = "roman"', "own-board.rule"),
        ('status = "verified"', 'status = "sure"', "own-board.status"),
        ('where = "Incident procedure, version 3"', "", "own-board.where"),
        ('where = "Incident procedure, version 3"', 'where = " "', "own-board.where"),
        ('rule = "plain"', 'rule = "plain"\nfoo = 1', "own-board"),
        ('rule = "plain"', 'rule = "plain"\nis_own = false', "own-board.is_own"),
        ('rule = "plain"', 'rule = "plain"\nfollows = "nis2-final-x"', "own-board.follows"),
        ('rule = "plain"', 'rule = "plain"\nfollows = "gdpr-sa"', "own-board.follows"),
        ('rule = "plain"', 'rule = "plain"\nreplaces = "own-board"', "own-board.replaces"),
        ('rule = "plain"', 'rule = "plain"\nwarn = ["soon"]', "own-board.warn[0]"),
        ('rule = "plain"', 'rule = "plain"\nwarn = ["P1M"]', "own-board.warn[0]"),
        ('rule = "plain"', 'rule = "plain"\nwhen = ["full_moon"]', "own-board.when"),
        ('rule = "plain"', 'rule = "plain"\ndue = "aware_at"', "own-board.due"),
        ('rule = "plain"', 'rule = "plain"\napplies_from = "soon"', "own-board.applies_from"),
        ('rule = "plain"', 'rule = "plain"\ncap = {period = "P1D", trigger = "aware_at"}',
         "own-board.cap.period"),
        ('rule = "plain"', 'rule = "plain"\ncap = {period = "PT1H"}', "own-board.cap.trigger"),
        ('rule = "plain"', 'rule = "plain"\nextension = {period = "PT1H", fact = "x"}',
         "own-board.extension.fact"),
        ('rule = "plain"', 'rule = "plain"\napplies_from = 2027-01-02\nvalid_to = 2027-01-01',
         "own-board.valid_to"),
        ('id = "own-board"', 'id = "Own Board"', "Own Board.id"),
        ('id = "own-board"', "id = 7", "row 1.id"),
        ('"The board was told"', '""', "[facts].board_informed_at"),
        ("board_informed_at =", "Board =", "[facts].Board"),
        ("[facts]", "[facs]", "facs"),
        ("[[row]]", "[row]", "row"),
        ("[[row]]", "[[row", "TOML"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_refused_by_row_and_field(
    tmp_path: Path, before: str, after: str, named: str
) -> None:
    assert before in ADDED
    with pytest.raises(clocks.UnusableTable) as error:
        written(tmp_path, ADDED.replace(before, after))
    assert named in str(error.value)
    assert str(error.value).startswith("deadlines.toml")
    assert "own-board" not in error.value.public  # whoever reads a case is not told where


def test_a_row_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(clocks.UnusableTable, match=r"own-board.id: expected each row once"):
        written(tmp_path, ADDED + ADDED.partition("[[row]]")[1] + ADDED.partition("[[row]]")[2])


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deadlines.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(clocks.UnusableTable, match="UTF-8"):
        clocks.table(tmp_path)


def test_a_file_that_is_too_long_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deadlines.toml").write_text("#" * 1_000_001)
    with pytest.raises(clocks.UnusableTable, match="at most"):
        clocks.table(tmp_path)
    (tmp_path / "deadlines.toml").unlink()
    (tmp_path / "deadlines.toml").mkdir()
    with pytest.raises(clocks.UnusableTable):
        clocks.table(tmp_path)
